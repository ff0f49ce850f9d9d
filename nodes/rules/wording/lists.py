"""Spell out the lists of a passage that a line above denies, so that each item is denied.

不能打：带骨肉、大果核 becomes 带骨肉不能打, a list below 不在价保范围 a line for each of its items.
"""

import re
from collections.abc import Iterator

_DENIES = "(?:不(?:能|可以?|支持|得|包[括含]|在[^，。]{1,6}(?:范围|之列))|禁止|无法)"
_DENIED = re.compile(rf"{_DENIES}[^，,。；;：:\n]{{0,8}}(?:[：:]|\n)")
_HEADING = re.compile(r"^(?:.* > |#+ )(?:[一二三四五六七八九十]+、|\d+[.、])?(?P<what>[^|]+)$")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+[.、])\s*(?P<item>[^，,。；;（(例]+)")
_NAMED = re.compile(
    rf"(?:^|[。；;])(?P<what>{_DENIES}[^，,。；;：:]{{1,8}})[：:](?P<items>[^，,。；;\n]+)", re.M
)


def denied_items(passage: str) -> Iterator[str]:
    """Yield a line for each item of a list that is denied as a whole."""
    if not _DENIED.search(passage):
        return
    for match in _NAMED.finditer(passage):
        for item in match["items"].split("、"):
            yield f"{item.strip()}{match['what']}。"
    what = ""
    for line in passage.split("\n"):
        if heading := _HEADING.match(line):
            what = heading["what"].removesuffix("的情形") if re.search(_DENIES, line) else ""
        elif what and (item := _ITEM.match(line)):
            for each in item["item"].split("、"):
                yield f"{each.strip()}{what}。"
        elif what and line.strip():
            what = ""
