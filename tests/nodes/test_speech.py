"""Who hears what a node says."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from nodes.speech import heard_by, show


def speaker(stream: list[Any]) -> Runtime[Context]:
    return Runtime(context=Context(), stream_writer=stream.append)


def test_a_piece_goes_to_langgraphs_stream() -> None:
    stream: list[Any] = []

    show(speaker(stream), "您好")

    assert stream == [{"kind": "text", "text": "您好"}]


def test_a_listener_hears_it_instead_until_it_stops_listening() -> None:
    stream: list[Any] = []
    heard: list[Any] = []

    with heard_by(heard.append):
        show(speaker(stream), "您好")
    show(speaker(stream), "再见")

    assert heard == [{"kind": "text", "text": "您好"}]
    assert stream == [{"kind": "text", "text": "再见"}]
