"""What is Chroma's own: its filters, its builds, its folder, its failures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.setting_groups import SearchSettings
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tools.errors import ConfigError, IndexMismatch, SearchUnavailable, StoreUnavailable
from tools.search.factory import open_search
from tools.search.types import Filters

pytest.importorskip("chromadb", reason="the extra `chroma` is not installed")
from tools.search.chroma import ChromaSearch
from tools.search.chroma_records import where

QUESTION = "退款多久到账"


class Other(HashEmbedder):
    name = "hash-64-b"


@pytest.fixture
async def search(tmp_path: Path) -> AsyncIterator[ChromaSearch]:
    opened = await ChromaSearch.open(tmp_path, HashEmbedder())
    yield opened
    await opened.close()


@pytest.fixture
def ask(search: ChromaSearch) -> Ask:
    return Ask(search, HashEmbedder(), "dense", ranks_words=False)


def test_every_filter_becomes_a_clause_that_compares_with_its_value() -> None:
    found = where(Filters("shop", "2026-06-01", "public", "east", "app", "zh"))

    assert found == {
        "$and": [
            {"tenant": {"$eq": "shop"}},
            {"region": {"$in": ["", "east"]}},
            {"channel": {"$in": ["", "app"]}},
            {"audience": {"$eq": "public"}},
            {"effective_from": {"$lte": 20260601}},
            {"effective_to": {"$gte": 20260601}},
            {"lang": {"$eq": "zh"}},
        ]
    }


async def test_a_question_without_vector_is_failed_and_never_nothing(ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION))

    with pytest.raises(SearchUnavailable, match="no vector"):
        await ask.search.search(QUESTION, None, k=5, filters=Filters())


async def test_many_wordings_of_one_entry_do_not_use_up_the_places(ask: Ask) -> None:
    await ask.holds(
        entry("wordy", QUESTION, similar_questions=[f"{QUESTION} {n}" for n in range(300)]),
        entry("other", "发票抬头"),
    )

    assert await ask.ids(QUESTION, k=2) == ["wordy", "other"]


async def test_what_is_stored_is_there_after_the_folder_is_opened_again(tmp_path: Path) -> None:
    first = await ChromaSearch.open(tmp_path, HashEmbedder())
    await first.upsert([entry("x", QUESTION)], tenant="default")
    await first.close()

    again = await ChromaSearch.open(tmp_path, HashEmbedder())

    assert await Ask(again, HashEmbedder(), "dense").ids(QUESTION) == ["x"]
    await again.close()


async def test_another_embedder_is_told_how_to_rebuild_and_can(tmp_path: Path) -> None:
    first = await ChromaSearch.open(tmp_path, HashEmbedder())
    await first.upsert([entry("x", QUESTION), entry("y", "发票")], tenant="default")
    version = (await first.health()).version
    await first.close()

    with pytest.raises(IndexMismatch, match=r"hash-64.*--rebuild"):
        await ChromaSearch.open(tmp_path, Other())
    other = await ChromaSearch.open(tmp_path, Other(), is_rebuild=True)
    changes = await other.rebuild()

    health = await other.health()
    assert (changes.changed, health.entries, health.embedder) == (2, 2, "hash-64-b")
    assert health.version > version
    await other.close()
    again = await ChromaSearch.open(tmp_path, Other())
    assert (await Ask(again, Other(), "dense").ids(QUESTION))[0] == "x"
    await again.close()


async def test_a_rebuild_that_fails_leaves_the_old_vectors(search: ChromaSearch, ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION))

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await search.rebuild(stop)

    assert await ask.ids(QUESTION) == ["x"]
    assert (await search.rebuild()).changed == 1


async def test_a_date_that_is_none_is_named_and_nothing_of_the_batch_stored(ask: Ask) -> None:
    with pytest.raises(ConfigError, match="YYYY-MM-DD, got 'soon'"):
        await ask.holds(entry("x", QUESTION), entry("y", QUESTION, effective_to="soon"))

    assert await ask.search.ids(tenant="default") == set()


async def test_a_closed_folder_is_unavailable(search: ChromaSearch, ask: Ask) -> None:
    await search.close()

    with pytest.raises(SearchUnavailable):
        await ask(QUESTION)
    with pytest.raises(StoreUnavailable):
        await ask.holds(entry("x", QUESTION))


async def test_a_folder_that_is_a_file_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("")

    with pytest.raises(ConfigError, match="can't be used"):
        await ChromaSearch.open(tmp_path, HashEmbedder())


async def test_the_settings_open_it(tmp_path: Path) -> None:
    config = dict(SearchSettings(kind="chroma"))

    search = await open_search(tmp_path, HashEmbedder(), **config)

    assert (await search.health()).backend.startswith("chroma")
    await search.close()
    with pytest.raises(ConfigError, match="KEFU_EMBED__KIND"):
        await open_search(tmp_path, None, **config)
