"""Markdown around a sentence says nothing, and a row of a table is read with its head."""

import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.wording.plain import plain

WARRANTY = "整机保修多久？\nS20 Pro 整机保修 2 年；S10、V8 都是 1 年。部件：电机 3 年。"
REPAIR = "报修\n1. 在 App 提交故障。2. 师傅 2 天内上门。保修期内检测费免收。"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**上门费**：40 元", "上门费：40 元"),
        ("- **上门费**：40 元", "上门费：40 元"),
        ("### 怎么办\n", "怎么办\n"),
        ("> 可以的。", "可以的。"),
        ("运行 `vim a.conf`。", "运行 vim a.conf。"),
        ("放心～😊", "放心～"),
        ("**注意：", "注意："),
        ("1. 先断电。", "1. 先断电。"),
        ("左 | 右", "左   右"),
    ],
)
def test_takes_markdown_off(written: str, read: str) -> None:
    assert plain(written) == read


HEAD = "保修如下：\n\n| 型号 | 整机保修 |\n"


@pytest.mark.parametrize(
    ("line", "before", "read"),
    [
        ("| 型号 | 整机保修 |\n", "保修如下：\n\n", "型号，整机保修。"),
        ("| 押金 300 元 |\n", HEAD, "押金 300 元。"),
        ("| S10 | 1 年 | 免费 |\n", HEAD, "S10 整机保修 1 年。S10  免费。"),
        ("|---|---|\n", HEAD, ""),
        ("| S10 | 1 年 |\n", f"{HEAD}|---|---|\n", "S10 整机保修 1 年。"),
        ("| S20 Pro | 2 年 |", f"{HEAD}|---|---|\n| S10 | 1 年 |\n", "S20 Pro 整机保修 2 年。"),
    ],
)
def test_reads_a_row_with_the_head_of_its_table(line: str, before: str, read: str) -> None:
    assert plain(line, before) == read


def test_a_wrong_cell_of_a_table_is_noticed_and_a_true_one_is_not() -> None:
    before = f"{HEAD}|---|---|\n"

    assert faults("| 型号 | 整机保修 |\n", [WARRANTY], before="保修如下：\n") == []
    assert faults("| S10 | 1 年 |\n", [WARRANTY], before=before) == []
    assert faults("| S10 | 2 年 |\n", [WARRANTY], before=before)
    assert faults("| S20 Pro | 5 年 |\n", [WARRANTY], before=before)


def test_a_figure_in_bold_is_checked_like_any_other() -> None:
    assert faults("**上门**：师傅 **2 天**内上门[1]。", [REPAIR]) == []
    assert faults("**上门**：师傅 **3 天**内上门[1]。", [REPAIR])


@pytest.mark.parametrize(
    "line", ["| S10 | 2 年 |\n", "| 整机保修 2 年 |\n", "| 整机保修 | 我已为您登记 |\n"]
)
def test_a_row_without_a_head_is_checked_all_the_same(line: str) -> None:
    assert faults(line, ["整机保修多久？\nS10 整机保修 1 年。"], before="保修如下：\n")


def test_nothing_to_pay_is_free() -> None:
    assert faults("保修期内检测费 0 元。", [REPAIR]) == []
    assert faults("大件费 0 元。", ["大件\n基础运费免，需付 50 元大件费。"])
    assert faults("角阀 0 元。", ["价目\n角阀 35 元，人工免费。"])
    assert faults("上门费 0 元。", ["上门\n上门费 40 元。"])


def test_a_mark_that_comes_late_is_the_sentence_before_s() -> None:
    other = "退货\n7 天内可以退货。"

    assert faults("[1]师傅 2 天内上门。", [other, REPAIR]) == []
    assert faults("[9]师傅 2 天内上门。", [other, REPAIR]) == ["[9]"]
