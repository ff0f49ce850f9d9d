"""What each step of a turn found, as collapsible notes."""

import html
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graph.state import Reply
from ui.words import Words

SHOWN_PASSAGES = 8


class Note(NamedTuple):
    """One step."""

    title: str
    content: str  # Markdown, safe
    took_s: float = 0.0
    summary: str = ""  # what the heading over all notes says, if this step has the say


def step_note(words: Words, step: str, detail: Mapping[str, Any], took_s: float) -> Note:
    """Return the note of a step; one that is unknown is listed as it came."""
    name = words["steps"].get(step, step)
    match step:
        case "intent":
            title = f"{name}{words['colon']}{_intent(words, detail['intent'])}"
            return Note(title, _understood(words, detail), took_s)
        case "retrieve":
            return _retrieved(words, name, detail, took_s)
        case "decide":
            return decision_note(words, detail, took_s)
    summary = name if step == "relay" else ""  # nothing was decided: a person has the say
    return Note(name, _listed(words, detail), took_s, summary)


def decision_note(words: Words, detail: Mapping[str, Any], took_s: float = 0.0) -> Note:
    """Return what was decided, how surely, and why."""
    action = words["actions"].get(detail["action"], detail["action"])
    share = words["confidence"].format(share=f"{detail['confidence']:.0%}")
    lines = {
        "action": action,
        "confidence": f"{detail['confidence']:.2f}",
        "reason": reason_label(words, detail["reason"]),
        "options": detail["options"],
    }
    title = f"{words['steps']['decide']}{words['colon']}{action}"
    return Note(title, _listed(words, lines), took_s, f"{action} · {share}")


def notes_of(words: Words, reply: Reply) -> list[Note]:
    """Return the notes of a saved reply: its metadata is what is left of the steps."""
    intent = _intent(words, reply["intent"])
    kept = {
        "level": reply["level"],
        "llm_calls": reply["llm_calls"],
        "citations": [citation["id"] for citation in reply["citations"]],
        "took_ms": reply["took_ms"],
    }
    notes = [Note(f"{words['steps']['intent']}{words['colon']}{intent}", "")] if intent else []
    action = words["steps"].get(reply["action"], reply["action"])
    return [*notes, decision_note(words, reply), Note(action, _listed(words, kept))]


def _understood(words: Words, detail: Mapping[str, Any]) -> str:
    signals = [words["signals"].get(signal, signal) for signal in detail.get("signals", [])]
    return _listed(
        words,
        {
            "question": detail["question"],
            "intent": _intent(words, detail["intent"]),
            "confidence": f"{detail['confidence']:.2f}",
            "signals": signals,
        },
    )


def _retrieved(words: Words, name: str, detail: Mapping[str, Any], took_s: float) -> Note:
    passages: Sequence[Mapping[str, Any]] = detail.get("passages", [])
    outcome = words["outcomes"].get(detail["outcome"], detail["outcome"])
    found = words["details"]["found"].format(count=len(passages)) if passages else outcome
    labels, legs = words["details"], words["legs"]
    states = [
        f"{legs.get(leg, leg)}{words['colon']}{legs.get(state, state)}"
        for leg, state in detail.get("legs", {}).items()
    ]
    lines = [_listed(words, {"legs": states})] if states else []
    if passages:
        head = [labels["passage"], labels["score"], labels["dense"], labels["words"]]
        rows = [
            f"| {_cell(passage['question'])} | {passage['score']:.2f} "
            f"| {passage['dense']:.2f} | {passage['words']:.2f} |"
            for passage in passages[:SHOWN_PASSAGES]
        ]
        lines.append("\n".join([f"| {' | '.join(head)} |", "|---|---:|---:|---:|", *rows]))
    return Note(f"{name}{words['colon']}{found}", "\n\n".join(lines), took_s)


def _listed(words: Words, detail: Mapping[str, Any]) -> str:
    """Return the details as a list, without those that say nothing."""
    lines = [
        f"- {_cell(words['details'].get(key, key))}{words['colon']}{_value(words, key, value)}"
        for key, value in detail.items()
        if value not in ("", [], None)
    ]
    return "\n".join(lines)


def _value(words: Words, key: str, value: object) -> str:
    if isinstance(value, bool):
        return words["details"]["yes" if value else "no"]
    if isinstance(value, list | tuple):
        return " · ".join(_cell(str(item)) for item in value)
    if key in ("reason", "outcome"):
        return _cell(reason_label(words, str(value)))
    return _cell(str(value))


def _intent(words: Words, name: str) -> str:
    return words["intents"].get(name, name)


def reason_label(words: Words, name: str) -> str:
    """Return why something was decided, in the page's words."""
    return (
        words["reasons"].get(name)
        or words["intents"].get(name)
        or words["outcomes"].get(name)
        or name
    )


def _cell(text: str) -> str:
    """Return one line of Markdown in which neither HTML nor a table's bar works."""
    text = html.escape(" ".join(text.split()), quote=False)
    return text.replace("![", "!\\[").replace("|", "\\|")
