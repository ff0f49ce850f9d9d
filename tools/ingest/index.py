"""Bring an index in line with knowledge files."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tools.errors import BadEntry
from tools.ingest.edits import Edits
from tools.ingest.read import CountTokens, Reader
from tools.search.base import Progress, SearchBackend
from tools.search.types import Entry
from tools.text.tokens import count_tokens as count_qwen_tokens

BATCH = 64  # entries that are stored before the next are begun


@dataclass(slots=True)
class Report:
    """What an ingestion did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    stale: int = 0  # not written because a newer run wrote them first
    kept: int = 0  # in no file any more, but not removed because some entries were rejected
    edited: int = 0  # left as an editor changed them, since their files have not changed since then
    overruled: int = 0  # edits that a newer text of a file took the place of; the journal has them
    rejected: list[BadEntry] = field(default_factory=list)
    ignored_fields: dict[str, str] = field(default_factory=dict)  # name -> where it came first
    seconds: float = 0.0


async def ingest(
    paths: Sequence[Path],
    search: SearchBackend,
    *,
    tenant: str,
    progress: Progress | None = None,
    removed_too: bool = False,
    edits: Edits | None = None,
    count_tokens: CountTokens = count_qwen_tokens,
) -> Report:
    """Store every readable entry of the files; a killed run loses nothing it has reported.

    What editors changed by hand since (`edits`) stays.

    With `removed_too`, entries of the tenant that are in no file any more are removed, unless an
    entry was rejected: what could not be read must not count as removed.

    Raises:
        ConfigError: if a path is missing or holds no knowledge, or the index does not fit.
        TransientError: if the index or a server it needs does not answer, or the edits can't be
            read.
    """
    started = time.monotonic()
    report = Report()
    reader = Reader(count_tokens)
    entries = await asyncio.to_thread(read, reader, paths, report)
    if edits is not None:
        entries = await asyncio.to_thread(_lay_over, edits, entries, tenant, report)
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        changes = await search.upsert(batch, tenant=tenant)
        report.added += changes.added
        report.changed += changes.changed
        report.unchanged += changes.unchanged
        report.stale += changes.stale
        if progress is not None:
            progress(start + len(batch), len(entries))
    if removed_too:
        await _prune(search, tenant, {entry["id"] for entry in entries}, report)
    report.seconds = time.monotonic() - started
    return report


def read(reader: Reader, paths: Sequence[Path], report: Report) -> list[Entry]:
    """Return the readable entries of the files; what is wrong with the others is in the report.

    Raises:
        ConfigError: if a path is missing or holds no knowledge.
    """
    entries: list[Entry] = []
    for found in reader.entries(paths):
        if isinstance(found, BadEntry):
            report.rejected.append(found)
        else:
            entries.append(found)
    report.ignored_fields = reader.unknown
    return entries


def _lay_over(edits: Edits, entries: list[Entry], tenant: str, report: Report) -> list[Entry]:
    laid = edits.over(entries, tenant=tenant)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    edits.add([{**edit, "at": at} for edit in laid.ended])
    report.edited, report.overruled = laid.kept, len(laid.ended)
    return laid.entries


async def _prune(search: SearchBackend, tenant: str, wanted: set[str], report: Report) -> None:
    gone = sorted(await search.ids(tenant=tenant) - wanted)
    if report.rejected or not wanted:
        report.kept = len(gone)
    elif gone:
        report.removed = await search.delete(gone, tenant=tenant)
