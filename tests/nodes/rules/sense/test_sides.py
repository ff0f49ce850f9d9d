"""An English sentence says two things without a comma; each side keeps its own figure."""

import time

import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.sense.sides import apart_sides

REFUND = (
    "How long does a refund take?\nDebit cards 3-5 working days; credit cards 5-10 working days."
)
BATTERY = "How long?\nThe V8 runs 60 minutes in standard mode and 12 minutes in boost mode."
DELIVERY = (
    "How long?\nEast China 1-2 days; South, North and Central China 2-3 days; Northwest 4-6 days."
)


@pytest.mark.parametrize(
    ("told", "apart"),
    [
        (
            "it runs 60 minutes in one and 12 minutes in two",
            "it runs 60 minutes in one, it runs 12",
        ),
        ("refunds to debit cards take 5 days and to credit cards 3", "to credit cards 3 days"),
        (
            "the free plan keeps them 3 days and the paid plan 30",
            "keeps them the paid plan 30 days",
        ),
    ],
)
def test_each_side_has_its_unit_and_what_both_share(told: str, apart: str) -> None:
    assert apart in apart_sides(told)


@pytest.mark.parametrize(
    "told", ["between 5 and 10 working days", "9:00-21:00 and 8:00-22:00", "2.4 and 5 ghz", "没有"]
)
def test_a_range_is_one_side(told: str) -> None:
    assert apart_sides(told) == told


@pytest.mark.parametrize(
    ("false", "true", "passage"),
    [
        (
            "Debit cards take 5-10 working days and credit cards 3-5.",
            "Debit cards take 3-5 working days and credit cards 5-10.",
            REFUND,
        ),
        ("In boost mode the V8 runs 60 minutes.", "In boost mode the V8 runs 12 minutes.", BATTERY),
        (
            "Delivery takes 1-2 days to the Northwest and 4-6 days to East China.",
            "Delivery takes 4-6 days to the Northwest and 1-2 days to East China.",
            DELIVERY,
        ),
    ],
)
def test_figures_of_two_sides_do_not_change_places(false: str, true: str, passage: str) -> None:
    assert faults(true, [passage]) == []
    assert faults(false, [passage])


def test_a_long_clause_is_read_in_no_time() -> None:
    begun = time.process_time()

    apart_sides("it takes 3 days " + "and x " * 20_000)

    assert time.process_time() - begun < 2
