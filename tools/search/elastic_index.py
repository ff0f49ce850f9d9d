"""How knowledge lies in Elasticsearch: settings, mapping and documents. Pure.

One document an entry. Its vectors are nested for finding it by its best wording, and lie packed in
doc values once more, from which candidates are scored exactly, as in the embedded engine.
"""

import base64
import json
from binascii import a2b_base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tools.search.base import Vector
from tools.search.elastic_build import Build
from tools.search.names import Name, names
from tools.search.postings import K1, LEAST_RARITY, B
from tools.search.texts import entry_language, entry_terms, searched_text
from tools.search.types import Entry, clean, key
from tools.text.normalise import fold

Halves = NDArray[np.float16]

GRAPH = {"m": 16, "ef_construction": 100}  # of kinds that have one; Elasticsearch's defaults
IMPORTING = {"refresh_interval": "-1", "auto_expand_replicas": "false", "number_of_replicas": 0}
FOR_EVER = ("0001-01-01", "9999-12-31")  # open ends, so that validity is one plain range

_ANALYZERS: Mapping[str, Mapping[str, Any]] = {
    "cjk": {
        "type": "custom",
        "tokenizer": "standard",
        "filter": ["cjk_width", "lowercase", "cjk_bigram"],
    },
    "smartcn": {"type": "smartcn"},
    "ik": {"type": "custom", "tokenizer": "ik_max_word", "filter": ["lowercase"]},
}
# Lucene gives a term that most entries hold some weight, the embedded engine next to none.
_SIMILARITY = {
    "type": "scripted",
    "weight_script": {
        "source": "double without = field.docCount - term.docFreq + 0.5; return query.boost * "
        f"Math.max({LEAST_RARITY}, Math.log(without / (term.docFreq + 0.5)));"
    },
    "script": {
        "source": "double mean = field.sumTotalTermFreq / (double) field.docCount; "
        f"double scaled = {K1} * ({1 - B} + {B} * doc.length / mean); "
        f"return weight * {K1 + 1} * doc.freq / (doc.freq + scaled);"
    },
}
PROBES = {"cjk": "cjk", "smartcn": "smartcn", "ik": "ik_max_word"}  # names _analyze knows


def settings(build: Build) -> dict[str, Any]:
    """Return the settings of a new index."""
    return {
        "number_of_shards": build.shards,
        **serving(build.replicas),
        **({"similarity": {"default": _SIMILARITY}} if build.words == "kefu" else {}),
        "analysis": {
            "analyzer": {
                **({"text": _ANALYZERS[build.analyzer]} if build.analyzer != "terms" else {}),
                "characters": {
                    "type": "custom",
                    "tokenizer": "standard",
                    "filter": ["cjk_width", "lowercase"],
                },
            }
        },
    }


def serving(replicas: str) -> dict[str, Any]:
    """Return the settings of an index that answers, which an import sets aside."""
    if replicas.isdecimal():
        copies: dict[str, Any] = {"auto_expand_replicas": "false", "number_of_replicas": replicas}
    else:
        copies = {"auto_expand_replicas": replicas}
    return {"refresh_interval": "1s", **copies}


def mapping(build: Build) -> dict[str, Any]:
    """Return the strict mapping of a new index."""
    properties: dict[str, Any] = {
        **{
            name: {"type": "keyword"}
            for name in ("tenant", "id", "audience", "region", "channel", "lang")
        },
        "is_live": {"type": "boolean"},  # false = tombstone
        "stamp": {"type": "long"},  # the document's external version, microseconds
        "lot": {"type": "long"},  # a fixed shuffle, for samples that every process draws alike
        "hash": {"type": "keyword", "index": False, "doc_values": False},
        "effective_from": {"type": "date", "format": "strict_date"},
        "effective_to": {"type": "date", "format": "strict_date"},
        "terms": {"type": "text", "analyzer": "whitespace"},  # our own segmentation
        "packed": {"type": "binary", "doc_values": True},
        # the whole entry as JSON text, so that only the hits shown are parsed
        "body": {"type": "keyword", "index": False, "doc_values": False},
    }
    if build.analyzer != "terms":
        properties["text"] = {
            "type": "text",
            "analyzer": "text",
            "fields": {"characters": {"type": "text", "analyzer": "characters"}},
        }
    if build.names:
        properties["names"] = {"type": "keyword"}
    if build.has_readings:
        properties["reader"] = {"type": "keyword", "index": False, "doc_values": False}
        properties["reading"] = {"type": "binary", "store": True}
    if build.embedder:
        properties |= vector_property(build)
    return {
        "dynamic": "strict",
        "_meta": build.meta(),
        # left out of the source: they would be parsed at every hit, and nothing reads them there
        "_source": {"excludes": ["vectors", "packed", "terms", "text", "names", "reading"]},
        "properties": properties,
    }


