import json
from pathlib import Path

import pytest

from nodes.rules.rewrite import Turn, split_questions, stand_alone

SHARED = Path(__file__).parents[4] / "shared" / "data" / "kb_zh_cloud"


def after(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "好的。"))]


@pytest.mark.parametrize(
    ("earlier", "question", "text"),
    [
        ("空气炸锅容量多大", "它多少钱", "空气炸锅容量多大 它多少钱"),
        ("净水器滤芯是什么", "多久换一次", "净水器滤芯 多久换一次"),
        ("S10 续航多久", "S20 Pro呢", "S20 Pro 续航多久"),
        ("S10 能用 5G Wi-Fi 吗", "不是S10，是S20 Pro", "S20 Pro 能用 5G Wi-Fi 吗"),
        ("Can I return the S10?", "how long?", "Can I return the S10 how long?"),
    ],
)
def test_a_follow_up_carries_the_topic(earlier: str, question: str, text: str) -> None:
    rewrite = stand_alone(question, after(earlier))

    assert rewrite.is_follow_up
    assert rewrite.text == text


@pytest.mark.parametrize(
    "question",
    [
        "电饭煲可以预约几个小时",
        "怎么开发票",
        "S20 Pro 的拖布多久换一次",
        "How do I cancel my subscription?",
        "I need to reset my passcode, how do I do that?",
        "What does this subscription include for my family",
        "转人工",
        "好的谢谢",
    ],
)
def test_a_question_with_its_own_subject_stays_as_it_is(question: str) -> None:
    rewrite = stand_alone(question, after("退款多久到账"))

    assert rewrite.text == question
    assert not rewrite.is_follow_up


def test_the_topic_lasts_over_several_follow_ups() -> None:
    rewrite = stand_alone("有货吗", after("扫拖机器人S20 Pro多少钱", "保修呢"))

    assert rewrite.topic == "扫拖机器人S20 Pro多少钱"
    assert "S20 Pro" in rewrite.text


def test_an_announced_change_of_topic_drops_the_old_one() -> None:
    rewrite = stand_alone("另外，发票怎么开", after("怎么退货"))

    assert rewrite.text == rewrite.topic == "发票怎么开"


def test_thanks_keep_the_topic() -> None:
    assert stand_alone("谢谢", after("怎么退货")).topic == "怎么退货"


def test_without_history_a_short_question_stays_short() -> None:
    assert stand_alone("怎么退", []).text == "怎么退"


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("S10多少钱？保修多久？", ["S10多少钱？", "保修多久？"]),
        ("怎么退货，另外发票怎么开", ["怎么退货", "另外发票怎么开"]),
        ("How much is it? Does it ship?", ["How much is it?", "Does it ship?"]),
        ("我昨天买了S10。怎么退货？", ["我昨天买了S10。怎么退货？"]),
        ("怎么退货", ["怎么退货"]),
    ],
)
def test_splits_two_questions_but_keeps_statements_with_theirs(
    text: str, questions: list[str]
) -> None:
    assert split_questions(text) == questions


def test_development_dialogues_are_seen_as_follow_ups() -> None:
    path = SHARED / "multiturn_dev.jsonl"
    if not path.exists():
        pytest.skip(f"no development data at {path}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    seen = [stand_alone(r["query"], [Turn(**t) for t in r["history"]]) for r in rows]

    assert sum(rewrite.is_follow_up for rewrite in seen) >= 0.9 * len(rows)


def test_development_questions_are_left_alone_after_an_unrelated_turn() -> None:
    path = SHARED / "queries_dev.jsonl"
    if not path.exists():
        pytest.skip(f"no development data at {path}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    whole = [row["query"] for row in rows if row["label"] != "ambiguous"]

    touched = [q for q in whole if stand_alone(q, after("怎么给会员卡充值")).text != q]

    assert len(touched) <= 0.05 * len(whole)
