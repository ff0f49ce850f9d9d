"""A whole Kefu whose Elasticsearch is not there at the start, and comes."""

import asyncio
from pathlib import Path

import pytest

from graph.app import Kefu, opened
from graph.context import Context
from graph.setting_groups import SearchSettings
from tests.fakes.elastic import NO_SERVER, PATIENCE_S, new_index, raw_client, server_url
from tests.fakes.elastic_proxy import answer, gate
from tests.fakes.kefu import BAR, SHIPPED, fitted_here, small_settings
from tools.errors import ConfigError
from ui.health import health
from ui.runner import Done, Runner

QUESTION = "退款多久到账？"
needs_server = pytest.mark.skipif(not server_url(), reason=NO_SERVER)


async def ask(kefu: Kefu) -> Done:
    return await Runner(kefu).ask(QUESTION, thread_id="th1", context=Context())


@needs_server
async def test_kefu_starts_without_its_server_and_knows_all_once_it_is_there(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    search = SearchSettings(
        url=f"http://127.0.0.1:{unused_tcp_port}",
        index=new_index(),
        timeout_s=PATIENCE_S,
        breaker_reset_s=0.2,
    )
    policy = await fitted_here(tmp_path)
    async with (
        gate(server_url(), unused_tcp_port, is_open=False) as before,
        opened(small_settings(tmp_path, search=search, policy=policy)) as kefu,
        raw_client() as raw,
    ):
        away, down = await ask(kefu), await health(kefu)
        careful_at = kefu.services.policy().answer_at
        await before.open()
        async with asyncio.timeout(2 * PATIENCE_S):
            await kefu.knowledge.finished()
        found, up = await ask(kefu), await health(kefu)
        for name in (await raw.indices.get(index=f"{search.index}-*")).body:
            await raw.indices.delete(index=name)

    assert (away["reply"]["level"], away["reply"]["citations"]) == (3, [])
    assert (down["level"], down["index"], down["knowledge"]) == (3, None, "waiting")
    assert (careful_at, kefu.services.policy().answer_at) == (SHIPPED["careful_at"], BAR)
    assert kefu.report is not None
    assert kefu.report.added == up["index"]["entries"] > 0
    assert (found["reply"]["level"], up["level"], up["knowledge"]) == (2, 2, "indexed")


async def test_a_server_that_refuses_us_at_the_start_is_a_clear_error(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async def refuse(*_: object) -> object:
        return answer(401, {"error": {"type": "security_exception", "reason": "who?"}})

    search = SearchSettings(url=f"http://127.0.0.1:{unused_tcp_port}")
    async with gate("http://127.0.0.1:9", unused_tcp_port) as before:
        before.trouble = refuse  # type: ignore[assignment]
        with pytest.raises(ConfigError, match="KEFU_SEARCH__API_KEY"):
            async with opened(small_settings(tmp_path, search=search)):
                pass
