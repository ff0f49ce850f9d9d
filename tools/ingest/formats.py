"""Records of JSONL lines and of rows in CSV files and sheets, with the place of each."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from tools.errors import BadEntry
from tools.ingest.csv_lines import Broken, csv_rows, delimiter_of, with_quotes
from tools.ingest.fields import in_our_names, our_names, twice
from tools.ingest.tags import without_tags

MAX_RARE_SHARE = 0.3  # of characters outside GB2312; common in what another encoding is read as
ENCODINGS = "UTF-8, UTF-16 or GB18030"
HEAD_BYTES = 1024  # by which UTF-16 without a mark is told
UTF16_SHARE = 2  # times as many zeros on one side; few Chinese characters have one: 一 is 4E 00
QUOTE = "look for a quote that is not closed, or one in a text that is not doubled"
_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Record(NamedTuple):
    """What a file says about one entry, unchecked."""

    place: str  # file:line
    fields: dict[str, Any]
    page: str = ""  # the file's name, if the id begins with it because the file gives none


class Note(NamedTuple):
    """What of a file was left out, for its editor."""

    place: str
    text: str


def read_jsonl(content: bytes, name: str) -> Iterator[Record | BadEntry]:
    """Yield one record per line; blank lines are skipped."""
    if utf16(content):
        content = content.decode(utf16(content), "replace").encode()
    for number, line in enumerate(content.removeprefix(_BOM).split(b"\n"), start=1):
        place = f"{name}:{number}"
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError as exc:
            yield BadEntry(place, f"no valid JSON: {exc.msg} (column {exc.colno})")
            continue
        if not isinstance(fields, dict):
            yield BadEntry(place, f"expected a JSON object, got {type(fields).__name__}")
            continue
        try:
            yield Record(place, _readable(in_our_names(fields)))
        except ValueError as exc:
            yield BadEntry(place, str(exc))


def read_csv(content: bytes, name: str, doc_id: str) -> Iterator[Record | BadEntry | Note]:
    """Yield one record per row below the header; several similar questions are split by `|`.

    Cells are parted by commas, tabs or semicolons; titles above the header are skipped. Without a
    column of ids the question makes the id, as in a sheet. A row that can't be read, as with a
    quote that is not closed, takes none of the lines below it along; quotes within a text that are
    not doubled are read as they stand where that leaves no doubt, with a note.
    """
    try:
        text = decode(content)
        delimiter = delimiter_of(text)
        rows = csv_rows(text, delimiter)
        header = _header(rows)
    except (UnicodeDecodeError, csv.Error) as exc:
        yield BadEntry(f"{name}:1", f"expected a CSV header in {ENCODINGS} ({exc})")
        return
    if missing := [field for field in ("question", "answer") if field not in header]:
        yield BadEntry(
            f"{name}:1", f"the header lacks {', '.join(missing)}; it has {', '.join(header)[:200]}"
        )
        return
    if several := twice(header):
        yield BadEntry(f"{name}:1", several)
        return
    for line, cells in rows:
        place = f"{name}:{line}"
        if isinstance(cells, Broken):
            if not (mended := with_quotes(cells.line, delimiter, len(header))):
                yield BadEntry(place, f"no valid CSV: {cells.why}; {QUOTE}")
                continue
            # Its text may go on in the line below, and who may read it stand there.
            if not dict(zip(header, mended, strict=True)).get("audience", "-").strip():
                yield BadEntry(place, f"no valid CSV: {cells.why}, and no audience; {QUOTE}")
                continue
            yield Note(place, "quotes within a text that are not doubled: read as they stand")
            cells = mended
        if any(cell.strip() for cell in cells):
            yield _row(cells, header, place, doc_id)


def _header(rows: Iterator[tuple[int, list[str] | Broken]]) -> list[str]:
    """Return the names of the columns, with what stands above them taken from the rows.

    Raises:
        csv.Error: if a line above them can't be read.
    """
    first: list[str] = []
    for _, cells in rows:
        if isinstance(cells, Broken):
            raise cells.why
        first = first or our_names(cells)
        if _is_header(cells):
            return our_names(cells)
    return first


def read_sheet(
    rows: Sequence[Sequence[str]], place: str, doc_id: str
) -> Iterator[Record | BadEntry] | None:
    """Return the records of a sheet with columns for question and answer, None for other sheets.

    Without a column of ids the question makes the id: a changed question is another entry.
    """
    for start, cells in enumerate(rows):
        header = our_names(cells)
        if {"question", "answer"} <= set(header):
            if several := twice(header):
                return iter([BadEntry(f"{place}!{start + 1}", several)])
            return _sheet(rows, start, header, place, doc_id)
        if _is_header(header):  # of other columns
            return None
    return None


def _sheet(
    rows: Sequence[Sequence[str]], start: int, header: list[str], place: str, doc_id: str
) -> Iterator[Record | BadEntry]:
    for number, cells in enumerate(rows[start + 1 :], start=start + 2):
        if any(cells):
            yield _row(list(cells), header, f"{place}!{number}", doc_id)


def _is_header(cells: Sequence[str]) -> bool:
    """Say whether a row names columns; a title above them fills one cell only."""
    return len({*cells} - {""}) > 1


def _row(cells: list[str], header: list[str], place: str, doc_id: str) -> Record | BadEntry:
    if any(cell.strip() for cell in cells[len(header) :]):
        return BadEntry(
            place,
            f"expected {len(header)} cells, got {len(cells)}; put texts with commas into quotes",
        )
    fields: dict[str, Any] = {
        column: cell for column, cell in zip(header, cells, strict=False) if column
    }
    if "similar_questions" in fields:
        fields["similar_questions"] = fields["similar_questions"].replace("\n", "|").split("|")
    if "id" not in header:
        question = hashlib.sha256(fields.get("question", "").encode()).hexdigest()
        fields["id"] = f"{doc_id}-{question[:12]}"
    return Record(place, _readable(fields), "" if "id" in header else doc_id)


def _readable(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry with what customers read of it without HTML."""
    texts = {name: fields.get(name) for name in ("question", "answer")}
    plain = {name: without_tags(text) for name, text in texts.items() if isinstance(text, str)}
    return fields | plain


