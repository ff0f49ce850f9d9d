"""Say whether a text sounds like an attempt to give the assistant orders, as learnt from examples.

Where rules know phrasings, this knows what attempts and hard benign messages are made of. The
words are read everywhere: hashed runs of one to three tokens and pieces of Latin words, sentence
by sentence, so that an order among plain sentences is not outvoted. Where a message's embedding
is at hand, its likeness to those of the examples joins in. `python -m tools.suspicion_fit` makes
the model.
"""

import json
import math
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tools.errors import ConfigError
from tools.suspicion_read import BUCKET_BITS, Reading, read
from tools.text.normalise import fold

Floats = NDArray[np.float32]

VERSION = 2
MODEL = Path(__file__).parents[1] / "data" / "guard" / "model.npz"
REPAIR = "python -m tools.suspicion_fit"
AGREED = 1.5  # score enough of what a rule notices; chosen by totals on tests/data/safety
WORDS_BESIDE = 0.5  # of the words' own score in that of words and embedding; by held-out recall
WORDS_SHARE = 0.5  # of the joined score; the rest is the embedding's; by held-out recall
WHOLE_RUNS = 1_000  # a text of more is judged by its sentences alone


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
        total = float(np.add.reduce(self.weights[whole]))  # less to call than `sum`
        return self.bias + total / math.sqrt(len(whole))


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
        together = self.joined.of(found) + self.meaning.of(vector)
        return together + WORDS_BESIDE * self.words.score(found)

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
