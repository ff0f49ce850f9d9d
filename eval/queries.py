"""Read labelled queries, and open an index of the knowledge they are about."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypedDict, get_args

from graph.app import usable_embedder
from graph.settings import Settings
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.ingest.index import ingest
from tools.ingest.read import knowledge_files
from tools.search.base import Progress
from tools.search.sqlite import SqliteSearch
from tools.text.segment import Segmenter

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


def read_queries(path: Path) -> list[Query]:
    """Read labelled queries, one JSON object a line.

    Raises:
        ConfigError: if the file is missing, empty or a line is no query; names the line.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise ConfigError(f"{path}: can't be read ({exc.strerror})") from exc
    queries = [_query(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not queries:
        raise ConfigError(f"{path}: expected labelled queries, found none")
    return queries


def answerable(path: Path) -> list[Query]:
    """Read labelled queries and return those that have an answer.

    Raises:
        ConfigError: as `read_queries`, and if none has one.
    """
    asked = [query for query in read_queries(path) if query["label"] == "answerable"]
    if not asked:
        raise ConfigError(f"{path}: expected queries labelled answerable, found none")
    return asked


def _query(line: bytes, place: str) -> Query:
    try:
        raw = json.loads(line.decode("utf-8-sig"))
        query: Query = {
            "qid": str(raw["qid"]),
            "query": raw["query"],
            "relevant_ids": raw["relevant_ids"],
            "label": raw["label"],
            "split": raw.get("split", ""),
            "channel": raw.get("channel", ""),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(f"{place}: no labelled query ({type(exc).__name__}: {exc})") from exc
    if query["label"] not in get_args(Label):
        raise ConfigError(
            f"{place}: label: expected one of {', '.join(get_args(Label))}, got {query['label']!r}"
        )
    ids = query["relevant_ids"]
    if not isinstance(ids, list) or not all(isinstance(entry_id, str) for entry_id in ids):
        raise ConfigError(f"{place}: relevant_ids: expected a list of ids, got {ids!r}")
    if not isinstance(query["query"], str):
        raise ConfigError(f"{place}: query: expected text, got {query['query']!r}")
    return query


@asynccontextmanager
async def indexed(
    kb: Path, config: Settings, *, segmenter: Segmenter, progress: Progress | None
) -> AsyncIterator[tuple[Path, Embedder | None]]:
    """Index `kb` in a folder of its own, named by its content, and yield folder and embedder.

    Raises:
        ConfigError: if the knowledge can't be read or has no usable entry.
    """
    embedder = await usable_embedder(config)
    try:
        name = embedder.name if embedder else "words"
        digest = sha256(f"{name}\0{segmenter}".encode())
        for file in knowledge_files([kb]):
            digest.update(file.read_bytes())
        folder = config.var / "eval" / f"{kb.stem}-{digest.hexdigest()[:12]}"
        search = await SqliteSearch.open(folder, embedder, segmenter=segmenter)
        try:
            await ingest([kb], search, tenant=TENANT, progress=progress)
            if not (await search.health()).entries:
                raise ConfigError(f"{kb}: no usable entry")
        finally:
            await search.close()
        yield folder, embedder
    finally:
        if embedder is not None:
            await embedder.close()
