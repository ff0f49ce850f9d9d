"""The conversation on the chat page, and what the browser remembers of earlier ones."""

import re
import uuid
from collections.abc import Sequence
from typing import TypedDict, get_args

from graph.context import Context
from graph.state import Owner, State
from tools.text.pii import mask
from ui.handover import is_from_desk
from ui.turn import storable
from ui.views import Shown, restored
from ui.words import Locale, words

KEPT_THREADS = 20
TITLE_CHARS = 40
YEAR_10000_S = 253_402_300_800
SHOWN_TURNS = 30  # on the page; as many as a saved conversation keeps of short messages
TURNS_TO_CUT = 10  # at once, so that most messages move nothing
DEMO_CUSTOMERS = ("u001", "u002", "u003", "u005", "u008", "u014")  # those that the shop knows


class KeptThread(TypedDict):
    """A guest's conversation in the list of earlier ones."""

    id: str
    title: str


class Memory(TypedDict, total=False):
    """What the browser keeps between visits; it is the customer's to change."""

    locale: Locale
    region: str
    threads: list[KeptThread]
    said_at: float  # UTC seconds of a guest's last message


class Session(TypedDict):
    """The conversation on the page; the server keeps it, so that a browser can't forge it."""

    thread_id: str
    user_id: str  # whose conversation it is; "" = a guest's
    turn_ids: list[str]
    shown: list[Shown]
    level: int
    owner: Owner
    ticket_id: str
    heard: list[str]  # ids of what people at the desk said and the page shows
    disliked: str  # id of the turn that the open feedback form is about; "" = none


def fresh(user_id: str) -> Session:
    """Return a conversation in which nothing was said yet."""
    return Session(
        thread_id=uuid.uuid4().hex,
        user_id=user_id,
        turn_ids=[],
        shown=[],
        level=0,
        owner="bot",
        ticket_id="",
        heard=[],
        disliked="",
    )


def chosen(customer: object, region: object, locale: object) -> tuple[str, str, Locale]:
    """Return customer, region and language as a browser says they are chosen on the page.

    What can't be chosen there is taken for not chosen. Gradio compares with what it last put on
    the page itself, and of that it knows nothing after a restart.
    """
    return (
        customer if isinstance(customer, str) and customer in DEMO_CUSTOMERS else "",
        region if isinstance(region, str) and region in words("zh")["regions"] else "",
        "en" if locale == "en" else "zh",
    )


def reopened(thread_id: str, state: State, context: Context) -> Session:
    """Return a conversation as the checkpoint keeps it."""
    session, messages = fresh(context.user_id), state.get("messages", [])
    shown, session["turn_ids"] = restored(words(context.locale), messages)
    session["shown"], session["thread_id"] = shown, thread_id
    session["heard"] = [str(message.id) for message in messages if is_from_desk(message)]
    session["owner"] = state.get("owner", "bot")
    session["ticket_id"] = state.get("ticket_id", "")
    if reply := state.get("reply"):
        session["level"] = reply["level"]
    return session


def named(found: object) -> str:
    """Return the conversation that a browser names, "" for none."""
    return storable(found) if isinstance(found, str) else ""


def is_thread_id(found: str) -> bool:
    """Say whether a conversation that `fresh` began could be called that."""
    return re.fullmatch(r"[0-9a-f]{32}", found) is not None


def memory_of(found: object) -> Memory:
    """Return what a browser sent as its memory without what is none: it may be old, or forged."""
    memory = Memory()
    if not isinstance(found, dict):
        return memory
    if found.get("locale") in get_args(Locale):
        memory["locale"] = found["locale"]
    if isinstance(region := found.get("region"), str) and region in words("zh")["regions"]:
        memory["region"] = region
    said_at = found.get("said_at")
    if isinstance(said_at, float) or (isinstance(said_at, int) and 0 <= said_at < YEAR_10000_S):
        memory["said_at"] = float(said_at)
    threads = found.get("threads")
    kept = [
        KeptThread(id=storable(each["id"]), title=storable(each["title"])[:TITLE_CHARS])
        for each in (threads if isinstance(threads, list) else [])
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and isinstance(each.get("title"), str)
    ]
    if kept:
        memory["threads"] = kept[:KEPT_THREADS]
    return memory


def remembered(memory: Memory, session: Session, text: str, now_s: float) -> Memory:
    """Return the memory with a guest's conversation at the top, titled by its first question."""
    if session["user_id"]:
        return memory  # the desk lists it
    kept = memory.get("threads", [])
    known = next((thread for thread in kept if thread["id"] == session["thread_id"]), None)
    title = mask(" ".join(text.split()))[:TITLE_CHARS]
    first = known or KeptThread(id=session["thread_id"], title=title)
    others = [thread for thread in kept if thread["id"] != session["thread_id"]]
    return {**memory, "threads": [first, *others][:KEPT_THREADS], "said_at": now_s}


def latest(session: Session) -> tuple[Session, bool]:
    """Return the conversation without its oldest turns if there are many, and whether there were.

    Every message sends the whole page twice: 2 MB in the 200th turn.
    """
    starts = [at for at, message in enumerate(session["shown"]) if message["role"] == "user"]
    if len(starts) < SHOWN_TURNS + TURNS_TO_CUT:
        return session, False
    shown, turn_ids = session["shown"][starts[-SHOWN_TURNS] :], session["turn_ids"][-SHOWN_TURNS:]
    return {**session, "shown": shown, "turn_ids": turn_ids}, True


def turn_at(turn_ids: Sequence[str], shown: Sequence[Shown], index: int) -> str:
    """Return the id of the turn to which the message at `index` belongs, "" if there is none.

    Every turn starts with the customer's message; the page groups the messages that follow it.
    What stands below a turn that is over (that a message came too soon) is of no turn.
    """
    if index >= len(shown) and shown and shown[-1]["role"] != "user":
        return ""
    number = sum(message["role"] == "user" for message in shown[: index + 1])
    return turn_ids[number - 1] if 0 < number <= len(turn_ids) else ""
