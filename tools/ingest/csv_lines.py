"""The rows of a CSV file, whatever parts its cells, and of lines with one quote amiss."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from tools.ingest.fields import KNOWN, our_names

DELIMITERS = ",\t;"  # Excel writes what the country and the file type chosen ask for
HEAD_LINES = 10  # in which the header of a CSV file stands
MAX_HEADER_CHARS = 10_000


class Broken(NamedTuple):
    """A line that is no CSV."""

    why: csv.Error
    line: str


def csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | Broken]]:
    """Yield each row, or why it can't be read, with the line where it begins.

    A row that can't be read takes none of the lines below it along.
    """
    file, before = io.StringIO(text, newline=""), 0
    rows = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line, at = before + rows.line_num + 1, file.tell()
        try:
            cells = next(rows, None)
        except csv.Error as exc:
            file.seek(at)
            broken = Broken(exc, file.readline())
            yield line, _without_blanks(broken.line, delimiter) or broken
            rows, before = csv.reader(file, delimiter=delimiter, strict=True), line
            continue
        if cells is None:
            return
        yield line, cells


def _without_blanks(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line with blanks behind its quotes, [] if there is more amiss."""
    blanks = " \t".replace(delimiter, "")
    with suppress(csv.Error, StopIteration):
        trimmed = re.sub(rf'"[{blanks}]+(?=[{delimiter}\r\n]|\Z)', '"', line)
        return next(csv.reader([trimmed], delimiter=delimiter, strict=True))
    return []


def with_quotes(line: str, delimiter: str, width: int) -> list[str]:
    """Return the cells of a line whose texts hold quotes that are not doubled: "他说"好"就行".

    A quote ends its text where a delimiter or the line's end follows. [] where that does not make
    `width` cells, or leaves a quote over, also within a cell: then nobody knows where one ends, and
    the audience may be a piece of the answer.
    """
    rest, cells = line.rstrip("\r\n") + delimiter, []
    one = re.compile(rf'(?:"(?P<quoted>[^\n]*?)"|(?P<bare>[^"{delimiter}]*)){delimiter}')
    at = 0
    while at < len(rest):
        if not (found := one.match(rest, at)):
            return []
        text = found["bare"] or (found["quoted"] or "").replace('""', '"')
        if text.count('"') % 2:
            return []
        cells.append(text)
        at = found.end()
    return cells if len(cells) == width else []


def delimiter_of(text: str) -> str:
    """Return what parts the cells: what finds the most columns with names that are known."""
    lines = islice(io.StringIO(text, newline=""), HEAD_LINES)
    head = [line[:MAX_HEADER_CHARS] for line in lines]

    def known(delimiter: str) -> int:
        rows = csv.reader(head, delimiter=delimiter)
        return max((len(KNOWN & {*our_names(row)}) for row in rows), default=0)

    return max(DELIMITERS, key=known)
