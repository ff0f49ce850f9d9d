"""What a person does at the desk, without a browser."""

import re
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr

from graph.app import Kefu
from ui.desk_events import DeskEvents
from ui.desk_page import DeskPage, lay_out
from ui.page import Update
from ui.runner import Runner


class Colleague:
    """A signed-in person with the page open; keeps what the page shows, by the component's name."""

    def __init__(self, runner: Runner, kefu: Kefu, name: str = "小林", locale: str = "zh") -> None:
        with gr.Blocks():
            self._page: DeskPage = lay_out("zh")
        self._events = DeskEvents(runner, kefu, self._page)
        self._names = {part: name for name, part in vars(self._page).items()}
        headers = {"accept-language": "en-US" if locale == "en" else "zh-CN"}
        self.request = cast(gr.Request, SimpleNamespace(username=name, headers=headers))
        self.shown: dict[str, Any] = {"box": "", "memory": {}, "seen": None}

    async def visits(self) -> None:
        """Load the page."""
        self._put(await self._events.visit(self.shown["memory"], self.request))

    async def looks(self) -> None:
        """Wait for the next look."""
        self._put(await self._events.look(self.memory, self.shown["seen"], self.request))

    async def opens(self, ticket_id: str = "") -> None:
        """Open a ticket, by default the first one that is listed."""
        if not self.memory:
            await self.visits()
        event = _event(ticket_id or self.listed()[0])
        self._put(await self._events.open(event, self.memory, self.shown["seen"], self.request))

    async def does(self, what: str, *first: object) -> None:
        """Press one of the buttons: take, take_over, reply, end."""
        act = getattr(self._events, what)
        self._put(await act(*first, self.memory, self.shown["seen"], self.request))

    async def says(self, text: str) -> None:
        """Type and send."""
        self.shown["box"] = text
        await self.does("reply", text)

    def inserts(self, number: str) -> None:
        """Take an answer of the knowledge."""
        seen, box = self.shown["seen"], self.shown["box"]
        self._put(self._events.insert(_event(number), seen, box, self.request))

    @property
    def memory(self) -> Any:  # noqa: ANN401 what a browser keeps
        return self.shown["memory"]

    def listed(self) -> list[str]:
        """Return the ids of the tickets that are listed."""
        return re.findall(r'data-id="([^"]+)"', self.shown["tickets"])

    def can(self) -> set[str]:
        """Return which of the page's parts for doing something are there."""
        return {name for name in ("take", "take_over", "close", "work") if self.shown.get(name)}

    def _put(self, update: Update) -> None:
        for part, value in update.items():
            if not isinstance(part, str):
                name = self._names[part]
                is_update = isinstance(value, dict) and "__type__" in value
                if is_update:
                    value = value.get("visible", value.get("value"))
                self.shown[name] = value


def _event(of: str) -> gr.EventData:
    return cast(gr.EventData, SimpleNamespace(id=of))
