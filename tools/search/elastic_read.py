"""The reading half of Elasticsearch: ask both legs, follow the alias, rank what came."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from elasticsearch import AsyncElasticsearch

from tools.errors import KefuError, SearchUnavailable
from tools.search.asked import asked
from tools.search.base import Vector
from tools.search.elastic_aliases import Aliases, Standing
from tools.search.elastic_bodies import Bodies
from tools.search.elastic_index import Build
from tools.search.elastic_legs import LegAsker
from tools.search.elastic_query import (
    CANDIDATES,
    MAX_TOKENS,
    Body,
    by_vector,
    by_words,
    farthest,
    sample,
)
from tools.search.elastic_rank import ANCHORS, Hubs, Legs, anchors, counts, passages, rank
from tools.search.elastic_server import translated
from tools.search.elastic_typos import corrections
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
        self._dense_weight = dense_weight
        self._synonyms = synonyms
        self._timeout_s = timeout_s
        self.legs = legs
        self.standing = standing
        self._hubs: Hubs | None = None
        self._bodies = Bodies(client, url)
        self._sampling = asyncio.Lock()

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
        found_by = asked(question, build.segmenter, self._synonyms)
        wanted = found_by._replace(tokens=found_by.tokens[:MAX_TOKENS])
        tokens = wanted.tokens
        size = max(CANDIDATES, k)
        has_vectors = vector is not None and bool(self._wanted.embedder) and bool(vector.any())
        words_by = partial(
            by_words,
            question,
            filters=filters,
            analyzer=build.analyzer,
            size=size,
            timeout_s=self._timeout_s,
        )
        searches: dict[Leg, list[Body]] = {"words": words_by(wanted)}
        if has_vectors and vector is not None and self.standing.fits:
            near = by_vector(vector, filters, size=size, timeout_s=self._timeout_s)
            searches["dense"] = [near, farthest(vector, filters, timeout_s=self._timeout_s)]
        answers, legs_ms = await self.legs.ask(self._aliases.alias, searches)
        states: dict[Leg, LegState] = {"words": "ok", "dense": "failed" if has_vectors else "off"}
        found: dict[Leg, list[Mapping[str, Any]]] = {}
        for leg, answer in answers.items():
            if isinstance(answer, SearchUnavailable):
                states[leg] = "failed"
                logger.warning("search leg failed", extra={"leg": leg, "reason": str(answer)})
            else:
                states[leg], found[leg] = "ok", answer
        if "dense" in found and not await self._is_still_ours(found["dense"][0]):
            states["dense"] = "failed"
            del found["dense"]
        if not found:
            raise SearchUnavailable("; ".join(str(answer) for answer in answers.values()))
        words, dense = found.get("words"), found.get("dense")
        if words is not None:
            held = counts(words[0], tokens)[1]
            alias = self._aliases.alias
            if more := await corrections(self._client, self._url, alias, wanted, held):
                again, more_ms = await self.legs.ask(
                    alias, {"words": words_by(wanted.besides(more))}
                )
                legs_ms += more_ms
                words = words if isinstance(again["words"], SearchUnavailable) else again["words"]
        if dense is not None:
            await self._sampled(words[0] if words else None, tokens)
        ranked = rank(
            Legs(_at(0, words), _at(1, words), _at(0, dense), _at(1, dense)),
            vector if dense else None,
            self._hubs,
            k=k,
            dense_weight=self._dense_weight if dense_weight is None else dense_weight,
        )
        index = _index(*(words or ()), *(dense or ())) or self._aliases.alias
        whole, bodies_ms = await self._bodies.of(index, [entry for entry, _ in ranked], filters)
        return SearchResult(
            passages(ranked, whole, _at(0, words), tokens, build.segmenter),
            states,
            took_ms=legs_ms + bodies_ms,
        )

    def follow(self, standing: Standing) -> None:
        """Take another index for the one behind the alias."""
        if standing.index != self.standing.index:
            self._hubs = None
        self.standing = standing

    def beside(self, standing: Standing) -> "Reader":
        """Return a reader of an index that is not behind the alias."""
        return Reader(
            self._client,
            self._url,
            Aliases(self._client, self._url, standing.index),
            standing,
            self._wanted,
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

    async def _is_still_ours(self, near: Mapping[str, Any]) -> bool:
        """Follow the alias if another index answered; say whether its vectors are ours."""
        names = {hit["_index"] for hit in near["hits"]["hits"]}
        if names and self.standing.index not in names:
            try:
                self.follow(await self._aliases.standing(self._wanted))
            except KefuError as exc:
                logger.warning("can't follow the alias", extra={"reason": str(exc)})
                return False
        return self.standing.fits

    async def _sampled(self, words: Mapping[str, Any] | None, tokens: Sequence[str]) -> None:
        """Draw the sample of questions anew when the index has grown or shrunk by a fifth."""
        entries = counts(words, tokens)[0] if words else None
        if self._hubs is not None and (entries is None or self._hubs.fits(entries)):
            return
        async with self._sampling:
            if self._hubs is not None and (entries is None or self._hubs.fits(entries)):
                return
            try:
                with translated(self._url):
                    drawn = await self._client.search(
                        index=self._aliases.alias, body=sample(ANCHORS)
                    )
            except KefuError as exc:
                logger.warning("no sample of questions", extra={"reason": str(exc)})
                return
            hits = drawn["hits"]
            self._hubs = Hubs(
                anchors(hits["hits"], self.standing.build.dims), hits["total"]["value"]
            )


def _at(place: int, items: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Any] | None:
    """Return one answer of a leg; None if it failed, which the ranking can do without."""
    return items[place] if items and "error" not in items[place] else None


def _index(*answers: Mapping[str, Any]) -> str:
    """Return the index that the hits lie in; the alias may be swapped between two requests."""
    hits = (hit for answer in answers if "error" not in answer for hit in answer["hits"]["hits"])
    return next((str(hit["_index"]) for hit in hits), "")
