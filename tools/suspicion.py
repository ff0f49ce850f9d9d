"""Say whether a text sounds like an attempt to give the assistant orders, as learnt from examples.

Where rules know phrasings, this knows what attempts and hard benign messages are made of. The
words are read everywhere: hashed runs of one to three tokens and pieces of Latin words, sentence
by sentence, so that an order among plain sentences is not outvoted. Where a message's embedding
is at hand, its likeness to those of the examples joins in. `python -m tools.suspicion_fit` makes
the model.
"""

import json
import re
import zlib
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tools.errors import ConfigError
from tools.text.normalise import HAN, fold

Floats = NDArray[np.float32]
Buckets = NDArray[np.intp]

VERSION = 2
MODEL = Path(__file__).parents[1] / "data" / "guard" / "model.npz"
REPAIR = "python -m tools.suspicion_fit"
BUCKET_BITS = 16
AGREED = 0.5  # joined score enough of what is noticed; chosen by totals on tests/data/safety
WORDS_SHARE = 0.3  # of the joined score; the rest is the embedding's
WHOLE_RUNS = 1_000  # a text of more is judged by its sentences alone
_TOKEN = re.compile(rf"[a-z]+|[{HAN}]|[^\w\s]|\w")
_FIGURES = re.compile(r"\d+")
_END = re.compile(r"[。！？!?；;\n]+|\.(?=\s)")
_BEGIN, _FINISH = "\2", "\3"  # of a sentence
_PIECES = (4, 5)  # letters
_MIX = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D))  # as in xxHash
_SHIFT = np.uint32(32 - BUCKET_BITS)


class Reading(NamedTuple):
    """The runs and pieces of a text, hashed: what is said over and over counts once."""

    parts: Buckets  # distinct in each sentence
    owner: Buckets  # as long: the sentence; empty where there is but one
    sentences: int

    @property
    def whole(self) -> Buckets:
        """The buckets of all sentences, distinct."""
        return self.parts if self.sentences == 1 else _distinct(self.parts)


_NOTHING = np.zeros(0, np.intp)


class Words(NamedTuple):
    """A linear model of words."""

    weights: Floats  # (2**BUCKET_BITS,)
    bias: float
    threshold: float  # a score above it is an attempt

    def score(self, found: Reading) -> float:
        """Return the highest score of the whole, if it is short, and of its sentences."""
        if found.sentences == 1:
            return self.of(found)
        whole = self.of(found) if len(found.parts) <= WHOLE_RUNS else float("-inf")
        lengths = np.bincount(found.owner, minlength=found.sentences)
        sums = np.bincount(found.owner, self.weights[found.parts], found.sentences)
        return max(whole, self.bias + float((sums / np.sqrt(lengths)).max()))

    def of(self, found: Reading) -> float:
        """Return the score of the whole."""
        whole = found.whole
        return self.bias + float(self.weights[whole].sum() / np.sqrt(len(whole)))


class Meaning(NamedTuple):
    """A quadratic form of a message's embedding: its weighted likeness to the examples."""

    embedder: str
    centre: Floats  # (dims,)
    form: Floats  # (dims + 1, dims + 1), symmetric

    @classmethod
    def made(cls, embedder: str, centre: Floats, points: Floats, weights: Floats) -> "Meaning":
        """Return the sum of the likenesses to the `points`, shape (n, dims), times `weights`."""
        rows = _lifted(points)
        return cls(embedder, centre, np.asarray((rows.T * weights) @ rows, np.float32))

    def of(self, vector: Floats) -> float:
        """Return what the likeness to the examples adds to the score."""
        point = _lifted(directed(vector[None], self.centre))[0]
        return float(point @ self.form @ point)


class Suspicion(NamedTuple):
    """A trained model; cheap to share, does not change."""

    words: Words
    joined: Words  # beside the embedding
    meaning: Meaning

    def hears(self, text: str, *, margin: float = 0.0) -> bool:
        """Say whether the words of a folded text are an attempt's, by `margin` more than enough."""
        found = read(text)
        return found is not None and self.words.score(found) > self.words.threshold + margin

    def understands(self, text: str, vector: Floats, *, embedder: str) -> float | None:
        """Return the score of a message by its words and its unit vector together.

        Above 0 it is more likely an attempt than not, above `joined.threshold` surely enough.
        None where the vector is another embedder's than the model was made with.
        """
        found = read(fold(text))
        if found is None or embedder != self.meaning.embedder:
            return None
        return self.joined.of(found) + self.meaning.of(vector)

    @classmethod
    def load(cls, path: Path) -> "Suspicion":
        """Read a model.

        Raises:
            ConfigError: if the file is missing, damaged or of another version.
        """
        try:
            with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                meta: dict[str, Any] = json.loads(str(stored["meta"]))
                arrays = {k: stored[k] for k in stored.files if k != "meta"}
            if meta.get("version") != VERSION:
                raise ConfigError(
                    f"{path}: expected version {VERSION}, got {meta.get('version')}; run: {REPAIR}"
                )
            heads = {name: _spread(arrays, name, meta[name]) for name in ("words", "joined")}
            parts = (arrays[k].astype(np.float32) for k in ("centre", "form"))
            return cls(**heads, meaning=Meaning(meta["embedder"], *parts))
        except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile) as exc:
            raise ConfigError(f"{path}: no readable model of attempts; run: {REPAIR}") from exc

    def save(self, path: Path, **measured: object) -> None:
        """Write the model as one npz file of plain arrays."""
        meta: dict[str, object] = {
            "version": VERSION,
            "embedder": self.meaning.embedder,
            **measured,
        }
        arrays: dict[str, NDArray[Any]] = {}
        for name, head in (("words", self.words), ("joined", self.joined)):
            meta[name] = {"bias": head.bias, "threshold": head.threshold}
            used = np.flatnonzero(head.weights)
            arrays[f"{name}_buckets"] = used.astype(np.uint32)
            arrays[f"{name}_weights"] = head.weights[used].astype(np.float16)
        for name in ("centre", "form"):
            arrays[name] = getattr(self.meaning, name).astype(np.float16)
        np.savez_compressed(path, meta=np.array(json.dumps(meta)), **arrays)  # type: ignore[arg-type]


