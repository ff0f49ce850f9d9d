"""Bring an index in line with knowledge files."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tools.errors import BadEntry
from tools.ingest import prune
from tools.ingest.duplicates import near_copies, without_copies
from tools.ingest.editions import Key, is_older, key
from tools.ingest.edits import Edits
from tools.ingest.listing import listing
from tools.ingest.plan import Plan, planned
from tools.ingest.read import CountTokens, Found, Reader, once, told_apart
from tools.ingest.report import FileReport, Report
from tools.search.base import Progress, SearchBackend
from tools.search.types import Changes, Entry
from tools.text.pii import find
from tools.text.tokens import count_embedded

MOST_LINES = 10  # of a damaged journal that are named

Files = Mapping[Path, Sequence[Found | BadEntry]]


async def ingest(
    paths: Sequence[Path],
    search: SearchBackend,
    *,
    tenant: str,
    progress: Progress | None = None,
    files_read: Progress | None = None,
    checked: Progress | None = None,
    removed_too: bool = False,
    most_too: bool = False,
    is_audited: bool = False,
    edits: Edits | None = None,
    count_tokens: CountTokens = count_embedded,
) -> Report:
    """Store every readable entry of the files; a killed run loses nothing it has reported.

    What editors changed by hand since (`edits`) stays. Entries of one id and other versions, in
    these files or in the index, are its editions (tools/ingest/editions).

    With `removed_too`, entries of the tenant that are in no file any more are removed, unless an
    entry was rejected or a folder is empty: what could not be read must not count as removed. More
    than half of them (tools/ingest/prune) go with `most_too` only. With `is_audited`, near
    duplicates and personal data are looked for, about a millisecond an entry, and without
    `removed_too` what left its page.

    Raises:
        ConfigError: if a path is missing or holds no knowledge, or the index does not fit.
        TransientError: if the index or a server it needs does not answer, or the edits can't be
            read.
    """
    started = time.monotonic()
    # What others add from here on is not known to be in no file.
    held = await search.ids(tenant=tenant) if removed_too else set()
    reader = Reader(count_tokens)
    listed = await asyncio.to_thread(listing, paths)
    files: dict[Path, Sequence[Found | BadEntry]] = {
        path: [bad] for path, bad in listed.outside.items()
    }
    for number, path in enumerate(listed.files, start=1):  # one by one: Ctrl-C ends it after a file
        files[path] = await asyncio.to_thread(reader.file, path)
        if files_read is not None:
            files_read(number, len(listed.files))
    report = Report(ignored_fields=reader.unknown, notes=reader.notes, skipped=listed.skipped)
    entries = await asyncio.to_thread(settle, files, report)
    if edits is not None:
        entries = await asyncio.to_thread(lay_over, edits, entries, tenant, report)
    if is_audited:
        await asyncio.to_thread(audit, entries, report, checked)
    if removed_too:
        report.kept_because = _unread(entries, report, prune.lost(paths, listed.files))
    is_whole = removed_too and not report.kept_because
    plan = await planned(entries, search, tenant=tenant, is_whole=is_whole)
    if is_whole:
        gone = held - plan.ids
        report.kept_because = prune.refusal(gone, held, tenant=tenant, is_meant=most_too)
    if is_whole and report.kept_because:  # other editions in the index count then
        plan = await planned(entries, search, tenant=tenant)
    await carry_out(plan, search, tenant, report, progress)
    if is_audited and not removed_too:
        sound = [f for f in entries.values() if not report.files[f.file].rejected]
        report.left_over = prune.left_over(await search.ids(tenant=tenant), plan.ids, sound)
    if removed_too:
        await _prune(search, tenant, held - plan.ids - {*plan.delete}, report)
    report.seconds = time.monotonic() - started
    return report


def settle(files: Files, report: Report) -> dict[Key, Found]:
    """Return what is to be stored, each edition once; the rest is noted in the report."""
    first: dict[Key, str] = {}
    entries: list[Found] = []
    for path, found in files.items():
        of_file = report.files.setdefault(str(path), FileReport())
        for one in once(told_apart(found, path, first), first):
            if isinstance(one, BadEntry):
                report.rejected.append(one)
                of_file.rejected += 1
            else:
                entries.append(one)
                of_file.entries += 1
    kept, report.duplicates = without_copies(entries)
    wanted = {key(found.entry): found for found in kept}
    for entry in entries:
        report.files[entry.file].duplicates += key(entry.entry) not in wanted
    return wanted


def lay_over(
    edits: Edits, entries: Mapping[Key, Found], tenant: str, report: Report
) -> dict[Key, Found]:
    """Return what the files say as the edits leave it; edits that end are written down."""
    laid = edits.over([found.entry for found in entries.values()], tenant=tenant)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    edits.add([{**edit, "at": at} for edit in laid.ended])
    report.edited, report.overruled = laid.kept, len(laid.ended)
    journal = str(edits.path)
    if lost := edits.unreadable():
        what = "line" if len(lost) == 1 else "lines"
        some = ", ".join(map(str, lost[:MOST_LINES])) + (", …" if len(lost) > MOST_LINES else "")
        report.notes.setdefault(journal, []).append(
            f"{what} {some}: no edit can be read there; what it changed is as the files say. Put "
            "the journal back from a backup, or make the edit again and delete the line"
        )
    by_hand = {key(e): Found(journal, f"{journal} {e['id']}", e) for e in laid.by_hand}
    if by_hand:
        report.files[journal] = FileReport(entries=len(by_hand))
    return {key(entry): entries[key(entry)] for entry in laid.entries} | by_hand


async def carry_out(
    plan: Plan,
    search: SearchBackend,
    tenant: str,
    report: Report,
    progress: Progress | None = None,
) -> None:
    """Store entries, then delete, and note in the report what that changed.

    Older editions come first: what breaks off leaves no id taken whose text is not safe elsewhere.
    Apart from that all are handed over at once: an engine writes them batch by batch, and how it
    does may depend on how many there are.
    """
    report.rejected += plan.refused.values()
    report.superseded, report.outranked = plan.superseded, plan.outranked
    for file, said in plan.renumbered.items():
        report.notes.setdefault(file, []).append(said)
    older = [found for found in plan.write if is_older(found.entry)]
    rest = [found for found in plan.write if not is_older(found.entry)]
    for part, before in ((older, 0), (rest, len(older))):
        if part:
            entries, told = [found.entry for found in part], _after(before, plan, progress)
            _count(part, await search.upsert(entries, tenant=tenant, progress=told), report)
    if plan.delete:
        report.removed += await search.delete(plan.delete, tenant=tenant)


def _after(before: int, plan: Plan, progress: Progress | None) -> Progress | None:
    """Return who is told about a part of what is written, with what was written before it."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, len(plan.write))


