"""Rerankers: a model reads question and passage together and says how well they fit."""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from pydantic import HttpUrl, SecretStr

from tools.breaker import Breaker
from tools.embed_base import head
from tools.errors import ConfigError, RerankUnavailable
from tools.rerank_http import HttpReranker
from tools.rerank_local import LocalReranker
from tools.search.types import Passage

LIMIT_BYTES = 2_000  # of question and of passage: together about the 512 tokens a model reads


class Reranker(Protocol):
    """Scores passages against a question."""

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score for each text in the order of the texts, higher the better it fits.

        Between 0 and 1, or a model's logits.

        Raises:
            RerankUnavailable: if no answer comes.
            ConfigError: if the model can't be loaded or the server refuses the request.
        """
        ...

    async def close(self) -> None:
        """Release threads and connections."""
        ...


class Rerank:
    """The last look at the candidates: a reranker with its time limit, breaker and weight."""

    def __init__(
        self,
        reranker: Reranker,
        *,
        candidates: int,
        weight: float,
        timeout_s: float,
        breaker: Breaker,
    ) -> None:
        self.candidates = candidates
        self._reranker = reranker
        self._weight = weight
        self._timeout_s = timeout_s
        self._breaker = breaker

    async def order(self, question: str, passages: Sequence[Passage]) -> list[Passage]:
        """Return the passages by their new score: a weighted mean of the reranker's and the old.

        Raises:
            RerankUnavailable: if no answer comes in time, or the breaker is open.
            ConfigError: if the model can't be loaded or the server refuses the request.
        """
        if not passages:
            return []
        texts = [head(f"{p['question']}\n{p['answer']}", LIMIT_BYTES) for p in passages]
        with self._breaker.call():
            try:
                async with asyncio.timeout(self._timeout_s):
                    scores = await self._reranker.scores(head(question, LIMIT_BYTES), texts)
            except TimeoutError as exc:
                raise RerankUnavailable(f"no reranker in {self._timeout_s:g} s") from exc
        return blended(passages, as_shares(scores), weight=self._weight)

    async def warm_up(self) -> None:
        """Load the model or ask the server once, however long that takes.

        Raises:
            RerankUnavailable: if the server does not answer.
            ConfigError: if it can't be used.
        """
        await self._reranker.scores("您好", ["您好"])

    async def close(self) -> None:
        """Close the reranker."""
        await self._reranker.close()


def blended(
    passages: Sequence[Passage], scores: Sequence[float], *, weight: float
) -> list[Passage]:
    """Return the passages with `weight` of the new score in theirs, best first; ties keep order."""
    mixed = [
        Passage(**(p | {"score": round(weight * s + (1 - weight) * p["score"], 4)}))
        for p, s in zip(passages, scores, strict=True)
    ]
    return sorted(mixed, key=lambda passage: -passage["score"])


def as_shares(scores: list[float]) -> list[float]:
    """Return scores between 0 and 1; some servers send a model's logits instead.

    Raises:
        ConfigError: if one is no finite number.
    """
    if not all(map(math.isfinite, scores)):
        raise ConfigError(f"reranker: expected finite scores, got {scores}")
    if all(0 <= score <= 1 for score in scores):
        return scores
    return [1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) for score in scores]


def open_rerank(
    kind: Literal["none", "http", "local"],
    *,
    base_url: HttpUrl | str | None = None,
    api_key: SecretStr | None = None,
    model: str = "bge-reranker-v2-m3",
    folder: Path | None = None,
    candidates: int = 20,
    weight: float = 0.5,
    timeout_s: float = 2.0,
    breaker_failures: int = 3,
    breaker_reset_s: float = 20.0,
) -> Rerank | None:
    """Return the reranker of that kind, None for "none".

    Raises:
        ConfigError: if an argument of the kind, its package or its folder is missing.
    """
    reranker: Reranker
    match kind:
        case "none":
            return None
        case "http":
            if base_url is None:
                raise ConfigError("KEFU_RERANK__KIND=http needs KEFU_RERANK__BASE_URL=http://…/v1")
            key = api_key.get_secret_value() if api_key else "EMPTY"
            reranker = HttpReranker(str(base_url), model, api_key=key, timeout_s=timeout_s)
        case "local":
            if folder is None:
                raise ConfigError(
                    "KEFU_RERANK__KIND=local needs KEFU_RERANK__FOLDER=a model folder"
                )
            reranker = LocalReranker(folder)
    breaker = Breaker(
        "reranker", RerankUnavailable, failures=breaker_failures, reset_s=breaker_reset_s
    )
    return Rerank(
        reranker, candidates=candidates, weight=weight, timeout_s=timeout_s, breaker=breaker
    )
