"""Chinese words with a wrong character of the right sound."""

import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal

import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.search.homophones import MOST, Held, corrected
from tools.text.segment import terms

KNOWLEDGE = ["支付渠道有哪些", "支付渠道的限额", "包裹丢了", "包裹破了", "退回原来的支付渠道"]
KNOWLEDGE += ["运费多少", "运费谁出", "路由器坏了", "路由器怎么选"]


def held_by(texts: Collection[str]) -> Held:
    counts = Counter(term for text in texts for term in set(terms(text)))

    def held(asked: Collection[str]) -> Mapping[str, int]:
        return {term: counts[term] for term in asked}

    return held


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("认哪些支付渠到", "认哪些支付渠道"),
        ("包果没到", "包裹没到"),
        ("包果和渠到", "包裹和渠道"),
        ("运飞多少", "运费多少"),  # of another tone
    ],
)
def test_a_character_of_the_same_sound_is_replaced(question: str, meant: str) -> None:
    assert corrected(question, held_by(KNOWLEDGE)) == meant


@pytest.mark.parametrize(
    "question",
    [
        "支付渠道有哪些",  # held as it is
        "绿由器怎么选",  # lü, not lu
        "苹果怎么付",  # 果 beside 苹: no pair of that sound is held
        "hello 123，。",
        "果",
        "",
    ],
)
def test_other_questions_stay_as_they_are(question: str) -> None:
    assert corrected(question, held_by(KNOWLEDGE)) == question


def test_a_pair_that_one_entry_holds_is_not_enough() -> None:
    assert corrected("包果没到", held_by(["包裹丢了"])) == "包果没到"


def test_characters_that_only_meet_by_chance_are_no_word() -> None:
    texts = [f"{first}裹着的" for first in "甲乙丙丁戊己庚辛壬癸"] + ["包裹", "包裹"]

    assert corrected("包果没到", held_by([*texts, *["包着的"] * 10])) == "包果没到"


def test_of_a_long_question_only_the_first_doubts_are_looked_at() -> None:
    read = corrected("渠到包果" * 5_000, held_by(KNOWLEDGE))

    assert read == "渠道包裹" * (MOST // 4) + "渠到包果" * (5_000 - MOST // 4)


@pytest.mark.parametrize("leg", ["words", "hybrid"])
async def test_a_mistyped_word_finds_its_entry(
    leg: Literal["words", "hybrid"], opened: Open
) -> None:
    ask = Ask(await opened(), HashEmbedder(), leg)
    decoy = "果汁的包装"  # holds both characters that were typed
    await ask.holds(*(entry(str(n), text) for n, text in enumerate([*KNOWLEDGE, decoy])))

    assert (await ask.ids("包果"))[0] in ("2", "3")


def test_the_sounds_are_read_without_the_phrases_of_their_library() -> None:
    read = "import sys; from tools.search.homophones import load_sounds; load_sounds(); "

    told = subprocess.run(
        [sys.executable, "-c", read + "print('pypinyin' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "False"
