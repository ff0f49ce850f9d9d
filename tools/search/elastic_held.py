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

KEPT_BYTES = 100 << 20  # some 32,000 FAQ entries, 3,000 where five vectors have 3,072 numbers
OVERHEAD = 600  # bytes that an entry costs beside its vectors and text


class Held(NamedTuple):
    """One entry as it stood when it was read."""

    id: str
    stamp: int  # its version; with the id unlike any other's
    vectors: Halves  # (wordings + 1, dims), the whole last; (0, dims) without any
    body: str  # the entry as JSON
    is_document: bool

    @property
    def size(self) -> int:
        """About how many bytes it takes; most characters take two."""
        return self.vectors.nbytes + 2 * len(self.body) + OVERHEAD


_Key = tuple[str, str, str, int]  # index, tenant, id, version


class Kept:
    """Entries by version, as many as the memory given to them holds; the least asked for go."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._held: OrderedDict[_Key, Held] = OrderedDict()

    def get(self, key: _Key) -> Held | None:
        """Return an entry, which counts as asked for."""
        if key in self._held:
            self._held.move_to_end(key)
        return self._held.get(key)

    def put(self, key: _Key, held: Held) -> None:
        """Keep an entry, perhaps once more, and let go of others if need be."""
        before = self._held.pop(key, None)
        self._bytes += held.size - (before.size if before else 0)
        self._held[key] = held
        while self._bytes > self._most_bytes:
            self._bytes -= self._held.popitem(last=False)[1].size


class HeldEntries:
    """Reads entries and keeps them by their version, which changes with every write.

    What is kept is used only for a version that a filtered search has just returned.
    """

    def __init__(self, client: AsyncElasticsearch, url: str) -> None:
        self._client = client
        self._url = url
        self._kept = Kept()

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
            if (kept := self._kept.get(key)) is not None:
                held[one.id] = kept
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
            vectors, body = unpack(packed[0], dims or 1), source["body"]
            is_document = orjson.loads(body).get("kind") == "doc"
            read = Held(source["id"], source["stamp"], vectors, body, is_document)
            held[read.id] = read
            self._kept.put((index, filters.tenant, read.id, read.stamp), read)
        return held, int(answer["took"])


def candidates(found: Iterable[Found], held: Mapping[str, Held]) -> list[Candidate]:
    """Return those of the hits that are held, ready to be scored."""
    there = [held[one.id] for one in found if one.id in held]
    return [Candidate(one.id, one.stamp, one.vectors, one.is_document) for one in there]


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
