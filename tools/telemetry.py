"""What Prometheus reads: turns, their times and what became of them, counted in this process."""

from collections.abc import Callable
from typing import Literal

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from typing_extensions import ReadOnly, TypedDict

__all__ = ["CONTENT_TYPE_PLAIN_0_0_4", "Telemetry"]

disable_created_metrics()  # type: ignore[no-untyped-call] # when each began: nobody asks

Found = Literal["hit", "miss", "failed"]

# 0.5 s is what is promised without a model; 30 s is a model's time limit.
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0)
CHANNELS = frozenset({"web", "app", "api", "console"})  # an app may name any; each is a series
MISSED = frozenset({"no_knowledge", "nothing_more", "stuck"})


class Ended(TypedDict):
    """What is counted of a turn: the part of a reply's metadata that names nobody."""

    action: ReadOnly[str]
    reason: ReadOnly[str]
    level: ReadOnly[int]
    llm_calls: ReadOnly[int]
    cached: ReadOnly[bool]
    first_token_ms: ReadOnly[float]  # 0 where nothing was shown


def looked_up(action: str, reason: str) -> Found | None:
    """Say how a turn's question met the knowledge; None where it was not asked, or asked back."""
    if action == "answer":
        return "hit"
    if action != "fallback":
        return None
    return "failed" if reason == "search_down" else "miss" if reason in MISSED else None


class Telemetry:
    """Counters of one process; several are told apart, and summed, by Prometheus."""

    def __init__(self, running: Callable[[], float]) -> None:
        """Show what `running` returns as the turns that go on now."""
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._turns = Counter(
            "kefu_turns",
            "Turns ended, by what was done, at which level (0 full … 4 nothing but the log)",
            ("action", "level", "channel"),
            registry=registry,
        )
        self._took = Histogram(
            "kefu_turn_seconds",
            "From the message to the end of the reply; generated: by the model in this turn",
            ("generated",),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._first = Histogram(
            "kefu_first_token_seconds",
            "From the message to the first words shown",
            ("generated",),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._knowledge = Counter(
            "kefu_knowledge",
            "Turns whose question was looked up: hit (answered), miss, failed (search was down)",
            ("outcome",),
            registry=registry,
        )
        self._calls = Counter("kefu_model_calls", "Calls of the model", registry=registry)
        self._cached = Counter("kefu_cached", "Answers given again", registry=registry)
        self._votes = Counter("kefu_votes", "Likes and dislikes", ("vote",), registry=registry)
        self._level = Gauge("kefu_level", "Best level an answer can have now", registry=registry)
        self._waiting = Gauge(
            "kefu_waiting_messages", "Messages that wait for an answer", registry=registry
        )
        self._tickets = Gauge(
            "kefu_unclosed_tickets", "Tickets open or with a person", registry=registry
        )
        now = Gauge("kefu_running_turns", "Turns going on now", registry=registry)
        now.set_function(running)
        for outcome in ("hit", "miss", "failed"):  # else a rate has no first value to start from
            self._knowledge.labels(outcome)
        for vote in ("like", "dislike"):
            self._votes.labels(vote)

    def count_turn(self, turn: Ended, *, channel: str, took_s: float) -> None:
        """Count a turn that ended; `took_s` includes its wait for the turns before it."""
        channel = channel if channel in CHANNELS else "other"
        self._turns.labels(turn["action"], str(turn["level"]), channel).inc()
        generated = "yes" if turn["llm_calls"] else "no"
        self._took.labels(generated).observe(took_s)
        if turn["first_token_ms"]:
            self._first.labels(generated).observe(turn["first_token_ms"] / 1000)
        if outcome := looked_up(turn["action"], turn["reason"]):
            self._knowledge.labels(outcome).inc()
        self._calls.inc(turn["llm_calls"])
        self._cached.inc(int(turn["cached"]))

    def count_vote(self, score: Literal[1, -1]) -> None:
        """Count a like or dislike."""
        self._votes.labels("like" if score > 0 else "dislike").inc()

    def stand(self, level: int, *, waiting_messages: float, unclosed_tickets: float) -> None:
        """Show how well Kefu can serve now; NaN for what can't be counted."""
        self._level.set(level)
        self._waiting.set(waiting_messages)
        self._tickets.set(unclosed_tickets)

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format 0.0.4."""
        return generate_latest(self._registry)
