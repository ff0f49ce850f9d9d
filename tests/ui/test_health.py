"""What /health costs, and what it notices."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from graph.app import Kefu
from tests.e2e.test_faults import locked
from tools.desk.records import DeskHealth
from ui import health
from ui.runner import Runner
from ui.web import create_app

SITE = "http://kefu.test"


class CountingDesk:
    """A desk that counts how often its health is looked at."""

    def __init__(self, desk: object) -> None:
        self._desk = desk
        self.looks = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk, name)

    async def health(self) -> DeskHealth:
        self.looks += 1
        await asyncio.sleep(0.01)
        return DeskHealth(backend="", waiting_messages=0, unclosed_tickets=0)


async def ask(kefu: Kefu, times: int) -> list[int]:
    transport = httpx.ASGITransport(app=create_app(Runner(kefu), kefu))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        answers = await asyncio.gather(*(client.get("/health") for _ in range(times)))
        return [answer.status_code for answer in (*answers, await client.get("/health"))]


async def test_many_who_ask_at_once_cost_one_look(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH_S", 60.0)
    desk = CountingDesk(kefu.services.desk)

    codes = await ask(kefu.with_services(desk=desk), 200)

    assert codes == [200] * 201
    assert desk.looks == 1


async def test_a_monitor_may_ask_for_the_head_alone(kefu: Kefu, runner: Runner) -> None:
    transport = httpx.ASGITransport(app=create_app(runner, kefu))
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        answer = await client.head("/health")

    assert answer.status_code == 200


async def test_a_look_that_is_old_is_not_given_again(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH_S", 0.0)
    desk = CountingDesk(kefu.services.desk)

    await ask(kefu.with_services(desk=desk), 1)

    assert desk.looks == 2  # that one, and one after it


@pytest.mark.parametrize("name", ["desk.db", "threads.db"])
async def test_a_store_that_breaks_is_noticed_and_so_is_its_return(
    kefu: Kefu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pulse = health.Pulse(kefu)
    before = await pulse.feel()
    monkeypatch.setattr(health, "FRESH_S", 0.0)
    with locked(tmp_path / name):
        broken = await pulse.feel()
    after = await pulse.feel()

    assert [found["status"] for found in (before, broken, after)] == ["ok", "down", "ok"]


async def test_a_full_disk_is_noticed_though_a_look_still_fits(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(kefu.settings.var)._replace(free=health.ROOM_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)

    found = await health.health(kefu)

    assert (found["status"], found["threads"]) == ("down", {"writable": False})


@pytest.mark.parametrize("name", ["desk.db", "threads.db", "profiles.db"])
@pytest.mark.parametrize("is_put_back", [False, True])
async def test_a_database_that_was_taken_away_is_noticed_though_it_can_be_written(
    kefu: Kefu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_put_back: bool
) -> None:
    pulse = health.Pulse(kefu)
    before = await pulse.feel()
    monkeypatch.setattr(health, "FRESH_S", 0.0)
    file = tmp_path / name
    if is_put_back:
        (tmp_path / "backup").write_bytes(file.read_bytes())
        (tmp_path / "backup").replace(file)
    else:
        file.unlink()

    after = await pulse.feel()

    assert (before["status"], before["replaced"]) == ("ok", [])
    assert (after["status"], after["level"], after["replaced"]) == ("down", 4, [name])


async def test_a_desk_in_a_file_elsewhere_is_watched_and_what_is_no_file_is_not(
    kefu: Kefu, tmp_path: Path
) -> None:
    def files(url: str) -> health.Files:
        return health.Files(
            replace(kefu, settings=kefu.settings.model_copy(update={"desk_url": url}))
        )

    (tmp_path / "elsewhere.db").touch()
    watched = files(f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}")
    others = [files("sqlite+aiosqlite://"), files("postgresql+asyncpg://kefu@db/kefu")]
    (tmp_path / "elsewhere.db").unlink()

    assert watched.replaced() == ["elsewhere.db"]
    assert [each.replaced() for each in others] == [[], []]


async def test_who_leaves_while_a_look_goes_on_does_not_end_it_for_others(kefu: Kefu) -> None:
    pulse = health.Pulse(kefu)
    leaving, staying = (asyncio.create_task(pulse.feel()) for _ in range(2))
    await asyncio.sleep(0)

    leaving.cancel()

    assert (await staying)["status"] == "ok"
