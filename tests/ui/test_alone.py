"""Two servers do not keep the same conversations."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from tools.errors import ConfigError
from ui import alone
from ui.alone import held


def test_a_second_server_is_told_to_take_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "WAIT_S", 0.0)

    with closing(held(tmp_path)), pytest.raises(ConfigError, match=r"another server.*folder"):
        held(tmp_path)


async def test_the_next_server_waits_for_one_that_is_just_ending(tmp_path: Path) -> None:
    first = held(tmp_path)

    second = asyncio.create_task(asyncio.to_thread(held, tmp_path))
    await asyncio.sleep(0.1)
    first.close()

    (await second).close()


def test_a_folder_in_which_nothing_can_be_held_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"serving\.db: can't be used.*create the folder"):
        held(tmp_path / "gone")
