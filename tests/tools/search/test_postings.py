"""The words in memory score as the plain formula says, whatever was put in and taken out before."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.search import postings
from tools.search.codes import code, coded, codes_of
from tools.search.postings import K1, B, Block, Postings
from tools.text.segment import Segmenter, terms

TEXTS = st.text("退款到账a3. ", max_size=12)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(
        st.text("退款到账問題ａb9.s 、\U00020000\n", max_size=30), min_size=1, max_size=4
    ),
    with_pairs_only=st.booleans(),
)
def test_codes_are_those_of_the_terms(texts: list[str], with_pairs_only: bool) -> None:
    segmenter: Segmenter = "words" if with_pairs_only else "bigrams"

    found = coded(texts, segmenter)

    expected = [sorted(code(term) for term in terms(text, segmenter)) for text in texts]
    assert [np.repeat(codes, counts).tolist() for codes, counts in found] == expected


def block(texts: dict[int, str]) -> Block:
    terms, counts = zip(*coded([*texts.values()], "bigrams"), strict=True)
    sizes = np.array([len(own) for own in terms])
    return Block(np.array([*texts]), sizes, np.concatenate(terms), np.concatenate(counts))


def naive(texts: dict[int, str], question: list[str], size: int) -> list[float]:
    held = {n: Counter(terms(text)) for n, text in texts.items()}
    lengths = {n: max(1, counted.total()) for n, counted in held.items()}
    mean = sum(lengths.values()) / max(1, len(lengths))
    scores = [0.0] * size
    for term in question:
        having = [n for n, counted in held.items() if term in counted]
        for n in having:
            often = held[n][term]
            rarity = max(math.log((len(held) - len(having) + 0.5) / (len(having) + 0.5)), 1e-6)
            norm = K1 * (1 - B + B * lengths[n] / mean)
            scores[n] += rarity * often * (K1 + 1) / (often + norm)
    return scores


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=60),
    dropped=st.sets(st.integers(1, 60)),
    asked=TEXTS,
    settled_every=st.integers(1, 9),
)
def test_scores_equal_the_plain_formula(
    texts: list[str], dropped: set[int], asked: str, settled_every: int
) -> None:
    question = list(dict.fromkeys(terms(asked)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "TIERS", (2, 8, 32))
        patch.setattr(postings, "FAN", 3)
        patch.setattr(postings, "SWEEP", 10**9)  # every dropped entry is swept out at once
        held = Postings()
        for number, text in enumerate(texts, start=1):
            held.extend(block({number: text}))
            if number % settled_every == 0:
                held.settle()
        for number in dropped:
            held.drop(number)
        found = held.scores(codes_of(question), len(texts) + 1)

    left = {n: text for n, text in enumerate(texts, start=1) if n not in dropped}
    np.testing.assert_allclose(found, naive(left, question, len(texts) + 1), rtol=1e-3, atol=1e-6)


def test_dropped_entries_are_not_found_before_they_are_swept_out() -> None:
    held = Postings()
    held.extend(block(dict.fromkeys(range(1, 101), "退款")))
    held.drop(7)

    found = held.scores(codes_of(["退款"]), 101)

    assert held.held == 100
    assert np.flatnonzero(found == 0).tolist() == [0, 7]
