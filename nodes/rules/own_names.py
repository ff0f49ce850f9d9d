"""Names of a sentence that need no passage: the customer's own place, product, card and the like.

寄到广东 10 元 rests on a table with 其他省, 成都 3-4 天 on one with 西南, 吸尘器可以退 on one
that names no product. What the passages name, or have another of its kind for, is checked.
"""

from collections.abc import Sequence
from functools import lru_cache

from nodes.rules.condition_names import folded, forms, named
from tools.text.regions import area, places

_OTHER = "其他地区"
_REGION = "region"


def without_own_names(sentence: str, sources: Sequence[str], asked: str) -> str:
    """Return `sentence` without the customer's own names, as far as no passage need hold them.

    `asked` is what the customer said. A place becomes its part of the country, or 其他地区, where
    the passages speak of that; another name goes where they name none of its kind.
    """
    if not asked:
        return sentence
    told, kinds = _told(tuple(sources))
    own_places = {of for _, of in places(asked)}
    for place, of in places(sentence):
        if of in own_places and place not in told and of not in told:
            whole = next((name for name in (area(of), _OTHER) if name and name in kinds), "")
            sentence = sentence.replace(place, whole) if whole else sentence
    own = {(kind, name) for _, kind, name in named(folded(asked)) if kind != _REGION}
    own = {(kind, name) for kind, name in own if kind not in kinds}
    if not own or not any((kind, name) in own for _, kind, name in named(folded(sentence))):
        return sentence
    return _without(folded(sentence), {name for _, name in own})


def _without(sentence: str, names: set[str]) -> str:
    """Return a folded sentence without `names`, however they are written in it."""
    found = [(at, form) for at, form, name in forms(sentence) if name in names]
    for at, form in reversed(found):
        sentence = sentence[:at] + sentence[at + len(form) :]
    return sentence


@lru_cache(maxsize=64)  # the sentences of an answer have the same few passages
def _told(sources: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    """Return what the passages say, and which kinds of names and which parts of the country."""
    told = "\n".join(map(folded, sources))
    return told, frozenset(part for _, kind, name in named(told) for part in (kind, name))
