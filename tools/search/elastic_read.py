"""The reading half of Elasticsearch: ask both legs, follow the alias, rank what came."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from elasticsearch import AsyncElasticsearch

from tools.embed import Embedder
from tools.errors import KefuError, SearchUnavailable
from tools.reading import Reading
from tools.search.asked import Asked, asked
from tools.search.base import Vector
from tools.search.elastic_aliases import Aliases, Standing
from tools.search.elastic_build import Build
from tools.search.elastic_held import Held, HeldEntries, candidates, passages
from tools.search.elastic_legs import LegAsker
from tools.search.elastic_names import KeptNames
from tools.search.elastic_query import (
    CANDIDATES,
    MAX_TOKENS,
    MOST,
    Body,
    by_vector,
    by_words,
    farthest,
)
from tools.search.elastic_rank import (
    Legs,
    counts,
    found,
    index_of,
    rank,
    rank_by_words,
)
from tools.search.elastic_reread import Rereader
from tools.search.elastic_sample import Sample
from tools.search.elastic_typos import corrections
from tools.search.meant import meant, read
from tools.search.passage import Hit
from tools.search.reread import READ
from tools.search.synonyms import Synonyms
from tools.search.types import Filters, Leg, LegState, SearchResult

logger = logging.getLogger(__name__)


class Reader:
    """Searches the index behind an alias; `standing` is the one that answered last."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        url: str,
        aliases: Aliases,
        standing: Standing,
        wanted: Build,
        embedder: Embedder | None,
        legs: LegAsker,
        *,
        dense_weight: float,
        synonyms: Synonyms,
        timeout_s: float,
    ) -> None:
        self._client = client
        self._url = url
        self._aliases = aliases
        self._wanted = wanted
        self._embedder = embedder
        self._dense_weight = dense_weight
        self._synonyms = synonyms
        self._timeout_s = timeout_s
        self.legs = legs
        self.standing = standing
        self._sample = Sample(client, url, aliases.alias)
        self._held = HeldEntries(client, url)
        self._names = KeptNames(client, url, aliases.alias, synonyms.things)
        self._reread: Rereader | None = None
        if embedder and embedder.reader:
            self._reread = Rereader(client, url, embedder.reader, legs.breaker("readings"))

    async def search(
        self,
        question: str,
        vector: Vector | None,
        *,
        k: int,
        filters: Filters,
        dense_weight: float | None = None,
    ) -> SearchResult:
        """Return at most `k` passages, best first; see SearchBackend.

        Raises:
            SearchUnavailable: if no leg answered, whatever the reason.
        """
        build = self.standing.build
        weight = self._dense_weight if dense_weight is None else dense_weight
        reading = None
        if vector is not None and self._embedder is not None:
            said = self._names.said(question, filters.tenant)
            vector = await meant(vector, question, said, self._embedder)
            if build.has_readings and 0 < weight < 1:  # a leg alone ranks as it does
                reading = await read(said, self._embedder)
        wanted = asked(question, build.segmenter, self._synonyms)
        wanted = wanted._replace(tokens=wanted.tokens[:MAX_TOKENS])
        size = min(max(CANDIDATES, k), MOST)
        words_by = partial(
            by_words,
            question,
            filters=filters,
            analyzer=build.analyzer,
            size=size,
            timeout_s=self._timeout_s,
        )
        searches: dict[Leg, list[Body]] = {"words": [words_by(wanted)]}
        states: dict[Leg, LegState] = {"words": "ok", "dense": "off"}
        if vector is not None and self._wanted.embedder and vector.any():
            states["dense"] = "failed"
            if self.standing.fits:
                near = by_vector(vector, filters, size=size, timeout_s=self._timeout_s)
                searches["dense"] = [near, farthest(vector, filters, timeout_s=self._timeout_s)]
        told, took_ms = await self._ask(searches, states)
        if build.names:
            await self._names.follow(filters.tenant, build.shards)
        words = told["words"][0] if "words" in told else None
        if words is not None:
            words, more_ms = await self._corrected(words, wanted, words_by)
            took_ms += more_ms
        dense = told.get("dense", [])
        vector = vector if dense else None
        if dense:
            entries = counts(words, wanted.tokens)[0] if words else None
            await self._sample.follow(entries, self.standing.build.dims)
        legs = Legs(found(words), *map(found, dense))
        index = index_of(words, *dense) or self._aliases.alias
        ranked, held, more_ms = await self._rank(index, legs, vector, reading, filters, k, weight)
        return SearchResult(
            passages(ranked, held, words, wanted.tokens, build.segmenter),
            states,
            took_ms=took_ms + more_ms,
        )

    async def _ask(
        self, searches: Mapping[Leg, Sequence[Body]], states: dict[Leg, LegState]
    ) -> tuple[dict[Leg, list[Mapping[str, Any]]], int]:
        """Return what the legs told that can be used, and put into `states` how they are.

        Raises:
            SearchUnavailable: if none did.
        """
        answers, took_ms = await self.legs.ask(self._aliases.alias, searches)
        told: dict[Leg, list[Mapping[str, Any]]] = {}
        for leg, answer in answers.items():
            if isinstance(answer, SearchUnavailable):
                states[leg] = "failed"
                logger.warning("search leg failed", extra={"leg": leg, "reason": str(answer)})
            else:
                states[leg], told[leg] = "ok", answer
        if not await self._is_still_ours(told) and "dense" in told:
            states["dense"] = "failed"
            del told["dense"]
        if not told:
            raise SearchUnavailable("; ".join(str(answer) for answer in answers.values()))
        return told, took_ms

    async def _corrected(
        self, words: Mapping[str, Any], wanted: Asked, words_by: Callable[[Asked], Body]
    ) -> tuple[Mapping[str, Any], int]:
        """Return the answer to the words with typos corrected, or `words` if there are none."""
        held, alias = counts(words, wanted.tokens)[1], self._aliases.alias
        shards = self.standing.build.shards
        more = await corrections(self._client, self._url, alias, shards, wanted, held)
        if not more:
            return words, 0
        again, took_ms = await self.legs.ask(alias, {"words": [words_by(wanted.besides(more))]})
        answer = again["words"]
        return (words if isinstance(answer, SearchUnavailable) else answer[0]), took_ms

    async def _rank(
        self,
        index: str,
        legs: Legs,
        vector: Vector | None,
        reading: Reading | None,
        filters: Filters,
        k: int,
        dense_weight: float,
    ) -> tuple[list[tuple[str, Hit]], dict[str, Held], int]:
        """Return ids best first, what the server holds of them, and how long that took, in ms."""
        dims = self.standing.build.dims
        if vector is None:
            best = rank_by_words(legs.words, k=k)
            held, took_ms = await self._held.of(index, [one for one, _ in best], filters, dims)
            return [(one.id, hit) for one, hit in best], held, took_ms
        pool = legs.pool(max(CANDIDATES, k))
        held, took_ms = await self._held.of(index, [*pool, *legs.far], filters, dims)
        there, lowest = candidates(pool, held), candidates(legs.far, held)
        ranked = rank(legs, there, lowest, vector, self._sample.hubs, dense_weight=dense_weight)
        if reading is not None and self._reread is not None:
            stamps = {name: one.stamp for name, one in held.items()}
            ranked, more_ms = await self._reread(
                index, ranked, stamps, reading, filters, k=max(k, READ)
            )
            took_ms += more_ms
        return ranked[: max(0, k)], held, took_ms

    def follow(self, standing: Standing) -> None:
        """Take another index for the one behind the alias."""
        if standing.index != self.standing.index:
            self._sample.hubs = None
        self.standing = standing

    def beside(self, standing: Standing) -> "Reader":
        """Return a reader of an index that is not behind the alias."""
        return Reader(
            self._client,
            self._url,
            Aliases(self._client, self._url, standing.index),
            standing,
            self._wanted,
            self._embedder,
            self.legs.anew(),
            dense_weight=self._dense_weight,
            synonyms=self._synonyms,
            timeout_s=self._timeout_s,
        )

    def leg_states(self) -> dict[Leg, LegState]:
        """Return how the legs stand, without asking anybody."""
        states: dict[Leg, LegState] = {
            leg: "failed" if breaker.is_open else "ok"
            for leg, breaker in self.legs.breakers.items()
        }
        if not self._wanted.embedder:
            states["dense"] = "off"
        elif not self.standing.fits:
            states["dense"] = "failed"
        return states

    async def _is_still_ours(self, told: Mapping[Leg, Sequence[Mapping[str, Any]]]) -> bool:
        """Follow the alias if another index answered; say whether its vectors are ours."""
        names = {hit["_index"] for first, *_ in told.values() for hit in first["hits"]["hits"]}
        if names - {self.standing.index}:
            try:
                self.follow(await self._aliases.standing(self._wanted))
            except KefuError as exc:
                logger.warning("can't follow the alias", extra={"reason": str(exc)})
                return False
        return self.standing.fits
