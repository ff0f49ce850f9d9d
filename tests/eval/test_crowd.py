"""Customers at once are all answered, and measured."""

from pathlib import Path

import pytest

from eval.__main__ import main
from eval.crowd import crowd
from graph.setting_groups import EmbedSettings
from graph.settings import Settings, settings
from tests.eval.knowledge import Write
from ui.runner import Runner

NAMES = {"turns_per_s", "p50_ms", "p95_ms", "p99_ms", "cpu_ms", "errors"}


@pytest.fixture
def config() -> Settings:
    return settings().model_copy(update={"embed": EmbedSettings()})


@pytest.fixture
def queries(write: Write) -> Path:
    return write(
        ("退款多久到账", "answerable", "refund"),
        ("今天天气怎么样", "offdomain", ""),
        ("转人工", "handoff", ""),
    )


@pytest.mark.parametrize("delay_ms", [0, 30])
async def test_measures_each_number_of_customers(
    kb: Path, queries: Path, config: Settings, delay_ms: int
) -> None:
    result = await crowd(kb, queries, config, customers=[1, 3], turns=7, delay_ms=delay_ms)

    assert result["turns"] == 7
    assert set(result["customers"]) == {"1", "3"}
    for row in result["customers"].values():
        assert set(row) == NAMES
        assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
        assert row["errors"] == 0


async def test_customers_are_there_at_once_in_talks_of_three(
    kb: Path, queries: Path, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, most, threads, texts = 0, 0, [], []
    plain = Runner.ask

    async def noted(self: Runner, text: str, **more: object) -> object:
        nonlocal here, most
        threads.append(more["thread_id"])
        texts.append(text)
        here += 1
        most = max(most, here)
        try:
            return await plain(self, text, **more)  # type: ignore[arg-type]
        finally:
            here -= 1

    monkeypatch.setattr(Runner, "ask", noted)
    await crowd(kb, queries, config, customers=[2], turns=20, delay_ms=0)

    assert most == 2
    assert max(threads.count(thread) for thread in threads) == 3
    assert len(set(texts)) == len(texts)


async def test_turns_that_nothing_could_answer_are_errors(
    kb: Path, queries: Path, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("graph.build.decide", broken)

    result = await crowd(kb, queries, config, customers=[1], turns=3, delay_ms=0)

    assert result["customers"]["1"]["errors"] == 1


def test_a_table_tells_it(kb: Path, queries: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["--kb", str(kb), "--queries", str(queries), "--customers", "2", "--turns", "2"]

    assert main(["crowd", *args]) == 0
    told = capsys.readouterr().out
    assert "no model" in told
    assert "p99_ms" in told
