"""The writing half of Elasticsearch: which entries changed, under which version, seen when."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Literal

from elasticsearch import AsyncElasticsearch

from tools.embed import Embedder
from tools.errors import KefuError
from tools.search.base import Progress
from tools.search.elastic_aliases import Standing
from tools.search.elastic_build import Build
from tools.search.elastic_documents import documents, reader_name
from tools.search.elastic_hold import Hold
from tools.search.elastic_import import LEAST, Imports
from tools.search.elastic_index import digest, own_alias, tombstone
from tools.search.elastic_server import translated
from tools.search.elastic_write import Known, Writer
from tools.search.types import Changes, Entry, key

logger = logging.getLogger(__name__)

BATCH = 64  # entries embedded and written at a time
EDIT = 8  # so few entries are an edit: the call returns when every process sees them


class Store:
    """Writes entries through an alias.

    A document's version is the time at which its writer began, or one more than that of the
    document it read: whoever began later wins, whoever comes too late is counted as stale.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        url: str,
        alias: str,
        embedder: Embedder | None,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._url = url
        self._alias = alias
        self._embedder = embedder
        self._clock = clock
        self._writer = Writer(client, url)
        self._hold = Hold(client, url, alias)
        self._imports = Imports(client, url, alias)
        self._written = 0  # bulk requests of ours that searches do not see by themselves
        self._seen = 0  # how many of them searches do see

    def now_us(self) -> int:
        """Return the time in microseconds."""
        return int(self._clock() * 1_000_000)

    async def upsert(
        self,
        entries: Sequence[Entry],
        standing: Callable[[], Awaitable[Standing]],
        tenant: str,
        progress: Progress | None,
    ) -> Changes:
        """Add or replace entries, each batch in the index that `standing` says then.

        See ElasticSearch.
        """
        write = partial(self._batches, entries, standing, tenant, progress)
        if len(entries) < LEAST:
            return await write()
        now = await standing()
        async with self._imports.first(now.index, now.build.replicas):
            return await write()

    async def _batches(
        self,
        entries: Sequence[Entry],
        standing: Callable[[], Awaitable[Standing]],
        tenant: str,
        progress: Progress | None,
    ) -> Changes:
        changes = Changes()
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            is_edit = len(entries) <= EDIT
            versions: dict[str, int] = {}
            write = partial(self._batch, batch, standing, tenant, versions, is_edit=is_edit)
            _add(changes, await self._hold.patiently(write))
            if progress is not None:
                progress(start + len(batch), len(entries))
        return changes

    async def _batch(
        self,
        batch: Sequence[Entry],
        standing: Callable[[], Awaitable[Standing]],
        tenant: str,
        versions: dict[str, int],
        *,
        is_edit: bool,
    ) -> Changes:
        """Write a batch; `versions` are those that its first try read, which puts them there."""
        # The documents are made for this index and its embedder: no other may get them, even if
        # the alias moves meanwhile. Then this one is blocked, and all begins anew.
        index = await standing()
        alias, build, changes = own_alias(index.index), index.build, Changes()
        now = self.now_us()  # before reading: who begins after this moment wins
        keys = [key(tenant, entry["id"]) for entry in batch]
        known = await self._writer.known(alias, keys)
        for where in keys:
            versions.setdefault(where, known[where].stamp if where in known else -1)
        later = {where for where, was in known.items() if was.stamp > versions[where]}
        fresh: dict[str, tuple[Entry, int]] = {}  # the last of each id, and its version
        before = {where for where, was in known.items() if was.is_live}
        reader = reader_name(self._embedder) if build.has_readings else ""
        for at, (where, entry) in enumerate(zip(keys, batch, strict=True)):
            was = known.get(where)
            mark = digest(entry, build, has_vectors=self._embedder is not None)
            whole = digest(entry, build, has_vectors=True)  # without an embedder, vectors stay
            is_read = was is None or not reader or was.reader == reader
            if was is not None and was.is_live and was.hash in (mark, whole) and is_read:
                changes.unchanged += 1
                continue
            if where in later:
                changes.stale += 1
                changes.by_id[entry["id"]] = "stale"
                continue
            changes.put(entry["id"], is_new=was is None or not was.is_live)
            stamp = max(now + at, was.stamp + 1 if was else 0)
            known[where] = Known(mark, stamp, is_live=True, reader=reader)
            fresh[entry["id"]] = entry, stamp
        made = await self._documents(fresh, build, tenant)
        stale = await self._write(alias, made, is_edit=is_edit)
        for entry_id in stale:
            was_there = key(tenant, entry_id) in before
            changes.changed -= was_there
            changes.added -= not was_there
            changes.stale += 1
            changes.by_id[entry_id] = "stale"
        return changes

    async def _documents(
        self, fresh: dict[str, tuple[Entry, int]], build: Build, tenant: str
    ) -> list[dict[str, Any]]:
        entries = [entry for entry, _ in fresh.values()]
        stamps = [stamp for _, stamp in fresh.values()]
        return await documents(entries, [tenant] * len(fresh), stamps, build, self._embedder)

    async def _write(
        self, alias: str, documents: Sequence[dict[str, Any]], *, is_edit: bool
    ) -> set[str]:
        """Write; an edit is seen by all when this returns, an import by us at once."""
        if not documents:
            return set()
        refresh: bool | Literal["wait_for"] = False
        if is_edit:  # during another's import there is no refresh to wait for
            refresh = await self._imports.is_on() or "wait_for"
        try:
            stale = await self._writer.bulk(alias, documents, refresh=refresh)
        finally:  # counted once it is there: a refresh while it was on its way may have missed it
            self._written += not is_edit
        if stale:
            logger.warning("a newer write was kept", extra={"entries": len(stale)})
        return stale

    async def delete(self, ids: Sequence[str], tenant: str) -> int:
        """Put tombstones in the place of entries; see ElasticSearch."""
        wanted = list(dict.fromkeys(ids))
        gone = 0
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            write = partial(self._bury, batch, tenant, self.now_us(), is_edit=len(wanted) <= EDIT)
            gone += await self._hold.patiently(write)
        return gone

    async def _bury(self, ids: Sequence[str], tenant: str, now: int, *, is_edit: bool) -> int:
        batch = {key(tenant, name): name for name in ids}
        known = await self._writer.known(self._alias, list(batch))
        documents = [
            tombstone(batch[at], tenant, max(now, was.stamp + 1))
            for at, was in known.items()
            if was.is_live
        ]
        stale = await self._write(self._alias, documents, is_edit=is_edit)
        return len(documents) - len(stale)

    async def settle(self) -> None:
        """Make our own writes visible to the next search."""
        written = self._written
        if self._seen == written:
            return
        try:
            with translated(self._url):
                await self._client.indices.refresh(index=self._alias)
            self._seen = max(self._seen, written)
        except KefuError as exc:
            logger.warning("refresh failed", extra={"reason": str(exc)})


def _add(to: Changes, more: Changes) -> None:
    to.added += more.added
    to.changed += more.changed
    to.unchanged += more.unchanged
    to.stale += more.stale
    to.by_id.update(more.by_id)
