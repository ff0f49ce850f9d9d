"""How well intents are told apart, and what belongs to none of them is noticed.

Fits the same kind of head as `python -m tools.classify` on labelled sentences of any file: JSONL
with `text` and `intent`. Rows whose intent is "oos" are out of scope, whichever file they are in.
"""

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eval.metrics import mean
from graph.settings import Settings
from tools.embed import Embedder, open_embedder
from tools.errors import ConfigError
from tools.grams import Encoder
from tools.json_lines import read_lines, text
from tools.linear import Gold, Head, Rows, fit, temperature
from tools.search.base import Progress

OOS = "oos"
OOS_SHARE = 0.85  # of the out-of-scope validation rows that the threshold must reject
EMBEDDED_AT_ONCE = 64


class Labelled(NamedTuple):
    """Sentences and what they want."""

    texts: list[str]
    intents: list[str]

    def where(self, keep: Sequence[bool]) -> "Labelled":
        """Return the rows to keep."""
        rows = [row for row, kept in zip(zip(*self, strict=True), keep, strict=True) if kept]
        return Labelled([text for text, _ in rows], [intent for _, intent in rows])


class Files(NamedTuple):
    """Where the sentences of each part are; the validation part sets temperature and threshold."""

    train: Sequence[Path]
    val: Sequence[Path]
    test: Sequence[Path]

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Files":
        """Return the files named on the command line."""
        pairs = [(getattr(args, part), getattr(args, f"oos_{part}")) for part in cls._fields]
        return cls(*([path for path in pair if path] for pair in pairs))


async def intent(
    files: Files, config: Settings, *, folds: int = 0, progress: Progress | None = None
) -> dict[str, Any]:
    """Return how good the head is on the test part, or with `folds` by cross-validation on train.

    accuracy            of all test rows; an out-of-scope row is right when it is rejected
    in_scope_accuracy   of the others: right, and not rejected
    oos_recall          of the out-of-scope rows: rejected; None of none
    unrejected_accuracy of the others, if nothing were rejected

    Raises:
        ConfigError: if a file can't be read, a line is no labelled sentence, a part is empty, or
            a test intent is not in the training part.
    """
    parts = [read_all(paths) for paths in files]
    train, val, test = parts
    needed = {"--train": train} if folds else {"--train": train, "--val": val, "--test": test}
    for name, part in needed.items():
        if not [label for label in part.intents if label != OOS]:
            raise ConfigError(f"{name}: expected labelled sentences in scope, found none")
    vectors = await _vectors([*chain.from_iterable(part.texts for part in parts)], config, progress)
    if folds:
        return _crossed(train, vectors, folds)
    ends = np.cumsum([len(part.texts) for part in parts])
    split = [None] * 3 if vectors is None else np.split(vectors, ends[:-1])
    return _measured(parts, split)


def read_all(paths: Sequence[Path]) -> Labelled:
    """Read labelled sentences of several files, one JSON object a line.

    Raises:
        ConfigError: if a file can't be read, or a line is no labelled sentence; names the line.
    """
    found = Labelled([], [])
    for path in paths:
        for asked, label in read_lines(path, "labelled question", _row):
            found.texts.append(asked)
            found.intents.append(label)
    return found


def _row(raw: dict[str, Any]) -> tuple[str, str]:
    label = text(raw, "intent")
    if not label:
        raise ValueError('expected {"text": "…", "intent": "…"}, got an empty intent')
    return text(raw, "text"), label


async def _vectors(
    texts: Sequence[str], config: Settings, progress: Progress | None
) -> Rows | None:
    """Return the unit vectors, kept in the vector cache; None when embedding is switched off."""
    embedder = open_embedder(cache=config.vector_cache, keep_questions=True, **dict(config.embed))
    if embedder is None:
        return None
    try:
        return await _embed(embedder, texts, progress)
    finally:
        await embedder.close()


