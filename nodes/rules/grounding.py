"""Check that every figure in a generated sentence occurs in its evidence."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from nodes.rules.numerals import arabic
from nodes.rules.units import SAME, UNITS

Kind = Literal["url", "phone", "date", "time", "share", "number", "code"]


class Fault(NamedTuple):
    """A figure without evidence, as the sentence writes it."""

    kind: Kind
    value: str


class _Fact(NamedTuple):
    kind: Kind
    key: str  # what two spellings of the same figure share
    unit: str
    value: str


_MARK = re.compile(r"\[\d{1,3}(?:[,，]\s?\d{1,3})*\]|【\d{1,3}】|[①-⑳]")
_DIGIT = re.compile(r"\d")
_LIST_MARK = re.compile(
    r"(?:^|\n)\s*(?:[-*]\s*)?(?:\d{1,2}[.、)）](?!\d)|[(（]\d{1,2}[)）]|步骤\s?\d{1,2}\b)"
    r"|(?<=[。；;：])\s?\d{1,2}[.、)）](?!\d)|(?<=[.;:] )\d{1,2}[.)](?=\s?[^\W\d])"
)
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
_AFTERNOON = re.compile(r"下午|晚上|傍晚|[\d ]p\.?m\b", re.IGNORECASE)
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
_SHARE = re.compile(r"(?<![\d/])(?P<part>\d{1,2})/(?P<of>\d{1,3})(?![\d/])")
_UNIT = re.compile(r"\s?(?:" + "|".join(UNITS.values()) + ")", re.IGNORECASE)
_SORTS = "种"
_UNIT_NAMES = list(UNITS)
_SAID_IN_HOURS = ("0.5", "1", "2", "12", "24", "48")  # 72 hours and 3 days are different promises
_LISTED = re.compile(r"\s?[、/和或及与]\s?")
_EACH = re.compile("每(?=[年月天周]|小时)|(?=[年月]付)")  # 每年 1 张 vouches for 一年 1 张


def check(sentence: str, evidence: Sequence[str]) -> list[Fault]:
    """Return the figures of `sentence` that no evidence holds, in order of kind.

    Spelling does not matter (1,000 = 1000, 两年 = 2 年, 百分之五 = 5%, full-width = half-width);
    the unit does: 7 天 is not 7 个工作日. Citation and list marks are no figures.
    """
    spoken = [fact for fact in _facts(_LIST_MARK.sub("\n", sentence)) if fact.value]
    if not spoken:
        return []
    known: dict[tuple[Kind, str], set[str]] = {}
    for text in evidence:
        for fact in _facts_of(text):
            known.setdefault((fact.kind, fact.key), set()).add(fact.unit)
    spoken = [fact for fact in spoken if not _is_known(fact, known)]
    if _AFTERNOON.search(sentence):  # 下午 4 点前，4 点后
        spoken = [fact for fact in spoken if ("time", _later(fact)) not in known]
    return [Fault(fact.kind, fact.value) for fact in spoken]


@lru_cache(maxsize=1024)  # each check of a sentence reads the same clauses
def figures(clause: str) -> tuple[tuple[int, str, str], ...]:
    """Return position, plain spelling and unit of each counted thing and date in `clause`.

    Positions are those of the clause with its numerals in Arabic digits: good for their order.
    """
    return tuple((start, key, unit) for start, _, key, unit in spans(unmarked(clause)) if unit)


def unmarked(clause: str) -> str:
    """Return `clause` with its numerals in Arabic digits, without citation marks."""
    return arabic(_MARK.sub(" ", clause))


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


@lru_cache(maxsize=1024)
def _facts_of(evidence: str) -> tuple[_Fact, ...]:
    """Return the figures of one passage; kept, since it comes up in turn after turn."""
    return tuple(_facts(_EACH.sub("每1", _LIST_MARK.sub("\n", evidence))))


def _later(fact: _Fact) -> str:
    """Return the time twelve hours later, as a key."""
    hour, _, minute = fact.key.partition(":")
    return f"{int(hour) + 12}:{minute}" if fact.kind == "time" else ""


def _is_known(fact: _Fact, known: dict[tuple[Kind, str], set[str]]) -> bool:
    units = known.get((fact.kind, fact.key), set())
    if fact.kind == "phone":
        units = units | known.get(("number", fact.key), set())  # 15000 may be an amount
    if fact.kind != "number":
        return bool(units)
    if fact.unit == _SORTS and not any(_SORTS in of for of in known.values()):
        return True  # who counts what a passage lists says nothing of his own
    if fact.unit in units or "" in units or (bool(units) and not fact.unit):
        return True
    return any(unit in known.get(("number", key), ()) for key, unit in _same_span(fact))


def _same_span(fact: _Fact) -> Iterator[tuple[str, str]]:
    """Yield other spellings of a time span: half an hour is 30 minutes, two days are 48 hours."""
    for (large, small), size in SAME.items():
        if large == "天" and fact.key not in _SAID_IN_HOURS:
            continue
        if fact.unit == large:
            yield f"{float(fact.key) * size:g}", small
        elif fact.unit == small:
            yield f"{float(fact.key) / size:g}", large


def _facts(text: str) -> Iterator[_Fact]:
    """Yield each figure once; what one kind has read, the next does not see."""
    rest = arabic(_MARK.sub(" ", text))
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


def _read(kind: Kind, match: re.Match[str]) -> Iterator[_Fact]:
    value = match.group().strip()
    if kind == "date":
        yield from _read_date(match, value)
    elif kind == "time":
        yield _Fact(kind, _clock(match), "", value)
    elif kind == "share":
        yield _Fact(kind, match.group(), "", value)
        if _UNIT.match(match.string, match.end()):  # as evidence, 3/6 期 is both
            for number in match.groups():
                yield _Fact("number", number, "", "")
    elif kind == "number":
        yield from _read_number(match, value)
    elif kind == "url":
        url = re.sub(r"^https?://|[).,;:!?/]+$", "", value.lower())
        yield _Fact(kind, url.removeprefix("www."), "", value)
    elif kind == "phone":
        yield _Fact(kind, re.sub(r"\D", "", value), "", value)
    else:
        key = re.sub(r"[\s-]", "", value.lower())
        yield _Fact(kind, key, "", value)
        short = re.sub(r"(?:pro|max|plus|mini|ultra|lite|se)+$", "", key)
        if short != key:
            yield _Fact(kind, short, "", "")


def _read_date(match: re.Match[str], value: str) -> Iterator[_Fact]:
    """Yield the date, and silently the shorter forms it vouches for as evidence."""
    year, month = match["y"] or match["y3"], match["m"] or match["m2"] or match["m3"]
    day = match["d"] or match["d2"] or match["d3"]
    parts = [f"{int(part):02d}" if part else "" for part in (year, month, day)]
    yield _Fact("date", "-".join(parts), "", value)
    if month and day:  # 10 月 8 日付款，12 号降价
        yield _Fact("date", f"--{parts[2]}", "", "")
    if year and day:
        yield _Fact("date", "-".join(["", *parts[1:]]), "", "")
        yield _Fact("date", "-".join([*parts[:2], ""]), "", "")
    if year and month:
        yield _Fact("date", f"{parts[0]}--", "", "")


def _clock(match: re.Match[str]) -> str:
    hour, part = int(match["h"]), (match["part"] or "") + (match["ampm"] or "").lower()
    minute = 30 if match["half"] else int(match["min"] or match["min2"] or 0)
    if hour < 12 and re.search("下午|晚|p", part):
        hour += 12
    return f"{hour}:{minute:02d}"


def _read_number(match: re.Match[str], value: str) -> Iterator[_Fact]:
    unit = next((name for i, name in enumerate(_UNIT_NAMES) if match[f"u{i}"]), "")
    if match["money"]:
        unit = "美元" if match["money"] == "$" else "元"
    for number in (match["n"], match["n2"]):
        if number:
            whole, _, part = number.partition(".")
            part = part.rstrip("0")
            key = whole.lstrip("0") or "0"
            yield _Fact("number", f"{key}.{part}" if part else key, unit, value)


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
