"""Turn a document into text: checked by size and content, read in a process of its own."""

import io
import json
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from tools.errors import BadEntry
from tools.ingest.convert.limits import CPU_LIMIT_S, TIME_LIMIT_S, UNREADABLE, UPLOAD, smaller
from tools.ingest.formats import utf16

MAX_FILE_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 256 << 20  # of all parts of a DOCX or XLSX together
MAX_RATIO = 200  # unpacked to packed, of parts that matter; real documents have below 50
MAX_MEMBERS = 10_000
DOCUMENTS = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
    ".txt": "txt",
}
Convert = Callable[[str, bytes, str], str]  # kind, content and name to the text
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}
_MAIN_PART = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_MAGIC_BYTES = 1024
_BINARY = {  # how files begin that are no text
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP or Office file",
    b"PK\x05\x06": "an empty ZIP file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Office file of the old kind or with a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a GZIP file",
    b"Rar!": "a RAR file",
    b"7z\xbc\xaf": "a 7z file",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}


def to_markdown(content: bytes, name: str, convert: Convert | None = None) -> str:
    """Return a PDF, DOCX, XLSX, HTML or TXT document as Markdown.

    Raises:
        BadEntry: if its content is not what the name says, too large, damaged, protected, empty,
            or takes too long; place is `name`.
    """
    kind = checked_kind(content, name)
    if kind != "xlsx":
        return (convert or in_process)(kind, content, name)
    tables = [(sheet["name"], table(sheet["rows"])) for sheet in sheets(content, name, convert)]
    if not any(text for _, text in tables):
        raise BadEntry(name, "the sheets have no text")
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in tables if text)


def sheets(content: bytes, name: str, convert: Convert | None) -> list[dict[str, Any]]:
    """Return the visible sheets of a workbook, see convert/xlsx.

    Raises:
        BadEntry: see to_markdown.
    """
    checked_kind(content, name)
    found: list[dict[str, Any]] = json.loads((convert or in_process)("xlsx", content, name))
    return found


def table(rows: list[list[str]]) -> str:
    """Return rows as Markdown tables, the first that fills two cells as the header of each.

    Rows of one cell above a header become paragraphs; empty rows and columns are left out.
    """
    starts = [0, *_titles(rows), len(rows)]
    return "\n\n".join(filter(None, (_table(rows[at:end]) for at, end in pairwise(starts))))


def _titles(rows: list[list[str]]) -> list[int]:
    """Return which rows begin another table: titles below an empty row, with a header of words."""
    found: list[int] = []
    has_header = False
    for at in range(len(rows) - 1, 0, -1):
        texts = _texts(rows[at])
        if len(texts) > 1:
            has_header = not any(char.isdigit() for text in texts for char in text)
        elif texts and has_header and not any(rows[at - 1]):
            found.append(at)
    return found[::-1]


def _table(rows: list[list[str]]) -> str:
    filled = [row for row in rows if any(row)]
    at = next((n for n, row in enumerate(filled) if len(_texts(row)) > 1), len(filled))
    above = [" ".join(" ".join(_texts(row)).split()) for row in filled[:at]]
    body = filled[at:]
    used = [
        n for n in range(max(map(len, body), default=0)) if any(r[n : n + 1] != [""] for r in body)
    ]
    lines = ["| " + " | ".join(_cell(row, n) for n in used) + " |" for row in body]
    if lines:
        lines.insert(1, "|" + " --- |" * len(used))
    return "\n\n".join([*above, "\n".join(lines)]).strip()


def _texts(row: list[str]) -> list[str]:
    """Return what a row says, each text once."""
    return list(dict.fromkeys(cell for cell in row if cell))


def _cell(row: list[str], number: int) -> str:
    text = row[number] if number < len(row) else ""
    return " ".join(text.split()).replace("|", "｜")


