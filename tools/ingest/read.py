"""Read knowledge files and documents, or folders of them. Bad parts never stop the rest."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import BadEntry
from tools.ingest.documents import (
    DOCUMENTS,
    MAX_FILE_BYTES,
    Convert,
    binary,
    check_size,
    in_process,
    sheets,
    table,
    to_markdown,
)
from tools.ingest.editions import Key, key
from tools.ingest.fields import KNOWN, to_entry
from tools.ingest.formats import Note, Record, read_csv, read_jsonl, read_sheet
from tools.ingest.listing import PIPE, READABLE, is_pipe, listing
from tools.ingest.markdown import read_document, read_markdown
from tools.ingest.marks import is_table_for_staff
from tools.search.types import Entry

CountTokens = Callable[[str], int]
RENAME = "give one of the two another (pages and sheets without ids take their file's name)"
FOR_STAFF = (
    "rows are marked internal, which only a sheet with columns for question and answer can keep; "
    "put them there, or into another file that is not loaded; what an earlier run stored still "
    "answers"
)


class Found(NamedTuple):
    """An entry and where it was read."""

    file: str
    place: str
    entry: Entry
    page: str = ""  # see Record


@dataclass
class Reader:
    """Reads entries and keeps what an operator should know about the files."""

    count_tokens: CountTokens
    convert: Convert = in_process
    unknown: dict[str, str] = field(default_factory=dict)  # field -> place where it came first
    notes: dict[str, list[str]] = field(default_factory=dict)  # place -> what was left out there

    def entries(self, paths: Sequence[Path]) -> Iterator[Entry | BadEntry]:
        """Yield every entry of the files, or why and where it can't be used.

        Of entries with the same id and version the first one counts; those with the same id and
        other versions are its editions, as they are written.

        Raises:
            ConfigError: if a path is missing or no path holds a knowledge file.
        """
        first: dict[Key, str] = {}
        listed = listing(paths)
        yield from listed.outside.values()
        for path in listed.files:
            for found in once(told_apart(self.file(path), path, first), first):
                yield found if isinstance(found, BadEntry) else found.entry

    def file(self, path: Path) -> list[Found | BadEntry]:
        """Return every entry of one file, or why and where it can't be used."""
        try:
            if is_pipe(path):
                return [BadEntry(str(path), PIPE)]
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as exc:
            return [BadEntry(str(path), f"can't be read ({exc.strerror})")]
        return self.content(content, path)

    def content(self, content: bytes, path: Path) -> list[Found | BadEntry]:
        """Return every entry of a file's content; `path` names it and need not exist."""
        return list(self._found(content, path))

    def _found(self, content: bytes, path: Path) -> Iterator[Found | BadEntry]:
        for found in records(content, path, self.count_tokens, self.convert):
            if isinstance(found, Note):
                self.notes.setdefault(found.place, []).append(found.text)
                continue
            if isinstance(found, BadEntry):
                yield found
                continue
            place, record, page = found
            self._note_unknown(record, place)
            try:
                yield Found(str(path), place, to_entry(record, place), page)
            except BadEntry as bad:
                yield bad

    def _note_unknown(self, record: Mapping[str, Any], place: str) -> None:
        for name in record.keys() - KNOWN:
            self.unknown.setdefault(name, place)


def told_apart(
    found: Sequence[Found | BadEntry], path: Path, first: Mapping[Key, str]
) -> Sequence[Found | BadEntry]:
    """Return what was found in a file, with its folder in the ids if one of them is taken.

    That goes for ids that the file's name makes; `first` has the editions of the files before.
    Where none is taken all stay as they are: other versions of them are their editions.
    """
    if not _is_taken(found, first):
        return found
    page = next(one.page for one in found if isinstance(one, Found) and one.page)
    folders = path.parts[:-1]
    longer = ["/".join([*folders[-depth:], page]) for depth in range(1, len(folders) + 1)]
    tried = ([_renamed(one, name) for one in found] for name in [*longer, path.name])
    return next((renamed for renamed in tried if not _is_taken(renamed, first)), found)


def _is_taken(found: Sequence[Found | BadEntry], first: Mapping[Key, str]) -> bool:
    return any(isinstance(one, Found) and one.page and key(one.entry) in first for one in found)


def _renamed(one: Found | BadEntry, name: str) -> Found | BadEntry:
    if isinstance(one, BadEntry) or not one.page:
        return one
    fields = {**one.entry, "id": name + one.entry["id"].removeprefix(one.page)}
    try:
        return one._replace(entry=to_entry(fields, one.place))
    except BadEntry as bad:
        return bad


def once(found: Iterable[Found | BadEntry], first: dict[Key, str]) -> Iterator[Found | BadEntry]:
    """Yield what is found, an edition that came before as a bad entry; `first` keeps the places."""
    for one in found:
        if isinstance(one, BadEntry) or key(one.entry) not in first:
            if isinstance(one, Found):
                first[key(one.entry)] = one.place
            yield one
            continue
        version = one.entry.get("version", "")
        which = f"{one.entry['id']!r}" + (f" in version {version!r}" if version else "")
        used = f"id: {which} was already used at {first[key(one.entry)]}"
        yield BadEntry(one.place, f"{used}; {RENAME}")


def records(
    content: bytes, path: Path, count_tokens: CountTokens, convert: Convert = in_process
) -> Iterator[Record | BadEntry | Note]:
    """Yield what a file says, unchecked; `path` names it and need not exist."""
    name, suffix = str(path), path.suffix.lower()
    try:
        if suffix not in DOCUMENTS:
            yield from _lines_or_page(content, path, count_tokens)
        elif suffix == ".xlsx":
            yield from _workbook(content, path, count_tokens, convert)
        else:
            yield from read_document(to_markdown(content, name, convert), path, count_tokens)
    except BadEntry as bad:
        yield bad


def _lines_or_page(
    content: bytes, path: Path, count_tokens: CountTokens
) -> Iterator[Record | BadEntry | Note]:
    name, suffix = str(path), path.suffix.lower()
    if suffix not in READABLE:
        raise BadEntry(name, f"{suffix} is not read; save it as {', '.join(sorted(READABLE))}")
    if content:
        check_size(content, name)
    if found := binary(content):
        raise BadEntry(name, f"expected text, got {found}; save it as text in UTF-8")
    if suffix == ".csv":
        yield from read_csv(content, name, path.stem)
    elif suffix == ".jsonl":
        yield from read_jsonl(content, name)
    else:
        yield from read_markdown(content, path, count_tokens)


def _workbook(
    content: bytes, path: Path, count_tokens: CountTokens, convert: Convert
) -> Iterator[Record | BadEntry | Note]:
    """Yield the rows of FAQ sheets and the passages of the other sheets' tables."""
    tables: list[str] = []
    is_empty = True
    for sheet in sheets(content, str(path), convert):
        yield from (Note(f"{path}:{sheet['name']}", note) for note in sheet["notes"])
        faq = read_sheet(sheet["rows"], f"{path}:{sheet['name']}", path.stem)
        if faq is not None:
            is_empty = False
            yield from faq
        elif is_table_for_staff(sheet["rows"]):
            is_empty = False
            yield BadEntry(f"{path}:{sheet['name']}", FOR_STAFF)
        elif text := table(sheet["rows"]):
            tables.append(f"## {sheet['name']}\n\n{text}")
    if tables or is_empty:
        yield from read_document("\n\n".join(tables), path, count_tokens)
