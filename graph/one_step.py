"""The machine as one node of LangGraph, for turns whose steps nobody watches.

LangGraph does much between two nodes that only a trace or a stream of the steps shows: a third of
Kefu's own cost in a turn (docs/decisions/0014-one-step.md).
"""

from collections.abc import Callable
from typing import Any, cast

from langchain_core.messages import AnyMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.runtime import Runtime

from graph.build import WAYS, Graph, Services, nodes
from graph.context import Context
from graph.state import Input, Output, State

_merged = cast(Callable[[Any, Any], list[AnyMessage]], add_messages)


def build_in_one(services: Services, saver: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Return `build`'s machine as one node, on the same threads: its turns end alike.

    Who runs it sends a customer's message and nothing else; only `build` checks that.
    """
    steps = nodes(services)

    async def turn(state: State, runtime: Runtime[Context]) -> State:
        now, changed = state, State()
        said: list[AnyMessage] = []
        name = START
        while (name := _next(name, now)) != END:
            made = await steps[name](now, runtime)
            changed, now = {**changed, **made}, {**now, **made}
            if "messages" in made:
                said = changed["messages"] = [*said, *made["messages"]]
                now["messages"] = _merged(state["messages"], said)
        return changed

    graph = StateGraph(State, context_schema=Context, input_schema=Input, output_schema=Output)
    graph.add_node("turn", turn)
    graph.add_edge(START, "turn")
    graph.add_edge("turn", END)
    return graph.compile(checkpointer=saver, name="kefu")


def _next(name: str, state: State) -> str:
    way = WAYS[name]
    return way if isinstance(way, str) else way(state)
