"""Each invariant holds for a sound step and is broken by a faulty one."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, cast

import pytest

from eval.invariants import INVARIANTS
from eval.steps import Facts, Step, Turn, World
from graph.state import Reply
from tools.business.shop import Order
from tools.desk.records import LoggedTurn
from tools.search.types import Entry

ORDER = cast(
    Order,
    {
        "order_id": "NZ261117001030",
        "status": "待发货",
        "address": "浙江省杭州市文三路 90 号",
        "refund": None,
        "shipped_at": None,
    },
)
ENTRY = Entry(id="nz-1", question="退款多久？", answer="退款 3 天内到账。", audience="public")
FACTS = Facts(today="2026-11-22", private=["13812345678"], has_model=False)


def sound(move: str = "ask") -> Step:
    """Return one message that was answered from the knowledge, without fault."""
    reply: Reply = {
        "thread_id": "th",
        "turn_id": "t1",
        "action": "answer",
        "confidence": 0.9,
        "reason": "clear_match",
        "intent": "knowledge",
        "level": 2,
        "citations": [{"id": "nz-1", "title": "退款多久？", "quote": "退款 3 天内到账。"}],
        "options": [],
        "llm_calls": 0,
        "cached": False,
        "took_ms": 0.0,
        "first_token_ms": 0.0,
    }
    row: dict[str, Any] = {
        "question": "退款多久", "answer": "退款 3 天内到账。", "action": "answer",
        "reason": "clear_match", "level": 2, "owner": "bot",
    }  # fmt: skip
    turn = Turn(
        said="退款多久",
        move=move,
        ends=1,
        shown="退款 3 天内到账。",
        text="退款 3 天内到账。",
        reply=reply,
        owner="bot",
        ticket_id="",
        saved=1,
        log=[cast(LoggedTurn, row)],
        cited={"nz-1": ENTRY},
    )
    world = World(orders={ORDER["order_id"]: ORDER})
    return Step(deepcopy(world), deepcopy(world), [turn])


def says(text: str) -> Callable[[Step], None]:
    """Return a change that lets the shop's side say `text` instead, without citation."""

    def change(step: Step) -> None:
        turn = step.turns[0]
        turn.text = turn.shown = text
        turn.reply["action"], turn.reply["reason"] = "act", "order_status"
        turn.reply["citations"], turn.reply["level"] = [], 0
        turn.log[0]["action"], turn.log[0]["reason"] = "act", "order_status"
        turn.log[0]["level"] = 0

    return change


def sets(**values: object) -> Callable[[Step], None]:
    """Return a change of the turn's own fields."""
    return lambda step: vars(step.turns[0]).update(values)


def replies(**values: object) -> Callable[[Step], None]:
    return lambda step: cast(dict[str, object], step.turns[0].reply).update(values)


def logs(**values: object) -> Callable[[Step], None]:
    return lambda step: cast(dict[str, object], step.turns[0].log[0]).update(values)


def after(**values: object) -> Callable[[Step], None]:
    return lambda step: vars(step.after).update(values)


def shop_changes(**values: object) -> Callable[[Step], None]:
    changed = {ORDER["order_id"]: cast(Order, {**ORDER, **values})}
    return lambda step: setattr(step.after, "orders", changed)


def cites(entry: Entry | None) -> Callable[[Step], None]:
    return sets(cited={"nz-1": entry})


def written(step: Step) -> None:
    says("办好了。")(step)
    step.turns[0].reply["reason"] = step.turns[0].log[0]["reason"] = "written"


def given_away(step: Step) -> None:
    """A person has it, and nothing handed it over."""
    step.turns[0].owner = step.turns[0].log[0]["owner"] = "queue"
    step.after.owner, step.after.ticket_status = "queue", "open"
    step.after.ticket_id = step.turns[0].ticket_id = "T1"


FAULTS: list[tuple[str, Callable[[Step], None]]] = [
    ("one_reply", sets(ends=2)),
    ("one_reply", sets(saved=0)),
    ("one_reply", sets(saved=2)),
    ("one_reply", sets(shown="退款 3 天内")),
    ("one_reply", sets(text="", shown="")),
    ("one_reply", lambda step: setattr(step.before, "owner", "human")),
    ("promises", says("已为您取消订单。")),
    ("promises", says("正在为您转接人工客服。")),
    ("promises", says("已提交退款。")),
    ("promises", written),
    ("consent", shop_changes(status="已取消")),
    ("wish", sets(move="wish")),
    ("wish", sets(move="accept")),
    ("plain_words", says("KeyError: 'order'")),
    ("plain_words", says("订单 $order 已签收。")),
    ("privacy", logs(question="我电话13812345678")),
    ("privacy", logs(answer="请打 13912345670")),
    ("privacy", replies(options=["13812345678"])),
    ("privacy", after(ticket_text="顾客：13812345678")),
    ("privacy", says("订单 NZ261117009999：已签收。")),
    ("level", replies(level=0)),
    ("level", replies(level=4)),
    ("level", replies(llm_calls=1)),
    ("citations", replies(citations=[])),
    ("citations", cites(None)),
    ("citations", cites({**ENTRY, "audience": "internal"})),
    ("citations", cites({**ENTRY, "region": "新疆"})),
    ("citations", cites({**ENTRY, "effective_to": "2026-11-21"})),
    ("citations", cites({**ENTRY, "effective_from": "2026-11-23"})),
    ("citations", cites({**ENTRY, "answer": "退款 5 天内到账。"})),
    ("owner", after(owner="human")),
    ("owner", after(ticket_status="open")),
    ("owner", given_away),
    ("logged", sets(log=[])),
    ("logged", logs(action="fallback")),
    ("logged", logs(owner="queue")),
]


def broken(steps: list[Step], facts: Facts = FACTS) -> set[str]:
    return {name for name, rule in INVARIANTS.items() if rule(steps, facts)}


def test_a_sound_step_breaks_nothing() -> None:
    assert broken([sound()]) == set()


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_is_found(name: str, change: Callable[[Step], None]) -> None:
    step = sound()

    change(step)

    assert name in broken([step])


def test_every_invariant_has_been_seen_to_fail() -> None:
    assert {name for name, _ in FAULTS} | {"loop"} == set(INVARIANTS)


def test_the_same_reply_three_times_is_a_loop_unless_it_names_a_person() -> None:
    silent = [sound(), sound(), sound()]
    helping = [sound(), sound(), sound()]
    for step in helping:
        step.turns[0].text += "\n如果没有解决，请回复“转人工”。"

    assert "loop" not in broken(silent[:2])
    assert "loop" in broken(silent)
    assert "loop" not in broken(helping)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("已为您取消订单。", {"status": "已取消"}),
        ("已为您修改收货地址。", {"address": "江苏省南京市中山路 18 号"}),
        ("已为您提交退款。", {"refund": {"ticket_id": "RF1"}}),
    ],
)
def test_a_promise_that_was_kept_after_a_yes_is_none_broken(
    text: str, change: dict[str, Any]
) -> None:
    step = sound("yes")
    says(text)(step)

    shop_changes(**change)(step)

    assert broken([step]) == set()


def test_what_the_shop_reports_of_an_order_is_no_promise() -> None:
    step = sound()
    says("这个订单已经发货，不能取消了。")(step)
    sent = {ORDER["order_id"]: cast(Order, {**ORDER, "shipped_at": "2026-11-20"})}
    step.before.orders = step.after.orders = sent

    assert broken([step]) == set()
