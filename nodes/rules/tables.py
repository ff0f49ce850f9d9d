"""Spell a table out, so that rules made for sentences read each cell with what it is about."""

import re
from functools import lru_cache

_ROW = re.compile(r"^\s*\|(?P<cells>.*)\|\s*$")
_RULE = re.compile(r"[\s|:-]+")


@lru_cache(maxsize=1024)
def spelled(source: str) -> str:
    """Return a passage with a line for each cell of its tables: row, column, what it says."""
    if "|" not in source:
        return source
    lines: list[str] = []
    header: list[str] = []
    for line in source.split("\n"):
        row = _ROW.match(line)
        cells = [cell.strip() for cell in row["cells"].split("|")] if row else []
        if not cells:
            header = []
            lines.append(line)
        elif not header:
            header = cells
        elif not _RULE.fullmatch(line):
            lines += [
                f"{cells[0]} {name} {cell}。"
                for name, cell in zip(header[1:], cells[1:], strict=False)
            ]
    return "\n".join(lines)
