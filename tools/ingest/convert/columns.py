"""Cells below each other on a PDF page: tables, and prose that is printed in two columns."""

from collections.abc import Sequence
from statistics import median

from tools.ingest.convert.lines import Cell, Line

MIN_PROSE_LINES = 4
MIN_PROSE_CHARS = 12  # of the middle one of a column's lines
FULL_SHARE = 0.6  # of a column's lines that end where the longest does: tables have no such edge
EDGE = 1.5  # letter heights that ends of full lines may differ
WRAP_GAP = 1.7  # letter heights between the base lines of one cell's lines
MIN_HALF_LINES = 3
MAX_CROSSING = 0.2  # of the lines of a page in two columns: headings, tables


def unwoven(page: Sequence[Line]) -> list[Line]:
    """Return the lines, of prose in two columns those of one after those of the other."""
    out: list[Line] = []
    at = 0
    while at < len(page):
        end = at
        while end < len(page) and len(page[end].cells) == 2:
            end += 1
        columns = list(zip(*(line.cells for line in page[at:end]), strict=True))
        if end - at < MIN_PROSE_LINES or not all(_is_prose(column) for column in columns):
            out += page[at : end + 1]
            at = end + 1
            continue
        gutter = min(cell.left for cell in columns[1])
        while end < len(page) and _is_within(page[end], page[end - 1], gutter):
            end += 1
        woven = page[at:end]
        cells = [line.of(cell) for line in woven for cell in line.cells]
        out += sorted(cells, key=lambda line: line.left >= gutter)
        at = end
    return out


def _is_prose(column: Sequence[Cell]) -> bool:
    edge = max(cell.right for cell in column) - EDGE * max(cell.height for cell in column)
    full = sum(cell.right >= edge for cell in column)
    is_long = median(len(cell.text) for cell in column) >= MIN_PROSE_CHARS
    return is_long and full >= FULL_SHARE * len(column)


def _is_within(line: Line, above: Line, gutter: float) -> bool:
    """Say whether a line of one cell goes on one of two columns; the other is at its end."""
    is_next = 0 < above.bottom - line.bottom <= WRAP_GAP * line.height * 1.2
    return len(line.cells) == 1 and is_next and (line.right < gutter or line.left >= gutter)


def edges(page: Sequence[Line]) -> tuple[float, float]:
    """Return where the longest lines end: those of the left half and all others.

    On a page that is not printed in two columns both are the same.
    """
    right = max((line.right for line in page), default=0.0)
    middle = (right + min((line.left for line in page), default=0.0)) / 2
    left_half = [line.right for line in page if line.right <= middle]
    right_half = sum(line.left >= middle for line in page)
    crossing = len(page) - len(left_half) - right_half
    if min(len(left_half), right_half) < MIN_HALF_LINES or crossing > MAX_CROSSING * len(page):
        return right, right
    return max(left_half), right


def table(page: Sequence[Line], at: int) -> tuple[list[list[str]], int]:
    """Return the rows of a table that begins at a line, and how many lines it has; or none, 0.

    A row with fewer cells has them in the columns where they are printed; a cell alone, close
    below and in no first column, goes on the one above it.
    """
    head = page[at].cells
    if len(head) < 2:
        return [], 0
    columns = _wider(head, page[at + 1].cells if at + 1 < len(page) else ())
    rows: list[list[str]] = []
    end = at
    while end < len(page) and (places := _places(page[end].cells, columns)):
        line = page[end]
        gap = page[end - 1].bottom - line.bottom if rows else 0.0
        if len(places) == 1 and 0 in places:
            break
        if rows and len(places) == 1 and gap <= WRAP_GAP * line.height:
            rows[-1][places[0]] += line.text
        else:
            texts = dict(zip(places, (cell.text for cell in line.cells), strict=True))
            rows.append([texts.get(column, "") for column in range(len(columns))])
        end += 1
    return (rows, end - at) if len(rows) > 1 else ([], 0)


def _wider(head: Sequence[Cell], below: Sequence[Cell]) -> Sequence[Cell]:
    """Return the cells that show the columns: those of the row below where the corner is empty."""
    is_corner = len(below) > len(head) and len(_places(head, below)) == len(head)
    return below if is_corner else head


def _places(cells: Sequence[Cell], columns: Sequence[Cell]) -> list[int]:
    """Return each cell's column; none if they do not fit below these columns."""
    if len(cells) == len(columns):
        return list(range(len(columns)))
    places: list[int] = []
    for cell in cells:
        over = [
            n
            for n, column in enumerate(columns)
            if cell.left < column.right and cell.right > column.left
        ]
        if len(over) != 1 or over[0] in places:
            return []
        places += over
    return places
