"""Say whether a text sounds like an attempt to give the assistant orders, as learnt from examples.

Where rules know phrasings, this knows what attempts and hard benign messages are made of. The
words are read everywhere: hashed runs of one to three tokens and pieces of Latin words, sentence
by sentence, so that an order among plain sentences is not outvoted. Where a message's embedding
is at hand, what a small network makes of it joins in. `python -m tools.suspicion_fit` makes the
model.
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

VERSION = 3
MODEL = Path(__file__).parents[1] / "data" / "guard" / "model.npz"
REPAIR = "python -m tools.suspicion_fit"
AGREED = 0.0  # score enough of what a rule notices; by held-out recall, which it hardly changes
_LAYERS = ("centre", "inner", "inner_bias", "outer")
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
    """A small network on a message's embedding."""

    embedder: str
    centre: Floats  # (dims,)
    inner: Floats  # (dims, units)
    inner_bias: Floats  # (units,)
    outer: Floats  # (units,)
    bias: float
    threshold: float  # a score of embedding and words above it is an attempt

    def of(self, vectors: Floats) -> Floats:
        """Return the share that each row, a unit vector, has in the score of its message."""
        shown = directed(vectors, self.centre) @ self.inner + self.inner_bias
        return np.asarray(np.maximum(shown, 0) @ self.outer + self.bias, np.float32)


class Suspicion(NamedTuple):
    """A trained model; cheap to share, does not change."""

    words: Words
    meaning: Meaning

    def hears(self, text: str, *, margin: float = 0.0) -> bool:
        """Say whether the words of a folded text are an attempt's, by `margin` more than enough."""
        found = read(text)
        return found is not None and self.words.score(found) > self.words.threshold + margin

    def understands(self, text: str, vector: Floats, *, embedder: str) -> float | None:
        """Return the score of a message by its words and its unit vector together.

        Above `meaning.threshold` it is surely enough an attempt.
        None where the vector is another embedder's than the model was made with.
        """
        found = read(fold(text))
        if found is None or embedder != self.meaning.embedder:
            return None
        return float(self.meaning.of(vector[None])[0]) + self.words.score(found)

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
            kept = {name: arrays[name].astype(np.float32) for name in _LAYERS}
            known = {name: meta["meaning"][name] for name in ("bias", "threshold")}
            return cls(_spread(arrays, meta["words"]), Meaning(meta["embedder"], **kept, **known))
        except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile) as exc:
            raise ConfigError(f"{path}: no readable model of attempts; run: {REPAIR}") from exc

    def save(self, path: Path, **measured: object) -> None:
        """Write the model as one npz file of plain arrays."""
        meta: dict[str, object] = {
            "version": VERSION,
            "embedder": self.meaning.embedder,
            **measured,
        }
        for name in ("words", "meaning"):
            part = getattr(self, name)
            meta[name] = {"bias": part.bias, "threshold": part.threshold}
        used = np.flatnonzero(self.words.weights)
        arrays: dict[str, NDArray[Any]] = {
            "buckets": used.astype(np.uint32),
            "weights": self.words.weights[used].astype(np.float16),
            **{name: getattr(self.meaning, name).astype(np.float16) for name in _LAYERS},
        }
        np.savez_compressed(path, meta=np.array(json.dumps(meta)), **arrays)  # type: ignore[arg-type]


@cache
def suspicion() -> Suspicion:
    """Return the model that ships.

    Raises:
        ConfigError: if it can't be read.
    """
    return Suspicion.load(MODEL)


def _spread(arrays: dict[str, NDArray[Any]], meta: dict[str, float]) -> Words:
    weights = np.zeros(2**BUCKET_BITS, np.float32)
    weights[arrays["buckets"]] = arrays["weights"]
    return Words(weights, float(meta["bias"]), float(meta["threshold"]))


def directed(vectors: Floats, centre: Floats) -> Floats:
    """Return the unit vectors from the centre to each vector."""
    moved = vectors - centre
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-6), np.float32)
