"""A runner that plays scripted turns, and the little of Kefu that the chat page needs beside it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from graph.context import Context
from graph.settings import Settings
from graph.state import Citation, Decision, Pending, Reply, State
from nodes.speech import Piece
from tests.fakes.search import MemorySearch
from tools.desk.records import DeskHealth, Thread
from tools.errors import StoreUnavailable
from tools.telemetry import Telemetry
from ui.runner import Event

PASSAGES = [
    {
        "id": "nz-100",
        "question": "信用卡退款多久到账？",
        "score": 0.91,
        "dense": 0.88,
        "words": 0.8,
    },
    {
        "id": "nz-101",
        "question": "银行卡退款 | <b>多久</b>",
        "score": 0.62,
        "dense": 0.7,
        "words": 0.4,
    },
]


class ScriptedTurn:
    """One turn: what is said and what stands in its metadata."""

    def __init__(
        self,
        text: str,
        *,
        action: str = "answer",
        reason: str = "clear_match",
        level: int = 0,
        citations: Sequence[Citation] = (),
        pending: Pending | None = None,
        owner: str = "bot",
        ticket_id: str = "",
        error: Exception | None = None,
    ) -> None:
        self.text, self.action, self.reason, self.level = text, action, reason, level
        self.citations, self.pending = list(citations), pending or Pending()
        self.owner, self.ticket_id, self.error = owner, ticket_id, error


class FakeRunner:
    """Answers by the customer's exact words; what is not scripted gets `default`."""

    def __init__(self, turns: Mapping[str, ScriptedTurn], default: ScriptedTurn) -> None:
        self._turns = turns
        self._default = default
        self._states: dict[str, State] = {}
        self.asked: list[tuple[str, Context]] = []
        self.turn_ids: list[str] = []
        self.telemetry = Telemetry(lambda: 0)

    async def stream(
        self, text: str, *, thread_id: str, context: Context, turn_id: str = ""
    ) -> AsyncIterator[Event]:
        self.asked.append((text, context))
        self.turn_ids.append(turn_id)
        turn = self._turns.get(text, self._default)
        if turn.error is not None:
            raise turn.error
        decision = Decision(action=turn.action, confidence=0.93, reason=turn.reason, options=[])  # type: ignore[typeddict-item]
        yield _step("intent", question=text, intent="knowledge", confidence=0.97, signals=[])
        legs = {"words": "ok", "dense": "ok"}
        yield _step("retrieve", outcome="found", legs=legs, passages=PASSAGES)
        yield _step("decide", **decision)
        for start in range(0, len(turn.text), 12):
            await asyncio.sleep(0)
            yield Piece(kind="text", text=turn.text[start : start + 12])
        yield _step(turn.action, llm_calls=0)
        reply = _reply(turn, thread_id, turn_id)
        self._keep(text, turn, reply)
        yield {
            "kind": "done",
            "text": turn.text,
            "reply": reply,
            "owner": turn.owner,  # type: ignore[typeddict-item]
            "ticket_id": turn.ticket_id,
        }

    async def messages(self, thread_id: str, *, context: Context) -> list[AnyMessage]:
        return list((await self.state(thread_id)).get("messages", []))

    async def state_of(self, thread_id: str, *, context: Context) -> State:
        return await self.state(thread_id)

    async def state(self, thread_id: str) -> State:
        return self._states.get(thread_id, {})

    async def close(self) -> None:
        """Do nothing."""

    def _keep(self, text: str, turn: ScriptedTurn, reply: Reply) -> None:
        before = self._states.get(reply["thread_id"], State()).get("messages", [])
        messages: list[AnyMessage] = [*before, HumanMessage(text, id=reply["turn_id"])]
        if turn.text:
            messages.append(AIMessage(turn.text, additional_kwargs={"kefu": reply}))
        self._states[reply["thread_id"]] = State(
            messages=messages,
            reply=reply,
            pending=turn.pending,
            owner=turn.owner,  # type: ignore[typeddict-item]
            ticket_id=turn.ticket_id,
        )


class FakeDesk:
    """Remembers feedback; `is_up` False plays a locked database."""

    def __init__(self) -> None:
        self.feedback: list[dict[str, Any]] = []
        self.is_up = True

    async def add_feedback(self, turn_id: str, **values: str | int) -> bool:
        if not self.is_up:
            raise StoreUnavailable("fake desk: switched off")
        self.feedback.append({"turn_id": turn_id, **values})
        return True

    async def threads(self, user_id: str, *, tenant: str, limit: int = 20) -> list[Thread]:
        return []

    async def health(self) -> DeskHealth:
        if not self.is_up:
            raise StoreUnavailable("fake desk: switched off")
        return DeskHealth("memory", 0, 0)

    async def unclosed_elsewhere(self, tenants: Collection[str]) -> int:
        return 0


class _FakeShop:
    async def account(self, user_id: str) -> dict[str, str] | None:
        return {"name": "沈一帆", "level": "金卡"} if user_id == "u001" else None


class FakeModel:
    """A model that is there or not."""

    name = "fake"

    def __init__(self) -> None:
        self.is_up = True

    def is_available(self) -> bool:
        return self.is_up


def fake_kefu(settings: Settings, desk: FakeDesk, model: FakeModel) -> SimpleNamespace:
    """Return what the page reads of Kefu: settings and services."""
    services = SimpleNamespace(
        desk=desk, shop=_FakeShop(), model=model, search=MemorySearch(), embedder=object()
    )
    return SimpleNamespace(settings=settings, services=services, traces=None)


def _step(name: str, **detail: object) -> Event:
    return Piece(kind="step", step=name, detail=detail)


def _reply(turn: ScriptedTurn, thread_id: str, turn_id: str) -> Reply:
    return {
        "thread_id": thread_id,
        "turn_id": turn_id,
        "action": turn.action,  # type: ignore[typeddict-item]
        "confidence": 0.93,
        "reason": turn.reason,
        "intent": "knowledge",
        "level": turn.level,
        "citations": turn.citations,
        "options": turn.pending.get("options", []),
        "llm_calls": 0,
        "cached": False,
        "took_ms": 12.0,
        "first_token_ms": 8.0,
    }
