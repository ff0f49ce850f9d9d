"""The index behind an alias: made, checked, swapped."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from elasticsearch import AsyncElasticsearch, NotFoundError

from tools.errors import (
    ConfigError,
    IndexMismatch,
    KefuError,
    SearchUnavailable,
    StoreUnavailable,
)
from tools.search.base import REBUILD
from tools.search.elastic_build import Build
from tools.search.elastic_hold import Hold
from tools.search.elastic_import import Imports
from tools.search.elastic_index import IMPORTING, own_alias
from tools.search.elastic_make import Maker
from tools.search.elastic_server import WRITE_TIMEOUT_S, translated

_NUMBER = re.compile(r"-(\d{6,})$")


@dataclass(frozen=True, slots=True)
class Standing:
    """The index that answers now."""

    index: str
    build: Build
    fits: bool  # its vectors are our embedder's
    has_own_alias: bool = True  # False where an older Kefu made it
    is_importing: bool = False

    @property
    def number(self) -> int:
        """The index's place in the row of rebuilds."""
        found = _NUMBER.search(self.index)
        return int(found[1]) if found else 0


class Aliases:
    """One alias and the numbered indexes that were or will be behind it."""

    def __init__(self, client: AsyncElasticsearch, url: str, alias: str) -> None:
        self._client = client.options(request_timeout=WRITE_TIMEOUT_S)
        self._url = url
        self._maker = Maker(self._client, url)
        self.alias = alias
        self.hold = Hold(client, url, alias)
        self.imports = Imports(client, url, alias)

    async def ensure(self, wanted: Build, *, accepts_any: bool) -> Standing:
        """Return the index behind the alias, made now if there is none, mended if need be.

        Raises:
            IndexMismatch: if it is built another way, unless `accepts_any`.
            ConfigError: if the alias's name is an index, or the index another program's.
        """
        standing = await self._find(self.alias, wanted)
        if standing is None:
            await self._maker.make(self._name(1), wanted, aliases={self.alias: {}})
            standing = await self._find(self.alias, wanted)
            if standing is None:
                raise ConfigError(f"{self._url}: alias {self.alias!r} could not be made")
        if standing.is_importing:  # still, or it was killed: then nobody else ends it
            await self.imports.end(standing.index, wanted.replicas)
        if accepts_any:
            return standing
        if not standing.build.embedder and wanted.embedder:
            build = await self._maker.add_vectors(standing.index, standing.build, wanted)
            standing = replace(standing, build=build, fits=_fits(build, wanted))
        self._compare(standing.build, wanted)
        return standing

    async def standing(self, wanted: Build) -> Standing:
        """Return the index behind the alias now.

        Raises:
            StoreUnavailable: if there is none any more.
        """
        standing = await self._find(self.alias, wanted)
        if standing is None:
            raise StoreUnavailable(
                f"{self._url}: alias {self.alias!r} is gone; make it anew: python -m tools.ingest"
            )
        return standing

    async def previous(self, wanted: Build) -> Standing:
        """Return the index that answered before the one behind the alias.

        Raises:
            IndexMismatch: if it was built in another way than is configured now.
            ConfigError: if there is none.
        """
        now = (await self.standing(wanted)).index
        older = sorted(name for name in await self._numbered() if name < now)
        standing = await self._find(older[-1], wanted) if older else None
        if standing is None:
            raise ConfigError(f"{self._url}: no index before {now} to go back to")
        self._compare(standing.build, wanted)
        await self.open_to_writes(standing)
        return standing

    async def open_to_writes(self, standing: Standing) -> None:
        """Give an index its own alias, if it has none yet."""
        if not standing.has_own_alias:
            index = standing.index
            with translated(self._url):
                await self._client.indices.put_alias(index=index, name=own_alias(index))

    async def _numbered(self) -> Mapping[str, Any]:
        """Return the indexes that are, were or will be behind the alias, with their aliases."""
        with translated(self._url):
            names = await self._client.indices.get(index=f"{self.alias}-*", features="aliases")
        return {name: facts for name, facts in names.body.items() if _NUMBER.search(name)}

    async def make_next(self, wanted: Build) -> Standing:
        """Make an empty index with settings for imports, numbered after all there are."""
        numbers = [int(name.rsplit("-", 1)[1]) for name in await self._numbered()]
        index = self._name(max(numbers, default=0) + 1)
        build = await self._maker.make(index, wanted, extra=IMPORTING)
        return Standing(index, build, fits=True)

    async def settle(self, filled: Standing) -> None:
        """Give an imported index the settings for serving, and merge it."""
        await self.imports.end(filled.index, filled.build.replicas)
        await self.imports.merge(filled.index, waits=True)

    async def refresh(self, index: str) -> None:
        """Make all writes to an index visible."""
        with translated(self._url):
            await self._client.indices.refresh(index=index)

    async def checkpoints(self, standing: Standing) -> dict[int, int]:
        """Return by shard a number that all its finished writes have at most; -1: there are none.

        Later writes have higher ones, whatever their writers' clocks say.

        Raises:
            SearchUnavailable: if a shard is away.
        """
        index, shards = standing.index, standing.build.shards
        with translated(self._url):
            answer = await self._client.indices.stats(index=index, level="shards")
        numbers = {
            int(shard): [copy["seq_no"]["local_checkpoint"] for copy in copies if "seq_no" in copy]
            for shard, copies in answer["indices"].get(index, {"shards": {}})["shards"].items()
        }
        there = {shard: int(min(copies)) for shard, copies in numbers.items() if copies}
        if len(there) != shards:
            raise SearchUnavailable(
                f"{self._url}: index {index}: expected {shards} shards, {len(there)} answer"
            )
        return there

    async def drop_before(self, index: str, *, keep: str) -> None:
        """Delete the numbered indexes older than `index`, except `keep`, the way back."""
        for name, facts in (await self._numbered()).items():
            if name < index and name != keep and not facts["aliases"].keys() - {own_alias(name)}:
                await self.abandon(name)

    async def abandon(self, index: str) -> None:
        """Delete an index that was not finished, if the server lets us; never the one serving."""
        with suppress(KefuError), translated(self._url):
            if await self._client.indices.exists_alias(index=index, name=self.alias):
                return  # the answer of the swap was lost, not the swap
            await self._client.indices.delete(index=index)

    def _name(self, number: int) -> str:
        return f"{self.alias}-{number:06}"

    async def _find(self, name: str, wanted: Build) -> Standing | None:
        with translated(self._url):
            try:
                found: Mapping[str, Any] = (await self._client.indices.get(index=name)).body
            except NotFoundError:
                return None
        if self.alias in found or len(found) != 1:
            raise ConfigError(
                f"{self._url}: KEFU_SEARCH__INDEX={self.alias}: expected an alias of one index, "
                f"found {', '.join(sorted(found))}; take it off all but one, or choose another name"
            )
        [(index, facts)] = found.items()
        try:
            build = Build.of(facts["mappings"].get("_meta", {}), facts["settings"]["index"])
        except (KeyError, TypeError) as exc:
            raise ConfigError(
                f"{self._url}: index {index} was written by another program or format ({exc}); "
                "choose another KEFU_SEARCH__INDEX"
            ) from exc
        is_importing = self.imports.mark in facts["aliases"]
        if is_importing:
            build = build._replace(replicas=wanted.replicas)  # as it will have again
        return Standing(
            index, build, _fits(build, wanted), own_alias(index) in facts["aliases"], is_importing
        )

    def _compare(self, build: Build, wanted: Build) -> None:
        for name in ("segmenter", "analyzer", *(("embedder", "dims") if wanted.embedder else ())):
            was, now = getattr(build, name), getattr(wanted, name)
            if was != now:
                raise IndexMismatch(
                    f"{self._url}: index {self.alias!r}: built with {name} {was!r}, "
                    f"now configured {now!r}; set it back, or rebuild the index: {REBUILD}"
                )


def _fits(build: Build, wanted: Build) -> bool:
    return (build.embedder, build.dims) == (wanted.embedder, wanted.dims)
