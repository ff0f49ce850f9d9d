"""For whom an entry is, as editors write it: everybody, or one region and one channel."""

import re

from tools.text.regions import PROVINCES, called

_ALL = {"全国", "全国各地", "所有地区", "全部地区", "不限地区", "所有", "全部", "不限", "all"}
_ALL |= {"所有渠道", "全部渠道", "全渠道", "不限渠道"}
_LIST = re.compile(r"[、，,;；|\n]+")
_LOOSE = re.compile(r"[、，,;；|\n/和及与 ]+")  # parts provinces, but also stands in other names


def scope(text: str) -> str:
    """Return the region or channel as customers have it, "" for all of them.

    Raises:
        ValueError: if it is unknown, or a list: an entry is for one or for all, and would be found
            by nobody.
    """
    text = text.strip()
    if text == "?":
        raise ValueError("expected a name, got '?'")
    if text.lower() in _ALL:
        return ""
    parts = [called(part) for part in _LOOSE.split(text) if part]
    named = sum(part in PROVINCES for part in parts)
    if len([part for part in _LIST.split(text) if part]) > 1 or (named and len(parts) > 1):
        raise ValueError(
            f"expected one, got {text[:40]!r}; write the entry once for each, under other ids"
        )
    return called(text)
