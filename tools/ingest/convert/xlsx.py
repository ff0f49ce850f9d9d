"""Excel workbooks to rows of texts."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tools.ingest.convert.limits import Unreadable, named
from tools.ingest.convert.numbers import shown, span
from tools.ingest.fields import LIMITS, our_names
from tools.ingest.marks import names_audience

MAX_CELLS = 2_000_000  # of a sheet's used area
HIDDEN = "not read; unhide what customers may know"
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")
NO_RESULT = re.compile(rb"</f>\s*(?:(?:<v\s*/>|<v></v>)\s*)?</c>")


def convert(content: bytes) -> str:
    """Return the sheets as JSON.

    `[{"name": …, "rows": [[text, …], …], "notes": [text, …]}, …]`; row n of the sheet is
    `rows[n - 1]`. Formulas count as what they last showed, numbers as they are shown; every cell
    of a merged area has its text. What is hidden or struck out is left empty, and so is what
    shows no result; the notes say where. Who may read the rows is not left out.

    Raises:
        Unreadable: if a sheet's used area is too large.
    """
    book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    unsolved = _unsolved(content)
    sheets = [
        _sheet(sheet, unsolved.get(sheet.title, set()))
        if sheet.sheet_state == "visible"
        else {"name": sheet.title, "rows": [], "notes": [f"hidden sheet: {HIDDEN}"]}
        for sheet in book.worksheets
    ]
    return json.dumps(sheets, ensure_ascii=False)


def _sheet(sheet: Worksheet, formulas: set[str]) -> dict[str, Any]:
    if sheet.max_row * sheet.max_column > MAX_CELLS:
        raise Unreadable(
            f"sheet {sheet.title!r} spans {sheet.max_row:,} rows and {sheet.max_column:,} "
            "columns; delete what is empty, or split it"
        )
    cells: list[list[Cell | MergedCell]] = [list(row) for row in sheet.iter_rows()]
    for area in sheet.merged_cells.ranges:
        _fill(cells, area.bounds, sheet.max_column)
    rows = [[_text(cell.value, cell.number_format) for cell in row] for row in cells]
    notes = [*_without_hidden(sheet, rows), *_without_failed(cells, rows, formulas)]
    rows = [row if any(row) else [] for row in rows]
    return {"name": sheet.title, "rows": rows, "notes": [note for note in notes if note]}


def _without_hidden(sheet: Worksheet, rows: list[list[str]]) -> Iterator[str]:
    """Empty what is hidden and yield notes of it.

    What says who may read the rows stays. In an FAQ so does for whom and when each of them holds,
    and which entry it is.
    """
    hidden = [n for n, row in sorted(sheet.row_dimensions.items()) if row.hidden and n <= len(rows)]
    hidden = [n for n in hidden if not any(map(names_audience, rows[n - 1]))]
    kept = _columns(rows, LIMITS | {"id", "version", "lang"})
    columns = [
        number
        for number in sorted(set(_hidden_columns(sheet)))
        if number - 1 not in kept
        and not any(names_audience(cell) for row in rows for cell in row[number - 1 : number])
    ]
    for number in hidden:
        rows[number - 1] = []
    for row in rows:
        for number in columns:
            row[number - 1 : number] = [""] * (number <= len(row))
    yield _note("hidden row", list(map(str, hidden)), HIDDEN)
    yield _note("hidden column", [get_column_letter(number) for number in columns], HIDDEN)


def _columns(rows: list[list[str]], wanted: set[str]) -> set[int]:
    """Return where an FAQ has these fields; nowhere in another sheet."""
    for row in rows:
        names = our_names(row)
        if {"question", "answer"} <= set(names):
            return {at for at, name in enumerate(names) if name in wanted}
    return set()


def _without_failed(
    cells: Sequence[Sequence[Cell | MergedCell]], rows: list[list[str]], formulas: set[str]
) -> Iterator[str]:
    """Empty what is struck out or an error and yield notes of it and of missing results."""
    struck, failed = [], []
    limits = {at for row in rows for at, cell in enumerate(row) if names_audience(cell)}
    limits |= _columns(rows, LIMITS)
    for row, texts in zip(cells, rows, strict=True):
        for at, cell in enumerate(row[: len(texts)]):
            if texts[at] and cell.has_style and cell.font.strike:
                struck.append(cell.coordinate)
                texts[at] = ""
            elif cell.data_type == "e" or (
                _is_without_result(cell) and cell.coordinate in formulas
            ):
                failed.append(cell.coordinate)
                texts[at] = "?" if at in limits else ""  # empty, it would be for everybody, always
    yield _note("struck-out cell", struck, "not read")
    yield _note("formula", failed, "without a result; open the file in Excel, mend and save it")


def _is_without_result(cell: Cell | MergedCell) -> bool:
    return cell.value is None and cell.data_type != "str"  # whose result is an empty text


def _note(what: str, places: Sequence[str], said: str) -> str:
    places = list(dict.fromkeys(places))  # a merged area's cells are all the first
    return f"{what}{'s' * (len(places) > 1)} {named(places)}: {said}" if places else ""


def _hidden_columns(sheet: Worksheet) -> Iterator[int]:
    for column in sheet.column_dimensions.values():
        if column.hidden and column.min and column.max:
            yield from range(column.min, min(column.max, sheet.max_column) + 1)


def _unsolved(content: bytes) -> dict[str, set[str]]:
    """Return the formulas of each sheet, if there are some that were never worked out."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = [name for name in parts.namelist() if _SHEET.fullmatch(name)]
        if not any(NO_RESULT.search(parts.read(name)) for name in names):
            return {}
    book = load_workbook(io.BytesIO(content), keep_links=False)
    return {
        sheet.title: {c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"}
        for sheet in book.worksheets
    }


def _fill(rows: list[list[Cell | MergedCell]], bounds: Sequence[int], width: int) -> None:
    """Put a merged area's first cell into each of its cells; a line across the sheet stays one."""
    left, top, right, bottom = bounds
    if left == 1 and right >= width > 1:
        return
    for row in rows[top - 1 : bottom]:
        row[left - 1 : right] = [rows[top - 1][left - 1]] * (min(right, len(row)) - left + 1)


def _text(value: Any, number_format: str) -> str:  # noqa: ANN401 whatever a cell holds
    if value is None:
        return ""
    if isinstance(value, datetime):
        day, clock = value.date().isoformat(), _clock(value.time())
        return day if value.time() == time() else f"{day} {clock}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _clock(value)
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return shown(value, number_format)
    return str(value).strip()


def _clock(value: time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")
