"""Notice steps in another order than the passages': 先施工再确认, where they say 确认才能施工."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nodes.rules.sense.polarity import pairs
from nodes.rules.wording.plainly import plainly

_ORDERED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:(?<!首)先(?![前生])|首先)(?P<first>[^。；;\n]{1,24}?)[，,]?[^。；;，,\n]{0,6}?"
        r"(?:再|然后|随后|之后|最后|才)[能可会]?以?(?P<then>[^，,。；;\n]{2,})",
        r"(?<!首)先(?![前生])(?P<first>[^，,。；;、\n]{2,})(?:、[^，,。；;\n]+)?[，,](?P<then>[^，,。；;\n]{2,})",
        r"(?P<first>[^，,。；;\n]{2,}?)[之以]?后?才[能可会]?以?(?P<then>[^，,。；;\n]{2,})",
        r"(?P<first>[^，,。；;\n]{2,}?)(?:[之以]?后|完)，[再会就]?(?P<then>[^，,。；;\n]{2,})",
    )
)
_SIGN = re.compile("先|才|[后完][，,]")

_Steps = tuple[frozenset[str], frozenset[str]]  # pairs of the first and of what follows


def reordered(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the steps of `sentence` whose order a source has the other way round, and none so."""
    if not _SIGN.search(sentence):
        return []
    known = [steps for source in sources for steps in _known(source)]
    return [
        said
        for said, (first, then) in _steps(plainly(sentence))
        if any(
            first & later - earlier
            and then & earlier - later
            and not first & earlier - later
            and not then & later - earlier
            for earlier, later in known
        )
    ]


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Steps, ...]:
    return tuple(steps for _, steps in _steps(plainly(source)))


def _steps(text: str) -> Iterator[tuple[str, _Steps]]:
    """Yield what is told as first one thing, then another, with the pairs of both."""
    for pattern in _ORDERED:
        for match in pattern.finditer(text):
            yield match.group(), (pairs(match["first"]), pairs(match["then"]))
