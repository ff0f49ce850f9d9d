"""Amounts, days and limits of English texts are figures like the Chinese ones."""

import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.wording.english_figures import in_figures

PLAN = "How much?\nThe plan is CNY 15 a month, effective 1 April 2026. 100 points are worth CNY 1."
MACHINES = "Accounts\nYou may maintain no more than one free machine account."
LEVELS = "Levels?\nSilver (CNY 2,000 spent), Gold (CNY 6,000) and Diamond (CNY 15,000)."
TIBET = "Shipping\nOrders of CNY 99 ship free. For Xinjiang, Tibet, Gansu, it is free from CNY 299."
SINGLE = "Wi-Fi\nThe S10 supports 2.4 GHz Wi-Fi only. It works out of the box."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("CNY 15 a month", "15元 a month"),
        ("US$ 3.50", "3.50美元"),
        ("since 1 April 2026", "since 2026年4月1日"),
        ("on April 1st, 2026", "on 2026年4月1日"),
        ("10 Nov and May 3", "11月10日 and May 3"),
        ("you may 3 times", "you may 3 times"),
        ("devices beyond 5 may be paused", "devices beyond 5 may be paused"),
        ("by 5 May you can", "by 5月5日 you can"),
        ("up to six people", "up to 6 people"),
        ("six of them", "six of them"),
        ("in three to five business days", "in 3 to 5 business days"),
        ("three, six, nine or twelve months", "3, 6, 9 or 12 months"),
        ("one hundred and fifty yuan", "150 yuan"),
        ("a hundred points", "100 points"),
        ("twenty-five percent off", "25 percent off"),
        ("six thousand in a year", "6000 in 1 year"),
        ("before four in the afternoon", "before 4 pm"),
        ("at ten a.m.", "at 10 a.m."),
        ("reissued twice", "reissued 2 times"),
        ("changed one time", "changed once"),
        ("a day or two", "1-2 day"),
        ("a fortnight or half a year", "14 days or 6 months"),
        ("15 yuan a month", "15 yuan a month"),
        ("one of the two ways, at once", "one of the two ways, at once"),
        ("no one needs one or two more", "no one needs one or two more"),
    ],
)
def test_reads_english_figures(written: str, read: str) -> None:
    assert in_figures(written) == read


REFUND = "Refund?\nDebit cards 3-5 working days; credit cards 5-10 working days."
INVOICE = "Invoice?\nAn invoice can be reissued once within 30 days. Get 10% off."


@pytest.mark.parametrize(
    ("false", "true", "passage"),
    [
        (
            "A credit card refund takes three to five business days.",
            "A credit card refund takes five to ten business days.",
            REFUND,
        ),
        (
            "It can be reissued twice within thirty days.",
            "It can be reissued one time within thirty days.",
            INVOICE,
        ),
        ("You get twenty percent off.", "You get ten percent off.", INVOICE),
        ("It is CNY 15 since 1 July 2026.", "It is CNY 15 since April 1, 2026.", PLAN),
        ("You get CNY 100 for 1 point.", "You get CNY 1 for 100 points.", PLAN),
        ("You may keep up to three accounts.", "You may keep at most one account.", MACHINES),
        ("Gold is for CNY 15,000 of spending.", "Gold is for CNY 6,000 of spending.", LEVELS),
        ("CNY 6,000 is for Silver.", "CNY 2,000 is for Silver, 6,000 for Gold.", LEVELS),
        (
            "Spend CNY 2,000 for Gold and CNY 6,000 for Silver.",
            "Spend CNY 2,000 for Silver, CNY 6,000 for Gold and CNY 15,000 for Diamond.",
            LEVELS,
        ),
        (
            "The monthly plan has cost CNY 15 since July 1, 2026.",
            "The monthly plan has cost CNY 15 since April 1, 2026.",
            "Price?\nThe monthly plan is CNY 15, effective 1 April 2026.",
        ),
        ("Tibet ships free from CNY 99.", "Tibet ships free from CNY 299.", TIBET),
    ],
)
def test_a_wrong_english_figure_is_a_fault(false: str, true: str, passage: str) -> None:
    assert faults(true, [passage]) == []
    assert faults(false, [passage])


def test_a_denied_english_figure_is_not_said_of_its_name() -> None:
    assert faults("The S10 cannot use 5 GHz networks.", [f"{SINGLE} It cannot find 5 GHz."]) == []
    assert (
        faults("The S10 needs no installation.", [SINGLE, "Free installation\nFor the W4."]) == []
    )