async def _embed(embedder: Embedder, texts: Sequence[str], progress: Progress | None) -> Rows:
    rows = []
    for start in range(0, len(texts), EMBEDDED_AT_ONCE):
        batch = texts[start : start + EMBEDDED_AT_ONCE]
        rows.append(await embedder.questions(batch))
        if progress is not None:
            progress(start + len(batch), len(texts))
    return np.concatenate(rows)


def _fitted(train: Labelled, vectors: Rows | None) -> tuple[list[str], Encoder, Head]:
    labels = sorted(set(train.intents))
    encoder = Encoder.of(train.texts, vectors)
    gold = np.array([labels.index(label) for label in train.intents])
    return labels, encoder, fit(encoder.encode(train.texts, vectors), gold, labels=len(labels))


def _crossed(train: Labelled, vectors: Rows | None, folds: int) -> dict[str, Any]:
    """Return the accuracy on rows that were not fitted on."""
    part_of = np.random.default_rng(0).permutation(len(train.texts)) % folds
    right: list[float] = []
    for part in range(folds):
        inside, outside = part_of != part, part_of == part
        labels, encoder, head = _fitted(
            train.where(inside.tolist()), None if vectors is None else vectors[inside]
        )
        held_out = train.where(outside.tolist())
        rows = encoder.encode(held_out.texts, None if vectors is None else vectors[outside])
        guessed = head.logits(rows).argmax(axis=1)
        hits = [labels[i] == label for i, label in zip(guessed, held_out.intents, strict=True)]
        right.append(float(np.mean(hits)))
    return {
        "n": len(train.texts),
        "labels": len(set(train.intents)),
        "accuracy": mean(right),
        "by_fold": [round(share, 4) for share in right],
    }


def _measured(parts: Sequence[Labelled], vectors: Sequence[Rows | None]) -> dict[str, Any]:
    """Return the test part's figures; temperature and threshold come from the validation part."""
    train, val, test = parts
    labels, encoder, head = _fitted(train, vectors[0])
    if unknown := {*val.intents, *test.intents} - {*labels, OOS}:
        raise ConfigError(f"intents without a training sentence: {', '.join(sorted(unknown))}")
    val_logits = head.logits(encoder.encode(val.texts, vectors[1]))
    val_gold = _gold(val, labels)
    inside = val_gold >= 0
    scale = temperature(val_logits[inside], val_gold[inside])
    at = _threshold(_lead(val_logits * scale, labels)[0][~inside])
    logits = head.logits(encoder.encode(test.texts, vectors[2])) * scale
    lead, guessed = _lead(logits, labels)
    gold = _gold(test, labels)
    rejected, outside = lead < at, gold < 0
    right = np.where(outside, rejected, (guessed == gold) & ~rejected)
    return {
        "n": len(gold),
        "n_oos": int(outside.sum()),
        "labels": len(labels),
        "accuracy": mean(right),
        "in_scope_accuracy": mean(right[~outside]),
        "oos_recall": mean(right[outside]),
        "unrejected_accuracy": mean((guessed == gold)[~outside]),
        "threshold": round(at, 4) if np.isfinite(at) else None,
        "temperature": round(float(scale), 4),
    }


def _gold(part: Labelled, labels: Sequence[str]) -> Gold:
    """Return the label of every row, -1 out of scope."""
    places = {label: i for i, label in enumerate(labels) if label != OOS}
    return np.array([places.get(label, -1) for label in part.intents], dtype=np.intp)


def _lead(logits: Rows, labels: Sequence[str]) -> tuple[Rows, Gold]:
    """Return which label in scope is best, and by how much it beats "out of scope".

    Without rows to learn that from, its logit counts as 0: how far the best label is from no
    evidence at all tells strangers apart better than its probability does.
    """
    is_oos = np.array([label == OOS for label in labels])
    inside = np.where(is_oos, -np.inf, logits)
    against = logits[:, is_oos][:, 0] if is_oos.any() else np.float32(0)
    return inside.max(axis=1) - against, inside.argmax(axis=1)


def _threshold(outside: Rows) -> float:
    """Return the lead below which OOS_SHARE of the out-of-scope rows lie; -inf of none."""
    return float(np.quantile(outside, OOS_SHARE)) if len(outside) else -np.inf
