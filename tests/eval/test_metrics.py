"""Figures of rankings, against values worked out by hand."""

from math import log2

import numpy as np
import pytest

from eval.metrics import Outcome, interval, outcome, row


def judged(*ranks: int, relevant: int = 1) -> Outcome:
    """One query whose hits at these ranks, from 1, are relevant."""
    return Outcome([rank in ranks for rank in range(1, 21)], relevant, 1.0)


def test_judges_hits_by_the_ids_that_are_relevant() -> None:
    assert outcome(["a", "b", "c"], ["c", "x", "x"], 2.0) == Outcome([False, False, True], 2, 2.0)


@pytest.mark.parametrize(
    ("rank", "r_at_1", "r_at_5", "r_at_10", "mrr"),
    [(1, 1, 1, 1, 1), (5, 0, 1, 1, 0.2), (10, 0, 0, 1, 0.1), (11, 0, 0, 0, 0), (20, 0, 0, 0, 0)],
)
def test_counts_a_hit_only_as_deep_as_the_figure_looks(
    rank: int, r_at_1: float, r_at_5: float, r_at_10: float, mrr: float
) -> None:
    figures = row([judged(rank)])

    names = ("r_at_1", "r_at_5", "r_at_10", "mrr_at_10", "recall_at_20")
    assert [figures[name] for name in names] == [r_at_1, r_at_5, r_at_10, mrr, 1]


def test_ndcg_is_the_share_of_what_the_best_order_has() -> None:
    figures = row([judged(1, 3, relevant=3)])

    best = 1 + 1 / log2(3) + 1 / log2(4)
    assert figures["ndcg_at_10"] == pytest.approx((1 + 1 / log2(4)) / best, abs=1e-4)


def test_ndcg_of_more_relevant_entries_than_it_looks_at_can_be_one() -> None:
    assert row([judged(*range(1, 11), relevant=25)])["ndcg_at_10"] == 1


def test_recall_is_the_share_of_all_that_is_wanted() -> None:
    figures = row([judged(1, 20, relevant=4), judged(2, relevant=1)])

    assert figures["recall_at_20"] == 0.75


def test_a_query_without_relevant_entries_is_not_found() -> None:
    figures = row([outcome(["a"], [], 1.0)])

    assert figures["r_at_5"] == figures["ndcg_at_10"] == figures["recall_at_20"] == 0


def test_an_interval_lies_about_the_mean_and_comes_out_alike_every_time() -> None:
    values = np.array([1.0, 0.0, 1.0, 1.0] * 10)

    low, high = interval(values)

    assert 0.55 < low < 0.70 < 0.80 < high < 0.95  # 0.75 ± 1.96 · sqrt(0.75 · 0.25 / 40)
    assert interval(values) == [low, high]


def test_more_queries_make_an_interval_narrower() -> None:
    few, many = (interval(np.tile([1.0, 0.0], times)) for times in (5, 500))

    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_equal_values_leave_nothing_open() -> None:
    assert interval(np.ones(7)) == [1.0, 1.0]
