"""The names that a tenant's knowledge in Elasticsearch gives, kept here for a minute."""

import logging
import time
from collections.abc import Mapping
from typing import NamedTuple

from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError
from tools.search.asked import QUESTION_CHARS
from tools.search.elastic_counts import held_by
from tools.search.elastic_index import parted
from tools.search.elastic_server import search_all, translated
from tools.search.names import Names, name_terms, said
from tools.search.things import Things

logger = logging.getLogger(__name__)

KEPT_S = 60.0
MOST = 1000  # names of a tenant, the most frequent
TENANTS = 256  # remembered


class _Kept(NamedTuple):
    names: Names
    held: Mapping[str, int]  # how many entries hold each term of theirs, and of words for things
    until_s: float


class KeptNames:
    """Names by tenant; a search that finds them a minute old waits until they are read anew."""

    def __init__(self, client: AsyncElasticsearch, url: str, alias: str, things: Things) -> None:
        self._client = client
        self._things = things
        self._url = url
        self._alias = alias
        self._kept: dict[str, _Kept] = {}

    def said(self, question: str, tenant: str) -> str:
        """Return the question with the names that knowledge says more often, as far as known."""
        if not (kept := self._kept.get(tenant)):
            return question
        others = kept.names.others(question[:QUESTION_CHARS], tenant)
        return self._things.said(said(question, others, kept.held), lambda _: kept.held)

    async def follow(self, tenant: str, shards: int) -> None:
        """Read them anew if it is time; a server that does not answer leaves them as they are."""
        kept = self._kept.get(tenant, _Kept(Names(), {}, 0))
        if (now := time.monotonic()) < kept.until_s:
            return
        if len(self._kept) >= TENANTS:
            self._kept.clear()
        self._kept[tenant] = kept._replace(until_s=now + KEPT_S)  # the others don't ask, too
        try:
            self._kept[tenant] = await self._read(tenant, shards, now + KEPT_S)
        except KefuError as exc:
            logger.warning("names not read", extra={"reason": str(exc)})

    async def _read(self, tenant: str, shards: int, until_s: float) -> _Kept:
        of_tenant = [{"term": {"tenant": tenant}}, {"term": {"is_live": True}}]
        with translated(self._url):
            answer = await search_all(
                self._client,
                index=self._alias,
                size=0,
                query={"bool": {"filter": of_tenant}},
                aggs={"names": {"terms": {"field": "names", "size": MOST}}},
            )
        names, forms = Names(), {}
        for bucket in answer["aggregations"]["names"]["buckets"]:
            name = parted(bucket["key"])
            names.count(tenant, name, bucket["doc_count"])
            forms[name.long] = name.short
        wanted = name_terms(forms) | self._things.terms
        held: dict[str, int] = {}
        if wanted:
            held = await held_by(self._client, self._url, self._alias, shards, wanted)
        return _Kept(names, held, until_s)
