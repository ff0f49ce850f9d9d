"""An index belongs to the embedder and segmenter that built it, and can be rebuilt for others."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from graph.settings import settings
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.embed import Vector2D
from tools.errors import IndexMismatch
from tools.ingest import __main__ as cli

QUESTION = "退款多久到账"


class Other(HashEmbedder):
    """The same vectors under another name."""

    name = "other-64"


class Wider(HashEmbedder):
    """Vectors of another length."""

    name = "hash-96"
    dims = 96


async def test_another_embedder_is_refused_with_the_command_that_mends(opened: Open) -> None:
    await opened()

    with pytest.raises(IndexMismatch, match=r"'hash-64', now configured 'other-64'.*--rebuild"):
        await opened(Other())


async def test_another_segmenter_is_refused_with_the_command_that_mends(opened: Open) -> None:
    await opened()

    with pytest.raises(IndexMismatch, match=r"segmenter 'bigrams'.*tools\.ingest --rebuild"):
        await opened(segmenter="words")


@pytest.mark.parametrize("other", [Other, Wider])
async def test_a_rebuild_makes_the_index_usable_for_another_embedder(
    opened: Open, other: type[HashEmbedder]
) -> None:
    before = await opened()
    await before.upsert([entry("x", QUESTION), entry("y", "发票抬头")], tenant="a")
    await before.upsert([entry("x", QUESTION)], tenant="b")
    await before.close()

    rebuilt = await opened(other(), is_rebuild=True)
    changes = await rebuilt.rebuild()

    health = await rebuilt.health()
    assert (changes.changed, changes.added) == (3, 0)
    assert (health.embedder, health.dims, health.vectors) == (other.name, other.dims, 6)
    assert (await Ask(rebuilt, other(), "dense").ids(QUESTION, tenant="a"))[0] == "x"
    await opened(other())


async def test_a_rebuild_makes_the_words_anew(opened: Open) -> None:
    before = await opened()
    await before.upsert([entry("x", QUESTION)], tenant="default")

    rebuilt = await opened(segmenter="words", is_rebuild=True)
    await rebuilt.rebuild()

    assert await Ask(rebuilt, HashEmbedder(), "words").ids("款") == []
    assert await Ask(rebuilt, HashEmbedder(), "words").ids("退款") == ["x"]


async def test_a_rebuild_that_was_cut_off_goes_on_with_the_next_run(opened: Open) -> None:
    before = await opened()
    await before.upsert([entry("x", QUESTION)], tenant="default")
    cut_off = await opened(Other(), is_rebuild=True)
    await cut_off.close()

    again = await opened(Other())
    changes = await again.upsert([entry("x", QUESTION)], tenant="default")

    assert changes.changed == 1
    assert (await again.health()).vectors == 2


async def test_a_running_process_goes_on_by_words_when_another_rebuilds(opened: Open) -> None:
    running = Ask(await opened(), HashEmbedder(), "hybrid")
    await running.holds(entry("x", QUESTION))

    rebuilt = await opened(Wider(), is_rebuild=True, segmenter="words")
    await rebuilt.rebuild()

    result = await running(QUESTION)
    assert result.legs == {"words": "ok", "dense": "failed"}
    assert [(p["id"], p["words"]) for p in result.passages] == [("x", 1)]  # cut as rebuilt
    with pytest.raises(IndexMismatch, match="--rebuild"):
        await running.holds(entry("y", QUESTION))


async def test_a_load_stops_when_the_index_is_rebuilt_under_it(opened: Open) -> None:
    class Interrupted(HashEmbedder):
        async def passages(self, texts: Sequence[str]) -> Vector2D:
            await opened(segmenter="words", is_rebuild=True)
            return await super().passages(texts)

    loading = await opened(Interrupted())

    with pytest.raises(IndexMismatch, match="segmenter 'words', now configured 'bigrams'"):
        await loading.upsert([entry("x", QUESTION)], tenant="default")


async def test_a_running_process_takes_up_an_index_rebuilt_back(opened: Open) -> None:
    running = Ask(await opened(), HashEmbedder(), "hybrid")
    await running.holds(entry("x", QUESTION), entry("y", "发票抬头"))
    away = await opened(Wider(), is_rebuild=True)
    await away.rebuild()
    await running(QUESTION)
    await away.delete(["y"], tenant="default")
    back = await opened(is_rebuild=True)
    await back.rebuild()

    result = await running(QUESTION)

    assert result.legs["dense"] == "ok"
    assert (await running.search.health()).vectors == 2
    assert result.passages[0]["dense"] == pytest.approx(1, abs=1e-3)


async def test_without_an_embedder_unchanged_entries_keep_their_vectors(opened: Open) -> None:
    whole = await opened()
    await whole.upsert([entry("x", QUESTION), entry("y", "发票抬头")], tenant="default")
    words_only = await opened(without_vectors=True)

    changes = await words_only.upsert(
        [entry("x", QUESTION), entry("y", "发票", "新")], tenant="default"
    )

    assert (changes.unchanged, changes.changed) == (1, 1)
    assert (await whole.health()).vectors == 2


async def test_entries_written_without_vectors_get_them_with_the_next_load(opened: Open) -> None:
    words_only = await opened(without_vectors=True)
    await words_only.upsert([entry("x", QUESTION)], tenant="default")

    whole = await opened()
    changes = await whole.upsert([entry("x", QUESTION)], tenant="default")

    assert changes.changed == 1
    assert (await whole.health()).vectors == 2


async def test_an_entry_without_vector_does_not_squeeze_the_scores_of_the_others(
    opened: Open,
) -> None:
    whole = Ask(await opened(), HashEmbedder(), "dense")
    await whole.holds(entry("x", QUESTION), entry("y", "发票抬头"))
    before = {p["id"]: p["score"] for p in (await whole(QUESTION)).passages}

    words_only = await opened(without_vectors=True)
    await words_only.upsert([entry("z", "运费")], tenant="default")

    after = {p["id"]: p["score"] for p in (await whole(QUESTION)).passages}
    assert after == before | {"z": 0}


async def test_entries_without_vectors_do_not_seem_to_fit(opened: Open) -> None:
    words_only = await opened(without_vectors=True)
    await words_only.upsert([entry("x", QUESTION)], tenant="default")

    (found,) = (await Ask(await opened(), HashEmbedder(), "hybrid")(QUESTION)).passages

    assert found["fit"] == 0


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")
    kb = tmp_path / "kb.jsonl"
    kb.write_text('{"id": "q1", "question": "怎么退款？", "answer": "在订单页。"}\n', "utf-8")
    return kb


def test_the_command_named_in_the_error_mends_the_index(
    command_line: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([str(command_line)]) == 0
    monkeypatch.setenv("KEFU_SEARCH__SEGMENTER", "words")
    settings.cache_clear()
    capsys.readouterr()

    assert cli.main([str(command_line)]) == 2
    assert "python -m tools.ingest --rebuild" in capsys.readouterr().err
    assert cli.main(["--rebuild", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 1
    assert cli.main([str(command_line), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1
