"""Change knowledge by hand: in the journal first, then in the index for the very next search."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from tools.errors import BadEntry, EntryChanged
from tools.ingest.convert.limits import UPLOAD
from tools.ingest.documents import in_process
from tools.ingest.editions import Key, as_written, edition_id, key
from tools.ingest.edits import Action, Edit, Edits, fingerprint
from tools.ingest.fields import to_entry
from tools.ingest.index import carry_out
from tools.ingest.listing import READABLE
from tools.ingest.plan import Plan, planned
from tools.ingest.read import Found
from tools.ingest.report import Report, from_json
from tools.search.base import SearchBackend
from tools.search.types import Entry

UPLOAD_BYTES = 20 << 20
_TWIN = re.compile(r"(?:\.\d+)?(?:~\d+)?\Z")  # what ids without a heading have behind the page's


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
        """Return an entry whole, as the index holds it, or None."""
        return await self._search.get(entry_id, tenant=self._tenant)

    async def held(self, entry: Entry) -> Entry | None:
        """Return an edition as the index holds it, or None; `entry` is as it is written."""
        return (await self._held([entry])).get(key(entry))

    async def history(self, entry_id: str = "", *, limit: int = 50) -> list[Edit]:
        """Return the changes of one entry, or of all, latest first."""
        found = await asyncio.to_thread(self._edits.read, tenant=self._tenant, entry_id=entry_id)
        return found[::-1][:limit]

    async def save(
        self, entry: Entry, *, before: Entry | None, by: str, action: Action | None = None
    ) -> Entry:
        """Store an entry and return it; `before` is what the editor saw, None if new.

        With a version that its id does not have yet it becomes an edition beside the others.

        Raises:
            BadEntry: if a field can't be used, or it would never be in force; nothing is changed.
            EntryChanged: if the entry is not `before` any more; nothing is changed.
        """
        checked = to_entry(entry, entry.get("id", ""))
        async with self._lock:
            await self._demand(before, at=checked)
            if checked != before:
                plan = await self._planned([checked])
                if above := plan.never.get(key(checked)):
                    reason = f"version: expected one above {above!r}, which begins no later"
                    raise BadEntry(checked["id"], reason)
                if plan.refused:
                    raise plan.refused[key(checked)]
                pairs = [(checked, before)]
                await self._keep(plan, pairs, action or ("edit" if before else "add"), by)
        return checked

    async def retire(self, entry: Entry, *, by: str) -> Entry:
        """End an entry's validity yesterday: no customer sees it any more, editors do.

        Raises:
            BadEntry: if it is an edition that has not begun: the one before it would end too.
            EntryChanged: if the entry is not as given any more; nothing is changed.
        """
        today = self._clock().date()
        yesterday = (today - timedelta(days=1)).isoformat()
        ended = Entry(**{**entry, "effective_to": yesterday})
        if ended.get("effective_from", "") > yesterday:
            held = await self.held(entry)
            if held and "edition" in held and entry["effective_from"] > today.isoformat():
                raise BadEntry(entry["id"], "effective_from: an edition that has not begun")
            ended["effective_from"] = yesterday
        return await self.save(ended, before=entry, by=by, action="retire")

    async def delete(self, entry: Entry, *, by: str) -> None:
        """Take an entry out of the index; its history stays.

        Its other editions stay too, as if it had never been one.

        Raises:
            EntryChanged: if the entry is not as given any more; nothing is changed.
        """
        async with self._lock:
            await self._demand(entry, at=entry)
            await self._keep(await self._planned([], [entry]), [], "delete", by, gone=[entry])

    async def upload(self, path: Path, *, by: str) -> Report:
        """Take in a document; passages of it that it no longer has are deleted.

        Nothing is deleted if part of it was rejected. A file that can't be used at all is in the
        report like a bad line. With another version in its front matter a page with an id becomes
        an edition beside those that are there.
        """
        if reason := await asyncio.to_thread(unusable, path):
            return Report(rejected=[BadEntry(path.name, reason)])
        try:
            entries, report = await asyncio.to_thread(_read_apart, path)
        except BadEntry as bad:
            return Report(rejected=[bad])
        async with self._lock:
            now = {at: as_written(held) for at, held in (await self._held(entries)).items()}
            gone = [] if report.rejected else await self._vanished(entries)
            plan = await self._planned(entries, gone)
            left_out = {*plan.refused, *plan.never}
            pairs = [(e, now.get(key(e))) for e in entries if key(e) not in left_out]
            fresh = [(entry, before) for entry, before in pairs if entry != before]
            await self._keep(plan, fresh, "upload", by, gone=gone)
        report.rejected += plan.refused.values()
        report.superseded, report.outranked = plan.superseded, plan.outranked
        report.added = sum(before is None for _, before in fresh)
        report.changed = len(fresh) - report.added
        report.unchanged = len(pairs) - len(fresh)
        report.removed = len(gone)
        return report

    async def _held(self, entries: Sequence[Entry]) -> dict[Key, Entry]:
        """Return those of these editions that the index holds, as it holds them."""
        wanted = {key(entry) for entry in entries}
        ids = [at for entry in entries for at in (entry["id"], edition_id(entry))]
        found = await self._search.get_all(ids, tenant=self._tenant)
        return {at: entry for entry in found if (at := key(as_written(entry))) in wanted}

    async def _demand(self, before: Entry | None, *, at: Entry) -> None:
        """Make sure that the index holds `before` of the edition that `at` is, None = nothing."""
        held = await self.held(at)
        if (held and as_written(held)) != before:
            raise EntryChanged(f"{at['id']}: changed since it was opened")

    async def _planned(self, entries: Sequence[Entry], gone: Sequence[Entry] = ()) -> Plan:
        given = {key(entry): Found("", entry["id"], entry) for entry in entries}
        return await planned(given, self._search, tenant=self._tenant, gone=gone)

    async def _vanished(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the passages that the index has of the same documents and the upload has not.

        Other editions of a page keep theirs.
        """
        passages = [entry for entry in entries if entry.get("kind") == "doc"]
        documents = {_start(at) for e in passages for at in (e["id"], edition_id(e))}
        ids = await self._search.ids(tenant=self._tenant) if documents else set()
        old = [at for at in ids if _TWIN.sub("", _start(at)) in documents]
        found = map(as_written, await self._search.get_all(old, tenant=self._tenant))
        new = {key(entry) for entry in entries}
        gone = [e for e in found if e.get("kind") == "doc" and key(e) not in new]
        sources = {entry.get("source") for entry in passages}  # refund.2 may be a file of its own
        gone = [e for e in gone if "#" in e["id"] or e.get("source") in sources]
        if any("document" in entry for entry in passages):
            ranks = {at.rank for at in new}
            gone = [entry for entry in gone if key(entry).rank in ranks]
        return sorted(gone, key=lambda entry: entry["id"])

    async def _keep(
        self,
        plan: Plan,
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
                file=latest[key(entry)]["file"] if key(entry) in latest else fingerprint(before),
            )
            for entry, after, before in [
                *((entry, entry, before) for entry, before in pairs),
                *((entry, None, entry) for entry in gone),
            ]
        ]
        await asyncio.to_thread(self._edits.add, edits)
        done = Report()
        await carry_out(plan, self._search, self._tenant, done)
        if done.stale:
            raise EntryChanged(
                f"{done.stale} entries were written by another process at the same time"
            )


def _start(passage_id: str) -> str:
    """Return what stands before the heading in the id of a passage."""
    return passage_id.partition("#")[0]


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
