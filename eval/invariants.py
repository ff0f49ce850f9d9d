"""What must hold after every message of a conversation, whoever writes and however.

Each rule takes the steps so far, judges the last one, and returns its complaints.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from eval.steps import Facts, Step, World
from nodes.rules.errands.orders import order_numbers
from nodes.rules.promises import Kind, claims
from tools.search.types import Entry
from tools.text.pii import find

SAME_REPLIES = 3
MAX_LEVEL = 2  # nothing is down in a simulation but, perhaps, the model
_TECHNICAL = re.compile(
    r"Traceback|\b\w*(?:Error|Exception)\b|\bline \d+, in\b|<class |0x[0-9a-f]{6}|\bsqlite3?\b"
    r"|\$[a-z_]+\b|\{[a-z_]+\}|\bNone\b|\bNaN\b"
)
_PERSON = re.compile(r"转(?:接)?人工|human agent|to a person")
_ORDER = re.compile(r"NZ\d{12}")
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?\n]?")


Rule = Callable[[Sequence[Step], Facts], list[str]]


def one_reply(steps: Sequence[Step], _: Facts) -> list[str]:
    """Exactly one reply to each message, the one that was shown; silence while a person has it."""
    faults, owner = [], steps[-1].before.owner
    for turn in steps[-1].turns:
        if turn.ends != 1:
            faults.append(f"{turn.ends} last events")
        if turn.shown != turn.text:
            faults.append(f"shown {turn.shown!r}, ended with {turn.text!r}")
        if owner == "bot" and not (turn.text and turn.saved == 1):
            faults.append(f"{turn.saved} saved replies, text {turn.text!r}")
        if owner != "bot" and (turn.text or turn.saved):
            faults.append(f"spoke while the owner was {owner}: {turn.text!r}")
        owner = turn.owner
    return faults


def promises(steps: Sequence[Step], _: Facts) -> list[str]:
    """What is claimed as done has changed the shop or the desk; a quotation claims nothing."""
    step, faults = steps[-1], []
    done = _changes(step.before, step.after)
    for turn in step.turns:
        sources = [citation["quote"] for citation in turn.reply["citations"]]
        for sentence in _SENTENCE.findall(turn.text):
            if any(sentence.strip() in source for source in sources):
                continue
            for claim in claims(sentence):
                is_kept = claim.kind in done
                if claim.kind == "other":  # also what the shop reports of an order
                    is_kept = bool(done) or _reported(claim.text, step.after)
                if not is_kept:
                    faults.append(f"claims {claim.kind} without it: {claim.text!r}")
        if turn.reply["reason"] == "written" and not done - {"handoff", "ticket"}:
            faults.append(f"says a write is done, the shop has not changed: {turn.text!r}")
    return faults


def consent(steps: Sequence[Step], _: Facts) -> list[str]:
    """Nothing in the shop changes without the customer's yes to it."""
    step = steps[-1]
    changed = [n for n, o in step.after.orders.items() if o != step.before.orders.get(n)]
    if not changed or any(turn.move == "yes" for turn in step.turns):
        return []
    return [f"changed {changed} without a yes"]


def wish(steps: Sequence[Step], _: Facts) -> list[str]:
    """An explicit wish for a person, or a yes to the offer of one, is granted at once."""
    return [
        f"{turn.said!r} was answered by {turn.reply['action']}"
        for turn in steps[-1].turns
        if turn.move in ("wish", "accept") and turn.owner == "bot"
    ]


def loop(steps: Sequence[Step], _: Facts) -> list[str]:
    """The same reply three times in a row offers a person."""
    said = [turn.text for step in steps for turn in step.turns]
    last = said[-SAME_REPLIES:]
    if len(last) < SAME_REPLIES or len(set(last)) > 1 or not last[0] or _PERSON.search(last[0]):
        return []
    return [f"said {SAME_REPLIES} times: {last[0]!r}"]


def plain_words(steps: Sequence[Step], _: Facts) -> list[str]:
    """No text of an exception, no unfilled placeholder."""
    texts = [turn.text for turn in steps[-1].turns]
    return [f"{hit.group()!r} in {text!r}" for text in texts if (hit := _TECHNICAL.search(text))]


def privacy(steps: Sequence[Step], facts: Facts) -> list[str]:
    """No personal data in metadata, log or ticket, and nobody else's order in a reply."""
    step, faults = steps[-1], []
    for turn in step.turns:
        kept = {"metadata": json.dumps(turn.reply, ensure_ascii=False)}
        kept |= {
            f"log {n}": f"{row['question']}\n{row['answer']}" for n, row in enumerate(turn.log)
        }
        kept["ticket"] = step.after.ticket_text
        for place, text in kept.items():
            faults += [f"{place}: {value!r}" for value in facts.private if value in text]
            if place != "metadata":  # citations may hold the company's own address
                faults += [f"{place}: {span.kind} {span.value!r}" for span in find(text)]
        known = {*step.after.orders, *order_numbers(_all_said(steps))}
        faults += [f"order {n} of another" for n in _ORDER.findall(turn.text) if n not in known]
    return faults


