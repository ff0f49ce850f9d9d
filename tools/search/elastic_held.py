"""Vectors and texts of what a search found; what was read before is not read again."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError, SearchUnavailable
from tools.search.covers import covers, rarity
from tools.search.elastic_index import Halves, unpack
from tools.search.elastic_query import whole_entries
from tools.search.elastic_rank import Candidate, Found, counts
from tools.search.elastic_server import search_all, translated
from tools.search.passage import Hit, passage
from tools.search.types import Filters, Passage
from tools.text.segment import Segmenter

KEPT = 32_768  # entries; some 90 MB if so many are asked for


class Held(NamedTuple):
    """One entry as it stood when it was read."""

    id: str
    stamp: int  # its version; with the id unlike any other's
    vectors: Halves  # (wordings + 1, dims), the whole last; (0, dims) without any
    body: str  # the entry as JSON


_Key = tuple[str, str, str, int]  # index, tenant, id, version


class HeldEntries:
    """Reads entries and keeps them by their version, which changes with every write.

    What is kept is used only for a version that a filtered search has just returned.
    """

    def __init__(self, client: AsyncElasticsearch, url: str) -> None:
        self._client = client
        self._url = url
        self._kept: OrderedDict[_Key, Held] = OrderedDict()

    async def of(
        self, index: str, found: Iterable[Found], filters: Filters, dims: int
    ) -> tuple[dict[str, Held], int]:
        """Return by id those that the customer may see, and what the server took, in ms.

        Raises:
            SearchUnavailable: if the server does not answer.
        """
        held: dict[str, Held] = {}
        missing: list[str] = []
        for one in found:
            key = index, filters.tenant, one.id, one.stamp
            if key in self._kept:
                self._kept.move_to_end(key)
                held[one.id] = self._kept[key]
            else:
                missing.append(one.id)
        if not missing:
            return held, 0
        try:
            with translated(self._url):
                answer = await search_all(
                    self._client, index=index, body=whole_entries(missing, filters)
                )
        except KefuError as exc:
            raise SearchUnavailable(str(exc)) from exc
        for hit in answer["hits"]["hits"]:
            source, packed = hit["_source"], hit.get("fields", {}).get("packed", [""])
            read = Held(source["id"], source["stamp"], unpack(packed[0], dims or 1), source["body"])
            held[read.id] = self._kept[index, filters.tenant, read.id, read.stamp] = read
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return held, int(answer["took"])


def candidates(found: Iterable[Found], held: Mapping[str, Held]) -> list[Candidate]:
    """Return those of the hits that are held, ready to be scored."""
    there = [held[one.id] for one in found if one.id in held]
    return [Candidate(one.id, one.stamp, one.vectors) for one in there]


def passages(
    ranked: Sequence[tuple[str, Hit]],
    held: Mapping[str, Held],
    words: Mapping[str, Any] | None,
    tokens: Sequence[str],
    segmenter: Segmenter,
) -> list[Passage]:
    """Return the passages of a ranking of ids; entries that are gone since are left out."""
    shown = [(orjson.loads(held[name].body), hit) for name, hit in ranked if name in held]
    weights = np.zeros(len(tokens), np.float32)
    if words:
        total, frequency = counts(words, tokens)
        weights = rarity(list(frequency.values()), total)
    shares = covers([entry for entry, _ in shown], tokens, weights, segmenter)
    return [
        passage(entry, tokens, hit, share)
        for (entry, hit), share in zip(shown, shares, strict=True)
    ]
