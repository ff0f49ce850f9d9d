"""Hear what is said instead of the yes or no to a write: why it is wanted, or another question."""

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage

from graph.state import Pending, State
from nodes.rules.errands.errands import READS, is_beyond
from nodes.rules.errands.goods import kept, names_all, names_others, said_of_goods
from nodes.rules.errands.heard import is_outburst
from nodes.rules.errands.orders import is_other, order_numbers
from nodes.rules.errands.pending import BEYOND, CHOSEN, Meaning
from nodes.rules.errands.turns import last_reply, noted
from nodes.rules.errands.withdrawn import is_withdrawn
from nodes.rules.hearing.rewrite_words import ASKS
from nodes.rules.hearing.smells import is_danger
from nodes.wants import expected

TOLD_CHARS = 100  # a longer message says more than why
WISH_CHARS = 12  # of a message that only wants the same again
TOPIC_CHARS = 4  # of a message that says nothing but what else it is about
MOST_ASIDES = 3  # questions in between after which the yes is no longer waited for
MOST = 2  # times that the yes is asked for again; who goes on telling wants something else
_BECAUSE = re.compile(r"^(?:因为|由于|主要是?|原因是|理由是|because\b|since\b)", re.IGNORECASE)
_WISH = re.compile(
    "退|取消|改|换|查|看|订单|快递|物流|发票|积分|会员"
    "|refund|return|cancel|change|order|package|parcel|invoice|points?",
    re.IGNORECASE,
)
_ASKS_TOO = re.compile(
    r"[?？]|[吗么]|(.)[不唔]\1|系咪|有冇|几时|边度|[咩乜]|点(?:样|搞|解)|㗎$|想(?:知道|问|了解)|告诉我|请问"
    r"|\b(?:can|could|may|should|would|do|does|is|are|will) (?:i|we|you|it|they|that)\b"
    r"|\b(?:tell me|know|wonder(?:ing)?|ask|explain) (?:how|what|wh[eo]\w*|why|which|if|about)\b",
    re.IGNORECASE,
)
_TOO = re.compile(
    r"[也还]|一起|一块|都|连|只|单独|\b(?:too|also|as well|both|only|just|whole)\b", re.I
)
_DONE_TO = re.compile(r"退|取消|没了|不要|改|cancel|refund|return|change", re.I)
_CONFIRMING = re.compile("确[认定]|confirm", re.IGNORECASE)
_SIGNALS = frozenset({"injection", "empty", "too_long", "wants_person", "about_person", "angry"})


def beside_the_yes(turn: State, before: State) -> State:
    """Return what changes for a message that is neither yes nor no while a write waits for one.

    Who tells why is asked for the yes again; who asks something else gets an answer first.
    """
    pending = before.get("pending", {})
    if pending.get("kind") != "confirm" or not _SIGNALS.isdisjoint(turn["signals"]):
        return {}
    if meant := _still_meant(turn, pending, before["messages"]):
        meaning = Meaning(meant, "account", keep=pending)
        return {**expected(meaning), "pending": pending, "parts": []}
    is_asking = turn["route"] in ("knowledge", "vague") or turn["tool"] in (*READS, "account_info")
    times = pending.get("put_off", 0) + 1
    if not is_asking or times > MOST_ASIDES:
        return {}
    return {"unconfirmed": {**pending, "put_off": times}}


def given_up(turn: State, before: State) -> Pending:
    """Return the write whose yes was waited for and that this message leaves without an answer.

    {} for one that is answered, asked for again or reminded of.
    """
    pending = before.get("pending", Pending())
    is_open = turn["unconfirmed"] or turn["pending"].get("kind") == "confirm"
    return Pending() if pending.get("kind") != "confirm" or is_open else pending


def left_open(state: State) -> Pending:
    """Return the write to remind of at the end of this turn's reply; {} for none.

    What the reply itself asks, other than to pick one of several questions, goes before; what it
    offers to pick can be picked beside the yes.
    """
    waiting, left = state.get("pending", {}), state.get("unconfirmed", Pending())
    is_told = state["decision"]["action"] in ("answer", "act", "clarify")
    if not left or not is_told or waiting.get("kind", "choice") != "choice":
        return Pending()
    return {**left, "options": waiting.get("options", [])}


