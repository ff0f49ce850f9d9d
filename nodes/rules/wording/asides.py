"""Read what stands in brackets apart from the sentence around it."""

import re

_SENTENCE = re.compile(r"[^。；;！!？?\n]+")
_ASIDE = re.compile(r"[（(]([^（()）]*)[）)]")
_LED_CHARS = 40  # before an aside, that say what it is about


def apart(text: str) -> str:
    """Return `text` without its asides, then a line for each with what stands before it.

    In 金卡全免（银卡 40 元），检测费 30 元 the 30 yuan are not the silver card's.
    """
    asides = [
        f"{sentence[max(0, aside.start() - _LED_CHARS) : aside.start()]} {aside[1]}"
        for sentence in _SENTENCE.findall(text)
        for aside in _ASIDE.finditer(sentence)
    ]
    return "\n".join([_ASIDE.sub("", text), *asides]) if asides else text
