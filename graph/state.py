"""What a turn reads and writes.

Plain values only, no classes of ours: a checkpoint saved before a class was renamed could not be
read after it.
"""

from typing import Annotated, Any, Literal

from langchain_core.messages import AnyMessage
from langgraph.channels.untracked_value import UntrackedValue
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict  # pydantic takes typing.TypedDict only from Python 3.12

from tools.profiles import Profile
from tools.search.types import Passage

Action = Literal["answer", "act", "clarify", "handoff", "fallback", "relay"]
Locale = Literal["zh", "en"]
Owner = Literal["bot", "queue", "human"]
Route = Literal["knowledge", "account", "handoff", "offer", "chat", "vague"]
Outcome = Literal["found", "insufficient", "nothing", "failed", "skipped"]


class Citation(TypedDict):
    """A passage the reply rests on; `quote` is verbatim."""

    id: str
    title: str
    quote: str


class Decision(TypedDict):
    """What decide chose, and why."""

    action: Action
    confidence: float  # 0..1: estimated chance that answering from the passages is right
    reason: str  # machine-readable, e.g. "clear_match", "wants_person"; words live in nodes/replies
    options: list[str]  # candidate questions for clarify, else empty


class Part(TypedDict):
    """One of several questions in a message, and what was found for it."""

    asked: str  # as replies name it: the customer's words, masked
    question: str  # what is searched for: standing alone, masked
    vector: list[float]  # of `question`, unit length; [] = none
    intent: str
    route: Route
    intent_confidence: float
    tool: str
    chances: dict[str, float]
    passages: list[Passage]  # retrieve
    outcome: Outcome  # retrieve
    reason: str  # decide: why it is answered, e.g. "clear_match"; "" = it is not


class Pending(TypedDict, total=False):
    """What the bot waits for: a choice among options, a missing slot, or a yes to a write."""

    # choice: which option? slot: what is missing? confirm: shall the write be done?
    # offer: shall a person take over? consent: may facts be kept? forget: erase them?
    kind: Literal["choice", "slot", "confirm", "offer", "consent", "forget"]
    question: str  # the customer's question that is to be taken up again
    options: list[str]
    tool: str  # act: name of the business tool
    args: dict[str, Any]  # act: arguments known so far; consent: the facts
    slot: str  # act: the argument that is missing
    # Since a write was asked about; once there was one, only a plain yes counts:
    put_off: int  # confirm: how often the customer asked something else
    whys: int  # confirm: how often the customer told a reason


class Reply(TypedDict):
    """Metadata of one reply; saved with the message and returned by every channel."""

    thread_id: str
    turn_id: str
    action: Action
    confidence: float
    reason: str
    intent: str
    level: int
    citations: list[Citation]
    options: list[str]
    llm_calls: int
    cached: bool
    took_ms: float
    first_token_ms: float


class Input(TypedDict):
    """What a channel sends: the customer's new message."""

    messages: list[AnyMessage]


class Output(TypedDict, total=False):
    """What a channel gets back."""

    messages: Annotated[list[AnyMessage], add_messages]
    reply: Reply
    owner: Owner
    ticket_id: str


class State(TypedDict, total=False):
    """The saved conversation and the scratch space of one turn.

    The comment of a key begins with the nodes that write it. Saved keys live until one of these
    changes them; turn keys are reset by `intent` (or `relay`) at the start of every turn.
    Untracked values are never saved.
    """

    # saved
    # the channel; answer, act, clarify, handoff, fallback, relay; remember trims
    messages: Annotated[list[AnyMessage], add_messages]
    summary: str  # remember: what trimmed messages said
    owner: Owner  # handoff; the desk, when a person takes or hands back the thread
    ticket_id: str  # handoff; "" when none is open
    pending: Pending  # intent: what goes on waiting; then whoever asks; {} = nothing
    clarify_count: int  # clarify +1; remember resets after an answer
    stalled_count: int  # remember: turns in a row without progress
    is_offered: bool  # act, fallback, remember: a person was offered; the desk resets it
    is_consent_settled: bool  # remember: asked for a profile, or told to forget it; not asked again
    # this turn
    turn_id: str  # intent
    started_at: float  # intent: seconds, `time.time()`
    said: str  # intent: the message, normalised but not masked: act needs its numbers, addresses
    # What is searched for, masked (nodes/readings.py). Vectors have unit length, [] = none.
    question: str  # intent: standing alone; retrieve: the reading that found the best passage
    vector: Annotated[list[float], UntrackedValue]  # intent, retrieve: of `question`
    own: str  # intent, retrieve: a follow-up's own words; "" for a message that stands alone
    other: str  # intent: a second reading of the message, "" where rules are sure
    other_vector: Annotated[list[float], UntrackedValue]  # intent: of `other`
    wider: Annotated[list[tuple[str, list[float]]], UntrackedValue]  # intent: a third, with vector
    pieces: Annotated[list[tuple[str, list[float]]], UntrackedValue]  # intent: of a long message
    parts: Annotated[list[Part], UntrackedValue]  # intent: two or three questions, else []
    denied: list[str]  # intent: ids and titles shown before that the customer did not mean
    locale: Locale  # intent: language of the reply, that of the question
    intent: str  # intent: name in the taxonomy
    route: Route  # intent: where the taxonomy sends it
    intent_confidence: float  # intent
    tool: str  # intent: business tool of an account question, else ""
    unconfirmed: Pending  # intent: a write that goes on waiting while something else is asked
    let_be: Pending  # intent: a write that waited and is given up by this message; {} = none
    beside: str  # intent: a question beside an errand; decide: "" where nothing answers it
    chances: dict[str, float]  # intent: chance of every intent and route, 0..1
    signals: list[str]  # intent: "injection", "unproven", "personal_data", "angry", "empty", …
    profile: Annotated[Profile, UntrackedValue]  # intent: what the customer lets us remember
    passages: Annotated[list[Passage], UntrackedValue]  # retrieve
    outcome: Outcome  # retrieve; decide turns "found" into "insufficient"
    decision: Decision  # decide, relay; answer, act and handoff where they find that they can't
    citations: list[Citation]  # answer, act
    level: int  # every node: 0 full … 4 nothing (README); may only be raised
    llm_calls: int  # intent, answer
    cached: bool  # answer: the model was asked this before
    first_token_ms: float  # the node that speaks
    reply: Reply  # remember
