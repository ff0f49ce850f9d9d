"""Two servers do not keep the same conversations."""

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


def test_the_next_server_goes_on_with_what_the_first_has_left(tmp_path: Path) -> None:
    held(tmp_path).close()

    held(tmp_path).close()


def test_a_folder_in_which_nothing_can_be_held_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"serving\.db: can't be used.*create the folder"):
        held(tmp_path / "gone")
