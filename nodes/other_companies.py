"""Notice that a question names a company of which the knowledge says nothing."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from nodes.rules.deciding.companies import companies, is_of_any, mentions
from tools.errors import KefuError
from tools.search.types import Passage, SearchResult

logger = logging.getLogger(__name__)

Ask = Callable[[Sequence[tuple[str, list[float]]]], Awaitable[SearchResult]]


async def marked(question: str, passages: list[Passage], ask: Ask) -> list[Passage]:
    """Return the passages, the first with `stranger` where that is so and it speaks of no others.

    What no hit mentions is looked up by its name: the shop's own stands somewhere in its knowledge.
    Known is what can't be looked up.
    """
    named = {
        name for name in companies(question) if not any(mentions(each, name) for each in passages)
    }
    if not passages or not named or is_of_any(passages[0]):
        return passages
    try:
        found = [(name, (await ask([(name, [])])).passages) for name in sorted(named)]
    except KefuError:
        logger.warning("a company can't be looked up", exc_info=True)
        return passages
    if all(any(mentions(each, name) for each in hits) for name, hits in found):
        return passages
    return [{**passages[0], "stranger": True}, *passages[1:]]
