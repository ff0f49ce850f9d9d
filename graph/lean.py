"""Spare a turn that nobody traces what LangGraph does for tracers.

For every node and route LangGraph makes callback managers, child configs and run ids, whether or
not anybody listens: a third of its time in a turn (docs/cost.md). This module reaches into a
compiled graph (so pyproject.toml pins langgraph<1.3) and calls them directly. Where a callback
handler listens, as LangSmith's does, nodes run as LangGraph made them. Drawing the graph, streaming
from it, changing a saved thread and replaying it work as before.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.pregel._read import ChannelRead, PregelNode

Given = TypeVar("Given")
Made = TypeVar("Made")


class DirectFunction(Runnable[Given, Made]):
    """A pure function as a Runnable: LangGraph's own would trace it and run it in a thread."""

    def __init__(self, function: Callable[[Given], Made]) -> None:
        self.name = function.__name__
        self._function = function

    def invoke(
        self,
        input: Given,  # noqa: A002 LangChain's name
        config: RunnableConfig | None = None,
        **_: object,
    ) -> Made:
        """Return the function's value for `input`."""
        return self._function(input)

    async def ainvoke(
        self,
        input: Given,  # noqa: A002
        config: RunnableConfig | None = None,
        **_: object,
    ) -> Made:
        """Return the function's value for `input`."""
        return self.invoke(input, config)


class DirectRoute(DirectFunction[dict[str, Any] | None, str]):
    """A route of graph/routes.py that is given only the keys of State which it reads.

    LangGraph would copy the whole state for it.
    """

    def __init__(self, function: Callable[[Any], str], keys: list[str]) -> None:
        super().__init__(function)
        self._keys = keys

    def invoke(
        self,
        input: dict[str, Any] | None,  # noqa: A002
        config: RunnableConfig | None = None,
        **_: object,
    ) -> str:
        """Return the next node's name; `input` is what the node before has just changed."""
        before = ChannelRead.do_read(config or {}, select=self._keys)
        return self._function({**before, **(input or {})})


class DirectNode(Runnable[Any, Any]):
    """A node and the writers of its changes; where a handler listens, as LangGraph made them."""

    def __init__(self, node: PregelNode) -> None:
        self._traced = cast(Runnable[Any, Any], node.node)
        self._steps = [node.bound, *node.flat_writers]

    def invoke(self, input: Any, config: RunnableConfig | None = None, **_: object) -> Any:  # noqa: A002, ANN401
        """Run the node, always traced: Kefu runs turns by `ainvoke`."""
        return self._traced.invoke(input, config)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **_: object) -> Any:  # noqa: A002, ANN401
        """Run the node, traced if there is a handler."""
        callbacks = (config or {}).get("callbacks")
        if not isinstance(callbacks, BaseCallbackManager) or callbacks.handlers:
            return await self._traced.ainvoke(input, config)
        for step in self._steps:
            input = await step.ainvoke(input, config)  # noqa: A001
        return input

    async def astream(
        self,
        input: Any,  # noqa: A002, ANN401
        config: RunnableConfig | None = None,
        **_: object,
    ) -> AsyncIterator[Any]:
        """Run the node, traced, for those who stream its events."""
        async for made in self._traced.astream(input, config):
            yield made


def call_directly(graph: CompiledStateGraph[Any, Any, Any, Any]) -> None:
    """Change a compiled graph so that its nodes are called directly; routes: `DirectRoute`s."""
    for node in graph.nodes.values():
        for writer in node.writers:
            kwargs = getattr(writer, "kwargs", {})
            if "reader" in kwargs:
                kwargs["reader"] = None  # a DirectRoute reads for itself
        node.node = DirectNode(node)
