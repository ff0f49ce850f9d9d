"""What each question of a message is answered from, and how it is quoted."""

from collections.abc import Sequence

from graph.state import Citation, State
from nodes.replies import say
from nodes.rules.deciding.again import closeness, is_named, is_open, news
from nodes.rules.deciding.evidence import Evidence, cited, gather, quote
from nodes.rules.deciding.near import MOST, is_wording
from nodes.rules.errands.turns import just_read, last_cited
from nodes.rules.hearing.rewrite_words import SLIP, WHAT_ABOUT
from nodes.rules.wording.sentences import split
from tools.text.normalise import language, tells_language

PART_PASSAGES = 2  # of each question where a message has several
AGAIN_AT = 0.95  # chance from which what was read is shown again; by data/eval/followups*.jsonl
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
    """Return what `_quoted` does, led by a word on what is not in the customer's language."""
    text, citations = _quoted(state, found)
    if any(_is_foreign(citation, state["locale"]) for citation in citations):
        text = f"{say(state['locale'], 'other_language')}\n\n{text}"
    return text, citations


def _is_foreign(citation: Citation, locale: str) -> bool:
    """Say whether a passage is not in the customer's language; a Chinese page may be all code."""
    if locale == "en":
        return language(citation["quote"]) == "zh" and tells_language(citation["quote"])
    return all(language(citation[part]) == "en" for part in ("title", "quote"))


def _quoted(state: State, found: dict[str, list[Evidence]]) -> tuple[str, list[Citation]]:
    """Return the best passage of every question, each once, under the questions it answers.

    Where none leads (reason "near_matches") the near ones are shown side by side, shortened. Of
    what the reply before has shown whole, only what it says of a follow-up; where that is nothing,
    all of it if the answer is surely there, else "".
    """
    locale = state["locale"]
    if "" in found:
        every = _near(state) or found[""][:1]
        items = _unread(state, every, found[""])
        if not items:
            return _again(state, found[""][0])
        citations = _citations([_quotable(item, found[""]) for item in items])
        if len(items) > 1:
            return _listed(items, locale), citations
        only = items[0] if len(every) == 1 else items[0]._replace(kind="doc")  # says its title
        return quote(only, locale), citations
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
    cited_once = {item.id: item for shown in asked for item in shown}
    return "\n\n".join(pieces), _citations(list(cited_once.values()))


def _again(state: State, best: Evidence) -> tuple[str, list[Citation]]:
    """Return the passage that was read already, where it surely holds what is asked; else "".

    The follow-up has no word of it, 我在兰州 of 甘肃加收 50 元, so that no part can be picked. One
    that only names something, 花呗呢 or 说错了，是花呗, is answered by what has the name.
    """
    said = state["said"]
    is_name = WHAT_ABOUT.search(said) or SLIP.match(said)
    if is_name or state["decision"]["confidence"] < AGAIN_AT:
        return "", []
    return f"{say(state['locale'], 'look_again')}\n{best.text}", _citations([best])


def _near(state: State) -> list[Evidence]:
    """Return the passages that the decision names as options, if it says that none leads."""
    decision = state["decision"]
    if decision["reason"] != "near_matches":
        return []
    return gather([p for p in state["passages"] if p["question"] in decision["options"]], MOST)


def _unread(state: State, items: Sequence[Evidence], others: Sequence[Evidence]) -> list[Evidence]:
    """Return the passages as far as they are news; all of one that is asked for by its name.

    Where they are none, those of the `others` that speak of what was said.
    """
    read, said, best = just_read(state["messages"]), state["said"], state["passages"][0]
    if not read or is_wording(state["question"], best):
        return list(items)
    if items[0].text in read and is_named(said, f"{best['question']} {best['matched']}"):
        return [items[0]]  # it was about this: 滤芯多久换 - 净水器
    left = [
        item._replace(text=news(said, item.text)) if item.text in read else item for item in items
    ]
    unread = [item for item in others if item.text not in read]
    if is_open(said):  # about the reply just before, not one that was read earlier
        recent = last_cited(state["messages"])
        told = [i._replace(text=news(said, i.text)) for i in others if i.id in recent]
        left = [item for item in told if item.text] or [item for item in left if item in unread]
    close = {item.id: closeness(said, f"{item.title}\n{item.text}") for item in unread}
    most = max(close.values(), default=0.0)
    return [item for item in left if item.text] or [
        item for item in unread if most and close[item.id] == most
    ][:MOST]


def _quotable(item: Evidence, found: Sequence[Evidence]) -> Evidence:
    """Return what was said of a passage; all of it, where it does not stand there in one."""
    whole = next((other for other in found if other.id == item.id), item)
    return item if item.text in whole.text else whole


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
