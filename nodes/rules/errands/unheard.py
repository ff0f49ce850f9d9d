"""Hear that what was just said is to be said again, 你再说一遍？, since it was not understood."""

import re

_UNHEARD = re.compile(
    r"(?:你|请|麻烦|能不能|可以|啊|什么|[，,\s])*"
    r"(?:(?:再|重新)(?:说|讲|发|念)一?[遍次下]|重复一?[遍下]|没[看听][懂清明白]+|看不懂|啥意思|什么意思)"
    r"[吗呢啊吧了。.!！?？\s]*"
    r"|(?:sorry|please|can you|could you|[,\s])*(?:say|repeat) (?:that|it)(?: again)?[.?!\s]*"
)


def is_unheard(folded: str) -> bool:
    """Say whether a message says no more than that it is to be said again."""
    return _UNHEARD.fullmatch(folded) is not None
