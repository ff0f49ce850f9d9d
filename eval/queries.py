"""Read labelled queries, and open the knowledge they are about."""

import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args

from graph.app import Kefu, opened
from graph.parts import usable_embedder
from graph.settings import Settings
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.ingest.index import ingest
from tools.ingest.listing import knowledge_files
from tools.json_lines import ids, read_lines, text
from tools.search.base import Progress, SearchBackend
from tools.search.factory import open_search
from tools.search.sqlite import SqliteSearch

logger = logging.getLogger(__name__)

Label = Literal[
    "answerable", "indomain_no_answer", "offdomain", "ambiguous", "handoff", "account_specific"
]
TENANT = "default"


class Query(TypedDict):
    """One labelled query; `relevant_ids` are the entries that answer it, any of them."""

    qid: str
    query: str
    relevant_ids: list[str]
    label: Label
    split: str  # "dev" | "test" | "" where the file does not say
    channel: str  # where the customer writes; "" = none in particular
    earlier: list[str]  # what they wrote before in the same conversation, oldest first


def read_queries(path: Path) -> list[Query]:
    """Read labelled queries, one JSON object a line.

    Raises:
        ConfigError: if the file is missing, empty or a line is no query; names the line.
    """
    return read_lines(path, "labelled query", _query)


def answerable(path: Path) -> list[Query]:
    """Read labelled queries and return those that have an answer.

    Raises:
        ConfigError: as `read_queries`, and if none has one.
    """
    asked = [query for query in read_queries(path) if query["label"] == "answerable"]
    if not asked:
        raise ConfigError(f"{path}: expected queries labelled answerable, found none")
    return asked


def _query(raw: dict[str, Any]) -> Query:
    query: Query = {
        "qid": str(raw["qid"]),
        "query": text(raw, "query"),
        "relevant_ids": ids(raw, "relevant_ids"),
        "label": raw["label"],
        "split": raw.get("split", ""),
        "channel": raw.get("channel", ""),
        "earlier": raw.get("earlier", []),
    }
    earlier: Any = query["earlier"]
    if not isinstance(earlier, list) or not all(isinstance(s, str) and s.strip() for s in earlier):
        raise ValueError(f"earlier: expected a list of messages, got {query['earlier']!r}")
    if query["label"] not in get_args(Label):
        raise ValueError(
            f"label: expected one of {', '.join(get_args(Label))}, got {query['label']!r}"
        )
    return query


@asynccontextmanager
async def indexed(
    kb: Path, config: Settings, *, progress: Progress | None
) -> AsyncIterator[tuple[Path, Embedder | None]]:
    """Index `kb` in a folder of its own, named by its content, and yield folder and embedder.

    Raises:
        ConfigError: if the knowledge can't be read or has no usable entry.
    """
    embedder, segmenter = await usable_embedder(config), config.search.segmenter
    try:
        name = embedder.name if embedder else "words"
        digest = sha256(f"{name}\0{segmenter}".encode())
        for file in knowledge_files([kb]):
            digest.update(file.read_bytes())
        folder = config.var / "eval" / f"{kb.stem}-{digest.hexdigest()[:12]}"
        search = await SqliteSearch.open(folder, embedder, segmenter=segmenter)
        try:
            report = await ingest([kb], search, tenant=TENANT, progress=progress)
            for bad in report.rejected:
                logger.warning("%s: left out, %s", bad.place, bad.reason)
            if not (await search.health()).entries:
                raise ConfigError(f"{kb}: no usable entry")
        finally:
            await search.close()
        yield folder, embedder
    finally:
        if embedder is not None:
            await embedder.close()


@asynccontextmanager
async def searched(
    kb: Path, config: Settings, *, progress: Progress | None
) -> AsyncIterator[tuple[SearchBackend, Embedder | None]]:
    """Yield the embedded engine on `kb`, as it serves, and the embedder; raises as `indexed`."""
    async with indexed(kb, config, progress=progress) as (folder, embedder):
        search = await open_search(folder, embedder, **dict(config.search) | {"kind": "sqlite"})
        try:
            yield search, embedder
        finally:
            await search.close()


@asynccontextmanager
async def served(
    kb: Path,
    config: Settings,
    *,
    progress: Progress | None = None,
    now: Callable[[], datetime] | None = None,
) -> AsyncIterator[Kefu]:
    """Open Kefu on `kb`; threads, desk and shop live in a folder that is thrown away.

    Raises:
        ConfigError: if the knowledge or a setting can't be used.
    """
    async with indexed(kb, config, progress=progress) as (folder, _):
        with tempfile.TemporaryDirectory() as scratch:
            places = {
                "var": Path(scratch),
                "kb": kb,
                "index": folder,
                "vectors": config.vector_cache,
            }
            async with opened(config.model_copy(update=places), now=now) as kefu:
                yield kefu
