"""The reranker as the composition root opens it."""

from pathlib import Path

import pytest

from graph.context import Context
from graph.parts import usable_rerank
from graph.setting_groups import RerankSettings
from tests.fakes.embeddings_server import embeddings_server
from tests.fakes.kefu import small_kefu
from tools.errors import ConfigError
from ui.runner import Runner


async def test_a_turn_asks_the_configured_server(tmp_path: Path) -> None:
    async with embeddings_server() as server:
        settings = RerankSettings(kind="http", base_url=server.base_url)  # type: ignore[arg-type]
        async with small_kefu(tmp_path, rerank=settings) as kefu:
            server.requests.clear()
            runner = Runner(kefu)
            await runner.ask("退款多久到账", thread_id="th1", context=Context())
            await runner.close()

        assert [request["query"] for request in server.requests] == ["退款多久到账"]


async def test_a_server_that_is_down_at_the_start_may_come_back() -> None:
    settings = RerankSettings(kind="http", base_url="http://127.0.0.1:9/v1")  # type: ignore[arg-type]

    rerank = await usable_rerank(settings)

    assert rerank is not None
    await rerank.close()


async def test_a_wrong_model_is_an_error_at_the_start() -> None:
    async with embeddings_server() as server:
        server.status, server.body = 404, b"no such model"
        settings = RerankSettings(kind="http", base_url=server.base_url)  # type: ignore[arg-type]

        with pytest.raises(ConfigError, match="no such model"):
            await usable_rerank(settings)
