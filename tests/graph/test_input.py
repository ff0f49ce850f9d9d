"""What an app sends through LangGraph's own interface: an input and a context as plain JSON."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from graph.build import Graph, build
from graph.context import Context
from tests.fakes.kefu import small_kefu

THREAD: RunnableConfig = {"configurable": {"thread_id": "th1"}}


@pytest.fixture
async def graph(tmp_path: Path) -> AsyncIterator[Graph]:
    async with small_kefu(tmp_path, has_vectors=False) as kefu:
        yield build(kefu.services, InMemorySaver())


def says(role: str, text: str, **more: object) -> dict[str, Any]:
    return {"role": role, "content": text, **more}


async def send(graph: Graph, *messages: object, context: object = None, **keys: object) -> Any:  # noqa: ANN401 what the graph returns
    given = {"messages": list(messages), **keys}
    return await graph.ainvoke(cast(Any, given), THREAD, context=cast(Any, context))


@pytest.mark.parametrize(
    "context",
    [{"user_id": 17}, {"tenant": 5}, {"region": ["新疆"]}, {"locale": "fr"}, {"usr": "u001"}],
)
async def test_a_context_of_wrong_types_fails_before_anything_is_done(
    graph: Graph, context: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=next(iter(context))):
        await send(graph, says("user", "转人工"), context=context)

    assert (await graph.aget_state(THREAD)).values == {}


async def test_none_in_the_context_is_what_was_not_given(graph: Graph) -> None:
    nothing = dict.fromkeys(("tenant", "channel", "user_id", "locale", "region", "top_k"))

    done = await send(graph, says("user", "转人工"), context=nothing)

    assert Context(**nothing) == Context()  # type: ignore[arg-type]
    assert done["owner"] == "queue"
