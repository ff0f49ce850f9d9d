"""One score from two legs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tools.search.fusion import Scores, spread, weighted_sum

LEG = arrays(np.float32, 12, elements=st.floats(-1, 30, width=32))


@given(LEG, LEG, st.floats(0, 1))
def test_the_fused_score_is_between_0_and_1(dense: Scores, words: Scores, weight: float) -> None:
    fused = weighted_sum(dense, words, dense_weight=weight)

    assert fused.shape == (12,)
    assert fused.min() >= 0
    assert fused.max() <= 1 + 1e-6


@given(LEG)
def test_spreading_keeps_the_order(scores: Scores) -> None:
    order = np.argsort(scores, kind="stable")

    assert (np.diff(spread(scores)[order]) >= 0).all()


def test_equal_scores_say_nothing() -> None:
    assert spread(np.full(3, 0.7, np.float32)).tolist() == [0, 0, 0]


def test_the_weight_is_the_share_of_the_vectors() -> None:
    dense, words = np.array([1, 0], np.float32), np.array([0, 9], np.float32)

    fused = weighted_sum(dense, words, dense_weight=0.75)

    assert fused.tolist() == [0.75, 0.25]
