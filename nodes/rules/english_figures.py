"""Write an English text's amounts and days as the Chinese ones are read: CNY 15 is 15元.

1 April 2026 and April 1, 2026 become 2026年4月1日; numerals count where they are limits (up to six)
or stand before what is counted (six people).
"""

import re

_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = "|".join(f"{month}|{month[:3]}\\.?" for month in _MONTHS if month != "may")
_LATIN = re.compile("[A-Za-z]{2}")
_AMOUNT = re.compile(r"\b(?P<of>CNY|RMB|USD|US\$)\s?(?P<n>\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)
_DAY = re.compile(
    rf"\b(?:(?P<d>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH}|may)"
    rf"|(?P<m2>{_MONTH}|may(?= \d\d?,? 20)) (?P<d2>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)?(?!\d))(?:,? (?P<y>20\d\d))?\b",
    re.IGNORECASE,
)
_TO_TWELVE = "one two three four five six seven eight nine ten eleven twelve".split()
_NUMBERS = {word: str(number) for number, word in enumerate(_TO_TWELVE, start=1)}
_NUMERAL = "|".join(_NUMBERS)
_COUNTED = re.compile(
    rf"\b(?P<lead>(?:up to|at (?:most|least)|(?:no )?more than|a (?:maximum|limit) of|only) )"
    rf"(?P<n>{_NUMERAL})\b"
    rf"|\b(?P<n2>{_NUMERAL})(?= (?:people|persons|devices?|members?|points?|yuan|dollars|percent)\b)",
    re.IGNORECASE,
)


def in_figures(text: str) -> str:
    """Return `text` with its English amounts, days and limits in figures."""
    if not _LATIN.search(text):
        return text
    plain = _AMOUNT.sub(_amount, text)
    plain = _DAY.sub(_day, plain)
    return _COUNTED.sub(_counted, plain)


def _amount(match: re.Match[str]) -> str:
    unit = "美元" if match["of"].upper().startswith("US") else "元"
    return f"{match['n'].rstrip(',')}{unit}{',' if match['n'].endswith(',') else ''}"


def _day(match: re.Match[str]) -> str:
    month = next(
        number
        for number, name in enumerate(_MONTHS, start=1)
        if name.startswith((match["m"] or match["m2"])[:3].lower())
    )
    year = f"{match['y']}年" if match["y"] else ""
    return f"{year}{month}月{match['d'] or match['d2']}日"


def _counted(match: re.Match[str]) -> str:
    return (match["lead"] or "") + _NUMBERS[(match["n"] or match["n2"]).lower()]