@cache
def suspicion() -> Suspicion:
    """Return the model that ships.

    Raises:
        ConfigError: if it can't be read.
    """
    return Suspicion.load(MODEL)


def _spread(arrays: dict[str, NDArray[Any]], name: str, meta: dict[str, float]) -> Words:
    weights = np.zeros(2**BUCKET_BITS, np.float32)
    weights[arrays[f"{name}_buckets"]] = arrays[f"{name}_weights"]
    return Words(weights, float(meta["bias"]), float(meta["threshold"]))


def directed(vectors: Floats, centre: Floats) -> Floats:
    """Return the unit vectors from the centre to each vector."""
    moved = vectors - centre
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-6), np.float32)


def likeness(left: Floats, right: Floats) -> Floats:
    """Return the quadratic kernel of unit vectors: 1 for the same, 0 for the opposite."""
    return np.asarray((_lifted(left) @ _lifted(right).T) ** 2, np.float32)


def _lifted(points: Floats) -> Floats:
    """Return rows whose inner products are (1 + cosine) / 2."""
    one = np.ones((len(points), 1), np.float32)
    return np.asarray(np.hstack([points, one]) / np.sqrt(np.float32(2)), np.float32)


@lru_cache(maxsize=8)  # a message is read for its words, and beside its embedding
def read(text: str) -> Reading | None:
    """Return what the model reads of a folded text, None where it holds nothing to read."""
    said = [_TOKEN.findall(part) for part in _END.split(_FIGURES.sub("0", text))]
    tokens, sentences = list[str](), 0
    for sentence in filter(None, said):
        tokens += [_BEGIN, *sentence, _FINISH]
        sentences += 1
    if not sentences:
        return None
    words = [_word(token) for token in tokens if len(token) > 1]
    numbers = iter(words)
    ids = np.array([ord(t) if len(t) == 1 else next(numbers).id for t in tokens], np.uint32)
    first, second, third = (ids * factor for factor in _MIX)
    runs = [first, first[:-1] + second[1:], first[:-2] + second[1:-1] + third[2:]]
    pieces = np.array([piece for word in words for piece in word.pieces], np.intp)
    if sentences == 1:
        buckets = np.concatenate([_bucket(np.concatenate(runs)), pieces])
        return Reading(_distinct(buckets), _NOTHING, 1)
    owner = np.cumsum(ids == ord(_BEGIN)) - 1
    inside = [owner[1:] == owner[:-1], owner[2:] == owner[:-2]]
    owners = [owner, owner[1:][inside[0]], owner[2:][inside[1]]]
    runs = [runs[0], runs[1][inside[0]], runs[2][inside[1]]]
    at = [place for place, token in enumerate(tokens) if len(token) > 1]
    owners.append(np.repeat(owner[at], [len(word.pieces) for word in words]))
    buckets = np.concatenate([_bucket(np.concatenate(runs)), pieces])
    owned = _distinct(np.concatenate(owners) << BUCKET_BITS | buckets)  # each once a sentence
    return Reading(owned & 2**BUCKET_BITS - 1, owned >> BUCKET_BITS, sentences)


def _bucket(runs: NDArray[np.uint32]) -> Buckets:
    runs ^= runs >> np.uint32(15)
    runs *= _MIX[1]
    return (runs >> _SHIFT).astype(np.intp)


def _distinct(values: Buckets) -> Buckets:
    """Return as `np.unique` does, in a tenth of its time (numpy 2.4)."""
    ordered = np.sort(values)
    is_new = np.empty(len(ordered), np.bool_)
    is_new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


class _Word(NamedTuple):
    id: int
    pieces: tuple[int, ...]  # buckets


@lru_cache(maxsize=8192)
def _word(word: str) -> _Word:
    framed = f"<{word}>" if len(word) >= _PIECES[0] else ""
    pieces = [
        zlib.crc32(f"#{framed[at : at + size]}".encode()) >> 32 - BUCKET_BITS
        for size in _PIECES
        for at in range(len(framed) - size + 1)
    ]
    return _Word(zlib.crc32(word.encode()) | 1 << 31, tuple(pieces))  # apart from all characters
