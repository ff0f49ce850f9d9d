"""Read the figures of a text: links, phones, dates, times, shares, codes and counted numbers."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from nodes.rules.wording.numerals import arabic
from nodes.rules.wording.units import UNITS
from tools.text.normalise import HAN

Kind = Literal["url", "phone", "date", "time", "share", "number", "code"]


class Fact(NamedTuple):
    """A figure that was read; one without a `value` is only another way to write one."""

    kind: Kind
    key: str  # what two spellings of the same figure share
    unit: str
    value: str


_MARK = re.compile(r"\[\d{1,3}(?:[,，]\s?\d{1,3})*\]|【\d{1,3}】|[①-⑳]")
_DIGIT = re.compile(r"\d")
_URL = re.compile(
    r"(?:https?://|www\.)[!-~]+|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|cn|net|org"
    r"|io|example|app|shop|top)\b(?:/[!-~]*)?|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})"
    r"{1,4}",
    re.IGNORECASE | re.ASCII,
)
_DATE = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s?[年/.-]\s?(?P<m>\d{1,2})\s?[月/.-]\s?(?P<d>\d{1,2})(?!\d)\s?[日号]?"
    r"|(?P<m2>1[0-2]|0?[1-9])\s?月\s?(?P<d2>3[01]|[12]\d|0?[1-9])\s?[日号]|(?P<y3>(?:19"
    r"|20)\d{2})\s?年(?:\s?(?P<m3>1[0-2]|0?[1-9])\s?月(?!内))?"
    r"|(?<![\d.:-])(?P<d3>3[01]|[12]\d|0?[1-9])\s?号"
)
_TIME = re.compile(
    r"(?=[\d\s上早中下晚傍夜凌])(?P<part>上午|早上|早晨|中午|下午|晚上|傍晚|夜里|凌晨|早|晚)?\s?(?<!\d)(?P<h>[01]?\d|2[0-4])"
    r"(?:[:：](?P<min>[0-5]\d)(?::[0-5]\d)?(?!\d)|(?=\s?[ap]\.?m\b)|\s?[点时](?!间)(?:(?P<half>半)"
    r"|(?P<min2>[0-5]?\d)\s?分?)?)\s?(?P<ampm>[ap]\.?m\b)?",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![A-Za-z0-9_.])(?:\+?\d{1,3}[ -])?(?:\(?\d{3,4}\)?[ -])"
    r"\d{3,4}[ -]?\d{3,4}(?![\d.])|(?<![A-Za-z0-9_.])\d{5,}(?![A-Za-z0-9_%])(?!\.\d)"
    r"(?!\s?[元块万%])"
)
_CODE = re.compile(
    r"[A-Za-z](?<![A-Za-z0-9].)(?=[A-Za-z0-9-]*\d)"
    r"[A-Za-z0-9]*(?:-[A-Za-z0-9]+)*(?:\s?(?:Pro|Max|Plus|Mini|Ultra|Lite|SE))"
    r"{0,2}(?![A-Za-z0-9])",
)
_NUMBER = re.compile(
    r"(?=[\d\s¥￥$])(?<![A-Za-z0-9_.])(?P<money>[¥￥$])?\s?(?P<n>\d+(?:\.\d+)?)\s?(?:(?P<range>-|~|–"
    r"|—|至|到|to\b)\s?(?P<n2>\d+(?:\.\d+)?)\s?)?-?(?:"
    + "|".join(f"(?P<u{i}>{unit})" for i, unit in enumerate(UNITS.values()))
    + r")?",
    re.IGNORECASE,
)
_SHARE = re.compile(r"(?<![\d/.])(?P<part>\d{1,2})/(?P<of>\d{1,3})(?![\d/])")
_UNIT = re.compile(r"\s?(?:" + "|".join(UNITS.values()) + ")", re.IGNORECASE)
_UNIT_NAMES = list(UNITS)
_ELIDED = re.compile(  # 借记卡 5 个、信用卡 10 个工作日; 金卡 6000、银卡 2000 元
    rf"(?<![A-Za-z\d.])(?P<n>\d+(?:\.\d+)?)\s?个?(?=(?:、[{HAN}]{{2,6}}|[、和])\s?\d[\d.到-]*\s?"
    r"(?P<unit>个(?:工作日|月|小时)|元|天|小时|分钟))"
)
_SIGN = r"\s?(?:[、和或及与]|\b(?:or|and)\b)\s?"
_N = r"\d+(?:\.\d+)?"
_IN_LIST = re.compile(  # 3、6、12 期 are three times 期, and so are 3/6/12 期
    rf"(?<![\w.])(?P<n>{_N})(?=(?:{_SIGN}{_N}){{1,3}}\s?(?P<unit>{'|'.join(UNITS.values())})"
    rf"|(?:/{_N}){{1,3}}\s?(?P<of>期|GHz|天|年|个?月|元))",
    re.IGNORECASE,
)
_OFF = re.compile(rf"满\s?({_N})\s?([减送返])\s?({_N})(?=$|[^\d.])(?!\s?[元块分])")  # 满 300 减 30
_HOURS_AND = re.compile(  # 一小时零五分钟: 65 分钟
    r"(?<![\d.-])(\d{1,2})\s?(?:个?小时|hours?)\s?(?:零|又|and\s)?\s?(\d{1,2})\s?(分钟?|minutes?)",
    re.IGNORECASE,
)
_ENUMERATES = re.compile("[、和]")
_MOST_ELIDED = 3  # units of a list that its last item gives
_LISTED = re.compile(r"\s?[、/和或及与]\s?")


@lru_cache(maxsize=1024)  # each check of a sentence reads the same clauses
def figures(clause: str) -> tuple[tuple[int, str, str], ...]:
    """Return position, plain spelling and unit of each counted thing and date in `clause`.

    Positions are those of the clause with its numerals in Arabic digits: good for their order.
    """
    return tuple((start, key, unit) for start, _, key, unit in spans(unmarked(clause)) if unit)


def unmarked(clause: str) -> str:
    """Return `clause` with its numerals in Arabic digits, each with its unit, without marks."""
    text = arabic(_MARK.sub(" ", clause))
    if "分" in text or "min" in text:
        text = _HOURS_AND.sub(_in_minutes, text)
    if "满" in text:
        text = _OFF.sub(r"满\1元\2\3元", text)
    if _DIGIT.search(text):
        text = _IN_LIST.sub(lambda match: f"{match['n']}{match['unit'] or match['of']}", text)
    for _ in range(_MOST_ELIDED if _ENUMERATES.search(text) else 0):
        text = _ELIDED.sub(r"\g<n>\g<unit>", text)
    return text


def _in_minutes(match: re.Match[str]) -> str:
    return f"{int(match[1]) * 60 + int(match[2])} {'分钟' if match[3][0] == '分' else match[3]}"


def spans(clause: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield start, end, spelling and unit ("" = none) of each number and date in plain text."""
    rest = clause
    if not _DIGIT.search(rest):
        return
    for _, sign, pattern in _READERS[:2]:
        _, rest = _taken(sign, pattern, rest)
    dates, rest = _taken(_DIGIT, _DATE, rest)
    for match in dates:
        for fact in _read_date(match, match.group()):
            if fact.value:
                yield match.start(), match.end(), fact.key, "date"
    times, rest = _taken(_DIGIT, _TIME, rest)
    yield from ((match.start(), match.end(), _clock(match), "time") for match in times)
    matches = list(_NUMBER.finditer(rest))
    unit = ""
    for match, after in zip(reversed(matches), [None, *reversed(matches)], strict=False):
        is_listed = after and _LISTED.fullmatch(rest, match.end(), after.start())
        for fact in _read_number(match, match.group()):
            unit = fact.unit or (unit if is_listed else "")  # 3、6、12 期 are three times 期
            yield match.start(), match.end(), fact.key, unit


