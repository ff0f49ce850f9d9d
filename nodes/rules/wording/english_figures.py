"""Write an English text's amounts and days as the Chinese ones are read: CNY 15 is 15元.

1 April 2026 and April 1, 2026 become 2026年4月1日.
"""

import re

from nodes.rules.wording.english_numbers import numbers_in_figures

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?"
_MONTH = rf"(?:{_NAMES}|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_LATIN = re.compile("[A-Za-z]{2}")
_AMOUNT = re.compile(r"\b(?P<of>CNY|RMB|USD|US\$)\s?(?P<n>\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)
_IS_MAY = (  # 5 may be paused is no day: a month has no bare verb behind it
    r"(?=$|[^a-z\s]|\s(?:20\d\d|and|or|to|un?til|till|can|could|will|is|was|are|were|must|at|by|in"
    r"|from|for|if|but|with|as|you|we|the|it|onwards?|through)\b)"
)
_DAY = re.compile(
    rf"\b(?:(?P<d>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH}|may{_IS_MAY})"
    rf"|(?P<m2>{_MONTH}|may(?= \d\d?,? 20)) (?P<d2>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)?(?!\d))"
    r"(?:,? (?P<y>20\d\d))?\b",
    re.IGNORECASE,
)
_PART_OF_DAY = re.compile(
    r"\b(\d{1,2}(?::[0-5]\d)?) (?:in the (morning|afternoon|evening)|at (night))\b", re.IGNORECASE
)


def in_figures(text: str) -> str:
    """Return `text` with its English amounts, days and limits in figures."""
    if not _LATIN.search(text):
        return text
    plain = numbers_in_figures(_AMOUNT.sub(_amount, text))
    if " in the " in text or " at night" in text:
        plain = _PART_OF_DAY.sub(_clock, plain)
    return _DAY.sub(_day, plain)


def without_comma(text: str) -> str:
    """Return `text` with its English days in one piece: April 1, 2026 is no end of a clause."""
    if not _LATIN.search(text):
        return text
    return _DAY.sub(lambda match: match.group().replace(",", ""), text)


def _clock(match: re.Match[str]) -> str:
    return f"{match[1]} {'am' if match[2] == 'morning' else 'pm'}"


def _amount(match: re.Match[str]) -> str:
    unit = "美元" if match["of"].upper().startswith("US") else "元"
    return f"{match['n'].rstrip(',')}{unit}{',' if match['n'].endswith(',') else ''}"


def _day(match: re.Match[str]) -> str:
    month = _MONTHS.index((match["m"] or match["m2"])[:3].lower()) + 1
    year = f"{match['y']}年" if match["y"] else ""
    return f"{year}{month}月{match['d'] or match['d2']}日"
