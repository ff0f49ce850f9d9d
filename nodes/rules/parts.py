"""What each question of a message is answered from, and how it is quoted."""

from collections.abc import Sequence

from graph.state import Citation, State
from nodes.replies import say
from nodes.rules.evidence import Evidence, cited, gather, quote
from nodes.rules.near import MOST
from nodes.rules.sentences import split

PART_PASSAGES = 2  # of each question where a message has several
SHORT_CHARS = 160  # of each of several quotations; the whole is a click or a number away


def told(state: State) -> dict[str, list[Evidence]]:
    """Return what each question that can be answered rests on; "" stands for the only one."""
    parts = [part for part in state.get("parts", []) if part["reason"]]
    if not parts:
        return {"": gather(state["passages"])}
    all_found = {part["question"]: gather(part["passages"], PART_PASSAGES) for part in parts}
    return {question: evidence for question, evidence in all_found.items() if evidence}


def is_clear(state: State, found: dict[str, list[Evidence]]) -> bool:
    """Say whether every answer stands in an FAQ entry as it is."""
    reasons = {part["reason"] for part in state.get("parts", []) if part["question"] in found}
    is_faq = all(evidence[0].kind == "faq" for evidence in found.values())
    return is_faq and (reasons or {state["decision"]["reason"]}) == {"clear_match"}


def quoted(state: State, found: dict[str, list[Evidence]]) -> tuple[str, list[Citation]]:
    """Return the best passage of every question, each once, under the questions it answers.

    Where none leads (reason "near_matches") the near ones are shown side by side, shortened.
    """
    locale = state["locale"]
    if "" in found:
        items = _near(state) or found[""][:1]
        text = quote(items[0], locale) if len(items) == 1 else _listed(items, locale)
        return text, _citations(items)
    words = {part["question"]: part["asked"] for part in state["parts"]}
    near = {part["question"] for part in state["parts"] if part["reason"] == "near_matches"}
    asked: dict[tuple[Evidence, ...], list[str]] = {}
    for question, evidence in found.items():
        shown = tuple(evidence if question in near else evidence[:1])
        asked.setdefault(shown, []).append(words.get(question, ""))
    pieces = [
        f"{say(locale, 'part', question=' '.join(questions))}\n"
        + (quote(shown[0], locale) if len(shown) == 1 else _side_by_side(shown, locale))
        for shown, questions in asked.items()
    ]
    every = {item.id: item for shown in asked for item in shown}
    return "\n\n".join(pieces), _citations(list(every.values()))


def _near(state: State) -> list[Evidence]:
    """Return the passages that the decision names as options, if it says that none leads."""
    decision = state["decision"]
    if decision["reason"] != "near_matches":
        return []
    return gather([p for p in state["passages"] if p["question"] in decision["options"]], MOST)


def _listed(items: Sequence[Evidence], locale: str) -> str:
    """Return several passages as one message: numbered, short, and what to do next."""
    found = say(locale, "near_found", count=str(len(items)))
    rest = say(locale, "near_more") if any(len(i.text) > SHORT_CHARS for i in items) else ""
    return "\n\n".join([found, _side_by_side(items, locale), rest + say(locale, "near_next")])


def _side_by_side(items: Sequence[Evidence], locale: str) -> str:
    return "\n\n".join(
        f"{say(locale, 'near_item', number=str(number), title=item.title)}\n{_short(item.text)}"
        for number, item in enumerate(items, start=1)
    )


def _short(text: str) -> str:
    """Return whole sentences of `text`, about SHORT_CHARS; at least the first one's beginning."""
    if len(text) <= SHORT_CHARS:
        return text
    kept = ""
    for sentence in split(text)[0]:
        if len(kept) + len(sentence) > SHORT_CHARS:
            break
        kept += sentence
    return f"{kept.rstrip() or text[:SHORT_CHARS].rstrip()}…"


def _citations(items: Sequence[Evidence]) -> list[Citation]:
    return [cited("", [item])[0] for item in items]
