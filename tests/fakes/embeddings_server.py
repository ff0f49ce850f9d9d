"""A `/v1/embeddings` and `/v1/rerank` server on loopback that answers by HashEmbedder's vectors."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.embed import HashEmbedder
from tools.embed_base import Vector2D


@dataclass
class EmbeddingsServer:
    """What the server does next and what it was asked."""

    base_url: str = ""
    status: int = 200
    body: bytes | None = None  # instead of vectors
    delay_s: float = 0.0
    max_chars: int = 100_000  # longer texts get 400, as from vLLM
    requests: list[dict[str, object]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) != b"":
                length = next(
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                )
                request = json.loads(await reader.readexactly(length))
                self.requests.append(request)
                await asyncio.sleep(self.delay_s)
                status, body = await self._answer(request)
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: dict[str, Any]) -> tuple[int, bytes]:
        texts: list[str] = request.get("input") or request["documents"]
        if max(map(len, texts)) > self.max_chars:
            return 400, b'{"message": "maximum context length"}'
        if self.body is not None:
            return self.status, self.body
        vectors = await HashEmbedder().passages(texts)
        if "query" in request:
            return self.status, self._reranked(vectors @ vectors_of(request["query"]))
        items = [
            {"index": at, "embedding": (vector * 3).tolist()} for at, vector in enumerate(vectors)
        ]
        return self.status, json.dumps({"data": items[::-1]}).encode()

    def _reranked(self, scores: Vector2D) -> bytes:
        """Return the form of vLLM, Jina and Cohere: best first, places in `index`."""
        results = [
            {"index": int(at), "document": {"text": "…"}, "relevance_score": float(scores[at])}
            for at in scores.argsort()[::-1]
        ]
        return json.dumps({"id": "rerank-1", "model": "m", "results": results}).encode()


def vectors_of(text: str) -> Vector2D:
    return HashEmbedder()._embed([text])[0]


@asynccontextmanager
async def embeddings_server() -> AsyncIterator[EmbeddingsServer]:
    """Run a server on a free port."""
    fake = EmbeddingsServer()
    tcp = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.base_url = f"http://127.0.0.1:{tcp.sockets[0].getsockname()[1]}/v1"
    try:
        yield fake
    finally:
        tcp.close()
