"""Vectors from any server with OpenAI's `/v1/embeddings` (vLLM, text-embeddings-inference …)."""

import logging
from collections.abc import Sequence
from http import HTTPStatus

import httpx
import numpy as np

from tools.breaker import Breaker
from tools.embed_base import Vector2D, default_instruction, head, unit
from tools.errors import ConfigError, SearchUnavailable

logger = logging.getLogger(__name__)

BATCH = 32
LONG_BYTES = 6_000  # 2,000 Chinese characters: more than a passage of 512 tokens
SHORT_BYTES = 1_500  # 500 Chinese characters: fits models that refuse more than 512 tokens
FAILURES, RESET_S = 3, 10.0  # questions in a row that get no answer; until one may try again
PASSAGE_PATIENCE = 12  # passages come in full batches, and nobody waits in a chat for them
_TOO_LONG = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 422)


class HttpEmbedder:
    """A client of an embeddings server."""

    reader = None

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "EMPTY",
        query_instruction: str = "",
        timeout_s: float = 5.0,
    ) -> None:
        """Prepare a client; nothing is sent before the first text.

        Raises:
            ConfigError: if `base_url` is no http address.
        """
        self.name = f"http:{model}"
        self.dims = 0
        self._model = model
        self._instruction = query_instruction or default_instruction(model)
        self._timeout_s = timeout_s
        self._limit_bytes = LONG_BYTES
        self._url = f"{base_url.rstrip('/')}/embeddings"
        if not self._url.startswith(("http://", "https://")):
            raise ConfigError(f"KEFU_EMBED__BASE_URL: expected http(s)://…/v1, got {base_url!r}")
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {api_key}"})
        self._breaker = Breaker(self._url, SearchUnavailable, failures=FAILURES, reset_s=RESET_S)

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions; a server that keeps failing is left alone a while."""
        with self._breaker.call():
            return await self._embed([self._instruction + text for text in texts], self._timeout_s)

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return await self._embed(texts, self._timeout_s * PASSAGE_PATIENCE)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _embed(self, texts: Sequence[str], timeout_s: float) -> Vector2D:
        rows = []
        for start in range(0, len(texts), BATCH):
            rows.append(await self._batch(texts[start : start + BATCH], timeout_s))
        return np.concatenate(rows) if rows else np.zeros((0, self.dims), np.float32)

    async def _batch(self, texts: Sequence[str], timeout_s: float) -> Vector2D:
        answer = await self._post([head(text, self._limit_bytes) for text in texts], timeout_s)
        is_long = any(len(text.encode("utf-8", "replace")) > SHORT_BYTES for text in texts)
        if answer.status_code in _TOO_LONG and is_long and self._limit_bytes > SHORT_BYTES:
            logger.warning("embeddings server refuses long texts, sending their heads only")
            self._limit_bytes = SHORT_BYTES
            answer = await self._post([head(text, SHORT_BYTES) for text in texts], timeout_s)
        return self._vectors(answer, len(texts))

    async def _post(self, texts: list[str], timeout_s: float) -> httpx.Response:
        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        try:
            answer = await self._client.post(self._url, json=body, timeout=timeout_s)
        except httpx.HTTPError as exc:
            raise SearchUnavailable(f"{self._url}: no answer ({exc!r})") from exc
        status = answer.status_code
        if status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS):
            raise SearchUnavailable(f"{self._url}: HTTP {status}")
        return answer

    def _vectors(self, answer: httpx.Response, count: int) -> Vector2D:
        """Read the answer; its items may come in any order."""
        if answer.status_code != HTTPStatus.OK:
            raise ConfigError(
                f"{self._url}: HTTP {answer.status_code}: {answer.text[:300]}; "
                "check KEFU_EMBED__BASE_URL, __MODEL and __API_KEY"
            )
        try:
            items = sorted(answer.json()["data"], key=lambda item: item["index"])
            vectors = unit([item["embedding"] for item in items])
        except (ValueError, KeyError, TypeError) as exc:
            raise ConfigError(
                f"{self._url}: expected an answer in OpenAI's form, got {answer.text[:200]!r}"
            ) from exc
        dims = self.dims or vectors.shape[1]
        if not dims or vectors.shape != (count, dims):
            raise ConfigError(
                f"{self._url}: expected vectors of shape {(count, dims)}, got {vectors.shape}"
            )
        self.dims = dims
        return vectors
