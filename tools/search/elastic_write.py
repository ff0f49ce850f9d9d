"""Write documents in bulk: stale writers are counted, busy answers tried again, the rest raised."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from elasticsearch import AsyncElasticsearch

from tools.errors import (
    ConfigError,
    IndexMismatch,
    KefuError,
    SearchUnavailable,
    StoreUnavailable,
)
from tools.search.elastic_hold import WritesHeld
from tools.search.elastic_server import (
    WRITE_TIMEOUT_S,
    Busy,
    is_busy,
    lines,
    on_shard,
    reason,
    refusal,
    search_all,
    translated,
)
from tools.search.types import key

TRIES = 4
PAUSE_S = 0.2  # before the second try; doubles
PAGE = 500  # documents read at a time
_CONFLICT = 409
_HELD = "FORBIDDEN/8/"  # index.blocks.write


class Known(NamedTuple):
    """What the index already has of an entry."""

    hash: str
    stamp: int
    is_live: bool
    reader: str = ""  # who made its reading; "" = it has none


class Writer:
    """Reads and writes the documents of one index or alias."""

    def __init__(self, client: AsyncElasticsearch, url: str) -> None:
        self._client = client.options(request_timeout=WRITE_TIMEOUT_S)
        self._url = url

    async def bulk(
        self,
        alias: str,
        documents: Sequence[dict[str, Any]],
        *,
        refresh: bool | Literal["wait_for"],
    ) -> set[str]:
        """Write documents under their stamps as versions; return ids that a newer writer has.

        Nothing is written where the alias is gone: the server would make an index in its place,
        without our mapping.

        Raises:
            WritesHeld: if it takes no writes for now, or is gone; its successor may take them.
            StoreUnavailable: if the index is read-only or stays busy; what was written stays.
            ConfigError: if the server refuses a document; names it.
        """
        stale = set[str]()
        waiting = list(documents)
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * 2 ** (attempt - 1))
            try:
                results = await self._send(alias, waiting, refresh)
            except SearchUnavailable as exc:
                if attempt == TRIES - 1 or not isinstance(exc, Busy):
                    raise StoreUnavailable(str(exc)) from exc
                continue
            again = []
            for document, result in zip(waiting, results, strict=True):
                status = result["status"]
                if status == _CONFLICT:
                    # Our own first try may have got through before its answer was lost.
                    stale |= {document["id"]} if not attempt else set()
                elif is_busy(status):
                    again.append(document)
                elif "error" in result:
                    self._refuse(document, status, reason(result["error"]))
            if not again:
                return stale
            waiting = again
        raise StoreUnavailable(
            f"{self._url}: {len(waiting)} of {len(documents)} entries not stored, "
            f"the server stays busy after {TRIES} tries"
        )

    async def _send(
        self,
        alias: str,
        documents: Sequence[dict[str, Any]],
        refresh: bool | Literal["wait_for"],
    ) -> list[dict[str, Any]]:
        operations = [
            line
            for document in documents
            for line in (
                {
                    "index": {
                        "_id": key(document["tenant"], document["id"]),
                        "version": document["stamp"],
                        "version_type": "external",
                    }
                },
                document,
            )
        ]
        with translated(self._url):
            answer = await self._client.bulk(
                index=alias,
                operations=lines(operations),
                refresh=refresh,
                require_alias=True,
            )
        return [item["index"] for item in answer["items"]]

    def _refuse(self, document: dict[str, Any], status: int, why: str) -> None:
        place = f"entry {document['id']!r}: {why}"
        if "dims" in why or "dimension" in why:
            raise IndexMismatch(
                f"{self._url}: the index was rebuilt with another embedder ({place}); restart"
            )
        if "index_not_found" in why:
            raise WritesHeld(
                f"{self._url}: the index is gone ({place}); make it anew: python -m tools.ingest"
            )
        if _HELD in why:
            raise WritesHeld(str(refusal(status, why, self._url)))
        if isinstance(error := refusal(status, why, self._url), StoreUnavailable):
            raise error
        raise ConfigError(f"{self._url}: not stored: {place}")

    async def known(self, index: str, keys: Sequence[str]) -> dict[str, Known]:
        """Return what the index has under these keys now, unrefreshed writes included.

        Raises:
            SearchUnavailable: if the server does not answer, or a shard is away.
        """
        found = await self.sources(index, keys, ["hash", "stamp", "is_live", "reader"])
        return {
            at: Known(s.get("hash", ""), s["stamp"], s["is_live"], s.get("reader", ""))
            for at, s in found.items()
        }

    async def sources(
        self, index: str, keys: Sequence[str], fields: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the sources of those of these documents that there are now, by key.

        Raises:
            SearchUnavailable: if the server does not answer, or a document's shard is away.
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            with translated(self._url):
                answer = await self._client.mget(index=index, ids=some, source_includes=fields)
            for doc in answer["docs"]:
                if "error" in doc:  # must not pass for a document that is not there
                    raise SearchUnavailable(f"{self._url}: {index}: {reason(doc)}")
            found |= {doc["_id"]: doc["_source"] for doc in answer["docs"] if doc["found"]}
        return found

    async def count(self, index: str, query: dict[str, Any]) -> int:
        """Return how many documents match."""
        with translated(self._url):
            return int((await self._client.count(index=index, query=query))["count"])

    async def scan(
        self,
        index: str,
        query: dict[str, Any],
        source: Sequence[str],
        *,
        page: int = PAGE,
        shard: int | None = None,
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield the sources of all matching documents in pages, as of now; of one shard or all.

        The server forgets where it was when the work on one page takes five minutes.
        """
        with translated(self._url):
            await self._client.indices.refresh(index=index)
            opened = await self._client.open_point_in_time(
                index=index, keep_alive="5m", preference=on_shard(shard)
            )
        pit, after = opened["id"], None
        try:
            while True:
                with translated(self._url):
                    found = await search_all(
                        self._client,
                        size=page,
                        query=query,
                        source={"includes": list(source)},
                        sort=["_shard_doc"],
                        pit={"id": pit, "keep_alive": "5m"},
                        search_after=after,
                        track_total_hits=False,
                    )
                hits = found["hits"]["hits"]
                if not hits:
                    return
                yield [hit["_source"] for hit in hits]
                pit, after = found["pit_id"], hits[-1]["sort"]
        finally:
            with suppress(KefuError), translated(self._url):  # what ended it is what to tell
                await self._client.close_point_in_time(id=pit)
