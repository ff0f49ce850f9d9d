"""Make an index in Elasticsearch, the best that the server takes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError

from tools.errors import ConfigError, StoreUnavailable
from tools.search.elastic_build import Build
from tools.search.elastic_index import mapping, own_alias, settings, vector_property
from tools.search.elastic_server import reason, translated


class Maker:
    """Makes indexes, and room for vectors in those of words."""

    def __init__(self, client: AsyncElasticsearch, url: str) -> None:
        self._client = client
        self._url = url

    async def make(
        self,
        index: str,
        wanted: Build,
        *,
        aliases: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Build:
        """Create an index and return how the server builds it."""

        async def create(build: Build) -> None:
            try:
                await self._client.indices.create(
                    index=index,
                    settings=settings(build) | dict(extra or {}),
                    mappings=mapping(build),
                    aliases={own_alias(index): {}, **(aliases or {})},
                )
            except BadRequestError as exc:
                if "resource_already_exists" not in reason(exc.body):
                    raise
                if extra:  # a rebuild's, whose vectors may be others; else both want the same
                    raise StoreUnavailable(f"{index}: another rebuild is making it") from exc

        return await self._best(wanted.first(), wanted, create)

    async def add_vectors(self, index: str, build: Build, wanted: Build) -> Build:
        """Give an index of words a place for vectors."""

        async def add(made: Build) -> None:
            await self._client.indices.put_mapping(
                index=index, meta=made.meta(), properties=vector_property(made)
            )

        vectors = wanted.first().vectors
        made = build._replace(embedder=wanted.embedder, dims=wanted.dims, vectors=vectors)
        return await self._best(made, wanted, add)

    async def _best(
        self, build: Build, wanted: Build, put: Callable[[Build], Awaitable[None]]
    ) -> Build:
        """Put `build`, or the next best that the server takes, and return what it took.

        Raises:
            ConfigError: if it takes none; names the setting.
        """
        while True:
            with translated(self._url):
                try:
                    await put(build)
                except ApiError as exc:
                    why = reason(exc.body)
                    if simpler := build.simpler(why, wanted):
                        build = simpler
                        continue
                    if build.is_refused_for_vectors(why):
                        raise ConfigError(
                            f"KEFU_SEARCH__VECTORS={wanted.vectors}: expected an index type that "
                            f"the server at {self._url} takes for vectors of {build.dims} numbers, "
                            f"got: {why}"
                        ) from exc
                    raise
            return build
