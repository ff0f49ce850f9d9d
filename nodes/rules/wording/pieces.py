"""Cut a long message into the pieces that are searched one by one."""

import re

from tools.text.normalise import normalise

LONG_CHARS = 500  # shorter messages are searched as a whole only
MOST = 12  # pieces of a message, of about one length
_SENTENCE = re.compile(r"(?:[^。！？!?；;.\n]|\.(?!\s))+[。！？!?；;.\n]*")


def pieces(text: str) -> list[str]:
    """Return the sentences of a long message, short neighbours joined; [] if it is not long.

    At most MOST, however long it is; lines count as sentences.
    """
    if len(text) <= LONG_CHARS:
        return []
    sentences = [normalise(found) for found in _SENTENCE.findall(text)]
    enough = len(text) / MOST
    joined: list[str] = []
    for sentence in sentences:
        if joined and (len(joined[-1]) + len(sentence) / 2 < enough or len(joined) == MOST):
            joined[-1] += f" {sentence}"
        elif any(char.isalnum() for char in sentence):
            joined.append(sentence)
    return joined
