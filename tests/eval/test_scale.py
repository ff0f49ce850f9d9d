"""The cost of an index is measured on seeded passages, each size in an index of its own."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.__main__ import main
from eval.passages import CHARS, DIMS, GivenVectors, Passages
from eval.scale import scale
from graph.setting_groups import SearchSettings
from graph.settings import settings
from tests.fakes.elastic import NO_SERVER, new_index, raw_client, server_url
from tools.errors import ConfigError
from tools.search.base import Progress

COSTS = {
    "ingest_per_s",
    "ingest_per_cpu_s",
    "first_ms",
    "p50_ms",
    "p99_ms",
    "cpu_p50_ms",
    "cpu_p99_ms",
    "took_ms",
    "overhead_ms",
    "upsert_ms",
    "delete_ms",
    "next_query_ms",
    "visible",
    "memory_mb",
    "open_s",
    "file_mb",
}


async def test_measures_every_cost_by_size_and_sees_every_change_at_once() -> None:
    done: dict[str, tuple[int, int]] = {}

    def progress(work: str) -> Progress:
        return lambda now, total: done.__setitem__(work, (now, total))

    result = await scale([30, 60], settings(), backend="sqlite", questions=5, progress=progress)

    assert set(result["sizes"]) == {"30", "60"}
    for costs in result["sizes"].values():
        assert set(costs) == COSTS
        assert costs["visible"] == 1
        assert costs["ingest_per_s"] > 0
        assert costs["file_mb"] > 0
    assert done["ingest 60"] == (60, 60)
    assert done["search 60"] == (5, 5)


async def test_chroma_is_measured_by_the_same_costs_whatever_server_is_set() -> None:
    pytest.importorskip("chromadb", reason="the extra chroma is not installed")
    search = settings().search.model_copy(update={"url": "http://127.0.0.1:9"})
    config = settings().model_copy(update={"search": search})

    result = await scale([30], config, backend="chroma", questions=5, progress=silent)

    costs = result["sizes"]["30"]
    assert set(costs) == COSTS
    assert costs["visible"] == 1
    assert costs["took_ms"] == 0
    assert costs["file_mb"] > 0


async def test_readings_are_measured_where_they_are_asked_for() -> None:
    sizes = [
        (await scale([30], settings(), backend="sqlite", questions=2, reads=reads, progress=silent))
        for reads in (False, True)
    ]

    without, read = (found["sizes"]["30"]["file_mb"] for found in sizes)
    assert read > without


def test_the_command_writes_what_it_measured(tmp_path: Path) -> None:
    out = tmp_path / "scale.json"

    code = main(["scale", "--n", "20,30", "--questions", "2", "--json", str(out)])

    result = json.loads(out.read_text("utf-8"))
    assert code == 0
    assert list(result["sizes"]) == ["20", "30"]
    assert (result["backend"], result["chars"], result["dims"]) == ("sqlite", CHARS, DIMS)


def test_a_size_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["scale", "--n", "20,many"])

    assert "many" in capsys.readouterr().err


async def test_elasticsearch_without_an_address_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="KEFU_SEARCH__URL"):
        await scale(
            [10], settings(), backend="elastic", questions=1, progress=lambda _: lambda *_: None
        )


def silent(_: str) -> Progress:
    return lambda done, total: None


@pytest.mark.skipif(not server_url(), reason=NO_SERVER)
async def test_nothing_is_left_on_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.scale.CHANGES", 2)  # each waits for two refreshes of a second
    config = settings().model_copy(
        update={"search": SearchSettings(url=server_url(), index=new_index(), timeout_s=20)}
    )

    found = await scale([8], config, backend="elastic", questions=2, progress=silent)

    async with raw_client() as raw:
        left = (await raw.indices.get(index=f"{config.search.index}-*")).body
    costs = found["sizes"]["8"]
    assert (costs["visible"], left) == (1, {})
    assert min(costs["bare_overhead_ms"], costs["again_ms"]) > 0


async def test_passages_and_vectors_are_the_same_in_every_run() -> None:
    one, other = Passages(), Passages()
    first, second = ([p.entry(n) for n in range(3)] for p in (one, other))
    texts = [entry["answer"] for entry in first]

    vectors = await GivenVectors().passages(texts)

    assert first == second
    assert all(len(entry["question"]) + len(entry["answer"]) == CHARS for entry in first)
    np.testing.assert_array_equal(vectors, await GivenVectors().passages(texts))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