def _count(batch: Sequence[Found], changes: Changes, report: Report) -> None:
    report.added += changes.added
    report.changed += changes.changed
    report.unchanged += changes.unchanged
    report.stale += changes.stale
    for found in batch:
        of_file = report.files.get(found.file, FileReport())
        outcome = changes.by_id.get(found.entry["id"])
        of_file.added += outcome == "added"
        of_file.changed += outcome == "changed"
        of_file.unchanged += outcome is None


def audit(entries: Mapping[Key, Found], report: Report, progress: Progress | None = None) -> None:
    """Note in the report near duplicates and personal data."""
    report.near_duplicates = list(near_copies(list(entries.values()), progress))
    for found in entries.values():
        kinds = {span.kind for text in _texts(found.entry) for span in find(text)}
        if kinds:
            report.personal[found.place] = sorted(kinds)


def _texts(entry: Entry) -> list[str]:
    return [entry["question"], *entry.get("similar_questions", []), entry["answer"]]


def _unread(entries: Mapping[Key, Found], report: Report, empty: Sequence[Path]) -> str:
    """Say why the entries may not be all that is to be in the index, "" if they are."""
    if report.rejected:
        return "some entries were rejected"
    if not entries:
        return "no entry was found"
    if empty:
        return f"{empty[0]} holds no knowledge any more; leave it out of the command if that is so"
    return ""


async def _prune(search: SearchBackend, tenant: str, gone: set[str], report: Report) -> None:
    if report.rejected and not report.kept_because:  # by the plan
        report.kept_because = "some entries were rejected"
    if report.kept_because:
        report.kept = len(gone)
    elif gone:
        report.removed += await search.delete(sorted(gone), tenant=tenant)
