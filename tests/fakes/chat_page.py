"""What a customer does on the chat page, without a browser."""

from types import SimpleNamespace
from typing import cast

import gradio as gr

from graph.app import Kefu
from ui.chat_events import ChatEvents
from ui.page import Page, Update
from ui.runner import Runner
from ui.session import Memory, Session


async def said(
    events: ChatEvents, text: str, session: Session | None, customer: str, open_id: str | None
) -> Update:
    """Send a message and return all that it changed."""
    changes: Update = {}
    async for update in events.send(text, session, {}, customer, "", "zh", open_id):
        changes |= update
    return changes


async def visited(runner: Runner, kefu: Kefu, page: Page, memory: Memory) -> Update:
    """Load the page and return all that it shows."""
    request = cast(gr.Request, SimpleNamespace(headers={"accept-language": "zh-CN"}))
    return await ChatEvents(runner, kefu, page).visit(memory, request)
