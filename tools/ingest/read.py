"""Read knowledge files: JSONL, CSV, Markdown, or folders of them. Bad parts never stop the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.errors import BadEntry, ConfigError
from tools.ingest.fields import KNOWN, to_entry
from tools.ingest.formats import Record, read_csv, read_jsonl
from tools.ingest.markdown import read_markdown
from tools.search.types import Entry

CountTokens = Callable[[str], int]

READABLE = {".jsonl", ".csv", ".md", ".markdown"}
KNOWLEDGE = {".pdf", ".doc", ".docx", ".htm", ".html", ".txt", ".json", ".xls", ".xlsx"}
SKIPPED = {"readme.md"}  # describes the folder to its editors


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
            for found in self._file(path):
                if isinstance(found, BadEntry):
                    yield found
                    continue
                place, entry = found
                if entry["id"] in first:
                    yield BadEntry(
                        place, f"id: {entry['id']!r} was already used at {first[entry['id']]}"
                    )
                    continue
                first[entry["id"]] = place
                yield entry

    def _file(self, path: Path) -> Iterator[tuple[str, Entry] | BadEntry]:
        for found in self._records(path):
            if isinstance(found, BadEntry):
                yield found
                continue
            place, record = found
            self._note_unknown(record, place)
            try:
                yield place, to_entry(record, place)
            except BadEntry as bad:
                yield bad

    def _records(self, path: Path) -> Iterator[Record | BadEntry]:
        try:
            content = path.read_bytes()
        except OSError as exc:
            yield BadEntry(str(path), f"can't be read ({exc.strerror})")
            return
        match path.suffix.lower():
            case ".jsonl":
                yield from read_jsonl(content, str(path))
            case ".csv":
                yield from read_csv(content, str(path))
            case ".md" | ".markdown":
                yield from read_markdown(content, path, self.count_tokens)
            case suffix:
                yield BadEntry(str(path), f"{suffix} is not read; convert it to Markdown or JSONL")

    def _note_unknown(self, record: Mapping[str, Any], place: str) -> None:
        for name in record.keys() - KNOWN:
            self.unknown.setdefault(name, place)


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
        and path.suffix.lower() in READABLE | KNOWLEDGE
        and path.name.lower() not in SKIPPED
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
