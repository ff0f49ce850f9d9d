"""Every backend, asked through every leg it has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.elastic import (
    NO_SERVER,
    answered,
    delete_shared,
    emptied_search,
    server_url,
)
from tests.fakes.embed import HashEmbedder, OneVector
from tests.fakes.search import Ask, MemorySearch
from tools.search.base import SearchBackend
from tools.search.sqlite import SqliteSearch
from tools.search.synonyms import NONE, Synonyms, read_synonyms
from tools.search.things import Things

WORDS = [
    "sqlite-hybrid",
    "sqlite-words",
    "sqlite_without_vectors-words",
    "memory-words",
    "elastic-hybrid",
    "elastic-words",
    "elastic_without_vectors-words",
]


@pytest.fixture(params=[*WORDS, "sqlite-dense", "elastic-dense", "chroma-dense"])
async def ask(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend and a leg, all that there are."""
    async with _asked(request.param, tmp_path) as one:
        yield one


@pytest.fixture(params=WORDS)
async def ask_words(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend and a leg that reads the words of the question; Chroma has none."""
    async with _asked(request.param, tmp_path) as one:
        yield one


TERMS = [name for name in WORDS if name.endswith("-words") and "memory" not in name]


@pytest.fixture(params=TERMS)
async def ask_terms(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend that looks for terms and what may stand for them, asked by words alone."""
    async with _asked(request.param, tmp_path) as one:
        yield one


@pytest.fixture(params=TERMS)
async def ask_synonyms(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend that knows the general synonyms, asked by words alone."""
    async with _asked(request.param, tmp_path, read_synonyms(None, 0.4)) as one:
        yield one


@pytest.fixture(params=["sqlite-hybrid", "elastic-hybrid"])
async def ask_names(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend that says a question with the names its knowledge uses."""
    async with _asked(request.param, tmp_path) as one:
        yield one


@pytest.fixture(params=["sqlite-hybrid", "elastic-hybrid"])
async def ask_things(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend that knows two words for one thing, and no synonyms."""
    known = Synonyms((), 0, Things([["机器", "实例"]]))
    async with _asked(request.param, tmp_path, known) as one:
        yield one


@pytest.fixture(params=["sqlite-hybrid", "elastic-hybrid"])
async def ask_readings(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    """A backend that keeps readings, whose vectors say nothing."""
    async with _asked(request.param, tmp_path, embedder=OneVector()) as one:
        yield one


def pytest_sessionfinish() -> None:
    delete_shared()


@asynccontextmanager
async def _asked(
    case: str,
    folder: Path,
    synonyms: Synonyms = NONE,
    embedder: HashEmbedder | None = None,
) -> AsyncIterator[Ask]:
    backend, leg = case.split("-")
    embedder = embedder or HashEmbedder()
    async with _opened(backend, folder, embedder, synonyms) as search:
        yield Ask(search, embedder, leg, ranks_words=backend != "chroma")  # type: ignore[arg-type]


@asynccontextmanager
async def _opened(
    backend: str, folder: Path, embedder: HashEmbedder, synonyms: Synonyms
) -> AsyncIterator[SearchBackend]:
    if backend.startswith("elastic"):
        if not server_url():
            pytest.skip(NO_SERVER)
        stored = embedder if backend == "elastic" else None
        async with emptied_search(stored, synonyms=synonyms) as search:
            yield search
        return
    search_here: SearchBackend
    match backend:
        case "sqlite":
            search_here = await SqliteSearch.open(folder, embedder, synonyms=synonyms)
        case "sqlite_without_vectors":
            search_here = await SqliteSearch.open(folder, None, synonyms=synonyms)
        case "chroma":
            pytest.importorskip("chromadb", reason="the extra `chroma` is not installed")
            from tools.search.chroma import ChromaSearch

            search_here = await ChromaSearch.open(folder, embedder)
        case _:
            search_here = MemorySearch()
    answered[type(search_here).__name__] = (await search_here.health()).backend
    yield search_here
    await search_here.close()
