"""A `/v1/embeddings` server on loopback that answers with HashEmbedder's vectors."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.embed import HashEmbedder


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
                status, body = await self._answer(request["input"])
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, texts: list[str]) -> tuple[int, bytes]:
        if max(map(len, texts)) > self.max_chars:
            return 400, b'{"message": "maximum context length"}'
        if self.body is not None:
            return self.status, self.body
        vectors = await HashEmbedder().passages(texts)
        items = [
            {"index": at, "embedding": (vector * 3).tolist()} for at, vector in enumerate(vectors)
        ]
        return self.status, json.dumps({"data": items[::-1]}).encode()


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
