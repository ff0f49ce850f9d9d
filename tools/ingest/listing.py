"""Which files of some paths are read, which are not and why."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.errors import BadEntry, ConfigError
from tools.ingest.documents import DOCUMENTS

READABLE = {".jsonl", ".csv", ".md", ".markdown", *DOCUMENTS}
UNREADABLE = {".doc", ".json", ".xls", ".ppt", ".pptx", ".rtf", ".odt", ".wps", ".et"}
PIPE = "a pipe, socket or device; put a file in its place"
SKIPPED = {"readme.md"}  # describes the folder to its editors


@dataclass(slots=True)
class Listing:
    """What some paths hold, in a stable order, each file once."""

    files: list[Path] = field(default_factory=list)  # to read
    outside: dict[Path, BadEntry] = field(default_factory=dict)  # links and folders not followed
    skipped: dict[str, int] = field(default_factory=dict)  # files by type that is no knowledge


def listing(paths: Sequence[Path]) -> Listing:
    """Return what the files and folders hold.

    In folders hidden files, Office's marks of open files (~$) and README.md are left out, and
    links to a place outside the folder are not followed: who may write into it may not be who may
    read what they lead to. Documents and folders that can't be read are listed too: their
    knowledge would be missed in silence.

    Raises:
        ConfigError: if a path is missing or may not be looked at, or nothing is found.
    """
    files: dict[Path, None] = {}
    outside: dict[Path, BadEntry] = {}
    others: set[Path] = set()
    for path in paths:
        if _is_folder(path):
            for one in _in_folder(path):
                if outside.keys() & set(one.parents):
                    continue  # what is in a folder that can't be read is not known
                if reason := _refusal(one, path):
                    outside[one] = BadEntry(str(one), reason)
                elif one.is_file() and one.suffix.lower() in READABLE | UNREADABLE:
                    files[one] = None
                elif one.is_file():
                    others.add(one)
        elif path.exists():
            files[path] = None
        else:
            raise ConfigError(f"{path}: no such file or folder; give a knowledge file or folder")
    if not files and not outside:
        shown = ", ".join(map(str, paths))
        raise ConfigError(f"{shown}: no knowledge found; expected {', '.join(sorted(READABLE))}")
    types = Counter(path.suffix.lower() or "no suffix" for path in others)
    return Listing(list(files), outside, dict(sorted(types.items())))


def knowledge_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files to read.

    Raises:
        ConfigError: see listing.
    """
    return listing(paths).files


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as exc:  # in a folder that may not be entered, or too long a name
        raise ConfigError(f"{path}: can't be read ({exc.strerror}); allow it, or move it") from exc


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in (folder, *sorted(folder.rglob("*"))):
        is_hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if not is_hidden and path.name.lower() not in SKIPPED:
            yield path


def _refusal(path: Path, folder: Path) -> str:
    """Say why a path is not followed, "" if it is; linked folders aren't entered anyway."""
    try:
        if path.is_symlink():
            leads_out = path.exists() and not path.resolve().is_relative_to(folder.resolve())
            return "a link that leads out of the folder; put a copy in its place" * leads_out
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            return "a folder that can't be read; allow it, or move it elsewhere"
        if path.suffix.lower() in READABLE | UNREADABLE and is_pipe(path):
            return PIPE
    except OSError as exc:
        return f"can't be read ({exc.strerror})"
    return ""


def is_pipe(path: Path) -> bool:
    """Tell whether a path is there and neither file nor folder: to read it may take for ever."""
    return path.exists() and not (path.is_file() or path.is_dir())
