"""Whole entries for the hits shown; those read before are not read again."""

from collections import OrderedDict
from collections.abc import Sequence

from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError, SearchUnavailable
from tools.search.elastic_query import bodies
from tools.search.elastic_rank import Candidate
from tools.search.elastic_server import translated
from tools.search.types import Filters

KEPT = 4096  # entries; some 10 MB

_Key = tuple[str, str, str, int]  # index, tenant, id, version


class Bodies:
    """Reads entries as JSON and keeps them by their version, which changes with every write.

    What is kept is shown only for a version that a filtered search has just returned.
    """

    def __init__(self, client: AsyncElasticsearch, url: str) -> None:
        self._client = client
        self._url = url
        self._kept: OrderedDict[_Key, str] = OrderedDict()

    async def of(
        self, index: str, ranked: Sequence[Candidate], filters: Filters
    ) -> tuple[dict[str, str], int]:
        """Return JSON by id of those that the customer may see, and what the server took, in ms.

        Raises:
            SearchUnavailable: if the server does not answer.
        """
        found: dict[str, str] = {}
        for candidate in ranked:
            key = index, filters.tenant, candidate.id, candidate.stamp
            if key in self._kept:
                self._kept.move_to_end(key)
                found[candidate.id] = self._kept[key]
        if not (missing := [c.id for c in ranked if c.id not in found]):
            return found, 0
        try:
            with translated(self._url):
                answer = await self._client.search(index=index, body=bodies(missing, filters))
        except KefuError as exc:
            raise SearchUnavailable(str(exc)) from exc
        for hit in answer["hits"]["hits"]:
            source = hit["_source"]
            found[source["id"]] = source["body"]
            self._kept[index, filters.tenant, source["id"], source["stamp"]] = source["body"]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found, int(answer["took"])
