"""Indexing at start: done at once, or tried until the index is there."""

import logging

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


async def test_why_it_is_not_there_is_told_where_only_errors_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    knowledge = loading(SearchUnavailable("index.db is damaged"))

    await knowledge.begin()

    (told,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "index.db is damaged" in told.getMessage()
    await knowledge.finished()


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
