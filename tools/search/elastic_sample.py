"""The sample of an index's questions by which entries are judged to be near to everything."""

import asyncio
import logging

from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError
from tools.search.elastic_query import sample
from tools.search.elastic_rank import FEW, Hubs, anchors
from tools.search.elastic_server import search_all, translated

logger = logging.getLogger(__name__)


class Sample:
    """Drawn anew when the index has grown or shrunk by a fifth; None as long as it can't be."""

    def __init__(self, client: AsyncElasticsearch, url: str, alias: str) -> None:
        self._client = client
        self._url = url
        self._alias = alias
        self._drawing = asyncio.Lock()
        self.hubs: Hubs | None = None

    async def follow(self, entries: int | None, dims: int) -> None:
        """Draw it anew if need be; `entries` is the size of the index, None where unknown."""
        if self._fits(entries):
            return
        async with self._drawing:
            if self._fits(entries):
                return
            try:
                with translated(self._url):
                    drawn = await search_all(self._client, index=self._alias, body=sample(FEW))
            except KefuError as exc:
                logger.warning("no sample of questions", extra={"reason": str(exc)})
                return
            total = drawn["hits"]["total"]["value"]
            self.hubs = Hubs(anchors(drawn["hits"]["hits"], dims, entries=total), total)

    def _fits(self, entries: int | None) -> bool:
        return self.hubs is not None and (entries is None or self.hubs.fits(entries))
