"""A number of the ranking: chosen as by hand, and judged on other queries than it was chosen on."""

import numpy as np
import pytest

from eval.plateau import FOLDS, Ranks, choose, cross_validated, folds_of, measured, summary

VALUES = tuple(round(0.05 * step, 2) for step in range(21))


def ranks(*of_query: dict[float, float], otherwise: float) -> Ranks:
    return np.array([[one.get(value, otherwise) for value in VALUES] for one in of_query])


def test_takes_the_value_that_is_better_on_every_query() -> None:
    found = ranks(*[{0.3: 1.0}] * 8, otherwise=4.0)

    assert VALUES[choose([found])] == 0.3


def test_takes_the_middle_of_those_that_can_not_be_told_apart() -> None:
    found = ranks(*[{0.2: 1.0, 0.25: 1.0, 0.3: 1.0, 0.35: 1.0, 0.4: 1.0}] * 8, otherwise=9.0)

    assert VALUES[choose([found])] == 0.3


def test_one_lucky_query_does_not_decide() -> None:
    plateau = {value: 1.0 for value in VALUES if 0.4 <= value <= 0.8}
    lucky = {value: 2.0 for value in plateau} | {0.4: 1.0}
    found = ranks(*[plateau] * 19, lucky, otherwise=9.0)

    assert VALUES[choose([found])] == 0.6


def test_a_company_of_many_queries_counts_as_one_of_few() -> None:
    many = ranks(*[{0.3: 2.0}] * 80, otherwise=3.0)  # loses 1/6 elsewhere
    few = ranks(*[{0.7: 1.0}] * 10, otherwise=2.0)  # loses 1/2

    assert VALUES[choose([many, few])] == 0.7


def test_the_error_is_that_of_the_mean_over_companies() -> None:
    one = np.array([[1.0, 2.0], [1.0, 1.0]] * 8)  # loses 1/2 or nothing: spread 1/4 on 16 queries
    other = np.array([[1.0, 1.0]] * 4)

    found = measured([one, other])

    assert found.behind == pytest.approx([0, 1 / 8])
    assert found.errors == pytest.approx([0, 1 / 4 / 4 / 2])


def test_queries_of_a_group_share_a_fold_in_every_run() -> None:
    groups = [f"e{number}" for number in range(200)] * 2

    folds = folds_of(groups)

    assert set(folds) == set(range(FOLDS))
    assert (folds[:200] == folds[200:]).all()
    assert (folds_of(groups[::-1]) == folds[::-1]).all()


def test_a_query_has_no_part_in_the_choice_it_is_measured_on() -> None:
    # Each likes a value of its own; chosen by all, the first would gain from having been asked.
    own = [{0.0: 1.0}] * 2 + [{1.0: 1.0}] * 2
    found, folds = ranks(*own, otherwise=11.0), np.array([0, 0, 1, 1])

    (worth,) = cross_validated([found], [folds])

    assert worth.tolist() == [0, 0, 0, 0]


def test_a_plateau_may_have_a_gap() -> None:
    found = ranks(*[{0.2: 1.0, 0.3: 1.0, 0.8: 1.0}] * 8, otherwise=9.0)

    assert [VALUES[at] for at in measured([found]).near] == [0.2, 0.3, 0.8]
    assert VALUES[choose([found])] == 0.3


@pytest.mark.parametrize(("now", "taken"), [(0.35, 0.35), (0.5, 0.3)])
def test_a_value_on_the_plateau_is_left_and_another_goes_to_its_middle(
    now: float, taken: float
) -> None:
    found = ranks(*[{0.25: 1.0, 0.3: 1.0, 0.35: 1.0}] * 10, otherwise=5.0)

    seen = summary(VALUES, [found], [folds_of("abcdefghij")], now=VALUES.index(now))

    assert seen["plateau"] == [0.25, 0.3, 0.35]
    assert (seen["now"], seen["middle"], seen["taken"]) == (now, 0.3, taken)
    assert seen["cv_mrr_at_10"] == 1
    assert seen["cv_gain"] == (0.8 if now == 0.5 else 0)


def test_says_how_many_queries_the_number_moves_and_what_each_company_gets() -> None:
    one = ranks({0.3: 1.0}, {}, otherwise=2.0)
    other = ranks({}, otherwise=np.inf)

    seen = summary(VALUES, [one, other], [folds_of("ab"), folds_of("c")], now=0)

    assert seen["moved"] == 1
    assert seen["curve"][6] == {
        "value": 0.3,
        "r_at_5": 0.5,
        "mrr_at_10": 0.375,
        "behind": 0,
        "error": 0,
        "by_company": [0.75, 0],
    }