def facts(text: str) -> Iterator[Fact]:
    """Yield each figure once; what one kind has read, the next does not see."""
    rest = unmarked(text)
    for kind, sign, pattern in _READERS:
        matches, rest = _taken(sign, pattern, rest)
        for match in matches:
            yield from _read(kind, match)


def _taken(
    sign: re.Pattern[str], pattern: re.Pattern[str], text: str
) -> tuple[list[re.Match[str]], str]:
    """Return the matches, and the text with blanks in their places."""
    matches = list(pattern.finditer(text)) if sign.search(text) else []
    if not matches:
        return [], text
    return matches, pattern.sub(lambda match: " " * len(match.group()), text)


def _read(kind: Kind, match: re.Match[str]) -> Iterator[Fact]:
    value = match.group().strip()
    if kind == "date":
        yield from _read_date(match, value)
    elif kind == "time":
        yield Fact(kind, _clock(match), "", value)
    elif kind == "share":
        yield Fact(kind, match.group(), "", value)
        if _UNIT.match(match.string, match.end()):  # as evidence, 3/6 期 is both
            for number in match.groups():
                yield Fact("number", number, "", "")
    elif kind == "number":
        yield from _read_number(match, value)
    elif kind == "url":
        url = re.sub(r"^https?://|[).,;:!?/]+$", "", value.lower())
        yield Fact(kind, url.removeprefix("www."), "", value)
    elif kind == "phone":
        yield Fact(kind, re.sub(r"\D", "", value), "", value)
    else:
        key = re.sub(r"[\s-]", "", value.lower())
        yield Fact(kind, key, "", value)
        short = re.sub(r"(?:pro|max|plus|mini|ultra|lite|se)+$", "", key)
        if short != key:
            yield Fact(kind, short, "", "")


