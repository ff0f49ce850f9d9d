"""The collections in a Chroma folder: made, found, compared with the settings."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import chromadb
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import ChromaError

from tools.embed import Embedder
from tools.errors import ConfigError, IndexMismatch
from tools.search.base import REBUILD, Vector
from tools.search.chroma_records import first_records, record_id, records
from tools.search.types import Entry, IndexHealth, clean, key

FORMAT = "1"  # of the records; another value means another program wrote them
NAME, NEXT = "kefu", "kefu-next"  # the collection that answers, the one that a rebuild fills

Client: TypeAlias = Any  # chromadb's ClientAPI does not know its own close()


def opened(path: Path, embedder: Embedder, *, is_rebuild: bool) -> tuple[Client, Collection]:
    """Return a client of the folder, which sends nothing anywhere, and what answers in it.

    Raises:
        ConfigError: if the folder can't be used.
        IndexMismatch: if the collection is built in another way, unless `is_rebuild`.
    """
    with ExitStack() as stack:
        try:
            path.mkdir(parents=True, exist_ok=True)
            quiet = Settings(anonymized_telemetry=False)
            client: Client = chromadb.PersistentClient(path=str(path), settings=quiet)
            stack.callback(client.close)
            collection = _collection(client, embedder)
        except (OSError, ValueError, ChromaError) as exc:
            raise ConfigError(
                f"{path}: can't be used ({exc}); check folder, rights and space"
            ) from exc
        if not is_rebuild:
            compare(path, collection, embedder)
        stack.pop_all()  # from here on, to close it is the caller's
    return client, collection


def compare(path: Path, collection: Collection, embedder: Embedder) -> None:
    """Do nothing if the collection is built as we would.

    Raises:
        IndexMismatch: if it is not.
    """
    was = collection.metadata or {}
    for name, now in built(embedder).items():
        if was.get(name) != now:
            raise IndexMismatch(
                f"{path}: built with {name} {was.get(name)!r}, now configured {now!r}; "
                f"set it back, or rebuild the index: {REBUILD}"
            )


def built(embedder: Embedder) -> dict[str, Any]:
    """Return how a collection of now is built, as its metadata keeps it."""
    return {"format": FORMAT, "embedder": clean(embedder.name), "dims": embedder.dims}


def _collection(client: Client, embedder: Embedder) -> Collection:
    """Return the collection that answers, made now if there is none."""
    names = {collection.name for collection in client.list_collections()}
    if NAME not in names and NEXT in names:  # a rebuild was cut off between its last two steps
        client.get_collection(NEXT, embedding_function=None).modify(name=NAME)
    elif NAME not in names:
        return _made(client, NAME, embedder, version=0)
    return client.get_collection(NAME, embedding_function=None)


def next_collection(client: Client, embedder: Embedder, version: int) -> Collection:
    """Return an empty collection for a rebuild; what another left unfinished is dropped."""
    if NEXT in {collection.name for collection in client.list_collections()}:
        client.delete_collection(NEXT)
    return _made(client, NEXT, embedder, version)


def _made(client: Client, name: str, embedder: Embedder, version: int) -> Collection:
    return client.create_collection(
        name,
        embedding_function=None,
        metadata=built(embedder) | {"version": version},
        configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
    )


def held(collection: Collection) -> IndexHealth:
    """Return what the collection holds."""
    metadata = collection.metadata or {}
    firsts = collection.get(where=first_records(None), include=[])
    return IndexHealth(
        backend=f"chroma {chromadb.__version__}, format {FORMAT}",
        entries=len(firsts["ids"]),
        vectors=collection.count(),
        embedder=str(metadata.get("embedder", "")),
        dims=int(metadata.get("dims", 0)),
        version=int(metadata.get("version", 0)),
        legs={"words": "off", "dense": "ok"},
    )


def digests(collection: Collection, entries: Sequence[Entry], tenant: str) -> dict[str, str]:
    """Return the stored digests of those entries that are stored, by id."""
    ids = {record_id(key(tenant, entry["id"]), 0): entry["id"] for entry in entries}
    found = collection.get(ids=list(ids), include=["metadatas"])
    return {
        ids[record]: str(metadata["hash"])
        for record, metadata in zip(found["ids"], found["metadatas"], strict=True)
    }


def replace(
    collection: Collection, entries: Sequence[Entry], tenant: str, vectors: Sequence[Vector]
) -> None:
    """Store entries; a kill in the middle leaves them missing, so that the next run adds them.

    Raises:
        ConfigError: if an entry has a date that is none; nothing is stored then.
    """
    stamp = int(collection.metadata["version"]) + 1
    made = [
        record
        for entry, rows in zip(entries, vectors, strict=True)
        for record in records(entry, tenant, rows, stamp)
    ]
    _count(collection, stamp)
    keys = [key(tenant, entry["id"]) for entry in entries]
    collection.delete(where={"key": {"$in": keys}})
    collection.upsert(
        ids=[record.id for record in made],
        embeddings=[record.vector for record in made],
        metadatas=[record.metadata for record in made],
    )


def remove(collection: Collection, ids: Sequence[str], tenant: str) -> int:
    """Delete entries and return how many there were."""
    keys = {record_id(key(tenant, name), 0): key(tenant, name) for name in ids}
    if not keys:
        return 0
    gone = collection.get(ids=list(keys), include=[])["ids"]
    if gone:
        _count(collection, int(collection.metadata["version"]) + 1)
        collection.delete(where={"key": {"$in": [keys[record] for record in gone]}})
    return len(gone)


def _count(collection: Collection, version: int) -> None:
    collection.modify(metadata=collection.metadata | {"version": version})