def _still_meant(turn: State, pending: Pending, messages: Sequence[AnyMessage]) -> str:
    """Return the intent of a message that goes on about the write itself; "" for another."""
    if turn["intent"] in (CHOSEN, BEYOND):
        return ""
    told, said = last_reply(messages).text, turn["said"]
    if turn["intent"] == "thanks" and "next" in pending["args"] and pending.get("put_off") == 1:
        return "unclear"  # for the first of two orders: the second is not forgotten
    if kept(said) or is_withdrawn(said_of_goods(said), pending["tool"]):
        return _of_kept(said, _asked_about(messages))
    is_of_yes = len(said) <= WISH_CHARS and _CONFIRMING.search(said) and not ASKS.search(said)
    if is_of_yes or is_outburst(said, turn["signals"]):
        return "unclear"  # 确认不了, 快点
    if _asks_whole(said, told):
        return "asks_whole"
    if _explains(turn, pending, told):
        return "explains"
    return "unclear" if _wishes_again(turn, pending, told) else ""


def _of_kept(said: str, told: str) -> str:
    """Return the intent of a message that wants goods left alone, by what the yes is about."""
    if names_others(said, told):
        return "unclear"
    return "declines" if names_all(said, told) else "asks_whole"


def _asked_about(messages: Sequence[AnyMessage]) -> str:
    """Return the last reply that asked for the yes."""
    asked = (m for m in reversed(messages) if isinstance(m, AIMessage))
    reasons = ("needs_confirmation", "written")  # of two orders the second is asked with the first
    return next((m.text for m in asked if noted(m).get("reason") in reasons), "")


def _asks_whole(said: str, told: str) -> bool:
    """Say whether the message asks if other goods of the same order go, too: 电饭煲也会取消吗."""
    is_asked = ASKS.search(said) or _ASKS_TOO.search(said)
    is_of_it = said_of_goods(said) and not names_others(said, told)
    return bool(is_asked and is_of_it and _TOO.search(said) and _DONE_TO.search(said))


def _wishes_again(turn: State, pending: Pending, told: str) -> bool:
    """Say whether the message only wants the same again, 想退: it is asked for a plain yes."""
    said = turn["said"]
    is_same = turn["route"] == "account" and turn["tool"] == pending["tool"]
    is_short = len(said) <= WISH_CHARS and not (ASKS.search(said) or _ASKS_TOO.search(said))
    is_another = is_other(said) or names_others(said, told) or is_beyond(pending["tool"], said)
    return is_same and is_short and not (is_another or order_numbers(said))


def _explains(turn: State, pending: Pending, told: str) -> bool:
    """Say whether the message tells why the customer wants it.

    It asks nothing, wants no person, no other errand and no other goods than those that the yes
    would be about. It is never the yes itself.
    """
    said = turn["said"]
    if len(said) > TOLD_CHARS or pending.get("whys", 0) >= MOST:
        return False
    if turn["intent"] == "denies" or not set(order_numbers(said)) <= {pending["args"]["order_id"]}:
        return False
    is_because = _BECAUSE.match(said) is not None
    routes = ("knowledge", "vague", "offer", *(("chat", "account") if is_because else ()))
    is_led = turn["tool"] == pending["tool"] or bool(turn["own"])  # an errand by what it leans on
    is_more = turn["route"] == "account" and is_led and not _WISH.search(said)
    asks = ASKS.search(said) or _ASKS_TOO.search(said)
    is_why = turn["route"] in routes or is_more
    is_topic = len(said) <= TOPIC_CHARS and _WISH.search(said) is not None  # 发票
    is_else = is_topic or names_others(said, told) or is_beyond(pending["tool"], said)
    return is_why and not (asks or is_else or is_danger(said))
