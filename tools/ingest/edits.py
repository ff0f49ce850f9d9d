"""What editors changed by hand: a journal that is laid over the files at every ingestion.

The later change wins, whether it was made in a file or on the page: an entry that was edited,
retired, deleted or uploaded stays so for as long as the files say of it what they said then. As
soon as a file says something else, the file counts again. Nothing is lost: every version stays in
the journal, with the one before it.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypedDict, cast, get_args

import orjson

from tools.errors import StoreUnavailable
from tools.ingest.editions import Key, key
from tools.ingest.fields import SCOPES
from tools.ingest.scope import scope
from tools.search.types import Entry

Action = Literal["add", "edit", "retire", "delete", "upload", "file"]


_TEXTS = ("at", "by", "tenant", "id", "action", "file")  # of an edit
_NEEDED = ("id", "question", "answer")  # of an entry


class Edit(TypedDict):
    """One change of one entry, as it stands in the journal: one JSON object a line."""

    at: str  # UTC, ISO
    by: str  # who signed in
    tenant: str
    id: str
    action: Action  # "file": a file's newer text took the place of an edit
    entry: Entry | None  # afterwards; None = deleted
    before: Entry | None  # None = there was none
    file: str  # fingerprint of what the files said of it at the time; "" = nothing


@dataclass(slots=True)
class Overlaid:
    """Entries of files with the edits laid over them."""

    entries: list[Entry]  # as the files say
    by_hand: list[Entry] = field(default_factory=list)  # as editors say
    kept: int = 0  # edits that count, since their files have not changed
    ended: list[Edit] = field(default_factory=list)  # edits that a newer text of a file replaces


class Edits:
    """An append-only file, safe against kill -9 and against several writers on one machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, *, tenant: str, entry_id: str = "") -> list[Edit]:
        """Return the edits of a tenant, or of one entry, oldest first, as files are read today.

        Raises:
            StoreUnavailable: if the file can't be read.
        """
        edits = [edit for _, edit in self._lines() if edit is not None]
        return _as_read_now(
            edit for edit in edits if edit["tenant"] == tenant and entry_id in ("", edit["id"])
        )

    def unreadable(self) -> list[int]:
        """Return the numbers of the lines that are no edit, as a kill in mid-write leaves one.

        Raises:
            StoreUnavailable: if the file can't be read.
        """
        return [number for number, edit in self._lines() if edit is None]

    def _lines(self) -> Iterator[tuple[int, Edit | None]]:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as exc:
            raise StoreUnavailable(f"{self.path}: can't be read ({exc.strerror})") from exc
        for number, line in enumerate(lines, start=1):
            yield number, _edit(line)

    def latest(self, *, tenant: str) -> dict[Key, Edit]:
        """Return the edit that counts of each edition; none of those that follow their file."""
        last = {_which(edit): edit for edit in self.read(tenant=tenant)}
        return {at: edit for at, edit in last.items() if edit["action"] != "file"}

    def add(self, edits: Sequence[Edit]) -> None:
        """Write edits to the end of the file and to the disk; all, or as good as none.

        Raises:
            StoreUnavailable: if the file can't be written.
        """
        if not edits:
            return
        lines = b"".join(orjson.dumps(edit) + b"\n" for edit in edits)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if size := file.seek(0, os.SEEK_END):
                    file.seek(size - 1)
                    lines = lines if file.read(1) == b"\n" else b"\n" + lines
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as exc:
            raise StoreUnavailable(f"{self.path}: can't be written ({exc.strerror})") from exc

    def over(self, entries: Sequence[Entry], *, tenant: str) -> Overlaid:
        """Return the entries of files as the edits leave them."""
        latest = self.latest(tenant=tenant)
        laid = Overlaid([])
        for entry in entries:
            edit = latest.get(key(entry))
            if edit is None or fingerprint(edit["entry"]) == fingerprint(entry):
                laid.entries.append(entry)
            elif edit["file"] == fingerprint(entry):
                laid.kept += 1
                continue
            else:
                laid.entries.append(entry)
                laid.ended.append(
                    {
                        **edit,
                        "by": "",
                        "action": "file",
                        "entry": entry,
                        "before": edit["entry"],
                        "file": fingerprint(entry),
                    }
                )
            latest.pop(key(entry), None)
        laid.by_hand = [edit["entry"] for edit in latest.values() if edit["entry"] is not None]
        return laid


def _edit(line: bytes) -> Edit | None:
    """Return the edit in a line of the journal, None of a line that is none."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not _has_texts(found, _TEXTS) or found["action"] not in get_args(Action):
        return None
    entries = [found.get(name) for name in ("entry", "before")]
    if any(entry is not None and not _has_texts(entry, _NEEDED) for entry in entries):
        return None
    return cast(Edit, {"entry": None, "before": None, **found})


def _has_texts(found: Any, names: Sequence[str]) -> bool:  # noqa: ANN401 as read
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in names)


def _as_read_now(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits with what an older Kefu kept as it was written, 全国 or 浙江省, read.

    Else the files would seem to say something else than at the time, and each edit would end.
    """
    now: dict[str, str] = {}  # the fingerprint today of what had another
    read: list[Edit] = []
    for edit in edits:
        entry, before = _scoped(edit["entry"]), _scoped(edit["before"])
        if before != edit["before"]:
            now[fingerprint(edit["before"])] = fingerprint(before)
        file = now.get(edit["file"], edit["file"])
        read.append({**edit, "entry": entry, "before": before, "file": file})
    return read


def _scoped(entry: Entry | None) -> Entry | None:
    if entry is None:
        return None
    own: dict[str, Any] = {**entry}
    for name in SCOPES:
        with suppress(ValueError):  # a list, which is rejected when it is saved again
            own[name] = scope(own.get(name, ""))
        if not own.get(name):
            own.pop(name, None)
    return cast(Entry, own)


def _which(edit: Edit) -> Key:
    """Return the edition that an edit is of."""
    return key(Entry(**{**(edit["entry"] or edit["before"] or Entry()), "id": edit["id"]}))


def fingerprint(entry: Entry | None) -> str:
    """Return a short name for all that an entry says, "" for none; its page says it of itself."""
    if entry is None:
        return ""
    own = {name: value for name, value in entry.items() if name != "document"}
    return sha256(orjson.dumps(own, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
