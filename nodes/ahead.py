"""What a message asks, as far as that is known before the turn starts; embedded ahead of it."""

import logging
from functools import lru_cache

from nodes.rules.hearing.misheard import put_right
from nodes.rules.hearing.rewrite_words import SLIP
from tools.embed import Embedder
from tools.errors import KefuError
from tools.text.normalise import code_of, normalise, spoken
from tools.text.pii import mask
from tools.text.regions import with_provinces
from tools.text.signals import without_refusal

logger = logging.getLogger(__name__)

CLASSIFIED_CHARS = 500  # head of a message that is embedded and classified


def as_read(message: str) -> str:
    """Return the customer's words as the turn reads them."""
    return put_right(normalise(message))


@lru_cache(maxsize=8)  # the turn asks again
def asked_in(text: str) -> str:
    """Return what a text that was heard asks, if it stands alone."""
    meant = SLIP.sub("", without_refusal(text))
    return code_of(with_provinces(spoken(meant)[:CLASSIFIED_CHARS]))


async def embed_ahead(message: str, embedder: Embedder) -> None:
    """Let the embedder begin with what the message asks, while the message is still being kept.

    The turn, which asks for the same text, finds it under way, or asks for more besides. Whatever
    fails here is asked, and told, there.
    """
    try:
        if question := mask(asked_in(as_read(message))):
            await embedder.questions([question])
    except KefuError:
        logger.debug("not embedded ahead", exc_info=True)
