"""The cost of a turn is measured on turns that asked the model."""

from pathlib import Path

import pytest
from pydantic import HttpUrl

from eval.load import load
from graph.setting_groups import EmbedSettings, LLMSettings
from graph.settings import settings
from tests.eval.knowledge import Write
from tools.errors import ConfigError

PAGE = """---
id: stay
title: 客房清洁服务
---
## 预约

客房清洁服务需提前 2 天预约。服务每次持续 3 小时。
"""
PARTS = {"embed_ms", "model_ms", "rest_ms", "first_sentence_ms"}
CPU = {"embed_cpu_ms", "model_cpu_ms", "own_cpu_ms"}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "stay.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


async def test_measures_turns_with_one_model_call_beside_a_bare_graph(
    page: Path, write: Write
) -> None:
    queries = write(("客房清洁服务要提前几天预约", "answerable", "stay"))
    other = LLMSettings(base_url=HttpUrl("http://127.0.0.1:9/v1"))
    config = settings().model_copy(update={"embed": EmbedSettings(), "llm": other})

    result = await load(page, queries, config, turns=2, delay_ms=30)

    kefu, bare = result["kefu"], result["bare"]
    assert set(result) == {"turns", "model_delay_ms", "kefu", "bare"}
    assert set(kefu) == {"measured", "median_ms", "p95_ms", *PARTS, *CPU}
    assert set(bare) == {"median_ms", "own_cpu_ms"}
    assert kefu["measured"] == 2
    assert kefu["model_ms"] >= 30
    assert kefu["median_ms"] >= kefu["model_ms"]
    assert kefu["first_sentence_ms"] >= 30


async def test_questions_that_are_quoted_are_no_measurement(kb: Path, write: Write) -> None:
    queries = write(("电子发票怎么开？", "answerable", "invoice"))
    config = settings().model_copy(update={"embed": EmbedSettings()})

    with pytest.raises(ConfigError, match="got 0 in 6 rounds of its questions"):
        await load(kb, queries, config, turns=1, delay_ms=1)
