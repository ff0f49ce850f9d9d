"""The conversation as the desk page orders it, and what it looks up."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tools.desk.records import DeskMessage, LoggedTurn, Ticket
from ui.desk_talk import last_question, lines

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def turn(minute: int, question: str, answer: str, action: str = "answer") -> LoggedTurn:
    at = NOW + timedelta(minutes=minute)
    made: Any = {"at": at, "question": question, "answer": answer, "action": action}
    return cast(LoggedTurn, made)


def word(minute: int, text: str, role: str = "customer") -> DeskMessage:
    at = NOW + timedelta(minutes=minute)
    name = "小林" if role == "agent" else ""
    return cast(DeskMessage, {"id": minute, "role": role, "agent": name, "text": text, "at": at})


TURNS = [
    turn(0, "空气炸锅冒烟了，我要投诉", "已转接。", "handoff"),
    turn(1, "[电话]", "", "relay"),
    turn(4, "还在吗", "消息没能送到", "relay"),
]
TICKET = cast(Ticket, {"agent": "小林", "taken_at": NOW + timedelta(minutes=2), "closed_at": None})


def test_words_and_events_come_in_order_and_each_once() -> None:
    said = [word(1, "13800138000"), word(3, "您好", "agent")]

    found = lines(TURNS, said, [TICKET])

    assert [(line.who, line.text) for line in found] == [
        ("customer", "空气炸锅冒烟了，我要投诉"),
        ("bot", "已转接。"),
        ("customer", "13800138000"),
        ("joined", "小林"),
        ("agent", "您好"),
        ("customer", "还在吗"),
        ("bot", "消息没能送到"),
    ]


def test_a_follow_up_is_looked_up_with_what_it_leans_on() -> None:
    found = lines(TURNS[:1], [word(1, "现在还能用吗")], [])

    assert last_question(found) == "空气炸锅冒烟了，我要投诉 现在还能用吗"


def test_what_is_looked_up_is_masked() -> None:
    found = lines(TURNS[:1], [word(1, "怎么申请发票？寄到 a@b.example 可以吗")], [])

    assert "a@b.example" not in last_question(found)


def test_the_bare_wish_for_a_person_is_not_looked_up() -> None:
    assert last_question(lines(TURNS[:1], [], [])) == ""
