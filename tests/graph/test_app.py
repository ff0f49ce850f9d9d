"""What the settings open."""

from pathlib import Path
from zoneinfo import ZoneInfo

from graph.app import opened
from tests.fakes.kefu import small_settings


async def test_the_clock_is_that_of_the_companys_time_zone(tmp_path: Path) -> None:
    zone = ZoneInfo("America/New_York")

    async with opened(small_settings(tmp_path, timezone=zone)) as kefu:
        assert kefu.services.now().tzinfo is zone
