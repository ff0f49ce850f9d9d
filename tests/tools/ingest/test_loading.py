"""Indexing at start: done at once, or tried until the index is there."""

import pytest

from tools.errors import ConfigError, KefuError, SearchUnavailable
from tools.ingest.loading import Loading
from tools.ingest.report import Report
from tools.search.base import Progress


def loading(*failures: KefuError) -> Loading:
    left = list(failures)

    async def load(progress: Progress | None) -> Report:
        if left:
            raise left.pop(0)
        return Report(added=3)

    return Loading(load, pause_s=0.01, longest_pause_s=0.02)


async def test_where_the_index_is_there_all_is_done_at_once() -> None:
    knowledge = loading()

    await knowledge.begin()

    assert (knowledge.state, knowledge.report) == ("indexed", Report(added=3))


async def test_where_it_is_away_the_start_goes_on_and_it_is_tried_again() -> None:
    knowledge = loading(SearchUnavailable("away"), SearchUnavailable("still"))

    await knowledge.begin()

    assert (knowledge.state, knowledge.report) == ("waiting", None)
    await knowledge.finished()
    assert knowledge.report == Report(added=3)


async def test_what_can_not_be_used_at_start_ends_it() -> None:
    with pytest.raises(ConfigError, match="wrong key"):
        await loading(ConfigError("wrong key")).begin()


async def test_what_can_not_be_used_later_may_still_be_mended() -> None:
    knowledge = loading(SearchUnavailable("away"), ConfigError("wrong key"))

    await knowledge.begin()

    await knowledge.finished()
    assert knowledge.state == "indexed"


async def test_closing_ends_the_tries() -> None:
    knowledge = loading(*(SearchUnavailable("away") for _ in range(1000)))
    await knowledge.begin()

    await knowledge.close()

    assert knowledge.state != "indexed"
