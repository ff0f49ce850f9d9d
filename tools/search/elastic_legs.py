"""Ask both legs in one request, each with its own breaker, so that one can fail alone."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, AsyncElasticsearch, UnsupportedProductError

from tools.breaker import Breaker
from tools.errors import SearchUnavailable
from tools.search.elastic_query import Body
from tools.search.elastic_server import is_busy, lines, meaning, reason
from tools.search.types import Leg

Answer = list[Mapping[str, Any]] | SearchUnavailable  # one response a search, or why there is none
RETRY_PAUSE_S = 0.05


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
            leg: Breaker(f"search leg {leg}", SearchUnavailable, failures=failures, reset_s=reset_s)
            for leg in ("words", "dense")
        }

    def anew(self) -> "LegAsker":
        """Return one like this, with breakers of its own."""
        return LegAsker(self._client, self._url, failures=self._failures, reset_s=self._reset_s)

    async def ask(self, alias: str, asked: Mapping[Leg, Sequence[Body]]) -> dict[Leg, Answer]:
        """Return what every leg answered; a leg whose breaker is open is not asked."""
        shut = {leg: SearchUnavailable(f"{leg}: breaker open") for leg in asked}
        admitted = {leg: asked[leg] for leg in asked if not self.breakers[leg].is_open}
        if not admitted:
            return dict(shut)
        joint = asyncio.ensure_future(self._send(alias, admitted))
        answers = await asyncio.gather(*(self._guarded(leg, joint) for leg in admitted))
        return {**shut, **dict(zip(admitted, answers, strict=True))}

    async def _guarded(self, leg: Leg, joint: asyncio.Future[dict[Leg, Answer]]) -> Answer:
        try:
            with self.breakers[leg].call():
                answer = (await joint)[leg]
                if isinstance(answer, SearchUnavailable):
                    raise answer
                return answer
        except SearchUnavailable as exc:
            return exc

    async def _send(self, alias: str, asked: Mapping[Leg, Sequence[Body]]) -> dict[Leg, Answer]:
        """Ask once, what was refused as busy once more, and words alone after a timeout."""
        try:
            answers = await self._request(alias, asked)
            if busy := {leg: asked[leg] for leg in asked if _is_busy(answers[leg])}:
                await asyncio.sleep(RETRY_PAUSE_S)
                answers |= await self._request(alias, busy)
        except ConnectionTimeout as exc:
            if set(asked) == {"words", "dense"}:  # one of them may be slow, most likely vectors
                words = await self._send(alias, {"words": asked["words"]})
                return {"dense": SearchUnavailable(f"dense: {exc.message}"), **words}
            return dict.fromkeys(asked, SearchUnavailable(str(meaning(exc, self._url))))
        except (ApiError, TransportError, UnsupportedProductError) as exc:
            return dict.fromkeys(asked, SearchUnavailable(str(meaning(exc, self._url))))
        return {leg: self._outcome(leg, items) for leg, items in answers.items()}

    async def _request(
        self, alias: str, asked: Mapping[Leg, Sequence[Body]]
    ) -> dict[Leg, list[Mapping[str, Any]]]:
        # Partial results, of a shard that failed or was slow, must not pass for "nothing found".
        header = {"index": alias, "allow_partial_search_results": False}
        searches = [line for bodies in asked.values() for body in bodies for line in (header, body)]
        found = iter((await self._client.msearch(searches=lines(searches)))["responses"])
        return {leg: [next(found) for _ in bodies] for leg, bodies in asked.items()}

    def _outcome(self, leg: Leg, items: list[Mapping[str, Any]]) -> Answer:
        first = items[0]
        if "error" in first:
            return SearchUnavailable(f"{self._url}: {leg}: {first['status']} {reason(dict(first))}")
        return items


def _is_busy(items: Sequence[Mapping[str, Any]]) -> bool:
    return "error" in items[0] and is_busy(items[0]["status"])