def vector_property(build: Build) -> dict[str, Any]:
    """Return the part of the mapping that holds vectors."""
    options: dict[str, Any] = {"type": build.vectors}
    if build.vectors.endswith("hnsw"):
        options |= GRAPH
    vector = {
        "type": "dense_vector",
        "dims": build.dims,
        "index": True,
        "similarity": "cosine",
        "index_options": options,
    }
    return {"vectors": {"type": "nested", "dynamic": "strict", "properties": {"v": vector}}}


def own_alias(index: str) -> str:
    """Return the alias that one index has for ever.

    What is made for an index is written through it: it never leads to another one, and where the
    index is gone the server makes none in its place.
    """
    return f"{index}-own"


def digest(entry: Entry, build: Build, *, has_vectors: bool) -> str:
    """Return a hash of everything that decides what the index holds for `entry`."""
    how = [build.segmenter, build.analyzer, build.embedder if has_vectors else ""]
    body = json.dumps([how, entry], sort_keys=True, ensure_ascii=True)
    return sha256(body.encode()).hexdigest()


def document(
    entry: Entry,
    tenant: str,
    vectors: Vector | None,
    build: Build,
    stamp: int,
    reading: bytes,
    reader: str,
) -> dict[str, Any]:
    """Return the document of an entry; `vectors` and `reading`, by `reader`, as `encoded`."""
    found: dict[str, Any] = {
        "tenant": tenant,
        "id": entry["id"],
        "is_live": True,
        "stamp": stamp,
        "lot": crc32(key(tenant, entry["id"]).encode()),
        "hash": digest(entry, build, has_vectors=vectors is not None),
        "audience": entry.get("audience", "public"),
        "region": entry.get("region", ""),
        "channel": entry.get("channel", ""),
        "lang": entry_language(entry),
        "effective_from": entry.get("effective_from") or FOR_EVER[0],
        "effective_to": entry.get("effective_to") or FOR_EVER[1],
        "terms": " ".join(entry_terms(entry, build.segmenter)),
        "body": whole(entry),
    }
    if build.analyzer != "terms":
        found["text"] = fold(searched_text(entry))
    if build.names and (given := names(entry)):
        found["names"] = sorted(map("=".join, given))
    if vectors is not None:
        found["packed"] = pack(vectors)
        found["vectors"] = [{"v": row} for row in vectors if row.any()]  # cosine refuses zeros
    if build.has_readings and reading:
        found["reader"], found["reading"] = reader, base64.b64encode(reading).decode()
    return found


def whole(entry: Entry) -> str:
    """Return the entry as JSON text, lone surrogates replaced by `?`."""
    return clean(json.dumps(entry, ensure_ascii=False))


def parted(name: str) -> Name:
    """Return a name as the field `names` holds it."""
    return Name(*name.split("="))


def tombstone(entry_id: str, tenant: str, stamp: int) -> dict[str, Any]:
    """Return what stays of a deleted entry, so that a late writer can't bring it back."""
    return {"tenant": tenant, "id": entry_id, "is_live": False, "stamp": stamp}


def pack(vectors: Vector) -> str:
    """Return vectors as base64 of half floats: a cosine changes by less than 0.001."""
    return base64.b64encode(vectors.astype("<f2").tobytes()).decode()


def unpack(packed: str, dims: int) -> Halves:
    """Return the vectors of a hit's `packed` field, shape (n, dims); (0, dims) of "".

    They may not be written to.
    """
    return np.frombuffer(a2b_base64(packed), "<f2").reshape(-1, dims)