def utf16(content: bytes) -> str:
    """Return the codec of a text in UTF-16, "" for anything else.

    Without a mark at its start, its line ends and ASCII letters tell it by every second byte.
    """
    if content.startswith(_UTF16_MARKS):
        return "utf-16"
    head = content[:HEAD_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) <= UTF16_SHARE * min(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def decode(content: bytes) -> str:
    """Return text in UTF-8, UTF-16 or, failing these, GB18030, as Excel writes it.

    A mark at its start is left out. Broken bytes in text that is UTF-8 otherwise become U+FFFD,
    which no field may contain: read as GB18030 they would turn the whole file into nonsense.

    Raises:
        UnicodeDecodeError: if it is none of them. Nearly everything can be read as GB18030, or as
            UTF-16 without a mark, so a text of rare characters, as Big5 or Latin-1 become, counts
            as another encoding.
    """
    if content.startswith(_UTF16_MARKS):
        return content.decode("utf-16")
    if codec := utf16(content):
        return _common(content, codec)
    try:
        return content.decode("utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "replace")
    wide = sum(char > "\x7f" for char in text)
    if text.count("\ufffd") * 10 < wide:
        return text
    return _common(content, "gb18030")


def _common(content: bytes, codec: str) -> str:
    text = content.decode(codec).removeprefix("\ufeff")
    chinese = [char for char in text if char > "\x7f"]
    common = len("".join(chinese).encode("gb2312", "ignore")) // 2
    if len(chinese) - common > MAX_RARE_SHARE * len(chinese):
        raise UnicodeDecodeError(codec, content, 0, len(content), "mostly rare characters")
    return text
