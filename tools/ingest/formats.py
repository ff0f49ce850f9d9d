"""Records of line formats: JSONL and CSV, with the place of each."""

import csv
import io
from collections.abc import Iterator
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
}
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
        header = [CSV_NAMES.get(cell.strip(), cell.strip()) for cell in next(rows, [])]
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
        UnicodeDecodeError: if it is neither.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "replace")
    wide = sum(char > "\x7f" for char in text)
    return text if text.count("\ufffd") * 10 < wide else content.decode("gb18030")
