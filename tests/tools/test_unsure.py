"""The band in which the model is asked, from predictions on examples not fitted on."""

import numpy as np
import pytest

from tools.unsure import CHOICES, LOST, MAX_WRONG, unsure_band

CONFIDENCE = np.linspace(0, 1, 1001, dtype=np.float32)


def places(wrong_below: float, lost_below: float) -> np.ndarray:
    """Return places: lost, then second best, then right, as confidence grows."""
    lost = lost_below > CONFIDENCE
    return np.where(lost, CHOICES, (wrong_below > CONFIDENCE).astype(int)).astype(np.intp)


def test_the_edges_keep_to_their_shares() -> None:
    place = places(wrong_below=0.5, lost_below=0.2)

    lost_at, sure_at = unsure_band(CONFIDENCE, place)

    band = (lost_at <= CONFIDENCE) & (sure_at > CONFIDENCE)
    assert np.mean(place[sure_at <= CONFIDENCE] > 0) <= MAX_WRONG
    assert np.mean(place[band] >= CHOICES) <= LOST
    assert 0 < lost_at < 0.2 < sure_at < 0.5


def test_a_head_that_is_always_right_asks_nobody() -> None:
    lost_at, sure_at = unsure_band(CONFIDENCE, places(wrong_below=0, lost_below=0))

    assert lost_at == sure_at == 0


def test_a_head_that_is_always_wrong_is_sure_of_nothing() -> None:
    _, sure_at = unsure_band(CONFIDENCE, places(wrong_below=2, lost_below=0))

    assert sure_at == pytest.approx(1)


def test_a_head_that_is_unsure_of_most_asks_nobody() -> None:
    lost_at, sure_at = unsure_band(CONFIDENCE, places(wrong_below=0.9, lost_below=0))

    assert lost_at == sure_at > 0.5


def test_the_order_of_the_examples_does_not_matter() -> None:
    mixed = np.random.default_rng(0).permutation(len(CONFIDENCE))
    place = places(wrong_below=0.5, lost_below=0.1)

    assert unsure_band(CONFIDENCE[mixed], place[mixed]) == unsure_band(CONFIDENCE, place)
