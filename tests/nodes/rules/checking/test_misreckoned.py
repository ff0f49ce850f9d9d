"""A wrong sum is a fault, even if its result stands in a passage for something else."""

import time

import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.checking.misreckoned import misreckoned

EXTENDED = (
    "延保怎么收费？\n加 1 年为 6%，加 2 年为 10%。"
    "例如 S10（2,299 元）加 1 年约 138 元，加 2 年约 230 元。"
)


def test_a_share_of_a_price_is_what_it_comes_to() -> None:
    said = "S10 加 2 年的延保是产品价的 10%，以 S10 售价 2,299 元计算约 {} 元。"

    assert faults(said.format(230), [EXTENDED]) == []
    assert faults(said.format(138), [EXTENDED])


@pytest.mark.parametrize("sum_", ["2,299 × 10% = 138 元", "40 + 30 = 80 元", "128÷12×8≈58.33 元"])
def test_an_equation_comes_out(sum_: str) -> None:
    assert misreckoned(f"一共 {sum_}。")


@pytest.mark.parametrize(
    "said",
    [
        "128÷12×8≈85.33 元。",
        "加 1 年 6%，加 2 年 10%，按售价 2,299 元算是 138 元和 230 元。",
        "按月付 15 元算，一年 180 元。",
        "稀释比例 1:200。",
    ],
)
def test_other_figures_are_no_wrong_sum(said: str) -> None:
    assert misreckoned(said) == []


def test_a_long_sentence_is_read_in_no_time() -> None:
    begun = time.process_time()

    misreckoned("10%，" + "按 1 元 以 S10 " * 3000)

    assert time.process_time() - begun < 2


def test_a_long_row_of_sums_takes_time_by_its_length() -> None:
    began_s = time.process_time()
    misreckoned("按 3,999 元算" * 2000)

    assert time.process_time() - began_s < 1.0
