"""Messages that a crash left unanswered are answered late."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from tools.desk.desk import Desk
from tools.desk.records import WaitingMessage

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # runs of one message before it is given up: it may be what kills the process
AT_ONCE = 8  # conversations: a slow model must not keep the last of many waiting for an hour, nor
# those who are here now for a place


async def taken_up(
    waiting: Sequence[WaitingMessage],
    desk: Desk,
    run: Callable[[WaitingMessage], Awaitable[None]],
) -> int:
    """Run messages that wait, and return how many were run.

    A few conversations at once, the messages of each in their order. What another process has
    taken up is left to it. Ended early, it begins no other message, but what runs goes on.

    Raises:
        StoreUnavailable: if the desk could not be written; the others were run.
    """
    threads: dict[tuple[str, str], list[WaitingMessage]] = {}
    for each in waiting:
        threads.setdefault((each["tenant"], each["thread_id"]), []).append(each)
    places = asyncio.Semaphore(AT_ONCE)

    async def in_order(thread: Sequence[WaitingMessage]) -> int:
        async with places:
            return sum([await _is_run(each, desk, run) for each in thread])

    ends = await asyncio.gather(*map(in_order, threads.values()), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return sum(end for end in ends if isinstance(end, int))


async def _is_run(
    message: WaitingMessage, desk: Desk, run: Callable[[WaitingMessage], Awaitable[None]]
) -> bool:
    if message["attempts"] >= MAX_ATTEMPTS:
        await desk.fail(message["turn_id"], tenant=message["tenant"])
        logger.error("message given up", extra={"turn_id": message["turn_id"]})
        return False
    if not await desk.claim(message):
        return False
    await asyncio.shield(run(message))
    return True
