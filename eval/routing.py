"""What the whole graph does with every labelled query."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from eval.queries import Query, read_queries, served
from graph.app import Kefu
from graph.context import Context
from graph.settings import Settings
from tools.search.base import Progress
from ui.runner import Runner


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
    unanswerable = [
        o for o in outcomes if o["query"]["label"] in ("indomain_no_answer", "offdomain")
    ]
    answered = [
        o for o in outcomes if o["action"] == "answer" and o["query"]["label"] == "answerable"
    ]
    answers = sum(o["action"] == "answer" for o in outcomes)
    return {
        "n": len(outcomes),
        "false_refusal": _share(_of(outcomes, "answerable"), lambda a: a != "answer"),
        "wrongly_answered": _share(unanswerable, lambda a: a == "answer"),
        "wrong_entry": _mean(_is_wrong(o, o["cited"]) for o in answered),
        "wrong_alone": _mean(_is_wrong(o, o["cited"][:1]) for o in answered),
        "shown": _mean(len(o["cited"]) for o in answered),
        "handoff_recall": _share(_of(outcomes, "handoff"), lambda a: a == "handoff"),
        "clarify_recall": _share(_of(outcomes, "ambiguous"), lambda a: a == "clarify"),
        "account_not_from_knowledge": _share(
            _of(outcomes, "account_specific"), lambda a: a != "answer"
        ),
        "coverage": round(answers / len(outcomes), 4) if outcomes else None,
        "by_label": {label: dict(counts) for label, counts in sorted(by_label.items())},
        "outcomes": [
            {
                "qid": o["query"]["qid"],
                "query": o["query"]["query"],
                "label": o["query"]["label"],
                "relevant_ids": o["query"]["relevant_ids"],
                "action": o["action"],
                "reason": o["reason"],
                "confidence": o["confidence"],
                "cited": o["cited"],
                "level": o["level"],
            }
            for o in outcomes
        ],
    }


def _is_wrong(outcome: Outcome, cited: Sequence[str]) -> bool:
    return not set(cited) & set(outcome["query"]["relevant_ids"])


def _mean(values: Iterable[float]) -> float | None:
    """Return the mean; None of nothing."""
    every = list(values)
    return round(sum(every) / len(every), 4) if every else None


def _of(outcomes: Sequence[Outcome], label: str) -> list[Outcome]:
    return [o for o in outcomes if o["query"]["label"] == label]


def _share(outcomes: Sequence[Outcome], holds: Any) -> float | None:  # noqa: ANN401 Callable[[str], bool]
    """Return the share of outcomes whose action `holds`; None of no outcomes."""
    if not outcomes:
        return None
    return round(sum(bool(holds(o["action"])) for o in outcomes) / len(outcomes), 4)
