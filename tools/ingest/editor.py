"""Change knowledge by hand: in the journal first, then in the index for the very next search."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from tools.errors import BadEntry, EntryChanged
from tools.ingest.convert.limits import UPLOAD
from tools.ingest.documents import in_process
from tools.ingest.edits import Action, Edit, Edits, fingerprint
from tools.ingest.fields import to_entry
from tools.ingest.listing import READABLE
from tools.ingest.report import Report, from_json
from tools.search.base import SearchBackend
from tools.search.types import Entry

UPLOAD_BYTES = 20 << 20
BATCH = 64


class Editor:
    """One tenant's knowledge, as its editors change it. Every method may raise TransientError."""

    def __init__(
        self,
        search: SearchBackend,
        edits: Edits,
        *,
        tenant: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._search = search
        self._edits = edits
        self._tenant = tenant
        self._clock = clock  # of the company's time zone
        self._lock = asyncio.Lock()

    async def get(self, entry_id: str) -> Entry | None:
        """Return an entry whole, or None."""
        return await self._search.get(entry_id, tenant=self._tenant)

    async def history(self, entry_id: str = "", *, limit: int = 50) -> list[Edit]:
        """Return the changes of one entry, or of all, latest first."""
        found = await asyncio.to_thread(self._edits.read, tenant=self._tenant, entry_id=entry_id)
        return found[::-1][:limit]

    async def save(
        self, entry: Entry, *, before: Entry | None, by: str, action: Action | None = None
    ) -> Entry:
        """Store an entry and return it as stored; `before` is what the editor saw, None if new.

        Raises:
            BadEntry: if a field can't be used; nothing is changed.
            EntryChanged: if the entry is not `before` any more; nothing is changed.
        """
        checked = to_entry(entry, entry.get("id", ""))
        async with self._lock:
            if await self.get(checked["id"]) != before:
                raise EntryChanged(f"{checked['id']}: changed since it was opened")
            if checked != before:
                await self._keep([(checked, before)], action or ("edit" if before else "add"), by)
        return checked

    async def retire(self, entry: Entry, *, by: str) -> Entry:
        """End an entry's validity yesterday: no customer sees it any more, editors do.

        Raises:
            EntryChanged: if the entry is not as given any more; nothing is changed.
        """
        yesterday = (self._clock().date() - timedelta(days=1)).isoformat()
        ended = Entry(**{**entry, "effective_to": yesterday})
        if ended.get("effective_from", "") > yesterday:
            ended["effective_from"] = yesterday
        return await self.save(ended, before=entry, by=by, action="retire")

    async def delete(self, entry: Entry, *, by: str) -> None:
        """Take an entry out of the index; its history stays.

        Raises:
            EntryChanged: if the entry is not as given any more; nothing is changed.
        """
        async with self._lock:
            if await self.get(entry["id"]) != entry:
                raise EntryChanged(f"{entry['id']}: changed since it was opened")
            await self._keep([], "delete", by, gone=[entry])

    async def upload(self, path: Path, *, by: str) -> Report:
        """Take in a document; passages of its earlier version that it no longer has are deleted.

        Nothing is deleted if part of it was rejected. A file that can't be used at all is in the
        report like a bad line.
        """
        if reason := await asyncio.to_thread(unusable, path):
            return Report(rejected=[BadEntry(path.name, reason)])
        try:
            entries, report = await asyncio.to_thread(_read_apart, path)
        except BadEntry as bad:
            return Report(rejected=[bad])
        async with self._lock:
            pairs = [(entry, await self.get(entry["id"])) for entry in entries]
            fresh = [(entry, before) for entry, before in pairs if entry != before]
            gone = [] if report.rejected else await self._vanished(entries)
            await self._keep(fresh, "upload", by, gone=gone)
        report.added = sum(before is None for _, before in fresh)
        report.changed = len(fresh) - report.added
        report.unchanged = len(pairs) - len(fresh)
        report.removed = len(gone)
        return report

    async def _vanished(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the passages that the index has of the same documents and the upload has not."""
        documents = {e["id"].partition("#")[0] for e in entries if e.get("kind") == "doc"}
        new = {entry["id"] for entry in entries}
        ids = await self._search.ids(tenant=self._tenant) if documents else set()
        old = sorted(i for i in ids - new if "#" in i and i.partition("#")[0] in documents)
        found = [await self.get(entry_id) for entry_id in old]
        return [entry for entry in found if entry is not None and entry.get("kind") == "doc"]

    async def _keep(
        self,
        pairs: Sequence[tuple[Entry, Entry | None]],
        action: Action,
        by: str,
        gone: Sequence[Entry] = (),
    ) -> None:
        """Write the journal, then the index; what the index misses, the next start brings in."""
        latest = await asyncio.to_thread(self._edits.latest, tenant=self._tenant)
        at = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        edits = [
            Edit(
                at=at,
                by=by,
                tenant=self._tenant,
                id=entry["id"],
                action=action if after else "delete",
                entry=after,
                before=before,
                file=latest[entry["id"]]["file"] if entry["id"] in latest else fingerprint(before),
            )
            for entry, after, before in [
                *((entry, entry, before) for entry, before in pairs),
                *((entry, None, entry) for entry in gone),
            ]
        ]
        await asyncio.to_thread(self._edits.add, edits)
        stale = 0
        for start in range(0, len(pairs), BATCH):
            batch = [entry for entry, _ in pairs[start : start + BATCH]]
            stale += (await self._search.upsert(batch, tenant=self._tenant)).stale
        if gone:
            await self._search.delete([entry["id"] for entry in gone], tenant=self._tenant)
        if stale:
            raise EntryChanged(f"{stale} entries were written by another process at the same time")


def unusable(path: Path) -> str:
    """Return why an uploaded file can't be read at all and what to do, "" if it may be."""
    suffix = path.suffix.lower()
    if suffix not in READABLE:
        return f"{suffix or 'no suffix'}: expected one of {', '.join(sorted(READABLE))}"
    size = path.stat().st_size
    if not size:
        return "the file is empty"
    if size > UPLOAD_BYTES:
        return f"expected at most {UPLOAD_BYTES >> 20} MB, got {size >> 20} MB; split it"
    return ""


def _read_apart(path: Path) -> tuple[list[Entry], Report]:
    """Read a file in a process of its own: the server goes on answering, whatever the file costs.

    Raises:
        BadEntry: if it can't be read, or costs more than documents may; place is the file's name.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise BadEntry(path.name, f"can't be read ({exc.strerror})") from exc
    read = orjson.loads(in_process(UPLOAD, content, path.name))
    return read["entries"], from_json(read["report"])
