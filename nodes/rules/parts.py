"""What each question of a message is answered from."""

from graph.state import Citation, State
from nodes.replies import say
from nodes.rules.evidence import Evidence, cited, gather, quote

PART_PASSAGES = 2  # of each question where a message has several


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
    """Return the best passage of every question, each once, under the questions it answers."""
    locale = state["locale"]
    words = {part["question"]: part["asked"] for part in state.get("parts", [])}
    asked: dict[str, list[str]] = {}
    best: dict[str, Evidence] = {}
    for question, evidence in found.items():
        asked.setdefault(evidence[0].id, []).append(words.get(question, ""))
        best[evidence[0].id] = evidence[0]
    pieces = []
    for place, item in best.items():
        named = say(locale, "part", question=" ".join(asked[place])) + "\n"
        pieces.append(quote(item, locale) if "" in found else named + quote(item, locale))
    return "\n\n".join(pieces), [cited("", [item])[0] for item in best.values()]
