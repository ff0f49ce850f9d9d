"""Excel workbooks to rows of texts."""

import io
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tools.ingest.convert.limits import Unreadable

DIGITS = 15  # Excel keeps no more of a number
MAX_CELLS = 2_000_000  # of a sheet's used area


def convert(content: bytes) -> str:
    """Return the visible sheets as JSON: `[{"name": …, "rows": [[text, …], …]}, …]`.

    Row n of the sheet is `rows[n - 1]`. Formulas count as what they last showed; every cell of a
    merged area has its text.

    Raises:
        Unreadable: if a sheet's used area is too large.
    """
    book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    sheets = [
        {"name": sheet.title, "rows": _rows(sheet)}
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
    ]
    return json.dumps(sheets, ensure_ascii=False)


def _rows(sheet: Worksheet) -> list[list[str]]:
    if sheet.max_row * sheet.max_column > MAX_CELLS:
        raise Unreadable(
            f"sheet {sheet.title!r} spans {sheet.max_row:,} rows and {sheet.max_column:,} "
            "columns; delete what is empty, or split it"
        )
    rows = [[_text(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()]
    for area in sheet.merged_cells.ranges:
        _fill(rows, area.bounds)
    return [row if any(row) else [] for row in rows]


def _fill(rows: list[list[str]], bounds: Sequence[int]) -> None:
    left, top, right, bottom = bounds
    for row in rows[top - 1 : bottom]:
        row[left - 1 : right] = [rows[top - 1][left - 1]] * (min(right, len(row)) - left + 1)


def _text(value: Any, number_format: str) -> str:  # noqa: ANN401 whatever a cell holds
    if value is None:
        return ""
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if percent := re.search(r"(?:\.(0+))?%", number_format):
            return f"{value:.{len(percent[1] or '')}%}"
        return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)
    return str(value).strip()
