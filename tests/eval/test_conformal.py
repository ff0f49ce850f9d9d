"""What is promised of wrong answers, checked by hand and by drawing many times."""

import numpy as np
import pytest

from eval.conformal import (
    Chances,
    Flags,
    area,
    bins,
    bounded,
    coverage_at,
    curve,
    expected_error,
    needed,
    tail,
    upper,
)

RISK, CONFIDENCE = 0.1, 0.9
DRAWS = 400


def drawn(random: np.random.Generator, n: int) -> tuple[Chances, Flags]:
    """Return chances, and answers that are right the oftener the higher these are."""
    chances = random.random(n)
    return chances, random.random(n) < chances**0.3


def test_the_bound_holds_as_often_as_promised_and_answers_something() -> None:
    random = np.random.default_rng(7)
    people = drawn(random, 200_000)
    kept, answered = 0, 0
    for _ in range(DRAWS):
        found = bounded(drawn(random, 200), drawn(random, 300), risk=RISK, confidence=CONFIDENCE)
        if found is None:
            kept += 1
            continue
        answered += 1
        asked = people[0] >= found.threshold
        kept += float((~people[1][asked]).mean()) <= RISK

    assert kept / DRAWS >= CONFIDENCE
    assert answered / DRAWS > 0.3  # a rule that never answers would keep any bound


def test_a_model_that_knows_nothing_is_promised_nothing() -> None:
    random = np.random.default_rng(3)
    promised = 0
    for _ in range(DRAWS):
        parts = [(random.random(200), random.random(200) < 0.7) for _ in range(2)]
        promised += bounded(*parts, risk=RISK, confidence=CONFIDENCE) is not None

    assert promised / DRAWS <= 1 - CONFIDENCE


def test_too_few_queries_show_nothing_even_when_all_are_right() -> None:
    few = np.full(20, 0.9), np.full(20, True)

    assert bounded(few, few, risk=0.05, confidence=0.9) is None
    assert needed(0.05, 0.9) == 45


def test_enough_right_answers_show_the_bound() -> None:
    many = np.full(45, 0.9), np.full(45, True)

    found = bounded(many, many, risk=0.05, confidence=0.9)

    assert found == (pytest.approx(0.9), 45, 0)


def test_the_first_threshold_has_room_for_a_mistake_and_what_fails_below_it_stays() -> None:
    fitted = np.linspace(0.01, 1, 100), np.ones(100, bool)
    chances = np.linspace(0.001, 1, 1000)
    right = chances > 0.6  # all wrong below
    right[-30] = False

    bound = bounded(fitted, (chances, right), risk=0.05, confidence=0.9)

    assert bound is not None
    assert 0.57 < bound.threshold <= 0.62
    assert upper(bound.answered, bound.wrong, 0.9) <= 0.05


def test_what_is_never_answered_does_not_count() -> None:
    chances = np.concatenate([np.full(45, 0.9), np.zeros(30)])
    part = chances, chances > 0

    found = bounded(part, part, risk=0.05, confidence=0.9)

    assert found is not None
    assert found.answered == 45


def test_the_binomial_tail_is_that_of_a_table() -> None:
    assert tail(10, 0, 0.1) == pytest.approx(0.9**10)
    assert tail(10, 2, 0.3) == pytest.approx(0.3828, abs=5e-5)
    assert tail(5, 5, 0.3) == 1.0
    assert tail(0, 0, 0.3) == 1.0


def test_the_upper_end_is_that_of_clopper_and_pearson() -> None:
    assert upper(10, 0, 0.975) == pytest.approx(0.3085, abs=5e-5)
    assert upper(10, 1, 0.975) == pytest.approx(0.4450, abs=5e-5)
    assert upper(10, 10, 0.9) == 1.0


def test_calibration_error_is_the_distance_by_bin_size() -> None:
    """Two bins: 40 at 0.2 of which 16 are right, 40 at 0.8 of which 30 are."""
    chances = np.array([0.2] * 40 + [0.8] * 40)
    right = np.array([True] * 16 + [False] * 24 + [True] * 30 + [False] * 10)

    rows = bins(chances, right)

    assert rows == [
        {"n": 40, "chance": 0.2, "right": 0.4},
        {"n": 40, "chance": 0.8, "right": 0.75},
    ]
    assert expected_error(rows) == pytest.approx((40 * 0.2 + 40 * 0.05) / 80)


def test_risk_and_coverage_are_counted_from_the_surest_down() -> None:
    rows = curve(np.array([0.9, 0.5, 0.9, 0.0]), np.array([True, False, True, True]))

    assert rows == [
        {"threshold": 0.9, "coverage": 0.5, "risk": 0.0},
        {"threshold": 0.5, "coverage": 0.75, "risk": 0.3333},
    ]
    assert coverage_at(rows, 0.05) == 0.5
    assert area(rows) == pytest.approx((0.5 * 0 + 0.25 * 0.3333) / 0.75, abs=1e-4)


def test_where_nothing_is_answered_there_is_no_curve() -> None:
    rows = curve(np.zeros(3), np.array([True, False, True]))

    assert (rows, coverage_at(rows, 0.05), area(rows)) == ([], 0.0, None)
