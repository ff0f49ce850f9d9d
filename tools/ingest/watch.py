"""Follow a folder: what changes in its files changes in the index."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from tools.errors import BadEntry, ConfigError
from tools.ingest.editions import Key, group, key
from tools.ingest.edits import Edits
from tools.ingest.index import carry_out, lay_over, settle
from tools.ingest.listing import Listing, listing
from tools.ingest.plan import planned
from tools.ingest.read import CountTokens, Found, Reader
from tools.ingest.remembered import Remembered
from tools.ingest.report import FileReport, Report, complaints
from tools.search.base import SearchBackend
from tools.search.types import Entry
from tools.text.tokens import count_embedded

Stamp = tuple[int, int, int]  # times of the last change of text and of the file, in ns; bytes


class Folder:
    """The files of some paths as they were at the last look."""

    def __init__(
        self,
        paths: Sequence[Path],
        search: SearchBackend,
        *,
        tenant: str,
        removed_too: bool = False,
        edits: Edits | None = None,
        remembered: Remembered | None = None,
        count_tokens: CountTokens = count_embedded,
    ) -> None:
        self._paths = paths
        self._search = search
        self._tenant = tenant
        self._removed_too = removed_too
        self._edits = edits
        self._remembered = remembered if removed_too else None
        self._reader = Reader(count_tokens)
        self._told: set[Path] = set()  # links and folders not followed, of which a line was given
        self._seen: dict[Path, Stamp] | None = None  # at the last look
        self._read: dict[Path, Stamp] = {}  # of what was read
        self._files: dict[Path, Sequence[Found | BadEntry]] = {}
        self._stored: dict[Key, Found] = {}  # as written
        self._earlier: dict[Key, Found] = {}  # of an earlier start, without texts

    async def look(self) -> list[str]:
        """Bring changed files into the index; return lines that say so, none for no change.

        The first look reads all files. Later a new or changed file is read once it stays as it
        is from one look to the next. What can't be stored is tried again at the next look. What is
        remembered from an earlier start and is in no file any more counts as gone since then.

        Raises:
            ConfigError: if at the first look a path is missing or there is no knowledge.
            TransientError: if the index does not answer.
        """
        listed = await asyncio.to_thread(_listing, self._paths, is_first=self._seen is None)
        seen = await asyncio.to_thread(_stamps, listed.files)
        lines = [f"rejected {bad}" for at, bad in listed.outside.items() if at not in self._told]
        self._told = set(listed.outside)
        if self._seen is None:
            lines += self._recall()
        before, self._seen = self._seen or seen, seen
        fresh = [
            path
            for path, stamp in seen.items()
            if self._read.get(path) != stamp and before.get(path) == stamp
        ]
        known = self._files.keys() | {Path(found.file) for found in self._earlier.values()}
        empty = {path for path in self._paths if not any(_is_below(p, [path]) for p in seen)}
        away = {*listed.outside, *empty}  # nothing left at all in one: more likely a lost disk
        gone = {p for p in known - seen.keys() if not _is_below(p, away)}
        if not (gone or fresh):
            return lines
        files: dict[Path, Sequence[Found | BadEntry]] = {
            path: found for path, found in self._files.items() if path not in gone
        }
        self._reader.notes.clear()
        for path in fresh:
            files[path] = await asyncio.to_thread(self._reader.file, path)
        report = Report(notes=self._reader.notes)
        wanted = await asyncio.to_thread(settle, dict(sorted(files.items())), report)
        settled = list(wanted.values())
        if self._edits is not None:
            wanted = await asyncio.to_thread(lay_over, self._edits, wanted, self._tenant, report)
        left = {
            at: found
            for at, found in {**self._earlier, **self._stored}.items()
            if at not in wanted and self._removed_too
        }
        lost = _lost(left, report, away)
        gone_too = [found.entry for found in lost.values()]
        other = {group(f.entry) for f in wanted.values() if not self._is_stored(f.entry)}
        other |= {group(entry) for entry in gone_too}
        changed = {at: f for at, f in wanted.items() if group(f.entry) in other}  # all editions
        lines += self._keep([*settled, *left.values()])
        plan = await planned(changed, self._search, tenant=self._tenant, gone=gone_too)
        await carry_out(plan, self._search, self._tenant, report)
        lines += [line for path in fresh for line in _said(path, report, lost)]
        for path in sorted(gone):
            count = sum(found.file == str(path) for found in lost.values())
            lines.append(f"{path}: gone, {count} entries removed")
        self._files = files
        self._read = {path: stamp for path, stamp in self._read.items() if path in files}
        self._read |= {path: seen[path] for path in fresh}
        self._earlier = {k: v for k, v in left.items() if k not in lost}
        lines += self._keep([*settled, *self._earlier.values()])
        self._stored = {k: v for k, v in self._stored.items() if k not in lost} | wanted
        return lines

    def _is_stored(self, entry: Entry) -> bool:
        known = self._stored.get(key(entry))
        return known is not None and known.entry == entry

    def _recall(self) -> list[str]:
        try:
            self._earlier = self._remembered.read() if self._remembered else {}
        except (OSError, ValueError, TypeError, AttributeError, KeyError) as exc:
            return [f"what was stored before is not known, so none of it is removed: {exc}"]
        return []

    def _keep(self, entries: Sequence[Found]) -> list[str]:
        try:
            if self._remembered is not None:
                self._remembered.write(entries)
        except OSError as exc:
            return [f"what is stored can't be written down for the next start: {exc}"]
        return []


def _lost(left: dict[Key, Found], report: Report, away: Collection[Path]) -> dict[Key, Found]:
    """Return what left its file, unless something in that file can't be read now."""
    return {
        at: found
        for at, found in left.items()
        if not report.files.get(found.file, FileReport()).rejected
        and not _is_below(Path(found.file), away)
    }


def _listing(paths: Sequence[Path], *, is_first: bool) -> Listing:
    try:
        return listing(paths)
    except ConfigError:
        if is_first:
            raise
        return Listing()


def _is_below(path: Path, folders: Collection[Path]) -> bool:
    return path in folders or any(folder in path.parents for folder in folders)


def _stamps(files: Sequence[Path]) -> dict[Path, Stamp]:
    stamps: dict[Path, Stamp] = {}
    for path in files:
        with suppress(OSError):  # it vanished meanwhile
            facts = path.stat()
            # Who unpacks or copies a file may give it the time of the one before.
            stamps[path] = facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size
    return stamps


def _said(path: Path, report: Report, lost: dict[Key, Found]) -> list[str]:
    facts = report.files[str(path)]
    same = facts.entries - facts.added - facts.changed - facts.duplicates
    removed = sum(found.file == str(path) for found in lost.values())
    counts = {
        "added": facts.added,
        "changed": facts.changed,
        "unchanged": same,
        "removed": removed,
        "left out as copies": facts.duplicates,
        "rejected": facts.rejected,
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    lines = [f"{path}: {said or 'nothing in it'}"]
    of_file = Report(
        rejected=[bad for bad in report.rejected if bad.place.startswith(str(path))],
        outranked={at: v for at, v in report.outranked.items() if at.startswith(str(path))},
        notes={at: v for at, v in report.notes.items() if at.startswith(str(path))},
    )
    return lines + complaints(of_file)
