"""Turn one raw record into a checked entry."""

import re
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, cast

from tools.errors import BadEntry
from tools.ingest.clean import clean
from tools.ingest.scope import scope
from tools.search.types import Entry

MAX_CHARS = 20_000  # of any text field
MAX_ID_CHARS = 200
MAX_SIMILAR = 200
TEXTS = ("category", "product", "version", "document", "source")
SCOPES = ("region", "channel")
CHOICES = {"kind": ("faq", "doc"), "audience": ("public", "internal"), "lang": ("zh", "en")}
DATES = ("effective_from", "effective_to")
KNOWN = {"id", "question", "answer", "similar_questions", *TEXTS, *SCOPES, *CHOICES, *DATES}
LIMITS = {"audience", *SCOPES, *DATES}  # for whom and when an entry holds
NAMES = {  # what Chinese spreadsheets call the fields
    "编号": "id",
    "问题": "question",
    "标准问": "question",
    "相似问": "similar_questions",
    "相似问题": "similar_questions",
    "答案": "answer",
    "回答": "answer",
    "分类": "category",
    "产品": "product",
    "地区": "region",
    "渠道": "channel",
    "版本": "version",
    "来源": "source",
    "生效日期": "effective_from",
    "失效日期": "effective_to",
    "受众": "audience",
    "可见范围": "audience",
    "语言": "lang",
}
MEANINGS = {"公开": "public", "内部": "internal", "中文": "zh", "英文": "en"}

_UNREADABLE = re.compile("[\ufffd\ud800-\udfff]")  # a mark of lost bytes, half a character
# As people and spreadsheets write them; always year, month, day.
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T]([\d:]+))?")
_START, _END = re.compile("0?0:00(?::00)?"), re.compile("23:59(?::59)?")  # of a whole day
_FOR_EVER = ("长期", "长期有效", "永久", "永久有效")


def our_names(names: Iterable[str]) -> list[str]:
    """Return what fields are called here; `ID` beside a column of ids is another field."""
    called = [NAMES.get(name.strip(), name.strip()) for name in names]
    free = KNOWN - {*called}
    return [name.lower() if name.lower() in free else name for name in called]


def in_our_names(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record under the names that its fields have here.

    Raises:
        ValueError: if one of them comes more than once.
    """
    names = our_names(record)
    if several := twice(names):
        raise ValueError(several)
    return dict(zip(names, record.values(), strict=True))


def meaning(text: str) -> str:
    """Return what one of several choices is called here."""
    return MEANINGS.get(text.strip(), text.strip().lower())


def twice(names: Sequence[str]) -> str:
    """Say which field is named more than once, "" if none is: one of its values would be lost."""
    found = next((name for name in names if name in KNOWN and names.count(name) > 1), "")
    return found and f"names {found} more than once; leave one of them, or rename the other"


def to_entry(record: Mapping[str, Any], place: str) -> Entry:
    """Return the entry that `record` describes; unknown fields are left out.

    Texts are cleaned and stripped; optional fields that are null or empty are left out.

    Raises:
        BadEntry: if a field is missing, of the wrong type, too long or not allowed.
    """
    entry: dict[str, Any] = {
        name: _required(record, name, place) for name in ("id", "question", "answer")
    }
    entry["id"] = entry["id"].replace("\u3000", " ")  # which names of Chinese files may have
    if len(entry["id"]) > MAX_ID_CHARS or not entry["id"].isprintable():
        raise BadEntry(place, f"id: expected at most {MAX_ID_CHARS} printable characters")
    checks: dict[str, Callable[[Any, str, str], Any]] = {
        "similar_questions": _questions,
        **dict.fromkeys(TEXTS, _text),
        **dict.fromkeys(SCOPES, _scope),
        **dict.fromkeys(CHOICES, _choice),
        **dict.fromkeys(DATES, _date),
    }
    for name, check in checks.items():
        if record.get(name) is not None and (value := check(record[name], name, place)):
            entry[name] = value
    start, end = entry.get("effective_from", ""), entry.get("effective_to", "")
    if start and end and start > end:
        raise BadEntry(place, f"effective_from: {start} is after effective_to {end}")
    return cast(Entry, entry)


def _required(record: Mapping[str, Any], name: str, place: str) -> str:
    if record.get(name) is None:
        raise BadEntry(place, f"{name}: missing")
    text = _text(record[name], name, place)
    if not text:
        raise BadEntry(place, f"{name}: empty")
    return text


def _text(value: Any, name: str, place: str) -> str:  # noqa: ANN401 as read from the file
    if not isinstance(value, str):
        raise BadEntry(place, f"{name}: expected text, got {_shown(value)}")
    text = clean(value).strip()
    if len(text) > MAX_CHARS:
        raise BadEntry(
            place, f"{name}: expected at most {MAX_CHARS:,} characters, got {len(text):,}"
        )
    if _UNREADABLE.search(text):
        raise BadEntry(place, f"{name}: holds characters that can't be read; save it as UTF-8")
    return text


def _questions(value: Any, name: str, place: str) -> list[str]:  # noqa: ANN401 as read
    if not isinstance(value, list):
        raise BadEntry(place, f"{name}: expected a list of texts, got {_shown(value)}")
    if len(value) > MAX_SIMILAR:
        raise BadEntry(place, f"{name}: expected at most {MAX_SIMILAR}, got {len(value)}")
    texts = [_text(item, name, place) for item in value]
    return list(dict.fromkeys(text for text in texts if text))


def _choice(value: Any, name: str, place: str) -> str:  # noqa: ANN401 as read
    text = _text(value, name, place)
    ours = meaning(text)
    if ours and ours not in CHOICES[name]:
        raise BadEntry(place, f"{name}: expected one of {', '.join(CHOICES[name])}, got {text!r}")
    return ours


def _scope(value: Any, name: str, place: str) -> str:  # noqa: ANN401 as read
    try:
        return scope(_text(value, name, place))
    except ValueError as exc:
        raise BadEntry(place, f"{name}: {exc}") from exc


def _date(value: Any, name: str, place: str) -> str:  # noqa: ANN401 as read
    text = _text(value, name, place)
    is_end = name == "effective_to"
    if not text or (is_end and text in _FOR_EVER):
        return ""
    with suppress(ValueError):
        if found := _DATE.fullmatch(text):
            *parts, clock = found.groups()
            if not clock or _START.fullmatch(clock) or (is_end and _END.fullmatch(clock)):
                return date(*map(int, parts)).isoformat()
    raise BadEntry(place, f"{name}: expected a date like 2026-11-22, got {text[:40]!r}")


def _shown(value: object) -> str:
    # In YAML a list may hold itself many times over: written out it would fill the memory.
    text = reprlib.repr(value) if isinstance(value, list | dict) else str(value)
    return f"{type(value).__name__} {text[:40]!r}"