def level(steps: Sequence[Step], facts: Facts) -> list[str]:
    """The level is what the parts that are there allow, and is told only for what it concerns."""
    faults = []
    for turn in steps[-1].turns:
        reply = turn.reply
        least = 0 if facts.has_vectors or reply["action"] == "relay" else 1
        is_quoted = reply["action"] == "answer" and not facts.has_model
        expected = (
            range(2, 3) if is_quoted else range(least, (MAX_LEVEL if facts.has_model else 1) + 1)
        )
        if reply["level"] not in expected:
            faults.append(f"{reply['action']} at level {reply['level']}, expected {expected}")
        if reply["llm_calls"] and not facts.has_model:
            faults.append(f"{reply['llm_calls']} model calls without a model")
    return faults


def citations(steps: Sequence[Step], facts: Facts) -> list[str]:
    """An answer cites what is there, what this customer may see, and in its own words."""
    faults = []
    for turn in steps[-1].turns:
        reply = turn.reply
        if bool(reply["citations"]) != (reply["action"] == "answer"):
            faults.append(f"{len(reply['citations'])} citations for {reply['action']}")
        for citation in reply["citations"]:
            entry = turn.cited.get(citation["id"])
            if entry is None:
                faults.append(f"{citation['id']}: no such entry")
            elif not _visible(entry, facts):
                faults.append(f"{citation['id']}: not for this customer on {facts.today}")
            elif citation["quote"] not in entry["answer"]:
                faults.append(f"{citation['id']}: does not say {citation['quote']!r}")
    return faults


def owner(steps: Sequence[Step], _: Facts) -> list[str]:
    """Conversation, desk and ticket agree who has it; only a handoff gives it away."""
    step, faults = steps[-1], []
    last = step.turns[-1]
    status = {"queue": "open", "human": "taken"}.get(last.owner, "")
    if step.after.owner != last.owner:
        faults.append(f"the desk says {step.after.owner}, the conversation {last.owner}")
    if step.after.ticket_status != status:
        faults.append(f"owner {last.owner}, ticket {step.after.ticket_status or 'none'}")
    if last.owner != "bot" and last.ticket_id != step.after.ticket_id:
        faults.append(f"ticket {last.ticket_id}, the desk has {step.after.ticket_id}")
    before = step.before.owner
    for turn in step.turns:
        is_handoff = (before, turn.owner, turn.reply["action"]) == ("bot", "queue", "handoff")
        if turn.owner != before and not is_handoff:
            faults.append(f"{before} to {turn.owner} by {turn.reply['action']}")
        before = turn.owner
    return faults


def logged(steps: Sequence[Step], _: Facts) -> list[str]:
    """Each message has one line in the log, with what its reply's metadata says."""
    faults = []
    for turn in steps[-1].turns:
        if len(turn.log) != 1:
            faults.append(f"{len(turn.log)} lines for {turn.reply['turn_id']}")
        for row in turn.log:
            told = (turn.reply["action"], turn.reply["reason"], turn.reply["level"], turn.owner)
            kept = (row["action"], row["reason"], row["level"], row["owner"])
            if told != kept:
                faults.append(f"told {told}, logged {kept}")
    return faults


INVARIANTS: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        one_reply,
        promises,
        consent,
        wish,
        loop,
        plain_words,
        privacy,
        level,
        citations,
        owner,
        logged,
    )
}


def _changes(before: World, after: World) -> set[Kind]:
    """Return the kinds of promises that what happened between the two keeps."""
    kinds: set[Kind] = set()
    if after.ticket_id and after.ticket_id != before.ticket_id:
        kinds |= {"handoff", "ticket"}
    for number, order in after.orders.items():
        old = before.orders.get(number, order)
        if order["refund"] != old["refund"]:
            kinds |= {"refund", "ticket"}
        if order["status"] != old["status"] and order["status"] == "已取消":
            kinds.add("cancel")
        if order["address"] != old["address"]:
            kinds.add("address")
    return kinds


def _reported(clause: str, world: World) -> bool:
    """Say whether the clause only tells an order's state, or is a stop of its parcel."""
    plain = clause.replace("已经", "已").strip("，,。 ")
    states: set[str] = {order["status"] for order in world.orders.values()}
    states |= {"已发货" for order in world.orders.values() if order["shipped_at"]}
    is_state = any(state in plain for state in states)
    return is_state or any(plain in stop for stop in world.stops)


def _visible(entry: Entry, facts: Facts) -> bool:
    return (
        entry.get("audience", "public") == "public"
        and entry.get("region", "") in ("", facts.region)
        and entry.get("effective_from", "") <= facts.today
        and (entry.get("effective_to", "") or facts.today) >= facts.today
    )


def _all_said(steps: Sequence[Step]) -> str:
    return "\n".join(turn.said for step in steps for turn in step.turns)
