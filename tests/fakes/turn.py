"""A turn on its way through the nodes: its state, and a runtime that collects what is shown."""

from typing import cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.runtime import ExecutionInfo, Runtime

from graph.context import Context
from graph.state import Decision, State
from nodes.speech import Piece
from tests.fakes.kefu import NOW
from tools.search.types import Passage

SCORE = 0.9


class Stage:
    """A runtime, and what the nodes did on it."""

    def __init__(self, **context: object) -> None:
        self.pieces: list[Piece] = []
        values = Context(**context)  # type: ignore[arg-type]
        self.runtime = Runtime(
            context=values,
            stream_writer=self.pieces.append,
            execution_info=ExecutionInfo(
                checkpoint_id="", checkpoint_ns="", task_id="", thread_id=f"{values.tenant}/th1"
            ),
        )

    @property
    def shown(self) -> str:
        """What the customer reads in the end."""
        text = ""
        for piece in self.pieces:
            text = "" if piece["kind"] == "reset" else text + piece.get("text", "")
        return text

    @property
    def spoken(self) -> list[str]:
        """Every text piece and reset, in order."""
        said = [piece for piece in self.pieces if piece["kind"] != "step"]
        return [piece.get("text", "<reset>") for piece in said]


def at(
    *, said: str = "退款多久到账？", past: list[AnyMessage] | None = None, **changes: object
) -> State:
    """Return the state after intent for a message `said`; `changes` replace its keys."""
    state: State = {
        "messages": [*(past or []), HumanMessage(said, id="m1")],
        "owner": "bot",
        "turn_id": "m1",
        "started_at": NOW.timestamp(),
        "said": said,
        "question": said,
        "vector": [],
        "locale": "zh",
        "intent": "knowledge",
        "route": "knowledge",
        "intent_confidence": 0.95,
        "tool": "",
        "chances": {},
        "signals": [],
        "pending": {},
        "passages": [],
        "outcome": "skipped",
        "citations": [],
        "level": 0,
        "llm_calls": 0,
        "first_token_ms": 0.0,
        "decision": decided("answer", "likely_match"),
    }
    return cast(State, {**state, **changes})


def decided(action: str, reason: str, *options: str) -> Decision:
    return cast(
        Decision,
        {"action": action, "confidence": 0.8, "reason": reason, "options": list(options)},
    )


def passage(
    answer: str,
    *,
    id: str = "p1",  # noqa: A002
    question: str = "退款多久到账？",
    **changes: object,
) -> Passage:
    found: Passage = {
        "id": id,
        "kind": "faq",
        "question": question,
        "matched": question,
        "answer": answer,
        "category": "",
        "product": "",
        "source": "",
        "score": SCORE,
        "dense": SCORE,
        "fit": SCORE,
        "words": SCORE,
        "meaning": SCORE,
        "aim": SCORE,
    }
    return cast(Passage, {**found, **changes})


def talk(*texts: str) -> list[AnyMessage]:
    """Return earlier messages, the customer's first, in turn."""
    return [
        AIMessage(text, id=f"past{n}") if n % 2 else HumanMessage(text, id=f"past{n}")
        for n, text in enumerate(texts)
    ]
