"""Move the alias to another index: a new one made of what is stored, or back to the one before."""

from collections.abc import Awaitable, Callable

from tools.embed import Embedder
from tools.search.base import Progress, Searching
from tools.search.elastic_aliases import Aliases, Standing
from tools.search.elastic_build import Build
from tools.search.elastic_read import Reader
from tools.search.elastic_rebuild import rebuilt
from tools.search.elastic_write import Writer
from tools.search.types import Changes

Check = Callable[[Searching], Awaitable[None]]


class Moves:
    """Rebuilds and roll-backs of one alias; see ElasticSearch."""

    def __init__(
        self,
        writer: Writer,
        aliases: Aliases,
        reader: Reader,
        embedder: Embedder | None,
        wanted: Build,
        *,
        now_us: Callable[[], int],
    ) -> None:
        self._writer = writer
        self._aliases = aliases
        self._reader = reader
        self._embedder = embedder
        self._wanted = wanted
        self._now_us = now_us

    async def rebuild(self, progress: Progress | None, *, check: Check | None) -> Changes:
        """Put the alias on a new index; an unfinished one is deleted."""
        new = await self._aliases.make_next(self._wanted)
        try:
            return await self._move(new, progress, check=check)
        except BaseException:
            await self._aliases.abandon(new.index)
            raise

    async def rollback(self, progress: Progress | None) -> Changes:
        """Put the alias back on the index before."""
        before = await self._aliases.previous(self._wanted)
        return await self._move(before, progress, is_way_back=True)

    async def _move(
        self,
        new: Standing,
        progress: Progress | None,
        *,
        check: Check | None = None,
        is_way_back: bool = False,
    ) -> Changes:
        async def checked(filled: Standing) -> None:
            if check is not None:
                await check(self._reader.beside(filled))

        changes = await rebuilt(
            self._writer,
            self._aliases,
            await self._aliases.standing(self._wanted),
            new,
            self._embedder,
            self._now_us(),
            progress,
            check=checked if check else None,
            is_way_back=is_way_back,
        )
        self._reader.follow(await self._aliases.standing(self._wanted))
        return changes
