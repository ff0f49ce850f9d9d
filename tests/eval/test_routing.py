"""What the graph decides, counted against values worked out by hand."""

import json
from pathlib import Path

import pytest

from eval.queries import Query, read_queries
from eval.routing import Outcome, report, routing
from graph.settings import settings
from tests.eval.knowledge import Write
from tools.errors import ConfigError

KEYS = [
    "n",
    "false_refusal",
    "wrongly_answered",
    "wrong_entry",
    "wrong_alone",
    "shown",
    "handoff_recall",
    "clarify_recall",
    "account_not_from_knowledge",
    "coverage",
    "by_label",
    "outcomes",
]


def outcome(label: str, action: str, cited: str = "", relevant: str = "a") -> Outcome:
    query = Query(qid="q", query="?", relevant_ids=[relevant], label=label, split="", earlier=[])  # type: ignore[typeddict-item]
    return Outcome(
        query=query,
        action=action,
        reason="",
        confidence=0.5,
        cited=[cited] if cited else [],
        level=0,
    )


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("false_refusal", 0.25),  # one of four answerable was asked back
        ("wrong_entry", 0.3333),  # one of three answers cites another entry
        ("wrongly_answered", 0.5),  # one of two that must not be
        ("handoff_recall", 1.0),
        ("clarify_recall", 0.0),
        ("account_not_from_knowledge", 0.5),
        ("coverage", 0.5455),  # 6 answers to 11 queries
    ],
)
def test_counts_shares_as_by_hand(name: str, share: float) -> None:
    outcomes = [
        outcome("answerable", "answer", "a"),
        outcome("answerable", "answer", "a"),
        outcome("answerable", "answer", "b"),
        outcome("answerable", "clarify"),
        outcome("indomain_no_answer", "answer", "b"),
        outcome("offdomain", "fallback"),
        outcome("handoff", "handoff"),
        outcome("ambiguous", "answer", "a"),
        outcome("ambiguous", "handoff"),
        outcome("account_specific", "act"),
        outcome("account_specific", "answer", "a"),
    ]

    assert report(outcomes)[name] == share


def test_shares_of_no_queries_are_none() -> None:
    result = report([outcome("handoff", "fallback")])

    assert list(result) == KEYS
    assert (result["handoff_recall"], result["false_refusal"], result["wrong_entry"]) == (
        0.0,
        None,
        None,
    )


async def test_sends_every_query_through_the_graph_as_a_stranger(kb: Path, write: Write) -> None:
    queries = write(
        ("退款多久到账？", "answerable", "refund"),
        ("转人工", "handoff", ""),
        ("我的订单到哪了", "account_specific", ""),
        ("你好", "offdomain", ""),
    )
    seen: list[tuple[int, int]] = []

    result = await routing(
        kb, queries, settings(), progress=lambda done, total: seen.append((done, total))
    )

    assert (result["handoff_recall"], result["account_not_from_knowledge"]) == (1.0, 1.0)
    assert result["by_label"]["offdomain"] == {"fallback": 1}
    assert [row["qid"] for row in result["outcomes"]] == ["q0", "q1", "q2", "q3"]
    assert seen[-1] == (4, 4)


async def test_asks_what_was_said_earlier_in_the_same_conversation_first(
    kb: Path, write: Write
) -> None:
    queries = write(("退款多久到账？", "answerable", "refund"))
    row = json.loads(queries.read_text("utf-8")) | {"earlier": ["转人工"]}
    queries.write_text(json.dumps(row), "utf-8")

    result = await routing(kb, queries, settings())

    assert result["by_label"] == {"answerable": {"relay": 1}}


@pytest.mark.parametrize("earlier", ["退款", [""], [3]])
def test_refuses_earlier_messages_that_are_none(write: Write, earlier: object) -> None:
    queries = write(("要几天呢", "answerable", "refund"))
    row = json.loads(queries.read_text("utf-8")) | {"earlier": earlier}
    queries.write_text(json.dumps(row), "utf-8")

    with pytest.raises(ConfigError, match="earlier: expected a list of messages"):
        read_queries(queries)


async def test_leaves_no_thread_behind(kb: Path, write: Write, tmp_path: Path) -> None:
    await routing(kb, write(("转人工", "handoff", "")), settings())

    assert not list((tmp_path / "var").glob("*desk*"))
    assert not list((tmp_path / "var").glob("*threads*"))
