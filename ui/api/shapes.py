"""What apps send, as the LangGraph API shapes it. What Kefu can't do is refused, not ignored."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import orjson
from langchain_core.messages import HumanMessage, convert_to_messages
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from graph.context import Context
from nodes.speech import REPLY_END
from ui.turn import storable

CHANNEL = "api"  # of a run that names none
ID_CHARS = 64  # of a message; Kefu's ids of a turn hold the thread's, too
METADATA_CHARS = 4096
MOST_LISTED = 100
ASSISTANT = "kefu"
ASSISTANT_ID = str(uuid.uuid5(uuid.UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8"), ASSISTANT))

StreamMode = Literal["values", "messages", "messages-tuple", "custom"]


def _stored(text: str) -> str:
    if text != storable(text):
        raise ValueError("expected text that can be stored")
    return text


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


def _small(given: dict[str, Any] | None) -> dict[str, Any]:
    if len(str(given)) > METADATA_CHARS:
        raise ValueError(f"expected at most {METADATA_CHARS} characters")
    try:  # what can't be told again would make every list that it is in fail
        orjson.dumps(given)
    except TypeError as exc:
        raise ValueError("expected JSON with numbers of at most 64 bits") from exc
    return given or {}


def _checkpoint_id(given: object) -> object:
    """Return the id of a checkpoint, however an app names it."""
    if not isinstance(given, dict):
        return given
    place = given.get("configurable", given)
    return place.get("checkpoint_id") if isinstance(place, dict) else place


Id = Annotated[str, Field(max_length=128), AfterValidator(_stored)]
Metadata = Annotated[dict[str, Any] | None, AfterValidator(_small)]


class Knobs(BaseModel, extra="forbid"):
    """The context of a run; graph/context.py says what each means. None is what was not given."""

    tenant: Id | None = None
    user_id: Id | None = None
    channel: Id | None = None
    locale: Literal["zh", "en"] | None = None
    region: Id | None = None
    top_k: int | None = Field(default=None, ge=1, le=50)
    max_clarify: int | None = Field(default=None, ge=0, le=10)
    max_message_chars: int | None = Field(default=None, ge=1, le=20_000)
    history_tokens: int | None = Field(default=None, ge=0, le=20_000)


class ThreadCreate(BaseModel):
    """A new conversation; `metadata.user_id` names the customer whose it is."""

    thread_id: uuid.UUID | None = None
    metadata: Metadata = None
    if_exists: Literal["raise", "do_nothing"] = "raise"
    supersteps: None = None  # a conversation made elsewhere
    ttl: None = None  # how long one is kept is the operator's


class ThreadSearch(BaseModel):
    """Which of a customer's conversations to list, latest first."""

    ids: list[uuid.UUID] | None = None
    metadata: dict[str, Any] | None = None
    status: Literal["idle", "busy", "interrupted", "error"] | None = None
    limit: int = Field(default=10, ge=1)
    offset: int = Field(default=0, ge=0)
    sort_by: Literal["updated_at"] | None = None
    sort_order: Literal["desc"] | None = None
    select: list[str] | None = None
    values: None = None
    extract: None = None


class History(BaseModel):
    """How many states of a conversation to return, and before which."""

    limit: int = Field(default=10, ge=1)
    before: Annotated[str | None, BeforeValidator(_checkpoint_id)] = None
    metadata: dict[str, Any] | None = None
    checkpoint: dict[str, Any] | None = None
    select: list[str] | None = None


class RunCreate(BaseModel):
    """One run: what the customer says, in whose name, and how to answer."""

    assistant_id: str
    input: dict[str, Any] | None = None
    context: Knobs | None = None
    config: dict[str, Any] | None = None
    stream_mode: Annotated[list[StreamMode], BeforeValidator(_listed)] = ["values"]
    multitask_strategy: Literal["enqueue", "reject"] = "enqueue"
    if_not_exists: Literal["reject", "create"] = "reject"
    on_completion: Literal["delete", "keep"] = "delete"
    checkpoint: dict[str, Any] | None = None
    checkpoint_id: str | None = None
    # An app that relies on one of these must hear that it is not served.
    command: None = None
    interrupt_before: Annotated[None, BeforeValidator(lambda given: given or None)] = None
    interrupt_after: Annotated[None, BeforeValidator(lambda given: given or None)] = None
    webhook: None = None
    after_seconds: Annotated[None, BeforeValidator(lambda given: given or None)] = None
    feedback_keys: Annotated[None, BeforeValidator(lambda given: given or None)] = None

    @model_validator(mode="after")
    def _context_in_one_place(self) -> Self:
        own = Knobs.model_fields
        given = (self.config or {}).get("configurable") or {}
        if not isinstance(given, dict):
            raise ValueError("config.configurable: expected an object")
        named = {name: value for name, value in given.items() if name in own}
        if named and self.context:
            raise ValueError("expected context or config.configurable, got both")
        if named:
            self.context = Knobs(**named)
        return self

    @property
    def from_checkpoint(self) -> str:
        """The checkpoint that the app takes for the latest, "" where it names none."""
        return str(self.checkpoint_id or (self.checkpoint or {}).get("checkpoint_id") or "")

    def said(self) -> list[HumanMessage]:
        """Return the customer's messages, as graph/build.py takes them.

        Raises:
            ValueError: if there is none, or one that can't be read.
        """
        messages = (self.input or {}).get("messages")
        given = messages if isinstance(messages, list) else [] if messages is None else [messages]
        try:
            read = convert_to_messages(given)
        except Exception as exc:  # LangChain's, of many kinds; what comes is an app's
            raise ValueError(
                'input.messages: expected {"role": "user", "content": "…"}, got another shape'
            ) from exc
        theirs = [message for message in read if isinstance(message, HumanMessage)]
        if not theirs:
            raise ValueError("input.messages: expected a customer's message, got none")
        last = theirs[-1]
        if not storable(last.text).strip():
            raise ValueError("input.messages: expected text in the customer's message")
        return theirs


def message_id(given: str) -> str:
    """Return the id of a customer's message as an app gave it.

    Raises:
        ValueError: if it is none that can be kept.
    """
    if not given.isprintable() or len(given) > ID_CHARS or given.endswith(REPLY_END):
        raise ValueError(
            f"the message's id: expected at most {ID_CHARS} printable characters, not ending in "
            f"{REPLY_END}"
        )
    return given


def context_of(knobs: Knobs | None, *, tenant: str, user_id: str) -> Context:
    """Return the context of a run."""
    given: Mapping[str, Any] = knobs.model_dump(exclude_none=True) if knobs else {}
    return Context(**{"channel": CHANNEL, **given, "tenant": tenant, "user_id": user_id})
