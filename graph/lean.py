"""What LangGraph does at each step for those who trace, left out of turns that nobody traces.

It takes a third of LangGraph's time off a turn (docs/cost.md). Nothing else changes: drawing the
graph, streaming from it, changing a saved thread and playing it again.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.pregel._read import ChannelRead, PregelNode

Given = TypeVar("Given")
Made = TypeVar("Made")


class Plain(Runnable[Given, Made]):
    """A pure function called as it is; LangGraph would take it to another thread and trace it."""

    def __init__(self, function: Callable[[Given], Made]) -> None:
        self.name = function.__name__
        self._function = function

    def invoke(
        self,
        input: Given,  # noqa: A002 LangChain's name
        config: RunnableConfig | None = None,
        **_: object,
    ) -> Made:
        """Return what the function makes of it."""
        return self._function(input)

    async def ainvoke(
        self,
        input: Given,  # noqa: A002
        config: RunnableConfig | None = None,
        **_: object,
    ) -> Made:
        """Return what the function makes of it."""
        return self.invoke(input, config)


class Route(Plain[dict[str, Any] | None, str]):
    """A route that reads some keys of the state.

    It gets what its node changed, over what the state held before; LangGraph would copy the whole
    state for it.
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
        """Return the node that comes next."""
        before = ChannelRead.do_read(config or {}, select=self._keys)
        return self._function({**before, **(input or {})})


class Step(Runnable[Any, Any]):
    """A node and the writers of what it changed, one after the other where no handler listens."""

    def __init__(self, node: PregelNode) -> None:
        self._traced = cast(Runnable[Any, Any], node.node)
        self._steps = [node.bound, *node.flat_writers]

    def invoke(self, input: Any, config: RunnableConfig | None = None, **_: object) -> Any:  # noqa: A002, ANN401
        """Run the node, traced."""
        return self._traced.invoke(input, config)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **_: object) -> Any:  # noqa: A002, ANN401
        """Run the node."""
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


def made_lean(graph: CompiledStateGraph[Any, Any, Any, Any]) -> None:
    """Let every node of a compiled graph run so; its routes are to be `Route`s."""
    for node in graph.nodes.values():
        for writer in node.writers:
            kwargs = getattr(writer, "kwargs", {})
            if "reader" in kwargs:
                kwargs["reader"] = None  # a Route reads for itself
        node.node = Step(node)
