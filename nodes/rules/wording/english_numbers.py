"""Write the number words of an English text in figures: three to five days is 3 to 5 days.

A word counts before what is counted, behind "up to" and the like, in a list or range that ends so,
before a part of the day, or where it is more than twelve: "one of them" and "two ways" state
nothing.
"""

import re

_TO_TWENTY = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: number for number, word in enumerate(_TO_TWENTY.split(), start=1)} | {
    word: number for number, word in enumerate(_TENS.split(), start=3) for number in [10 * number]
}
_SCALES = {"hundred": 100, "thousand": 1000}
_MOST_SAID = 12  # up to it a number word may be no more than a way of speaking
_DIGIT_WORD = "|".join(_VALUES)
_SCALE = "|".join(_SCALES)
_RUN = (
    rf"(?:\b(?:{_DIGIT_WORD})|\ban?(?=[ -](?:{_SCALE})\b))"
    rf"(?:[ -](?:and )?(?:{_DIGIT_WORD}|{_SCALE})\b)*+\b"
)
_SPAN = (
    r"(?:working |business |calendar |full |more |extra )?"
    r"(?:second|minute|hour|day|week|month|year)s?"
)
_THING = r"people|persons?|devices?|members?|points?|yuan|dollars?|percent|per cent|times|degrees"
_AND = r"(?:, | or | and |, or |, and | to | ?[-–] ?)"
_NUMBER = rf"(?:{_RUN}|\d+)"
_BEFORE = (
    rf"(?={_AND}?(?:{_NUMBER}{_AND}){{0,3}}(?:(?<=[ ,–-]){_NUMBER})?[ -](?:{_SPAN}|{_THING})\b"
    r"|(?: o'clock)? in the (?:morning|afternoon|evening)\b|(?: o'clock)? at night\b| ?[ap]\.?m\b)"
)
_LEAD = "|".join(
    rf"(?<=\b{lead} )"
    for lead in ("up to", "at most", "at least", "more than", "less than", "only")
)
_WORDS = re.compile(rf"(?P<led>{_LEAD})?(?P<n>{_RUN})(?P<counted>{_BEFORE})?", re.IGNORECASE)
_ARTICLE = re.compile(  # within a week; a month is a price's: 15 yuan a month
    rf"(?:(?<=in )|(?<=for )|(?<=takes )|(?<=lasts ))an?(?= {_SPAN}\b)"
    rf"|an?(?= {_SPAN} (?:after|before|later|from)\b)",
    re.IGNORECASE,
)
_OR_TWO = re.compile(rf"\ban? (?P<of>{_SPAN}) or two\b", re.IGNORECASE)
_ALIKE = (
    (re.compile(r"\bhalf an hour\b", re.IGNORECASE), "30 minutes"),
    (re.compile(r"\b(?:an|one) hour and a half\b", re.IGNORECASE), "90 minutes"),
    (re.compile(r"\bhalf a year\b", re.IGNORECASE), "6 months"),
    (re.compile(r"\ba fortnight\b", re.IGNORECASE), "14 days"),
    (re.compile(r"\bnoon\b", re.IGNORECASE), "12:00"),
    (re.compile(r"\bone time\b", re.IGNORECASE), "once"),
    (re.compile(r"\btwice\b", re.IGNORECASE), "2 times"),
)
_SIGN = re.compile(
    rf"\b(?:{_DIGIT_WORD}|{_SCALE}|half|fortnight|noon|twice)\b|\ban? ", re.IGNORECASE
)


def numbers_in_figures(text: str) -> str:
    """Return `text` with its English number words in figures, where they state something."""
    if not _SIGN.search(text):
        return text
    for said, plain in _ALIKE:
        text = said.sub(plain, text)
    text = _OR_TWO.sub(r"1-2 \g<of>", text)
    return _ARTICLE.sub("1", _WORDS.sub(_figure, text))


def _figure(match: re.Match[str]) -> str:
    value = _value(match["n"])
    is_stated = match["led"] is not None or match["counted"] is not None or value > _MOST_SAID
    return str(value) if is_stated else match[0]


def _value(words: str) -> int:
    """Return the number that a run of words says: one hundred and fifty is 150."""
    total = part = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _SCALES:
            part = (part or 1) * _SCALES[word]
            if word == "thousand":
                total, part = total + part, 0
        else:
            part += _VALUES.get(word, 0)
    return total + part
