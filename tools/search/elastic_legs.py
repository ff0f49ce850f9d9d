"""Ask both legs in one request, each with its own breaker, so that one can fail alone."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, AsyncElasticsearch, UnsupportedProductError

from tools.breaker import Breaker
from tools.errors import SearchUnavailable
from tools.search.elastic_query import Body
from tools.search.elastic_server import is_busy, lines, meaning, reason
from tools.search.types import Leg

Answer = list[Mapping[str, Any]] | SearchUnavailable  # one response a search, or why there is none
RETRY_PAUSE_S = 0.05


class Answers(NamedTuple):
    """What every leg asked answered, and how long the server says that it took."""

    of: dict[Leg, Answer]
    took_ms: int


class LegAsker:
    """Sends the searches of both legs as one `_msearch`."""

    def __init__(
        self, client: AsyncElasticsearch, url: str, *, failures: int, reset_s: float
    ) -> None:
        self._client = client
        self._url = url
        self._failures = failures
        self._reset_s = reset_s
        self.breakers: dict[Leg, Breaker] = {
            leg: self.breaker(f"search leg {leg}") for leg in ("words", "dense")
        }

    def breaker(self, name: str) -> Breaker:
        """Return a breaker that is as patient as those of the legs."""
        return Breaker(name, SearchUnavailable, failures=self._failures, reset_s=self._reset_s)

    def anew(self) -> "LegAsker":
        """Return one like this, with breakers of its own."""
        return LegAsker(self._client, self._url, failures=self._failures, reset_s=self._reset_s)

    async def ask(self, alias: str, asked: Mapping[Leg, Sequence[Body]]) -> Answers:
        """Return what every leg answered; a leg whose breaker is open is not asked."""
        shut = {leg: SearchUnavailable(f"{leg}: breaker open") for leg in asked}
        admitted = {leg: asked[leg] for leg in asked if not self.breakers[leg].is_open}
        if not admitted:
            return Answers(dict(shut), 0)
        joint = asyncio.ensure_future(self._send(alias, admitted))
        answers = await asyncio.gather(*(self._guarded(leg, joint) for leg in admitted))
        took_ms = (await joint).took_ms
        return Answers({**shut, **dict(zip(admitted, answers, strict=True))}, took_ms)

    async def _guarded(self, leg: Leg, joint: asyncio.Future[Answers]) -> Answer:
        try:
            with self.breakers[leg].call():
                answer = (await joint).of[leg]
                if isinstance(answer, SearchUnavailable):
                    raise answer
                return answer
        except SearchUnavailable as exc:
            return exc

    async def _send(self, alias: str, asked: Mapping[Leg, Sequence[Body]]) -> Answers:
        """Ask once, what was refused as busy once more, and each leg by itself after a timeout."""
        try:
            answers, took_ms = await self._request(alias, asked)
            if busy := {leg: asked[leg] for leg in asked if _is_busy(answers[leg])}:
                await asyncio.sleep(RETRY_PAUSE_S)
                again, more_ms = await self._request(alias, busy)
                answers, took_ms = answers | again, took_ms + more_ms
        except ConnectionTimeout as exc:
            if len(asked) > 1:
                return await self._apart(alias, asked, exc)
            return self._nothing(asked, exc)
        except (ApiError, TransportError, UnsupportedProductError) as exc:
            return self._nothing(asked, exc)
        return Answers({leg: self._outcome(leg, items) for leg, items in answers.items()}, took_ms)

    async def _apart(
        self, alias: str, asked: Mapping[Leg, Sequence[Body]], exc: ConnectionTimeout
    ) -> Answers:
        """Ask each leg by itself: one of them may be slow. The first that answers is enough."""
        found = dict(self._nothing(asked, exc).of)
        alone = [asyncio.ensure_future(self._send(alias, {leg: asked[leg]})) for leg in asked]
        took_ms = 0
        try:
            for next_one in asyncio.as_completed(alone):
                answers, took_ms = await next_one
                found |= answers
                if not any(isinstance(answer, SearchUnavailable) for answer in answers.values()):
                    break
        finally:
            for task in alone:
                task.cancel()
            await asyncio.gather(*alone, return_exceptions=True)  # no request outlives the search
        return Answers(found, took_ms)

    def _nothing(self, asked: Mapping[Leg, Sequence[Body]], exc: Exception) -> Answers:
        return Answers(dict.fromkeys(asked, SearchUnavailable(str(meaning(exc, self._url)))), 0)

    async def _request(
        self, alias: str, asked: Mapping[Leg, Sequence[Body]]
    ) -> tuple[dict[Leg, list[Mapping[str, Any]]], int]:
        searches = [
            line
            for leg, bodies in asked.items()
            for body in bodies
            for line in (_header(leg, alias), body)
        ]
        answer = await self._client.msearch(searches=lines(searches))
        found = iter(answer["responses"])
        legs = {leg: [next(found) for _ in bodies] for leg, bodies in asked.items()}
        return legs, int(answer["took"])

    def _outcome(self, leg: Leg, items: list[Mapping[str, Any]]) -> Answer:
        first = items[0]
        if "error" in first:
            return SearchUnavailable(f"{self._url}: {leg}: {first['status']} {reason(dict(first))}")
        return items


def _header(leg: Leg, alias: str) -> Body:
    # Partial results, of a shard that failed or was slow, must not pass for "nothing found".
    header: Body = {"index": alias, "allow_partial_search_results": False}
    if leg == "words":  # they weigh the same on every shard; vectors need none of this
        header["search_type"] = "dfs_query_then_fetch"
    return header


def _is_busy(items: Sequence[Mapping[str, Any]]) -> bool:
    return "error" in items[0] and is_busy(items[0]["status"])
