"""Learns which change of a question's tokens means that it asks for more than an entry says.

python -m eval.beyond data/kb data/eval/pairs.jsonl
"""

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eval.cases import ELSEWHERE, Case, read_cases
from eval.fit import L2, logistic
from eval.queries import read_queries
from graph.settings import Settings
from nodes.rules.features import READ, features
from tools.embed_nano import QUESTION, load
from tools.nano.beyond import FILE, Beyond
from tools.search.types import Passage

L2_CHANGE = 300.0  # from 60 to 1,000 hardly matters
OTHER = 0.3  # what a question that has an answer weighs beside an entry that isn't it


class Example(NamedTuple):
    """A question beside an entry."""

    case: Case
    passages: list[Passage]  # the entry first
    is_beyond: bool
    weight: float


def main(kb: Path, queries: Path, out: Path) -> None:
    """Fit the direction on labelled queries and write it to `out`.

    It tells the two apart beside what is weighed already, so that it does not learn that.
    """
    found = asyncio.run(read_cases(kb, read_queries(queries), Settings()))
    shown = [example for case in found.cases for example in examples(case)]
    model = load()
    pairs = [(one.case.state["question"], one.passages[0]["matched"]) for one in shown]
    alone = [model(QUESTION, [question])[1][0].mean for question, _ in pairs]
    beside = [model.beside(*pair) for pair in pairs]
    changes = np.array(beside, np.float64) - np.array(alone)
    known = np.array([_known(one) for one in shown])
    weights = np.array([one.weight for one in shown])
    _, fitted = logistic(
        np.hstack([known, changes]),
        np.array([one.is_beyond for one in shown]),
        weights,
        [L2] * known.shape[1] + [L2_CHANGE] * changes.shape[1],
    )
    direction = fitted[known.shape[1] :].astype(np.float32)
    Beyond(direction, float(np.average(changes @ direction, weights=weights))).save(out)


def examples(case: Case) -> Iterator[Example]:
    """Yield the query beside its own entry and the best other one, or beside the best hit."""
    passages = [p for p in case.state["passages"] if p["kind"] == "faq" and p["meaning"]]
    own = [p for p in passages if p["id"] in case.relevant]
    others = [p for p in passages if p["answer"] not in {each["answer"] for each in own}]
    if case.label in ELSEWHERE:
        return
    if own:
        yield Example(case, [*own, *others], is_beyond=False, weight=1.0)
    if others:
        is_answered = case.label == "answerable"
        yield Example(case, others, is_beyond=True, weight=OTHER if is_answered else 1.0)


def _known(example: Example) -> list[float]:
    state = example.case.state
    found = features(state["question"], example.passages, state["chances"])
    return [found[name] for name in READ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kb", type=Path)
    parser.add_argument("queries", type=Path, metavar="QUERIES.jsonl")
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args()
    main(args.kb, args.queries, args.out)
