"""What the whole graph does with every labelled query."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from eval.metrics import mean
from eval.queries import Label, Query, read_queries, served
from graph.app import Kefu
from graph.context import Context
from graph.settings import Settings
from tools.search.base import Progress
from ui.runner import Runner

_SHOWN = ("query", "qid", "label", "relevant_ids")  # of a query in the report


class Outcome(TypedDict):
    """What was decided for one query."""

    query: Query
    action: str
    reason: str
    confidence: float
    cited: list[str]
    level: int


async def routing(
    kb: Path, queries: Path, config: Settings, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Send every query through the graph as a conversation of its own and count the decisions.

    The customer is not signed in, and threads, desk and shop live in a folder that is thrown away.
    """
    asked = read_queries(queries)
    async with served(kb, config, progress=progress) as kefu:
        outcomes = await _ask_all(kefu, asked, progress)
    return report(outcomes)


async def _ask_all(kefu: Kefu, asked: Sequence[Query], progress: Progress | None) -> list[Outcome]:
    runner = Runner(kefu)
    outcomes: list[Outcome] = []
    for number, query in enumerate(asked, start=1):
        outcomes.append(await ask(runner, query, thread_id=f"eval-{number}"))
        if progress is not None:
            progress(number, len(asked))
    await runner.close()
    return outcomes


async def ask(runner: Runner, query: Query, *, thread_id: str) -> Outcome:
    """Return what is decided for one query, asked in a conversation of its own."""
    for said in query["earlier"]:
        await runner.ask(said, thread_id=thread_id, context=Context(channel="eval"))
    done = await runner.ask(query["query"], thread_id=thread_id, context=Context(channel="eval"))
    reply = done["reply"]
    return {
        "query": query,
        "action": reply["action"],
        "reason": reply["reason"],
        "confidence": reply["confidence"],
        "cited": [citation["id"] for citation in reply["citations"]],
        "level": reply["level"],
    }


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the shares.

    false_refusal              of answerable: not answered (a question back counts as not answered)
    wrongly_answered           of in-domain-without-answer and off-domain: answered
    wrong_entry                of answerable that were answered: no relevant entry is cited
    wrong_alone                of the same: the first entry cited is not relevant
    shown                      of the same: entries cited, on average
    handoff_recall             of wishes for a person: handed over
    clarify_recall             of ambiguous: asked back
    account_not_from_knowledge of account questions: anything but an answer from the knowledge
    coverage                   of all queries: answered
    """
    by_label: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        by_label[outcome["query"]["label"]][outcome["action"]] += 1
    answered = [
        o for o in outcomes if o["action"] == "answer" and o["query"]["label"] == "answerable"
    ]

    def actions(*labels: Label) -> list[str]:
        return [o["action"] for o in outcomes if o["query"]["label"] in labels]

    return {
        "n": len(outcomes),
        "false_refusal": mean(a != "answer" for a in actions("answerable")),
        "wrongly_answered": mean(a == "answer" for a in actions("indomain_no_answer", "offdomain")),
        "wrong_entry": mean(_is_wrong(o, o["cited"]) for o in answered),
        "wrong_alone": mean(_is_wrong(o, o["cited"][:1]) for o in answered),
        "shown": mean(len(o["cited"]) for o in answered),
        "handoff_recall": mean(a == "handoff" for a in actions("handoff")),
        "clarify_recall": mean(a == "clarify" for a in actions("ambiguous")),
        "account_not_from_knowledge": mean(a != "answer" for a in actions("account_specific")),
        "coverage": mean(o["action"] == "answer" for o in outcomes),
        "by_label": {label: dict(counts) for label, counts in sorted(by_label.items())},
        "outcomes": [
            {**o, **{name: o["query"][name] for name in _SHOWN}}  # type: ignore[literal-required]
            for o in outcomes
        ],
    }


def _is_wrong(outcome: Outcome, cited: Sequence[str]) -> bool:
    return not set(cited) & set(outcome["query"]["relevant_ids"])
