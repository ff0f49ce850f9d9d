"""Texts and tables that say themselves that they are for staff, where that is not a field."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from tools.ingest.fields import NAMES

_NAME = "|".join(["audience", *(name for name, ours in NAMES.items() if ours == "audience")])
_STAFF = r"internal(?: use)?(?: only)?|仅?限?内部(?:员工|人员|使用|专用|可见)?"
_BLANK = " \\t\u3000\xa0*_"  # or emphasis
_MARK = re.compile(  # a line of a text's own, behind a title or with the colon of another keyboard
    rf"^[{_BLANK}>|#<!-]*(?:\d{{1,3}}[.)、][{_BLANK}]*)?(?:{_NAME})[{_BLANK}]*[:：]"
    rf"[{_BLANK}\"'`“‘\[]*(?:{_STAFF})[{_BLANK}\"'`”’\]|。.>-]*$",
    re.MULTILINE | re.IGNORECASE,
)
_IS_NAME = re.compile(rf"\W*(?:{_NAME})\W*", re.IGNORECASE)
_IS_STAFF = re.compile(rf"\W*(?:{_STAFF})\W*", re.IGNORECASE)


def is_text_for_staff(markdown: str) -> bool:
    """Say whether a line of a text, or a row of a table in it, is marked internal."""
    return bool(_MARK.search(markdown)) or any(map(is_table_for_staff, _tables(markdown)))


def is_table_for_staff(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether something below or beside the name of the field is marked internal."""
    columns: set[int] = set()
    for cells in rows:
        before = ""
        for at, cell in enumerate(cells):
            if not cell:
                continue
            if (at in columns or names_audience(before)) and _IS_STAFF.fullmatch(cell):
                return True
            if names_audience(cell):
                columns.add(at)
            before = cell
    return False


def names_audience(cell: str) -> bool:
    """Say whether a cell is the name of the field that says who may read something."""
    return bool(_IS_NAME.fullmatch(cell))


def _tables(markdown: str) -> Iterator[list[list[str]]]:
    for has_cells, lines in groupby(markdown.split("\n"), key=lambda line: "|" in line):
        if has_cells:
            yield [line.strip().removeprefix("|").split("|") for line in lines]
