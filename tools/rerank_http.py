"""Scores from any server with `/v1/rerank` (vLLM, Jina, Cohere …)."""

from collections.abc import Sequence
from http import HTTPStatus

import httpx

from tools.errors import ConfigError, RerankUnavailable


class HttpReranker:
    """A client of `/v1/rerank` as vLLM, Jina and Cohere have it."""

    def __init__(self, base_url: str, model: str, *, api_key: str, timeout_s: float) -> None:
        self._url = f"{base_url.rstrip('/')}/rerank"
        self._model = model
        headers = {"Authorization": f"Bearer {api_key}"}
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout_s)

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score for each text."""
        body = {"model": self._model, "query": question, "documents": list(texts)}
        try:
            answer = await self._client.post(self._url, json=body | {"top_n": len(texts)})
        except httpx.HTTPError as exc:
            raise RerankUnavailable(f"{self._url}: no answer ({exc!r})") from exc
        status = answer.status_code
        if status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS):
            raise RerankUnavailable(f"{self._url}: HTTP {status}")
        if status != HTTPStatus.OK:
            raise ConfigError(
                f"{self._url}: HTTP {status}: {answer.text[:300]}; "
                "check KEFU_RERANK__BASE_URL, __MODEL and __API_KEY"
            )
        try:
            found = {item["index"]: item["relevance_score"] for item in answer.json()["results"]}
            return [float(found[at]) for at in range(len(texts))]
        except (ValueError, KeyError, TypeError) as exc:
            raise ConfigError(
                f"{self._url}: expected {len(texts)} results with index and relevance_score, "
                f"got {answer.text[:200]!r}"
            ) from exc

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
