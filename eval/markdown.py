"""The report of `python -m eval model` as Markdown: a table for each part."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ROUTING = (
    "false_refusal",
    "wrongly_answered",
    "wrong_entry",
    "handoff_recall",
    "clarify_recall",
    "account_not_from_knowledge",
    "coverage",
)
_DID = ("answered", "refused", "asked_back", "other")
_FOUND = ("r_at_1", "r_at_5", "mrr_at_10")
_NOTICED = ("recall", "false_alarms")
_ANSWERS = ("answered", "refused", "cited", "faithful", "rouge_l", "bleu")
TITLES = {
    "routing": "Routing: the whole graph with the model, and without",
    "mtrag": "Reference passages given (mt-rag-benchmark)",
    "rewriting": "Rewriting: where the last question of a dialogue finds its entry",
    "grounding": "Grounding: false and true sentences about passages",
    "answers": "Answers: rows kept out of training, in the prompt of service",
}


def markdown(result: Mapping[str, Any]) -> str:
    """Return the whole report; what was not measured is said with its reason."""
    lines = [f"# {result['model']} at {result['base_url']}"]
    for part, title in TITLES.items():
        found = result[part]
        lines += ["", f"## {title}", ""]
        if "skipped" in found:
            lines.append(f"Not measured: {found['skipped']}")
            continue
        lines.append(_measured(found))
        if found["n"]:
            lines += ["", *_BODIES[part](found)]
        lines += ["", _calls(found["model_calls"])]
    return "\n".join(lines) + "\n"


def _measured(found: Mapping[str, Any]) -> str:
    text = f"{found['n']} of {found['of']} measured"
    if found["lost"]:
        text += f"; {found['lost']} left out: the model gave no answer in them"
    return f"{text}. Stopped: {found['stopped']}" if found["stopped"] else f"{text}."


def _calls(calls: Mapping[str, Any]) -> str:
    text = (
        f"Calls: {calls['calls']}, without an answer {calls['unanswered']}, "
        f"in another form {calls['odd']}; first piece after "
        f"{_cell(calls['first_piece_p50_ms'])} ms (median), "
        f"{_cell(calls['first_piece_p95_ms'])} ms (95 %)."
    )
    return f"{text} Last error: {calls['last_error']}" if calls["last_error"] else text


def _routing(found: Mapping[str, Any]) -> Iterator[str]:
    plain = found["without_model"]
    yield from table(
        ("", "with model", "without"), [(key, found[key], plain[key]) for key in _ROUTING]
    )
    yield ""
    yield _grounded(found["grounded"])


def _mtrag(found: Mapping[str, Any]) -> Iterator[str]:
    rows: list[tuple[Any, ...]] = []
    for label, row in found["by_class"].items():
        for way in ("as_served", "given"):
            did = [row[way].get(name, 0) for name in _DID]
            rows.append((label, way.replace("_", " "), row["n"], *did, row[f"right_{way}"]))
    yield from table(("class", "passages", "n", *_DID, "right"), rows)
    yield ""
    yield "As served: the policy decides whether they answer. Given: it is not asked."
    yield ""
    yield _grounded(found["grounded"])
    if talks := found.get("rewriting"):
        yield ""
        yield f"Found among the passages of all tasks: {_measured(talks)}"
        yield ""
        yield from _rewriting(talks) if talks["n"] else ()


def _rewriting(found: Mapping[str, Any]) -> Iterator[str]:
    ways = {"last turn alone": found["last_turn"], "rules": found, "model": found["by_model"]}
    yield from table(
        ("", *_FOUND), [(name, *(way[key] for key in _FOUND)) for name, way in ways.items()]
    )


def _grounding(found: Mapping[str, Any]) -> Iterator[str]:
    ways = {"rules": found, "model": found["by_model"], "either": found["by_either"]}
    rows = [(key, *(way[key] for way in ways.values())) for key in _NOTICED]
    rows += [
        (f"recall, {kind}", *(way["recall_by_kind"][kind] for way in ways.values()))
        for kind in found["recall_by_kind"]
    ]
    yield from table(("", *ways), rows)


def _answers(found: Mapping[str, Any]) -> Iterator[str]:
    yield from table(("answerable", *_ANSWERS), [[found[k] for k in ("answerable", *_ANSWERS)]])


def _grounded(found: Mapping[str, Any]) -> str:
    return (
        f"Generated answers: {found['generated']}; passed the checks at once "
        f"{_cell(found['first'])}, at the second try {_cell(found['second'])}, "
        f"replaced by the passage {_cell(found['quoted'])}."
    )


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _cell(value: Any) -> str:  # noqa: ANN401 a JSON value
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value).replace("|", "\\|")


_BODIES = {
    "routing": _routing,
    "mtrag": _mtrag,
    "rewriting": _rewriting,
    "grounding": _grounding,
    "answers": _answers,
}
