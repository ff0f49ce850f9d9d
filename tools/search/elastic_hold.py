"""Hold writers for a moment while the alias moves, so that nothing acknowledged is left behind."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from elasticsearch import AsyncElasticsearch, NotFoundError

from tools.errors import KefuError, StoreUnavailable
from tools.search.elastic_server import WRITE_TIMEOUT_S, translated

HOLD_S = 10.0  # the longest that a rebuild holds writers at a time
WAIT_S = 20.0  # a writer held for longer takes it that the rebuild has died
PAUSE_S = 0.05  # between a held writer's tries
UNMARKED = 5  # tries on a block that no rebuild owns, before it is the operator's

T = TypeVar("T")


class WritesHeld(StoreUnavailable):
    """The index takes no writes: a rebuild moves the alias, or the operator said so."""


class Hold:
    """The write block on the index behind an alias, with a mark that says it is a rebuild's.

    The mark is a second alias. Moving the alias takes the mark off in the same step and is refused
    without it, so whoever lifts a hold also stops the rebuild that counted on it.
    """

    def __init__(self, client: AsyncElasticsearch, url: str, alias: str) -> None:
        self._client = client.options(request_timeout=WRITE_TIMEOUT_S)
        self._url = url
        self._alias = alias
        self._moving = f"{alias}-moving"
        self._lifting = f"{alias}-lifting"  # in place of the other until the block is off

    async def take(self, index: str) -> None:
        """Let no more writes into `index`; those on their way are finished when this returns."""
        with translated(self._url):
            await self._client.indices.put_alias(index=index, name=self._moving)
            await self._client.indices.add_block(index=index, block="write")

    async def move(self, old: str, new: str) -> bool:
        """Put the alias from `old` to `new` in one step; False if somebody was faster.

        `old` stays blocked: a write that was on its way to it can't get lost there.
        """
        mark = {"index": old, "alias": self._moving, "must_exist": True}
        serving = {"index": old, "alias": self._alias, "must_exist": True}
        with translated(self._url):
            try:
                await self._client.indices.update_aliases(
                    actions=[
                        {"remove": mark},
                        {"remove": serving},
                        {"add": {"index": new, "alias": self._alias}},
                    ]
                )
            except NotFoundError:
                return False
        return True

    async def let_go(self, index: str) -> None:
        """Lift a hold that moved nothing.

        Raises:
            StoreUnavailable: if another rebuild has put the alias elsewhere meanwhile; the index
                then stays blocked, as that one left it.
        """
        serving = {"index": index, "alias": self._alias}  # taken off and put back: else it fails
        is_there: list[dict[str, Any]] = [
            {"remove": serving | {"must_exist": True}},
            {"add": serving},
        ]
        if await self._lift(index, is_there):
            return
        gone = {"index": index, "alias": self._moving, "must_exist": False}
        with translated(self._url), suppress(NotFoundError):
            await self._client.indices.update_aliases(actions=[{"remove": gone}])
        raise StoreUnavailable(
            f"{self._url}: another rebuild was faster and has put {self._alias!r} on its own "
            "index; if that one was not meant, rebuild again, and one at a time"
        )

    async def lift(self, index: str) -> None:
        """Let writes into `index` again, whoever held it."""
        await self._lift(index)

    async def _lift(self, index: str, first: Sequence[dict[str, Any]] = ()) -> bool:
        """Lift the block after what is done `first`; False if that can't be done."""
        indices = self._client.indices
        gone = {"index": index, "alias": self._moving, "must_exist": False}
        lifting = {"index": index, "alias": self._lifting}
        actions = [*first, {"add": lifting}, {"remove": gone}]
        with translated(self._url):
            try:
                await indices.update_aliases(actions=actions)
            except NotFoundError:
                if first:
                    return False
                raise
            await indices.put_settings(index=index, settings={"index.blocks.write": None})
            with suppress(NotFoundError):  # another was faster
                await indices.delete_alias(index=index, name=self._lifting)
        return True

    async def patiently(self, write: Callable[[], Awaitable[T]]) -> T:
        """Return what `write` returns, tried again while a rebuild holds writers or has moved on.

        Raises:
            StoreUnavailable: if the operator blocked the index, or it is gone.
        """
        began, unmarked = asyncio.get_running_loop().time(), 0
        while True:
            try:
                return await write()
            except WritesHeld:
                held = await self._held()
                unmarked += not held
                if unmarked > UNMARKED:
                    raise
                if held and asyncio.get_running_loop().time() - began > WAIT_S:
                    await self.lift(held)
                await asyncio.sleep(PAUSE_S)

    async def _held(self) -> str:
        """Return the index behind the alias if a rebuild holds it, else ""."""
        with suppress(KefuError), translated(self._url):
            found = (await self._client.indices.get_alias(index=self._alias)).body
            for index, facts in found.items():
                if {self._moving, self._lifting} & set(facts["aliases"]):
                    return str(index)
        return ""
