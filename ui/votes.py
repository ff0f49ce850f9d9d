"""Likes and dislikes on the chat page, kept by the desk."""

import logging
from typing import Literal

import gradio as gr

from graph.app import Kefu
from tools.errors import StoreUnavailable
from tools.telemetry import Telemetry
from tools.text.pii import mask
from ui.page import FEEDBACK_CHARS, Page, Update
from ui.session import Session, chosen, turn_at
from ui.turn import storable
from ui.words import Locale, words

logger = logging.getLogger(__name__)


class Votes:
    """The handlers of the thumbs and of the form behind a dislike."""

    def __init__(self, kefu: Kefu, page: Page, telemetry: Telemetry) -> None:
        self._desk = kefu.services.desk
        self._tenant = kefu.settings.tenant
        self._traces = kefu.traces
        self._page = page
        self._telemetry = telemetry

    async def vote(self, data: gr.LikeData, session: Session | None, locale: Locale) -> Update:
        """Keep a like or dislike; a dislike is asked for its reason."""
        page, w = self._page, words(chosen("", "", locale)[2])
        turn_id = ""
        if session and isinstance(data.index, int) and isinstance(data.liked, bool):
            turn_id = turn_at(session["turn_ids"], session["shown"], data.index)
        if session is None or not turn_id:
            if session is None:  # lost by a restart: the next message brings it back
                gr.Warning(w["vote_lost"])
            return {page.why: gr.update(visible=False)}
        score: Literal[1, -1] = 1 if data.liked else -1
        is_kept = await self._rate(turn_id, score)
        if is_kept:
            self._telemetry.count_vote(score)
        if not is_kept:
            gr.Warning(w["vote_lost"])
        elif data.liked:
            gr.Info(w["thanks_vote"], duration=3)
        return {
            page.session: {**session, "disliked": "" if data.liked else turn_id},
            page.why: gr.update(visible=is_kept and not data.liked),
            page.reason: gr.update(value=None),
            page.comment: "",
        }

    async def explain(
        self, reason: str | None, comment: str, session: Session | None, locale: Locale
    ) -> Update:
        """Keep why an answer was disliked."""
        w = words(chosen("", "", locale)[2])
        if session and session["disliked"]:
            said = mask(
                storable(comment if isinstance(comment, str) else "")[:FEEDBACK_CHARS].strip()
            )
            why = reason if isinstance(reason, str) and reason in w["why"] else ""
            if await self._rate(session["disliked"], -1, why, said):
                gr.Info(w["thanks_vote"], duration=3)
            else:
                gr.Warning(w["vote_lost"])
        return {self._page.why: gr.update(visible=False)}

    async def _rate(
        self, turn_id: str, score: Literal[1, -1], reason: str = "", comment: str = ""
    ) -> bool:
        try:
            is_kept = await self._desk.add_feedback(
                turn_id, tenant=self._tenant, score=score, reason=reason, comment=comment
            )
            if is_kept and self._traces is not None:
                self._traces.vote(turn_id, score, reason, comment)
            return is_kept
        except StoreUnavailable:
            logger.warning("feedback not kept", exc_info=True, extra={"turn_id": turn_id})
            return False
