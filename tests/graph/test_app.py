"""What the settings open."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graph.app import opened
from tests.fakes.kefu import small_settings
from tools.errors import ConfigError


async def test_the_clock_is_that_of_the_companys_time_zone(tmp_path: Path) -> None:
    zone = ZoneInfo("America/New_York")

    async with opened(small_settings(tmp_path, timezone=zone)) as kefu:
        assert kefu.services.now().tzinfo is zone


async def test_a_wrong_folder_of_the_shop_is_told_with_its_setting_also_by_a_shop_that_is_built(
    tmp_path: Path,
) -> None:
    async with opened(small_settings(tmp_path)):
        pass
    wrong = tmp_path / "nothing"

    with pytest.raises(ConfigError, match=f"KEFU_BUSINESS {wrong}"):
        async with opened(small_settings(tmp_path, business=wrong)):
            pass
