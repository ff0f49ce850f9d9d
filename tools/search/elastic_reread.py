"""Put Elasticsearch's best hits in order by their tokens; their readings are kept by version."""

import logging
from binascii import a2b_base64
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from elasticsearch import AsyncElasticsearch

from tools.breaker import Breaker
from tools.errors import KefuError
from tools.reading import Reading, TokenReader, agreements
from tools.search.elastic_query import readings
from tools.search.elastic_server import search_all, translated
from tools.search.passage import Hit
from tools.search.reread import reread
from tools.search.types import Filters

logger = logging.getLogger(__name__)

KEPT = 2048  # readings; some 16 MB
MOST = 50  # fetched at once, unless more are asked for

_Key = tuple[str, str, str, int]  # index, tenant, id, version


class Rereader:
    """Reads the best hits as the embedded engine does.

    A reading is used only for the version of its entry that was ranked. What goes wrong with them
    leaves the order as it is.
    """

    def __init__(
        self, client: AsyncElasticsearch, url: str, reader: TokenReader, breaker: Breaker
    ) -> None:
        self._client = client
        self._url = url
        self._reader = reader
        self._breaker = breaker
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()  # b"" = it has none

    async def __call__(
        self,
        index: str,
        ranked: Sequence[tuple[str, Hit]],
        stamps: Mapping[str, int],
        reading: Reading,
        filters: Filters,
        *,
        k: int,
    ) -> tuple[list[tuple[str, Hit]], int]:
        """Return the best `k` in their new order, and what the server took, in ms.

        `stamps` are the entries' versions. As long as there is room, what is fetched brings along
        those below the best, which other questions will want.
        """
        keys = [(index, filters.tenant, name, stamps[name]) for name, _ in ranked]
        best, keys, below = ranked[:k], keys[:k], keys[k:MOST]
        took_ms = 0
        if missing := [key[2] for key in keys if key not in self._kept]:
            if len(self._kept) < KEPT:
                missing += [key[2] for key in below if key not in self._kept]
            try:
                took_ms = await self._fetch(index, missing, filters)
            except KefuError as exc:
                logger.warning("readings not fetched", extra={"reason": str(exc)})
                return list(best), 0
        read = agreements(reading, [self._of(key) for key in keys], name=self._reader.name)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        hits = [hit._replace(num=place) for place, (_, hit) in enumerate(best)]
        ordered = reread(hits, read, weight=self._reader.weight)
        return [(best[hit.num][0], hit) for hit in ordered], took_ms

    async def _fetch(self, index: str, ids: Sequence[str], filters: Filters) -> int:
        with self._breaker.call(), translated(self._url):
            answer = await search_all(self._client, index=index, body=readings(ids, filters))
        for hit in answer["hits"]["hits"]:
            fields = hit["fields"]
            key = index, filters.tenant, fields["id"][0], fields["stamp"][0]
            self._kept[key] = a2b_base64(fields.get("reading", [""])[0])
        return int(answer["took"])

    def _of(self, key: _Key) -> bytes | None:
        """Return what is kept, the last used last; None for a version that is gone since."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]
