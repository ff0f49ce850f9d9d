"""Spell tables and lists out, so that rules made for sentences read each cell and item whole.

不能打：带骨肉、大果核 becomes 带骨肉不能打; so does each item below a heading that denies.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_ROW = re.compile(r"^\s*\|(?P<cells>.*)\|\s*$")
_RULE = re.compile(r"[\s|:-]+")
_DENIES = "(?:不(?:能|可以?|支持|得|包[括含]|在[^，。]{1,6}(?:范围|之列))|禁止|无法)"
_DENIED = re.compile(rf"{_DENIES}[^，,。；;：:\n]{{0,8}}(?:[：:]|\n)")
_HEADING = re.compile(r"^(?:.* > |#+ )(?:[一二三四五六七八九十]+、|\d+[.、])?(?P<what>[^|]+)$")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+[.、])\s*(?P<item>[^，,。；;（(例]+)")
_NAMED = re.compile(
    rf"(?:^|[。；;])(?P<what>{_DENIES}[^，,。；;：:]{{1,8}})[：:](?P<items>[^，,。；;\n]+)", re.M
)


@lru_cache(maxsize=1024)
def spelled(source: str) -> str:
    """Return a passage with a line for each cell of its tables: row, column, what it says.

    The items of its lists that are denied as a whole follow, a line each.
    """
    source = "\n".join([source, *denied_items(source)])
    if "|" not in source:
        return source
    lines: list[str] = []
    header: list[str] = []
    for line in source.split("\n"):
        cells = row_of(line)
        if not cells:
            header = []
            lines.append(line)
        elif not header:
            header = cells
        elif not _RULE.fullmatch(line):
            lines += _told(header, cells)
    return "\n".join(lines)


def row_of(line: str) -> list[str]:
    """Return the cells of a table's line, [] for another line."""
    row = _ROW.match(line)
    return [cell.strip() for cell in row["cells"].split("|")] if row else []


def spelled_row(line: str, before: str) -> str:
    """Return the cells of a row, each with what it is about; "" for the rule below a head.

    `before` is the text that ends where the row begins; its table's first line is the head. A line
    with none before it may be one, or a row that says something: its cells stand for themselves.
    """
    header: list[str] = []
    for earlier in reversed(before.rstrip("\n").split("\n")):
        if not (cells := row_of(earlier)):
            break
        header = cells
    if _RULE.fullmatch(line):
        return ""
    cells = row_of(line)
    return "".join(_told(header, cells)) if header else f"{'，'.join(cells)}。"


def _told(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Return what each cell says; one without a name above it is read all the same."""
    names = [*header[1:], *[""] * len(cells)]
    told = [f"{cells[0]} {name} {cell}。" for name, cell in zip(names, cells[1:], strict=False)]
    return told or [f"{cells[0]}。"]


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
