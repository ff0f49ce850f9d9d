"""Indexes in a folder of the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.embed import HashEmbedder
from tools.search.sqlite import SqliteSearch

PATIENT = {"busy_timeout_s": 60.0}
HASTY = {"busy_timeout_s": 0.2}  # for a file that stays locked
Open = Callable[..., Awaitable[SqliteSearch]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens the index of this test; closed at its end."""
    async with AsyncExitStack() as stack:

        async def open_index(
            embedder: HashEmbedder | None = None,
            *,
            without_vectors: bool = False,
            **options: Any,  # noqa: ANN401 of SqliteSearch.open
        ) -> SqliteSearch:
            embedder = None if without_vectors else embedder or HashEmbedder()
            search = await SqliteSearch.open(tmp_path, embedder, **(PATIENT | options))
            stack.push_async_callback(search.close)
            return search

        yield open_index