def checked_kind(content: bytes, name: str) -> str:
    """Return `pdf`, `docx`, `xlsx`, `html` or `txt`, by name and content alike.

    Raises:
        BadEntry: if they disagree, or the content is empty or too large.
    """
    kind = DOCUMENTS.get(Path(name).suffix.lower())
    if kind is None:
        raise BadEntry(name, f"expected one of {', '.join(DOCUMENTS)}; convert it to one of them")
    check_size(content, name)
    if kind in ("docx", "xlsx"):
        _check_office(content, kind, name)
    elif kind == "pdf":
        if b"%PDF-" not in content[:_MAGIC_BYTES]:
            raise BadEntry(name, f"expected a PDF, got {binary(content) or 'something else'}")
    elif found := binary(content):
        raise BadEntry(name, f"expected text, got {found}; rename it, or save it as text in UTF-8")
    return kind


def check_size(content: bytes, name: str) -> None:
    """Refuse nothing at all, and more than MAX_FILE_BYTES.

    Raises:
        BadEntry: if the content is empty or too large.
    """
    if not content.strip():
        raise BadEntry(name, "the file is empty")
    if len(content) > MAX_FILE_BYTES:
        raise BadEntry(name, f"expected at most {MAX_FILE_BYTES >> 20} MB; split it")


def binary(content: bytes) -> str:
    """Return what a file is that is no text, "" for text."""
    for magic, what in _BINARY.items():
        if content.startswith(magic):
            return what
    return "binary data" if b"\0" in content[:_MAGIC_BYTES] and not utf16(content) else ""


def _check_office(content: bytes, kind: str, name: str) -> None:
    """Look into the archive without unpacking it.

    The sizes are what its directory claims; what unpacks to more is damaged for the reader.
    """
    if not content.startswith(b"PK\x03\x04"):
        raise BadEntry(
            name,
            f"expected a {kind.upper()} file, got {binary(content) or 'something else'}; "
            f"save it as {kind.upper()} without a password",
        )
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as exc:
        raise BadEntry(name, "the file is damaged or was cut off; save it again") from exc
    if _MAIN_PART.keys() & {m.filename for m in members} != {
        part for part, of in _MAIN_PART.items() if of == kind
    }:
        raise BadEntry(name, f"expected a {kind.upper()} file, got another kind of ZIP file")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * len(content):
        raise BadEntry(
            name,
            f"unpacks to {unpacked >> 20:,} MB from {len(content) / (1 << 20):.1f} MB; expected "
            f"at most {MAX_UNPACKED_BYTES >> 20} MB and {MAX_RATIO} times its size",
        )
    if len(members) > MAX_MEMBERS:
        raise BadEntry(name, f"expected at most {MAX_MEMBERS:,} parts, got {len(members):,}")


def in_process(kind: str, content: bytes, name: str) -> str:
    """Run the reader of `kind` in a process; it sees no environment, and its limits are its own.

    Raises:
        BadEntry: if it says no, breaks off or takes too long; then it is killed.
    """
    command = [sys.executable, "-m", "tools.ingest.convert", kind]
    if kind == UPLOAD:
        command.append(name)
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(
                command,
                input=content,
                stdout=out,
                stderr=subprocess.DEVNULL,
                timeout=TIME_LIMIT_S,
                cwd=_ROOT,
                env=_ENVIRONMENT,
                check=False,
            )
        except subprocess.TimeoutExpired as exc:
            raise BadEntry(name, f"not read within {TIME_LIMIT_S} s; {smaller(kind)}") from exc
        except OSError as exc:
            raise BadEntry(
                name, f"no process could be started to read it ({exc.strerror})"
            ) from exc
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    if done.returncode == -signal.SIGXCPU:
        raise BadEntry(name, f"not read within {CPU_LIMIT_S} s; {smaller(kind)}")
    if done.returncode == UNREADABLE:
        raise BadEntry(name, text[:500] or f"it holds more text than is read; {smaller(kind)}")
    if done.returncode:
        raise BadEntry(name, f"its reader broke off (code {done.returncode}): damaged or too large")
    return text
