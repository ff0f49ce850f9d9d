"""Records of JSONL lines and of rows in CSV files and sheets, with the place of each."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from tools.errors import BadEntry

CSV_NAMES = {  # what Chinese spreadsheets call the columns
    "编号": "id",
    "问题": "question",
    "标准问": "question",
    "相似问": "similar_questions",
    "相似问题": "similar_questions",
    "答案": "answer",
    "回答": "answer",
    "分类": "category",
    "产品": "product",
    "地区": "region",
    "渠道": "channel",
    "版本": "version",
    "来源": "source",
    "生效日期": "effective_from",
    "失效日期": "effective_to",
}
MAX_RARE_SHARE = 0.3  # of characters outside GB2312; common in what another encoding is read as
_BOM = b"\xef\xbb\xbf"


class Record(NamedTuple):
    """What a file says about one entry, unchecked."""

    place: str  # file:line
    fields: dict[str, Any]


def read_jsonl(content: bytes, name: str) -> Iterator[Record | BadEntry]:
    """Yield one record per line; blank lines are skipped."""
    for number, line in enumerate(content.removeprefix(_BOM).split(b"\n"), start=1):
        place = f"{name}:{number}"
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError as exc:
            yield BadEntry(place, f"no valid JSON: {exc.msg} (column {exc.colno})")
            continue
        if isinstance(fields, dict):
            yield Record(place, fields)
        else:
            yield BadEntry(place, f"expected a JSON object, got {type(fields).__name__}")


def read_csv(content: bytes, name: str) -> Iterator[Record | BadEntry]:
    """Yield one record per row below the header; several similar questions are split by `|`."""
    try:
        rows = csv.reader(io.StringIO(decode(content), newline=""))
        header = _header(next(rows, []))
    except (UnicodeDecodeError, csv.Error) as exc:
        yield BadEntry(f"{name}:1", f"expected a CSV header in UTF-8 or GB18030 ({exc})")
        return
    if missing := [field for field in ("id", "question", "answer") if field not in header]:
        yield BadEntry(
            f"{name}:1", f"the header lacks {', '.join(missing)}; it has {', '.join(header)[:200]}"
        )
        return
    while True:
        place = f"{name}:{rows.line_num + 1}"
        try:
            cells = next(rows, None)
        except csv.Error as exc:
            yield BadEntry(place, f"no valid CSV: {exc}; look for a quote that is not closed")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _row(cells, header, place)


def read_sheet(
    rows: Sequence[Sequence[str]], place: str, doc_id: str
) -> Iterator[Record | BadEntry] | None:
    """Return the records of a sheet with columns for question and answer, None for other sheets.

    Without a column of ids the question makes the id: a changed question is another entry.
    """
    for start, cells in enumerate(rows):
        header = _header(cells)
        if {"question", "answer"} <= set(header):
            return _sheet(rows, start, header, place, doc_id)
        if len({*header} - {""}) > 1:  # a table's header, of other columns
            return None
    return None


def _sheet(
    rows: Sequence[Sequence[str]], start: int, header: list[str], place: str, doc_id: str
) -> Iterator[Record | BadEntry]:
    for number, cells in enumerate(rows[start + 1 :], start=start + 2):
        if not any(cells):
            continue
        row = _row(list(cells), header, f"{place}!{number}")
        if isinstance(row, Record) and "id" not in header:
            question = hashlib.sha256(row.fields["question"].encode()).hexdigest()
            row.fields["id"] = f"{doc_id}-{question[:12]}"
        yield row


def _header(cells: Sequence[str]) -> list[str]:
    return [CSV_NAMES.get(cell.strip(), cell.strip()) for cell in cells]


def _row(cells: list[str], header: list[str], place: str) -> Record | BadEntry:
    if len(cells) > len(header):
        return BadEntry(
            place,
            f"expected {len(header)} cells, got {len(cells)}; put texts with commas into quotes",
        )
    fields: dict[str, Any] = {
        column: cell for column, cell in zip(header, cells, strict=False) if column
    }
    if "similar_questions" in fields:
        fields["similar_questions"] = fields["similar_questions"].replace("\n", "|").split("|")
    return Record(place, fields)


def decode(content: bytes) -> str:
    """Return text in UTF-8 (with or without BOM) or, failing that, GB18030, as Excel writes it.

    Broken bytes in text that is UTF-8 otherwise become U+FFFD, which no field may contain: read
    as GB18030 they would turn the whole file into nonsense.

    Raises:
        UnicodeDecodeError: if it is neither. Nearly everything can be read as GB18030, so a text
            of rare characters, as Big5 or Latin-1 become, counts as another encoding.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "replace")
    wide = sum(char > "\x7f" for char in text)
    if text.count("\ufffd") * 10 < wide:
        return text
    text = content.decode("gb18030")
    chinese = [char for char in text if char > "\x7f"]
    common = len("".join(chinese).encode("gb2312", "ignore")) // 2
    if len(chinese) - common > MAX_RARE_SHARE * len(chinese):
        raise UnicodeDecodeError("gb18030", content, 0, len(content), "mostly rare characters")
    return text
