"""Every backend, asked through every leg it has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, MemorySearch
from tools.search.base import SearchBackend
from tools.search.sqlite import SqliteSearch

WORDS = ["sqlite-hybrid", "sqlite-words", "sqlite_without_vectors-words", "memory-words"]


@pytest.fixture(params=[*WORDS, "sqlite-dense"])
async def ask(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend and a leg, all that there are."""
    async with _asked(request.param, tmp_path) as one:
        yield one


@pytest.fixture(params=WORDS)
async def ask_words(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend and a leg that reads the words of the question."""
    async with _asked(request.param, tmp_path) as one:
        yield one


@asynccontextmanager
async def _asked(case: str, folder: Path) -> AsyncIterator[Ask]:
    backend, leg = case.split("-")
    embedder = HashEmbedder()
    search: SearchBackend
    match backend:
        case "sqlite":
            search = await SqliteSearch.open(folder, embedder)
        case "sqlite_without_vectors":
            search = await SqliteSearch.open(folder, None)
        case _:
            search = MemorySearch()
    yield Ask(search, embedder, leg)  # type: ignore[arg-type]
    await search.close()
