"""What the menu beside the conversation lists."""

import logging
from typing import Any

import gradio as gr

from graph.app import Kefu
from tools.errors import KefuError
from ui.session import DEMO_CUSTOMERS, Memory
from ui.words import Locale, Words

logger = logging.getLogger(__name__)


class Sidebar:
    """The earlier conversations, and who one may be."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu

    async def threads(
        self, memory: Memory, customer: str, open_id: str | None, w: Words
    ) -> dict[str, Any]:
        """Return the list of earlier conversations: the desk's, or what a guest's browser kept.

        Its value is the open one, also where that is not listed: the browser sends it along.
        """
        kept = [(thread["title"], thread["id"]) for thread in memory.get("threads", [])]
        if customer:
            try:
                listed = await self._kefu.services.desk.threads(
                    customer, tenant=self._kefu.settings.tenant
                )
                kept = [(thread["title"] or "…", thread["thread_id"]) for thread in listed]
            except KefuError:
                logger.warning("conversations not listed", exc_info=True)
                kept = []
        info = "" if kept else w["none_earlier"]
        return gr.update(choices=kept, value=open_id, info=info)

    async def customers(self, w: Words) -> dict[str, Any]:
        """Return who one may be in the demo: nobody, or one of the shop's customers, if any."""
        found = [(w["guest"], "")]
        if (shop := self._kefu.services.shop) is None:
            return {"choices": found, "visible": False}
        for user_id in DEMO_CUSTOMERS:
            try:
                account = await shop.account(user_id)
            except KefuError:
                break
            if account is not None:
                level = w["member_levels"].get(account["level"], account["level"])
                found.append((f"{account['name']} · {level}", user_id))
        return {"choices": found, "visible": True}


def browser_language(request: gr.Request, otherwise: Locale) -> Locale:
    """Return the language that a browser asks for first."""
    wanted = str(request.headers.get("accept-language", ""))[:2].lower()
    return "en" if wanted == "en" else "zh" if wanted == "zh" else otherwise
