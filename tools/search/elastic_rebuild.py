"""Copy an index into a new one while searches and writes go on, and swap the alias."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tools.embed import Embedder
from tools.errors import StoreUnavailable
from tools.search.base import Progress
from tools.search.elastic_aliases import Aliases, Standing
from tools.search.elastic_documents import documents
from tools.search.elastic_hold import HOLD_S
from tools.search.elastic_index import own_alias, tombstone
from tools.search.elastic_write import Writer
from tools.search.types import Changes, key

BATCH = 64  # entries embedded and written at a time
PASSES = 10  # over what was written meanwhile, before writers are held
HOLDS = 5  # tries to move the alias while writers are held
SKEW_US = 600_000_000  # the most that two writers' clocks may differ
Check = Callable[[Standing], Awaitable[None]]
_SOURCE = ("tenant", "id", "stamp", "is_live", "body")


async def rebuilt(
    writer: Writer,
    aliases: Aliases,
    old: Standing,
    new: Standing,
    embedder: Embedder | None,
    now_us: int,
    progress: Progress | None,
    *,
    check: Check | None = None,
    is_way_back: bool = False,
) -> Changes:
    """Fill `new` from `old` with what is written meanwhile, and put the alias on it.

    Writers are held for the last of it, so that nothing they were told is stored is ever missing.
    Stamps travel with the documents, so nothing older replaces anything newer. What `check`
    raises about the filled `new` leaves the alias where it is. On the way back `new` is the index
    before `old`: it gets what it has missed since, every deletion included.
    """
    recent: dict[str, Any] = {"range": {"stamp": {"gte": now_us - SKEW_US}}}
    # Old tombstones are left behind: no writer that began before them is still at work.
    everything: dict[str, Any] = {"bool": {"should": [{"term": {"is_live": True}}, recent]}}
    if is_way_back:
        everything = {"match_all": {}}
        await aliases.hold.lift(new.index)
    missed = _Missed(writer, aliases, old, new, embedder, await aliases.checkpoints(old))
    changes = Changes(changed=await _copy(writer, old, new, embedder, everything, progress))
    await missed.copy_until_little_is_left()
    await aliases.settle(new)
    if check is not None:
        await missed.copy_until_little_is_left()
        await aliases.refresh(new.index)
        await check(new)
    for _ in range(HOLDS):
        await missed.copy_until_little_is_left()
        if await _move(aliases, old, new, missed):
            break
    else:
        raise StoreUnavailable(
            f"{old.index}: so much is written that the alias could not be moved in {HOLDS} tries; "
            "rebuild at a quieter time"
        )
    await missed.copy()  # finds something only if somebody lifted the block by hand
    await aliases.refresh(new.index)
    await aliases.drop_before(new.index, keep=old.index)
    return changes


@dataclass(slots=True)
class _Missed:
    """What is written to the old index while it is copied."""

    writer: Writer
    aliases: Aliases
    old: Standing
    new: Standing
    embedder: Embedder | None
    copied_to: dict[int, int]  # by shard, as `Aliases.checkpoints`

    async def copy(self) -> int:
        """Copy what was written since the last time; return how many live ones."""
        now = await self.aliases.checkpoints(self.old)
        copied = 0
        for shard, number in self.copied_to.items():
            since = {"range": {"_seq_no": {"gt": number}}}
            copied += await _copy(
                self.writer, self.old, self.new, self.embedder, since, None, shard=shard
            )
        self.copied_to = now  # not before: the copy may have been cut short
        return copied

    async def copy_until_little_is_left(self) -> None:
        for _ in range(PASSES):
            if not await self.copy():
                break


async def _move(aliases: Aliases, old: Standing, new: Standing, missed: _Missed) -> bool:
    """Hold writers, copy the last of theirs and move the alias; False if that took too long."""
    is_moved = False
    try:
        await aliases.hold.take(old.index)
        async with asyncio.timeout(HOLD_S):
            await missed.copy()
            await aliases.refresh(new.index)
        is_moved = await aliases.hold.move(old.index, new.index)
    except TimeoutError:
        pass
    finally:
        if not is_moved:
            await aliases.hold.let_go(old.index)
    return is_moved


async def _copy(
    writer: Writer,
    old: Standing,
    new: Standing,
    embedder: Embedder | None,
    query: dict[str, Any],
    progress: Progress | None,
    *,
    shard: int | None = None,
) -> int:
    """Copy the documents, of one shard or all, that `new` lacks; return how many live ones."""
    copied = seen = 0
    total = await writer.count(old.index, query) if progress else 0
    async for batch in writer.scan(old.index, query, _SOURCE, page=BATCH, shard=shard):
        known = await writer.known(new.index, [key(s["tenant"], s["id"]) for s in batch])
        missing = [
            source
            for source in batch
            if (was := known.get(key(source["tenant"], source["id"]))) is None
            or was.stamp < source["stamp"]
        ]
        made = await _documents(missing, new, embedder)
        if made:
            await writer.bulk(own_alias(new.index), made, refresh=False)
        copied += sum(source["is_live"] for source in missing)
        seen += len(batch)
        if progress is not None:
            progress(seen, max(seen, total))
    return copied


async def _documents(
    sources: Sequence[dict[str, Any]], new: Standing, embedder: Embedder | None
) -> list[dict[str, Any]]:
    live = [source for source in sources if source["is_live"]]
    made = await documents(
        [orjson.loads(source["body"]) for source in live],
        [source["tenant"] for source in live],
        [source["stamp"] for source in live],
        new.build,
        embedder,
    )
    dead = [
        tombstone(source["id"], source["tenant"], source["stamp"])
        for source in sources
        if not source["is_live"]
    ]
    return made + dead
