"""The first import into an index: other settings meanwhile, and back whatever ends it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from elastic_transport import ConnectionTimeout
from elasticsearch import AsyncElasticsearch, BadRequestError, NotFoundError

from tools.search.elastic_index import IMPORTING, serving
from tools.search.elastic_server import WRITE_TIMEOUT_S, translated

logger = logging.getLogger(__name__)

LEAST = 1000  # entries of an import for which it pays
MERGE_S = 600.0  # a longer merge goes on by itself


class Imports:
    """Sets indexes up for an import, and for serving again.

    An index that serves bears a mark meanwhile, a second alias, so that whoever opens it next
    mends what a killed import has left.
    """

    def __init__(self, client: AsyncElasticsearch, url: str, alias: str) -> None:
        self._client = client.options(request_timeout=WRITE_TIMEOUT_S)
        self._url = url
        self.mark = f"{alias}-importing"

    @asynccontextmanager
    async def first(self, index: str, replicas: str) -> AsyncIterator[None]:
        """Set an index up for an import if it is still empty; any other stays as it is.

        It is merged afterwards, which the caller does not wait for.
        """
        if not await self._is_empty(index):
            yield
            return
        await self.begin(index)
        try:
            yield
        finally:
            await self.end(index, replicas)
        await self.merge(index, waits=False)

    async def is_on(self) -> bool:
        """Say whether an import goes on, so that nothing is seen without a refresh."""
        with translated(self._url):
            return bool(await self._client.indices.exists_alias(name=self.mark))

    async def begin(self, index: str) -> None:
        """Stop refreshing an index, and have no copies of it."""
        with translated(self._url):
            await self._client.indices.put_alias(index=index, name=self.mark)
            await self._client.indices.put_settings(index=index, settings=IMPORTING)

    async def end(self, index: str, replicas: str) -> None:
        """Give an index the settings for serving, unless it is gone; the mark falls last."""
        with translated(self._url), suppress(NotFoundError):
            await self._client.indices.put_settings(index=index, settings=serving(replicas))
            await self._client.indices.delete_alias(index=index, name=self.mark)

    async def merge(self, index: str, *, waits: bool) -> None:
        """Make one segment of each shard: searches then take half the time."""
        patient = self._client.options(request_timeout=MERGE_S).indices
        with translated(self._url):
            await self._client.indices.refresh(index=index)
            # A server that can't go on by itself (8.0) merges as it always does.
            with suppress(ConnectionTimeout, BadRequestError):
                await patient.forcemerge(
                    index=index, max_num_segments=1, wait_for_completion=None if waits else False
                )

    async def _is_empty(self, index: str) -> bool:
        with translated(self._url):
            return not (await self._client.count(index=index))["count"]