def _read_date(match: re.Match[str], value: str) -> Iterator[Fact]:
    """Yield the date, and silently the shorter forms it vouches for as evidence."""
    year, month = match["y"] or match["y3"], match["m"] or match["m2"] or match["m3"]
    day = match["d"] or match["d2"] or match["d3"]
    parts = [f"{int(part):02d}" if part else "" for part in (year, month, day)]
    yield Fact("date", "-".join(parts), "", value)
    if month and day:  # 10 月 8 日付款，12 号降价
        yield Fact("date", f"--{parts[2]}", "", "")
    if year and day:
        yield Fact("date", "-".join(["", *parts[1:]]), "", "")
        yield Fact("date", "-".join([*parts[:2], ""]), "", "")
    if year and month:
        yield Fact("date", f"{parts[0]}--", "", "")


def _clock(match: re.Match[str]) -> str:
    hour, part = int(match["h"]), (match["part"] or "") + (match["ampm"] or "").lower()
    minute = 30 if match["half"] else int(match["min"] or match["min2"] or 0)
    if hour < 12 and re.search("下午|晚|p", part):
        hour += 12
    return f"{hour}:{minute:02d}"


def _read_number(match: re.Match[str], value: str) -> Iterator[Fact]:
    unit = next((name for i, name in enumerate(_UNIT_NAMES) if match[f"u{i}"]), "")
    if match["money"]:
        unit = "美元" if match["money"] == "$" else "元"
    for number in (match["n"], match["n2"]):
        if number:
            whole, _, part = number.partition(".")
            part = part.rstrip("0")
            key = whole.lstrip("0") or "0"
            yield Fact("number", f"{key}.{part}" if part else key, unit, value)


# Each kind with a sign without which a text has none of it.
_READERS: tuple[tuple[Kind, re.Pattern[str], re.Pattern[str]], ...] = (
    ("url", re.compile(r"[.@]|://"), _URL),
    ("code", _DIGIT, _CODE),
    ("date", _DIGIT, _DATE),
    ("time", _DIGIT, _TIME),
    ("phone", re.compile(r"\d{3}"), _PHONE),
    ("share", re.compile("/"), _SHARE),
    ("number", _DIGIT, _NUMBER),
)
