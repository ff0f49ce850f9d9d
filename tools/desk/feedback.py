"""What customers thought of the answers, and what they asked in vain."""

from typing import Literal

from sqlalchemy import and_, func, insert, literal, select

from tools.desk.connection import Store
from tools.desk.records import Gap, Vote
from tools.desk.schema import FEEDBACK, GAPS, TURNS


class Feedback(Store):
    """Votes on turns, and the gaps in the knowledge."""

    async def add_feedback(
        self,
        turn_id: str,
        *,
        tenant: str,
        score: Literal[1, -1],
        reason: str = "",
        comment: str = "",
    ) -> bool:
        """Keep the verdict on a turn, in place of an earlier one; False if no such turn was logged.

        `comment` must be masked by the caller.
        """
        values = {"score": score, "reason": reason, "comment": comment, "at": self._clock()}
        source = select(
            TURNS.c.tenant,
            TURNS.c.turn_id,
            TURNS.c.thread_id,
            TURNS.c.user_id,
            *(literal(value, FEEDBACK.c[name].type) for name, value in values.items()),
        ).where(TURNS.c.tenant == tenant, TURNS.c.turn_id == turn_id)
        statement = (
            self._database.insert(FEEDBACK)
            .from_select(["tenant", "turn_id", "thread_id", "user_id", *values], source)
            .on_conflict_do_update(
                index_elements=[FEEDBACK.c.tenant, FEEDBACK.c.turn_id], set_=values
            )
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def votes(
        self, *, tenant: str, score: Literal[1, -1] | None = None, limit: int = 100
    ) -> list[Vote]:
        """Return verdicts with question and answer, latest first; no score means both."""
        turn = and_(TURNS.c.tenant == FEEDBACK.c.tenant, TURNS.c.turn_id == FEEDBACK.c.turn_id)
        query = (
            select(
                FEEDBACK.c.turn_id,
                FEEDBACK.c.thread_id,
                FEEDBACK.c.score,
                FEEDBACK.c.reason,
                FEEDBACK.c.comment,
                FEEDBACK.c.at,
                TURNS.c.question,
                TURNS.c.answer,
            )
            .join(TURNS, turn)
            .where(FEEDBACK.c.tenant == tenant)
        )
        if score is not None:
            query = query.where(FEEDBACK.c.score == score)
        return await self._database.fetch(Vote, query.order_by(FEEDBACK.c.at.desc()).limit(limit))

    async def add_gap(
        self, question: str, reason: str, *, tenant: str, thread_id: str = "", user_id: str = ""
    ) -> None:
        """Note a question that found no answer, masked by the caller.

        Without thread and user the row survives `forget`: leave them out only when none is known.
        """
        statement = insert(GAPS).values(
            tenant=tenant,
            thread_id=thread_id,
            user_id=user_id,
            question=question,
            reason=reason,
            at=self._clock(),
        )
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def gaps(self, *, tenant: str, limit: int = 100) -> list[Gap]:
        """Return unanswered questions, the most frequent first."""
        times = func.count().label("times")
        last_at = func.max(GAPS.c.at).label("last_at")
        query = (
            select(GAPS.c.question, GAPS.c.reason, times, last_at)
            .where(GAPS.c.tenant == tenant)
            .group_by(GAPS.c.question, GAPS.c.reason)
            .order_by(times.desc(), last_at.desc())
            .limit(limit)
        )
        return await self._database.fetch(Gap, query)
