"""When a person is offered at the end of a reply; the table is data/offers.yaml."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

import yaml

from graph.state import State
from tools.errors import ConfigError

When = Literal["angry", "repeated", "stalled"]

_NO_ANSWER = ("no_knowledge", "nothing_more", "stuck", "search_down")


class Rule(NamedTuple):
    """One line of the table."""

    when: When
    turns: int = 1  # stalled: how many in a row


def load_offers(path: Path) -> tuple[Rule, ...]:
    """Return the rules in the file's order.

    Raises:
        ConfigError: if the file is missing or a line of it can't be understood.
    """
    try:
        lines: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as exc:
        raise ConfigError(f"{path}: expected a list of rules, got {exc}") from exc
    if not isinstance(lines, list):
        raise ConfigError(f"{path}: expected a list of rules, got {type(lines).__name__}")
    return tuple(_rule(path, number, line) for number, line in enumerate(lines, start=1))


def stalled(state: State, *, is_repeat: bool) -> int:
    """Return how many turns in a row, with this one, brought the customer no further.

    Small talk neither counts nor ends the row.
    """
    before = state.get("stalled_count", 0)
    action, reason = state["decision"]["action"], state["decision"]["reason"]
    if action == "clarify" or reason in _NO_ANSWER or is_repeat or state.get("denied"):
        return before + 1
    return before if action == "fallback" else 0


def due(rules: Sequence[Rule], state: State, *, is_repeat: bool, stalled_count: int) -> When | None:
    """Return why a person is to be offered now; None if not, or if that was done before.

    What the bot already waits for, a yes or an order's number, goes before.
    """
    is_waiting = state.get("pending", {}).get("kind", "choice") != "choice"
    speaks_for_itself = state["decision"]["action"] in ("handoff", "relay")
    if state.get("is_offered") or is_waiting or speaks_for_itself:
        return None
    holds: dict[When, bool] = {
        "angry": "angry" in state.get("signals", []),
        "repeated": is_repeat,
        "stalled": False,
    }
    return next((r.when for r in rules if holds[r.when] or _is_stalled(r, stalled_count)), None)


def _is_stalled(rule: Rule, count: int) -> bool:
    return rule.when == "stalled" and count >= rule.turns


def _rule(path: Path, number: int, line: object) -> Rule:
    known = get_args(When)
    fields = line if isinstance(line, dict) else {}
    turns = fields.get("turns", 1)
    is_count = isinstance(turns, int) and not isinstance(turns, bool) and turns > 0
    if fields.get("when") not in known or not is_count or set(fields) - {"when", "turns"}:
        raise ConfigError(
            f"{path}: rule {number}: expected `when` to be one of {', '.join(known)} and `turns` "
            f"a number from 1, got {line!r}"
        )
    return Rule(cast(When, fields["when"]), turns)
