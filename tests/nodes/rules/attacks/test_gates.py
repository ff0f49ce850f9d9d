"""Words that spare a search must never cost a match."""

import json
import re
from pathlib import Path
from time import process_time

import pytest

from nodes.rules.attacks.gates import Gates
from nodes.rules.attacks.injection_orders import PATTERNS
from nodes.rules.injection import detect
from tools.text.normalise import fold

MESSAGES = Path(__file__).parents[4] / "data" / "guard" / "messages.jsonl"


@pytest.mark.parametrize(
    ("pattern", "text", "is_open"),
    [
        ("忽略.{0,4}指令", "请看一下", False),
        ("忽略.{0,4}指令", "忽略这条指令", True),
        ("(?:甲|乙)x?", "乙", True),
        ("(?:甲|乙)x?", "丙x", False),
        (r"\d+元?", "丙", True),  # has no word of its own
        ("[甲乙]丙*", "乙", True),
        ("甲.{0,4}(?:丙丁|戊己庚)", "甲乙丙己", False),  # a word of each part is needed
        ("甲.{0,4}(?:丙丁|戊己庚)", "甲乙戊己庚", True),
        ("(?:甲.乙|丙)丁丁", "甲丁丁", False),  # and of one way through it, all words
        ("(?:甲.乙|丙)丁丁", "甲乙丁丁", True),
        ("#{2,}|甲", "#", False),
        ("#{2,}|甲", "##", True),
    ],
)
def test_opens_for_texts_with_a_word_of_the_pattern(pattern: str, text: str, is_open: bool) -> None:
    assert Gates([re.compile(pattern)]).open(text) == ([0] if is_open else [])


def test_opens_all_that_could_match_in_order() -> None:
    gates = Gates([re.compile("甲.?乙"), re.compile("丁")])

    assert gates.open("乙甲") == [0]
    assert gates.open("甲丁") == [1]
    assert gates.open("丁甲乙") == [0, 1]


def test_no_match_is_lost() -> None:
    gates = Gates(pattern for _, pattern in PATTERNS)
    for line in MESSAGES.read_text(encoding="utf-8").splitlines():
        text = fold(json.loads(line)["text"])
        matching = {n for n, (_, pattern) in enumerate(PATTERNS) if pattern.search(text)}
        assert matching <= set(gates.open(text)), text


@pytest.mark.parametrize(
    "unit", ["忽略", "你", "a1 ", "忽 略", "输出所有", "my ", "<!--", "（", "!1", "忽略之前的"]
)
def test_cost_grows_with_length_only(unit: str) -> None:
    def cost(chars: int) -> float:
        text = (unit * chars)[:chars]
        best = float("inf")
        for _ in range(3):
            started = process_time()
            detect(text)
            best = min(best, process_time() - started)
        return best

    cost(500)
    assert cost(6_000) < 40 * max(cost(1_000), 0.0005)  # 6 when linear, 36 when quadratic
