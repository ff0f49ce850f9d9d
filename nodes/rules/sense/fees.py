"""Notice a fee that a sentence waives and its passages charge."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nodes.rules.sense.polarity import ASKS, SENTENCE
from nodes.rules.wording.condition_names import folded
from nodes.rules.wording.numerals import arabic
from tools.text.normalise import HAN

_FEE = re.compile(  # 运费 depends on who is to blame: see "pays" in opposites
    rf"(?:(?![的了也都和与及或免收付运邮])[{HAN}]){{2}}费(?![用者率])"
)
_LISTED = re.compile(rf"\s?[、和与及]\s?[{HAN}]{{0,4}}")
_WAIVES = re.compile(
    "免(?!不了)|不(?:再|另|外|行|用|需|必|您|你)*(?:收|交|付|给|出)|无[需须]|全包"
    "|我[方们]来?(?:承担|负担|出|付)"
)
_WAIVES_NEXT = re.compile(r"免[收除掉]?(?:[^，,]{0,6}[、和与及])?[^，,、]{0,3}$")
_AMOUNT = re.compile(r"\d\s?元")
_NOTHING = re.compile(
    rf"(?P<of>[{HAN}]{{2}})(?P<is>[\s：:]*(?:[是为收付]|只?需付?)?\s?)(?<![\d.,，])0(?:\.0{{1,2}})?\s?元"
)
_CLAUSE = re.compile(r"[^，,。；;！!？?\n]+")


def free(sentence: str, sources: Sequence[str]) -> str:
    """Return `sentence` with 0 元 as 免费 where a clause of the sources waives the same."""

    def read(match: re.Match[str]) -> str:
        is_waived = any(
            match["of"] in clause and _WAIVES.search(clause)
            for source in sources
            for clause in _CLAUSE.findall(source)
        )
        return f"{match['of']}{match['is']}免费" if is_waived else match[0]

    return _NOTHING.sub(read, sentence)


def waived(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the fees of `sentence` that it waives, and its sources give an amount for.

    A source that waives a fee for some waives it here: whose it is, other checks see.
    """
    said = _sayings(sentence)
    named = {fee for fee, is_waived in said if is_waived}
    if not named:
        return []
    told = [saying for source in sources for saying in _known(source)]
    return sorted(
        fee for fee in named if {is_waived for other, is_waived in told if other == fee} == {False}
    )


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[tuple[str, bool], ...]:
    return tuple(_sayings(source))


def _sayings(text: str) -> list[tuple[str, bool]]:
    """Return each fee that a text waives (True) or names the amount of (False)."""
    if "费" not in text:
        return []
    return [
        saying
        for sentence in SENTENCE.findall(arabic(folded(text)))
        if not ASKS.search(sentence)
        for saying in _fees(sentence)
    ]


def _fees(sentence: str) -> Iterator[tuple[str, bool]]:
    fees = list(_FEE.finditer(sentence))
    tail, after = "", len(sentence)
    for fee in reversed(fees):
        between = sentence[fee.end() : after]
        tail = tail if _LISTED.fullmatch(between) else between  # 上门费、检测费都免
        after = fee.start()
        waives, amount = _WAIVES.search(tail), _AMOUNT.search(tail)
        is_named = amount and waives and amount.start() < waives.start()  # 30 元，运费我们承担
        if (waives and not is_named) or _WAIVES_NEXT.search(sentence[max(0, after - 16) : after]):
            yield fee.group(), True
        elif amount:
            yield fee.group(), False
