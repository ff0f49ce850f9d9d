"""The lines of a PDF page, with the size of their letters and the gaps between their cells."""

import ctypes
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

CELL_GAP = 1.5  # letter heights; wider than any space between words
SAME_LINE = 0.4  # letter heights two base lines may differ


class Line(NamedTuple):
    """One printed line; lengths in points, from the bottom left of the page."""

    text: str
    cells: tuple[str, ...]  # its parts between wide gaps
    height: float
    right: float
    bottom: float


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
    box = raw.FS_RECTF()
    for index in range(page.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(page, index))
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
    cells = [row[0].char]
    for before, letter in pairwise(row):
        if letter.left - before.right > CELL_GAP * height or letter.right < before.left:
            cells.append(letter.char)
        else:
            cells[-1] += letter.char
    stripped = tuple(cell.strip() for cell in cells)
    right = max(letter.right for letter in row)
    return Line(" ".join(stripped), stripped, height, right, row[0].bottom)
