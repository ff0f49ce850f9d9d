"""An engine that comes late: nothing waits for it, and nothing passes for an answer before."""

from collections.abc import Sequence

import pytest

from tests.fakes.search import MemorySearch, entry
from tools.errors import ConfigError, KefuError, SearchUnavailable
from tools.search.late import LateSearch
from tools.search.types import Filters

REFUND = entry("x", "退款多久到账")


class Engine:
    """Opens after as many failures as a test wants."""

    def __init__(self, *failures: KefuError, holds: Sequence[str] = ()) -> None:
        self._failures = list(failures)
        self._memory = MemorySearch([entry(name, "退款多久到账") for name in holds])
        self.tries = 0

    async def open(self) -> MemorySearch:
        self.tries += 1
        if self._failures:
            raise self._failures.pop(0)
        return self._memory


async def ids(search: LateSearch) -> list[str]:
    found = await search.search("退款多久到账", None, k=5, filters=Filters())
    return [passage["id"] for passage in found.passages]


async def test_a_search_does_not_wait_for_the_engine() -> None:
    engine = Engine()
    search = LateSearch(engine.open)

    with pytest.raises(SearchUnavailable):
        await ids(search)
    with pytest.raises(SearchUnavailable):
        await search.health()

    assert engine.tries == 0


async def test_what_keeps_the_engine_away_is_said() -> None:
    search = LateSearch(Engine(SearchUnavailable("nobody answers")).open)

    with pytest.raises(SearchUnavailable, match="nobody answers"):
        await search.upsert([REFUND], tenant="default")

    with pytest.raises(SearchUnavailable, match="nobody answers"):
        await ids(search)


async def test_a_later_call_opens_it() -> None:
    engine = Engine(SearchUnavailable("away"), holds=["x"])
    search = LateSearch(engine.open)
    with pytest.raises(SearchUnavailable):
        await search.get("x", tenant="default")

    assert await search.get("x", tenant="default") == REFUND

    assert await ids(search) == ["x"]
    assert (await search.health()).entries == 1
    assert engine.tries == 2


async def test_an_engine_that_can_not_be_used_is_a_clear_error() -> None:
    search = LateSearch(Engine(ConfigError("wrong key")).open)

    with pytest.raises(ConfigError, match="wrong key"):
        await search.ids(tenant="default")


async def test_an_index_without_entries_does_not_pass_for_one_without_an_answer() -> None:
    search = LateSearch(Engine().open)

    assert await search.ids(tenant="default") == set()
    with pytest.raises(SearchUnavailable, match="first time"):
        await ids(search)
    search.serve()

    assert await ids(search) == []


async def test_writing_goes_through() -> None:
    search = LateSearch(Engine().open)

    assert (await search.upsert([REFUND], tenant="default")).added == 1
    search.serve()
    assert await ids(search) == ["x"]
    assert await search.delete(["x"], tenant="default") == 1

    assert await ids(search) == []


async def test_closing_what_never_opened_is_fine() -> None:
    await LateSearch(Engine().open).close()
