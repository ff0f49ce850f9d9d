"""Spell a table out, so that rules made for sentences read each cell with what it is about."""

import re
from collections.abc import Sequence
from functools import lru_cache

from nodes.rules.wording.lists import denied_items

_ROW = re.compile(r"^\s*\|(?P<cells>.*)\|\s*$")
_RULE = re.compile(r"[\s|:-]+")


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
