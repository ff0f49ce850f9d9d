"""One score from two legs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tools.search.fusion import Scores, dense_weights, spread, weighted_sum

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


def test_a_documents_vector_counts_less_beside_its_words() -> None:
    weights = dense_weights(0.75, np.array([False, True]), documents=0.8)

    assert weights.tolist() == pytest.approx([0.75, 0.6])


@pytest.mark.parametrize("alone", [0, 1])
def test_a_leg_alone_stays_alone_for_documents_too(alone: int) -> None:
    assert dense_weights(alone, np.array([True])).tolist() == [alone]
