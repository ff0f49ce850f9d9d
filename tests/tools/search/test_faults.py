"""Locked, damaged or foreign index files: a clear error, and nothing lost."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import HASTY, Open
from tools.errors import ConfigError, SearchUnavailable, StoreUnavailable
from tools.search.sqlite import SqliteSearch
from tools.search.types import Filters

QUESTION = "退款多久到账"


@contextmanager
def by_hand(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "index.db", isolation_level=None)) as db:
        yield db


async def test_a_locked_index_refuses_writes_and_still_answers(
    opened: Open, tmp_path: Path
) -> None:
    ask = Ask(await opened(**HASTY), HashEmbedder(), "hybrid")
    await ask.holds(entry("x", QUESTION))

    with by_hand(tmp_path) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match=r"index\.db: can't be written.*locked"):
            await ask.holds(entry("y", QUESTION))
        with pytest.raises(StoreUnavailable, match="locked"):
            await ask.search.delete(["x"], tenant="default")
        assert await ask.ids(QUESTION) == ["x"]
        other.execute("ROLLBACK")

    await ask.holds(entry("y", QUESTION))
    assert sorted(await ask.ids(QUESTION)) == ["x", "y"]


async def test_searches_do_not_wait_for_a_write_that_waits(opened: Open, tmp_path: Path) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    await ask.holds(entry("x", QUESTION))

    with by_hand(tmp_path) as other:
        other.execute("BEGIN EXCLUSIVE")
        write = asyncio.create_task(ask.holds(entry("y", QUESTION)))
        await asyncio.sleep(0.02)
        assert await ask.ids(QUESTION) == ["x"]
        assert not write.done()
        other.execute("ROLLBACK")
        await write


async def test_a_locked_index_can_be_opened_for_reading(opened: Open, tmp_path: Path) -> None:
    first = Ask(await opened(), HashEmbedder(), "hybrid")
    await first.holds(entry("x", QUESTION))

    with by_hand(tmp_path) as other:
        other.execute("BEGIN EXCLUSIVE")
        second = Ask(await opened(**HASTY), HashEmbedder(), "hybrid")

        assert await second.ids(QUESTION) == ["x"]


async def test_a_new_index_that_is_locked_says_so(opened: Open, tmp_path: Path) -> None:
    with by_hand(tmp_path) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreUnavailable, match=r"index\.db: in use by another program"):
            await opened(**HASTY)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 99, b"SQLite format 3\0" + b"x" * 999]
)
async def test_a_file_of_something_else_is_a_config_error(
    opened: Open, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "index.db").write_bytes(content)

    with pytest.raises(ConfigError, match=r"index\.db: is no index .*move it away"):
        await opened()

    assert (tmp_path / "index.db").read_bytes() == content


async def test_an_index_with_a_damaged_page_says_what_to_do(opened: Open, tmp_path: Path) -> None:
    search = await opened()
    await search.upsert([entry("x", QUESTION)], tenant="default")
    await search.close()
    with by_hand(tmp_path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries'")
        (size,) = other.execute("PRAGMA page_size").fetchone()
    with (tmp_path / "index.db").open("r+b") as file:
        file.seek((page[0] - 1) * size)
        file.write(b"x" * size)

    with pytest.raises(SearchUnavailable, match=r"index\.db: can't be read .*move it away"):
        await (await opened()).get("x", tenant="default")


async def test_a_database_of_another_program_is_a_config_error(
    opened: Open, tmp_path: Path
) -> None:
    with by_hand(tmp_path) as other:
        other.execute("CREATE TABLE entries (name TEXT)")

    with pytest.raises(ConfigError, match="is no index"):
        await opened()


async def test_an_index_of_another_format_is_a_config_error(opened: Open, tmp_path: Path) -> None:
    await opened()
    with by_hand(tmp_path) as other:
        other.execute("UPDATE meta SET value = '99' WHERE key = 'format'")

    with pytest.raises(ConfigError, match="has format '99', expected '2'"):
        await opened()


async def test_a_folder_that_is_a_file_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(ConfigError, match="can't be opened"):
        await SqliteSearch.open(tmp_path / "taken", None)


async def test_an_embedder_that_does_not_know_its_dims_is_a_config_error(opened: Open) -> None:
    silent = HashEmbedder()
    silent.dims = 0

    with pytest.raises(ConfigError, match="vector length unknown"):
        await opened(silent)


async def test_without_the_word_table_vectors_answer_alone_and_say_so(
    opened: Open, tmp_path: Path
) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    await ask.holds(entry("x", QUESTION), entry("y", "发票抬头"))
    with by_hand(tmp_path) as other:
        other.execute("DROP TABLE words")

    result = await ask(QUESTION)

    assert result.passages[0]["id"] == "x"
    assert result.legs == {"words": "failed", "dense": "ok"}


async def test_without_the_word_table_and_vectors_search_is_unavailable(
    opened: Open, tmp_path: Path
) -> None:
    ask = Ask(await opened(), HashEmbedder(), "words")
    await ask.holds(entry("x", QUESTION))
    with by_hand(tmp_path) as other:
        other.execute("DROP TABLE words")

    with pytest.raises(SearchUnavailable, match=r"index\.db"):
        await ask(QUESTION)


async def test_words_that_could_not_be_read_once_are_read_later(
    opened: Open, tmp_path: Path
) -> None:
    ask, writer = Ask(await opened(), HashEmbedder(), "words"), await opened()
    await writer.upsert([entry("x", QUESTION)], tenant="default")
    with by_hand(tmp_path) as other:
        other.execute("ALTER TABLE words RENAME TO away")
        with pytest.raises(SearchUnavailable):
            await ask(QUESTION)
        other.execute("ALTER TABLE away RENAME TO words")

    assert await ask.ids(QUESTION) == ["x"]


async def test_an_index_emptied_by_another_program_is_unavailable(
    opened: Open, tmp_path: Path
) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    with by_hand(tmp_path) as other:
        other.execute("DROP TABLE meta")

    with pytest.raises(SearchUnavailable, match=r"index\.db: can't be read"):
        await ask(QUESTION)
    with pytest.raises(SearchUnavailable):
        await ask.search.health()


async def test_a_closed_index_is_unavailable(opened: Open) -> None:
    search = await opened()
    await search.close()

    with pytest.raises(SearchUnavailable):
        await search.search("退款", None, k=1, filters=Filters())


async def test_the_file_keeps_nothing_of_a_removed_entry(opened: Open, tmp_path: Path) -> None:
    search = await opened()
    await search.upsert([entry("x", QUESTION)], tenant="default")
    await search.delete(["x"], tenant="default")

    with by_hand(tmp_path) as other:
        left = other.execute(
            "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM words), "
            "(SELECT count(*) FROM vectors)"
        ).fetchone()

    assert left == (0, 0, 0)


async def test_a_batch_that_fails_half_way_leaves_nothing(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    await ask.holds(entry("old", QUESTION))
    before = await ask.search.health()

    broken = entry("broken", QUESTION)
    del broken["answer"]
    with pytest.raises(KeyError):
        await ask.holds(entry("a", QUESTION), broken)

    assert await ask.search.health() == before
    assert await ask.ids(QUESTION) == ["old"]


async def test_a_refused_value_rolls_the_batch_back(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    before = await ask.search.health()

    with pytest.raises(StoreUnavailable, match="can't be written"):
        await ask.holds(entry("a", QUESTION), entry("b", QUESTION, region=["east"]))

    assert await ask.search.ids(tenant="default") == set()
    assert await ask.search.health() == before
    await ask.holds(entry("c", QUESTION))
    assert await ask.ids(QUESTION) == ["c"]


async def test_batches_before_the_failing_one_stay(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    many = [entry(str(n), f"{QUESTION} {n}") for n in range(40)]

    with pytest.raises(StoreUnavailable):
        await ask.holds(*many, entry("b", QUESTION, region=["east"]))

    assert len(await ask.search.ids(tenant="default")) == 32


async def test_an_embedder_that_fails_leaves_the_old_entry(opened: Open) -> None:
    class Failing(HashEmbedder):
        async def passages(self, texts: object) -> np.ndarray:  # type: ignore[override,type-arg]
            raise SearchUnavailable("embedding server down")

    await Ask(await opened(), HashEmbedder(), "hybrid").holds(entry("x", QUESTION, "旧"))
    ask = Ask(await opened(Failing()), HashEmbedder(), "hybrid")

    with pytest.raises(SearchUnavailable):
        await ask.holds(entry("x", QUESTION, "新"))

    assert (await ask(QUESTION)).passages[0]["answer"] == "旧"
