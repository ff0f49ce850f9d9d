"""Entries on their way into Elasticsearch, with all that their embedder makes of them."""

from collections.abc import Sequence
from typing import Any

from tools.embed import Embedder
from tools.search.base import Vector
from tools.search.elastic_build import Build
from tools.search.elastic_index import document
from tools.search.texts import encoded
from tools.search.types import Entry


async def documents(
    entries: Sequence[Entry],
    tenants: Sequence[str],
    stamps: Sequence[int],
    build: Build,
    embedder: Embedder | None,
) -> list[dict[str, Any]]:
    """Return the documents of entries, each of its tenant and under its stamp."""
    vectors: Sequence[Vector | None] = [None] * len(entries)
    readings = [b""] * len(entries)
    if embedder is not None and entries:
        vectors, readings = await encoded(entries, embedder)
    reader = reader_name(embedder)
    return [
        document(entry, tenant, rows, build, stamp, reading, reader)
        for entry, tenant, stamp, rows, reading in zip(
            entries, tenants, stamps, vectors, readings, strict=True
        )
    ]


def reader_name(embedder: Embedder | None) -> str:
    """Return the name of the embedder's reader; "" without one."""
    return embedder.reader.name if embedder and embedder.reader else ""
