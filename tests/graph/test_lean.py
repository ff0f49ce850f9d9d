"""A turn that nobody traces goes the short way, and ends as one that is traced."""

from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import HumanMessage
from langgraph.pregel._read import ChannelRead

from graph.app import Kefu
from graph.context import Context
from graph.routes import READS
from ui.threads import config

TOLD = ("intent", "decision", "citations", "owner", "outcome", "signals", "level")
STEPS = ["intent", "retrieve", "decide", "answer", "remember"]


class Heard(AsyncCallbackHandler):
    """Notes which nodes began and ended."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended = 0

    async def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """A run began."""
        self.began.append((metadata or {}).get("langgraph_node", "kefu"))

    async def on_chain_end(self, outputs: dict[str, Any], **_: object) -> None:
        """A run ended."""
        self.ended += 1


async def ends(kefu: Kefu, thread: str, *texts: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return what every turn left in the saved state, and its reply."""
    place = config(thread, tenant="default") | more
    found = []
    for text in texts:
        said = {"messages": [HumanMessage(text)]}
        end = await kefu.graph.ainvoke(said, place, context=Context(), durability="exit")  # type: ignore[arg-type]
        state = (await kefu.graph.aget_state(config(thread, tenant="default"))).values
        told = {key: state.get(key) for key in TOLD}
        found.append(told | {"reply": end["messages"][-1].content})
    return found


async def test_both_ways_end_alike_turn_after_turn(kefu: Kefu) -> None:
    texts = ("金卡打几折", "怎么弄", "在吗", "转人工", "还在吗")

    untraced = await ends(kefu, "short", *texts)
    traced = await ends(kefu, "long", *texts, callbacks=[Heard()])

    for turn in (*untraced, *traced):
        turn["reply"] = "".join(c for c in turn["reply"] if not c.isascii())  # the ticket's number
    assert untraced == traced
    assert untraced[0]["citations"]


async def test_whoever_listens_hears_every_node(kefu: Kefu) -> None:
    heard = Heard()

    await ends(kefu, "th1", "金卡打几折", callbacks=[heard])

    assert [name for name in heard.began if name in STEPS] == STEPS
    assert heard.ended == len(heard.began)


async def test_events_of_every_node_can_be_streamed(kefu: Kefu) -> None:
    events = kefu.graph.astream_events(
        {"messages": [HumanMessage("金卡打几折")]},
        config("th1", tenant="default"),
        context=Context(),
        version="v2",
    )
    found = [(event["event"], event["name"]) async for event in events]

    for step in STEPS:
        assert ("on_chain_start", step) in found
        assert ("on_chain_stream", step) in found
        assert ("on_chain_end", step) in found


async def test_messages_can_be_streamed(kefu: Kefu) -> None:
    said = {"messages": [HumanMessage("金卡打几折")]}
    place = config("th1", tenant="default")
    told = kefu.graph.astream(said, place, context=Context(), stream_mode="messages")

    found = [(message.content, where["langgraph_node"]) async for message, where in told]  # type: ignore[union-attr,index]

    state = (await kefu.graph.aget_state(place)).values
    assert (state["messages"][-1].content, "answer") in found


async def test_nobody_listening_nothing_is_traced(
    kefu: Kefu,
    monkeypatch: Any,  # noqa: ANN401
) -> None:
    async def traced(*_: object) -> None:
        raise AssertionError("the long way")

    for node in kefu.graph.nodes.values():
        monkeypatch.setattr(node.node._traced, "ainvoke", traced)

    assert (await ends(kefu, "th1", "金卡打几折"))[0]["citations"]


async def test_for_a_route_no_more_of_the_state_is_copied_than_it_reads(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, plain = [], ChannelRead.do_read

    def noted(*given: Any, **more: Any) -> Any:  # noqa: ANN401
        read.append(more["select"])
        return plain(*given, **more)

    monkeypatch.setattr(ChannelRead, "do_read", noted)
    await ends(kefu, "th1", "金卡打几折")

    assert read == [READS] * 4


@pytest.mark.parametrize(
    ("node", "goes_on_at"), [("intent", "retrieve"), ("decide", "answer"), ("answer", "remember")]
)
async def test_a_thread_that_was_changed_goes_on_as_the_rest_of_its_state_says(
    kefu: Kefu, node: str, goes_on_at: str
) -> None:
    place = config("th1", tenant="default")
    await ends(kefu, "th1", "金卡打几折")

    await kefu.graph.aupdate_state(place, {"locale": "en"}, as_node=node)

    assert (await kefu.graph.aget_state(place)).next == (goes_on_at,)
