"""What a bulk write makes of the server's answers; the answers are scripted."""

import asyncio
from collections.abc import Sequence
from time import time
from typing import Any, Self

import pytest

from tools.errors import ConfigError, IndexMismatch, StoreUnavailable
from tools.search.elastic_store import Store
from tools.search.elastic_write import Writer

BUSY = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}
STORED = {"status": 201}
STALE = {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "late"}}


class ScriptedServer:
    """Answers each bulk with the next list of outcomes, one a document."""

    def __init__(self, *answers: list[dict[str, Any]]) -> None:
        self._answers = list(answers)
        self.asked: list[int] = []  # documents in each request

    def options(self, **_: object) -> Self:
        return self

    async def bulk(self, *, operations: Sequence[bytes], **_: object) -> dict[str, Any]:
        self.asked.append(len(operations) // 2)
        return {"items": [{"index": outcome} for outcome in self._answers.pop(0)]}


def documents(*ids: str) -> list[dict[str, Any]]:
    return [{"id": name, "tenant": "default", "stamp": 1} for name in ids]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.search.elastic_write.PAUSE_S", 0)


async def stale(server: ScriptedServer, *ids: str) -> set[str]:
    writer = Writer(server, "http://fake")  # type: ignore[arg-type]
    return await writer.bulk("kefu", documents(*ids), refresh=False)


async def test_only_what_was_refused_as_busy_is_sent_again() -> None:
    server = ScriptedServer([STORED, BUSY, BUSY], [BUSY, STORED], [STORED])

    assert await stale(server, "a", "b", "c") == set()
    assert server.asked == [3, 2, 1]


async def test_a_newer_write_is_counted_and_not_raised() -> None:
    assert await stale(ScriptedServer([STORED, STALE]), "a", "b") == {"b"}


async def test_our_own_first_try_is_not_taken_for_a_newer_write() -> None:
    assert await stale(ScriptedServer([BUSY], [STALE]), "a") == set()


async def test_a_server_that_stays_busy_is_an_error_that_counts() -> None:
    server = ScriptedServer([STORED, BUSY], [BUSY], [BUSY], [BUSY])

    with pytest.raises(StoreUnavailable, match="1 of 2 entries not stored"):
        await stale(server, "a", "b")


async def test_a_refused_entry_is_named() -> None:
    wrong = {"status": 400, "error": {"type": "document_parsing_exception", "reason": "bad date"}}

    with pytest.raises(ConfigError, match=r"'b'.*bad date"):
        await stale(ScriptedServer([STORED, wrong]), "a", "b")


async def test_vectors_of_another_length_mean_another_embedder() -> None:
    wrong = {
        "status": 400,
        "error": {"type": "document_parsing_exception", "reason": "vector has 3 dimensions"},
    }

    with pytest.raises(IndexMismatch, match="another embedder"):
        await stale(ScriptedServer([wrong]), "a")


async def test_a_block_on_writing_is_named() -> None:
    blocked = {"status": 403, "error": {"type": "cluster_block_exception", "reason": "read-only"}}

    with pytest.raises(StoreUnavailable, match="read-only"):
        await stale(ScriptedServer([blocked]), "a")


class SlowServer(ScriptedServer):
    """Stores when it is let; searches see what was stored at the last refresh."""

    def __init__(self) -> None:
        super().__init__([STORED])
        self.indices = self
        self.asked_for, self.may_store = asyncio.Event(), asyncio.Event()
        self.seen = self.stored = 0

    async def bulk(self, *, operations: Sequence[bytes], **more: object) -> dict[str, Any]:
        self.asked_for.set()
        await self.may_store.wait()
        self.stored += len(operations) // 2
        return await super().bulk(operations=operations, **more)

    async def refresh(self, **_: object) -> None:
        self.seen = self.stored


async def test_a_search_while_a_write_is_on_its_way_does_not_hide_it_from_the_next() -> None:
    server = SlowServer()
    store = Store(server, "http://fake", "kefu", None, time)  # type: ignore[arg-type]
    writing = asyncio.create_task(store._write("kefu", documents("a"), is_edit=False))
    await server.asked_for.wait()
    await store.settle()

    server.may_store.set()
    await writing
    await store.settle()

    assert server.seen == 1
