"""How an index in Elasticsearch is built: what is wanted, and what the server made of it. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.text.segment import Segmenter

FORMAT = "1"  # of the mapping; another value means another program wrote the index
AUTO = ("int8_hnsw", "hnsw")  # the first that the server takes
WORD_SCORES = ("kefu", "lucene")  # the first that the server takes
REPLICAS = "0-1"


class Plan(NamedTuple):
    """How an index is laid out over a cluster."""

    shards: int = 1
    replicas: str = REPLICAS  # a number, or from-to, as the nodes allow
    vectors: str = "auto"  # index type, as KEFU_SEARCH__VECTORS may be


ONE_NODE = Plan()


class Build(NamedTuple):
    """How an index is built; kept in the mapping's `_meta`."""

    embedder: str  # "" = words only
    dims: int
    segmenter: Segmenter
    analyzer: str  # as KEFU_SEARCH__ANALYZER may be
    vectors: str = ""  # index type of the vectors; "auto" only in what is wanted
    names: str = ""  # version of the forms that are looked for in entries; "" = none
    words: str = "lucene"  # who weighs them: Lucene, or a script as the embedded engine does
    has_readings: bool = False  # whether it has a place for them
    shards: int = 1
    replicas: str = REPLICAS

    def meta(self) -> dict[str, Any]:
        """Return as the mapping keeps it what the index's settings don't say themselves."""
        said = ("shards", "replicas")
        return {"format": FORMAT} | {k: v for k, v in self._asdict().items() if k not in said}

    @classmethod
    def of(cls, meta: Mapping[str, Any], index: Mapping[str, Any]) -> "Build":
        """Return what a mapping's `_meta` and the settings of its index say.

        Raises:
            KeyError: if another program wrote it.
            TypeError: if something is missing in it.
        """
        if meta["format"] != FORMAT:
            raise KeyError(f"format {meta['format']!r}")
        kept = {name: meta[name] for name in cls._fields if name in meta}
        expand = index.get("auto_expand_replicas", "false")
        replicas = index["number_of_replicas"] if expand == "false" else expand
        return cls(**kept | {"shards": int(index["number_of_shards"]), "replicas": replicas})

    def first(self) -> "Build":
        """Return what to try first where this is wanted."""
        vectors = AUTO[0] if self.vectors == "auto" else self.vectors
        return self._replace(vectors=vectors if self.embedder else "", words=WORD_SCORES[0])

    def simpler(self, why: str, wanted: "Build") -> "Build | None":
        """Return what to try next on a server that refused this with `why`; None: nothing."""
        if self.is_refused_for_vectors(why):
            if wanted.vectors == "auto" and self.vectors in AUTO[:-1]:
                return self._replace(vectors=AUTO[AUTO.index(self.vectors) + 1])
        elif "script" in why and self.words in WORD_SCORES[:-1]:
            return self._replace(words=WORD_SCORES[WORD_SCORES.index(self.words) + 1])
        return None

    def is_refused_for_vectors(self, why: str) -> bool:
        """Say whether a server that said `why` does not take this index type of the vectors."""
        return bool(self.vectors) and self.vectors in why

    def lacks(self, wanted: "Build", *, reads: bool) -> str:
        """Return what an index made today would have besides; readings only of who `reads`."""
        first = wanted.first().vectors
        takes = AUTO if wanted.vectors == "auto" else (first,)
        has = {
            "names": bool(self.names),
            "readings": self.has_readings or not reads,
            f"vectors {first}": self.vectors in takes or not (first and self.vectors),
            f"shards {wanted.shards}": self.shards == wanted.shards,
            f"replicas {wanted.replicas}": self.replicas == wanted.replicas,
        }
        return ", ".join(name for name in has if not has[name])
