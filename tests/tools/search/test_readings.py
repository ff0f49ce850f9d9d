"""The best hits are put in order by their tokens, which the index keeps."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.embed import HashEmbedder, LetterReader, ReadingEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.errors import ConfigError
from tools.reading import Reading
from tools.search.types import Filters

RIGHT = entry("right", "能不能寄去境外", "海外也送。")
WRONG = entry("wrong", "海外海外海外海外", "海外海外。")
QUESTION = "海外也能寄去"


def kept(folder: Path) -> int:
    """Return how many readings the file holds."""
    with closing(sqlite3.connect(folder / "index.db")) as db:
        return int(db.execute("SELECT count(*) FROM readings").fetchone()[0])


async def test_an_entry_that_says_everything_asked_gains(opened: Open) -> None:
    plain = Ask(await opened(HashEmbedder()), HashEmbedder(), "hybrid")
    await plain.holds(RIGHT, WRONG)
    without = {p["id"]: p for p in (await plain(QUESTION)).passages}
    await plain.search.close()
    ask = Ask(await opened(ReadingEmbedder()), HashEmbedder(), "hybrid")
    await ask.holds(RIGHT, WRONG)

    found = {p["id"]: p for p in (await ask(QUESTION)).passages}

    assert without["right"]["meaning"] == without["right"]["aim"] == 0
    assert found["right"]["meaning"] == 1
    assert found["wrong"]["meaning"] == pytest.approx(1 / 3, abs=0.001)
    assert 0 < found["right"]["aim"] < 1
    lead = {
        name: hits["right"]["score"] - hits["wrong"]["score"]
        for name, hits in (("without", without), ("with", found))
    }
    assert lead["with"] == pytest.approx(
        min(lead["without"] + 2 / 3, found["right"]["score"]), abs=0.001
    )


async def test_a_reader_of_no_weight_leaves_the_scores_as_they_are(opened: Open) -> None:
    plain = Ask(await opened(HashEmbedder()), HashEmbedder(), "hybrid")
    await plain.holds(RIGHT, WRONG)
    without = [(p["id"], p["score"]) for p in (await plain(QUESTION)).passages]
    await plain.search.close()
    embedder = ReadingEmbedder()
    embedder.reader.weight = 0.0
    ask = Ask(await opened(embedder), HashEmbedder(), "hybrid")
    await ask.holds(RIGHT, WRONG)

    found = (await ask(QUESTION)).passages

    assert [(p["id"], p["score"]) for p in found] == without
    assert found[0]["meaning"] == 1


async def test_one_leg_alone_ranks_as_it_does(opened: Open) -> None:
    ask = Ask(await opened(ReadingEmbedder()), HashEmbedder(), "dense")
    await ask.holds(RIGHT, WRONG)
    vector = (await HashEmbedder().questions([QUESTION]))[0]

    result = await ask.search.search(QUESTION, vector, k=2, filters=Filters(), dense_weight=1.0)

    assert [p["meaning"] for p in result.passages] == [0, 0]


async def test_an_index_without_readings_gets_them_when_it_is_filled_again(
    opened: Open, tmp_path: Path
) -> None:
    old = Ask(await opened(HashEmbedder()), HashEmbedder(), "hybrid")
    await old.holds(RIGHT, WRONG)
    await old.search.close()
    embedder = ReadingEmbedder()
    new = Ask(await opened(embedder), HashEmbedder(), "hybrid")
    before = (await new(QUESTION)).passages

    first = await new.search.upsert([RIGHT, WRONG], tenant="default")
    again = await new.search.upsert([RIGHT, WRONG], tenant="default")

    assert [p["meaning"] for p in before] == [0, 0]  # found all the same
    assert (first.changed, again.unchanged) == (2, 2)
    assert {p["id"] for p in (await new(QUESTION)).passages if p["meaning"]} == {"right", "wrong"}
    assert kept(tmp_path) == 2


async def test_readings_of_another_reader_are_made_anew(opened: Open) -> None:
    old = Ask(await opened(ReadingEmbedder("old")), HashEmbedder(), "hybrid")
    await old.holds(RIGHT)
    await old.search.close()
    new = Ask(await opened(ReadingEmbedder("new")), HashEmbedder(), "hybrid")

    assert (await new(QUESTION)).passages[0]["meaning"] == 0
    await new.holds(RIGHT)
    assert (await new(QUESTION)).passages[0]["meaning"] == 1


async def test_an_engine_without_a_model_leaves_readings_alone(
    opened: Open, tmp_path: Path
) -> None:
    first = Ask(await opened(ReadingEmbedder()), HashEmbedder(), "hybrid")
    await first.holds(RIGHT)
    await first.search.close()
    words = await opened(without_vectors=True)

    assert (await words.upsert([RIGHT], tenant="default")).unchanged == 1
    assert kept(tmp_path) == 1


async def test_a_deleted_entry_leaves_no_reading(opened: Open, tmp_path: Path) -> None:
    ask = Ask(await opened(ReadingEmbedder()), HashEmbedder(), "hybrid")
    await ask.holds(RIGHT, WRONG)
    await ask.search.delete(["right"], tenant="default")

    assert [p["id"] for p in (await ask(QUESTION)).passages] == ["wrong"]
    assert kept(tmp_path) == 1


async def test_an_entry_not_read_yet_keeps_its_place_among_the_others(opened: Open) -> None:
    old = Ask(await opened(HashEmbedder()), HashEmbedder(), "hybrid")
    await old.holds(RIGHT)
    await old.search.close()
    ask = Ask(await opened(ReadingEmbedder()), HashEmbedder(), "hybrid")
    await ask.holds(WRONG)

    found = {p["id"]: p for p in (await ask(QUESTION)).passages}

    assert found["right"]["meaning"] == 0
    assert found["right"]["score"] > 0.3  # as if it had what the others have on average


async def test_a_model_that_is_gone_leaves_both_legs(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: LetterReader, text: str) -> Reading:
        raise ConfigError(f"no model for {text}")

    ask = Ask(await opened(ReadingEmbedder()), HashEmbedder(), "hybrid")
    await ask.holds(RIGHT)
    monkeypatch.setattr(LetterReader, "question", gone)

    result = await ask(QUESTION)

    assert result.legs == {"words": "ok", "dense": "ok"}
    assert [p["id"] for p in result.passages] == ["right"]
