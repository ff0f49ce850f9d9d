"""Read knowledge files and documents, or folders of them. Bad parts never stop the rest."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import BadEntry, ConfigError
from tools.ingest.documents import (
    DOCUMENTS,
    MAX_FILE_BYTES,
    binary,
    check_size,
    sheets,
    table,
    to_markdown,
)
from tools.ingest.fields import KNOWN, to_entry
from tools.ingest.formats import Record, read_csv, read_jsonl, read_sheet
from tools.ingest.markdown import read_document, read_markdown
from tools.search.types import Entry

CountTokens = Callable[[str], int]

READABLE = {".jsonl", ".csv", ".md", ".markdown", *DOCUMENTS}
UNREADABLE = {".doc", ".json", ".xls", ".ppt", ".pptx", ".rtf", ".odt", ".wps", ".et"}
SKIPPED = {"readme.md"}  # describes the folder to its editors


class Found(NamedTuple):
    """An entry and where it was read."""

    file: str
    place: str
    entry: Entry


@dataclass
class Reader:
    """Reads entries and keeps what an operator should know about the files."""

    count_tokens: CountTokens
    unknown: dict[str, str] = field(default_factory=dict)  # field -> place where it came first

    def entries(self, paths: Sequence[Path]) -> Iterator[Entry | BadEntry]:
        """Yield every entry of the files, or why and where it can't be used.

        Of entries with the same id the first one counts.

        Raises:
            ConfigError: if a path is missing or no path holds a knowledge file.
        """
        first: dict[str, str] = {}
        for path in knowledge_files(paths):
            for found in once(self.file(path), first):
                yield found if isinstance(found, BadEntry) else found.entry

    def file(self, path: Path) -> list[Found | BadEntry]:
        """Return every entry of one file, or why and where it can't be used."""
        return list(self._found(path))

    def _found(self, path: Path) -> Iterator[Found | BadEntry]:
        for found in self._records(path):
            if isinstance(found, BadEntry):
                yield found
                continue
            place, record = found
            self._note_unknown(record, place)
            try:
                yield Found(str(path), place, to_entry(record, place))
            except BadEntry as bad:
                yield bad

    def _records(self, path: Path) -> Iterator[Record | BadEntry]:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as exc:
            yield BadEntry(str(path), f"can't be read ({exc.strerror})")
            return
        yield from records(content, path, self.count_tokens)

    def _note_unknown(self, record: Mapping[str, Any], place: str) -> None:
        for name in record.keys() - KNOWN:
            self.unknown.setdefault(name, place)


def once(found: Iterable[Found | BadEntry], first: dict[str, str]) -> Iterator[Found | BadEntry]:
    """Yield what is found, an id that was used before as a bad entry; `first` keeps the places."""
    for one in found:
        if isinstance(one, BadEntry) or one.entry["id"] not in first:
            if isinstance(one, Found):
                first[one.entry["id"]] = one.place
            yield one
            continue
        known = first[one.entry["id"]]
        yield BadEntry(one.place, f"id: {one.entry['id']!r} was already used at {known}")


def records(content: bytes, path: Path, count_tokens: CountTokens) -> Iterator[Record | BadEntry]:
    """Yield what a file says, unchecked; `path` names it and need not exist."""
    name, suffix = str(path), path.suffix.lower()
    try:
        if suffix not in DOCUMENTS:
            yield from _lines_or_page(content, path, count_tokens)
        elif suffix == ".xlsx":
            yield from _workbook(content, path, count_tokens)
        else:
            yield from read_document(to_markdown(content, name), path, count_tokens)
    except BadEntry as bad:
        yield bad


def _lines_or_page(
    content: bytes, path: Path, count_tokens: CountTokens
) -> Iterator[Record | BadEntry]:
    name, suffix = str(path), path.suffix.lower()
    if suffix not in READABLE:
        raise BadEntry(name, f"{suffix} is not read; save it as {', '.join(sorted(READABLE))}")
    if content:
        check_size(content, name)
    if found := binary(content):
        raise BadEntry(name, f"expected text, got {found}; save it as text in UTF-8")
    if suffix == ".csv":
        yield from read_csv(content, name)
    elif suffix == ".jsonl":
        yield from read_jsonl(content, name)
    else:
        yield from read_markdown(content, path, count_tokens)


def _workbook(content: bytes, path: Path, count_tokens: CountTokens) -> Iterator[Record | BadEntry]:
    """Yield the rows of FAQ sheets and the passages of the other sheets' tables."""
    tables: list[str] = []
    is_empty = True
    for sheet in sheets(content, str(path)):
        faq = read_sheet(sheet["rows"], f"{path}:{sheet['name']}", path.stem)
        if faq is not None:
            is_empty = False
            yield from faq
        elif text := table(sheet["rows"]):
            tables.append(f"## {sheet['name']}\n\n{text}")
    if tables or is_empty:
        yield from read_document("\n\n".join(tables), path, count_tokens)


def knowledge_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files to read, folders opened up, in a stable order, each once.

    Hidden files and README.md in folders are left out. Documents that can't be read are listed
    too: their knowledge would be missed in silence.

    Raises:
        ConfigError: if a path is missing or nothing is found.
    """
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            files |= dict.fromkeys(_in_folder(path))
        elif path.exists():
            files[path] = None
        else:
            raise ConfigError(f"{path}: no such file or folder; give a knowledge file or folder")
    if not files:
        shown = ", ".join(map(str, paths))
        raise ConfigError(f"{shown}: no knowledge found; expected {', '.join(sorted(READABLE))}")
    return list(files)


def _in_folder(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix.lower() in READABLE | UNREADABLE
        and path.name.lower() not in SKIPPED
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
