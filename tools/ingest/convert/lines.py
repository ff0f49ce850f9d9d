"""The lines of a PDF page, with the size of their letters and the gaps between their cells."""

import ctypes
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

CELL_GAP = 1.5  # letter heights; wider than any space between words
SAME_LINE = 0.4  # letter heights two base lines may differ


_HYPHENS = "\x02\ufffe"


class Cell(NamedTuple):
    """What stands between two wide gaps of a line."""

    text: str
    left: float
    right: float
    height: float


class Line(NamedTuple):
    """One printed line; lengths in points, from the bottom left of the page."""

    text: str
    cells: tuple[Cell, ...]
    height: float
    left: float
    right: float
    bottom: float

    def of(self, cell: Cell) -> "Line":
        """Return the line as if it had this cell only."""
        return Line(cell.text, (cell,), cell.height, cell.left, cell.right, self.bottom)


class _Letter(NamedTuple):
    char: str
    left: float
    right: float
    bottom: float
    height: float


def lines(page: pypdfium2.PdfTextPage) -> list[Line]:
    """Return the page's lines in the order of its text; neighbours on one base line are one."""
    found: list[list[_Letter]] = []
    for letter in _letters(page):
        row = found[-1] if found else []
        if row and abs(row[-1].bottom - letter.bottom) <= SAME_LINE * letter.height:
            row.append(letter)
        else:
            found.append([letter])
    return [_line(row) for row in found]


def _letters(page: pypdfium2.PdfTextPage) -> list[_Letter]:
    """Return what is printed; a space, which has no size of its own, hangs on a letter."""
    letters: list[_Letter] = []
    # A hyphen at the end of a line, which PDFium takes for no letter, is one.
    box = raw.FS_RECTF()
    for index in range(page.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(page, index))
        char = "-" if char in _HYPHENS else char
        if char.isspace():
            if letters:
                letters[-1] = letters[-1]._replace(char=letters[-1].char.rstrip() + " ")
            continue
        if char in "\0\ufffe\uffff" or not raw.FPDFText_GetLooseCharBox(
            page, index, ctypes.byref(box)
        ):
            continue
        letters.append(_Letter(char, box.left, box.right, box.bottom, box.top - box.bottom))
    return letters


def _line(row: list[_Letter]) -> Line:
    height = median(letter.height for letter in row)
    parts = [[row[0]]]
    for before, letter in pairwise(row):
        if letter.left - before.right > CELL_GAP * height or letter.right < before.left:
            parts.append([letter])
        else:
            parts[-1].append(letter)
    cells = tuple(_cell(part) for part in parts)
    left, right = min(cell.left for cell in cells), max(cell.right for cell in cells)
    return Line(" ".join(c.text for c in cells), cells, height, left, right, row[0].bottom)


def _cell(letters: list[_Letter]) -> Cell:
    return Cell(
        "".join(letter.char for letter in letters).strip(),
        min(letter.left for letter in letters),
        max(letter.right for letter in letters),
        median(letter.height for letter in letters),
    )
