"""What customers thought of the answers, and what they asked in vain: tables to be read by SQL."""

from typing import Literal

from sqlalchemy import insert, literal, select

from tools.desk.connection import Store
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
