"""Names of a sentence that need no passage: the customer's own place, product, card and the like.

寄到广东 10 元 rests on a table with 其他省, 成都 3-4 天 on one with 西南, 吸尘器可以退 on one
that names no product. What the passages name, or have another of its kind for, is checked.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from nodes.rules.wording.condition_names import folded, forms, named
from nodes.rules.wording.figures import figures
from tools.text.normalise import HAN
from tools.text.regions import area, places

_OTHER = "其他地区"
_REGION = "region"
_LABEL = re.compile(rf"[{HAN}]{{2}}\s?\d\s?(?=\()")  # 华南 1（深圳） is no more than Shenzhen
_FREED = re.compile("免|不(?:再|另|用|需)*(?:收|付)|包邮|无需")


def without_own_names(sentence: str, sources: Sequence[str], asked: str) -> str:
    """Return `sentence` without the customer's own names, as far as no passage need hold them.

    `asked` is what the customer said. A place becomes its part of the country, or 其他地区, where
    the passages speak of that; another name goes where they name none of its kind. That a place is
    free of something, for whatever it costs, must be said of the place.
    """
    if not asked:
        return sentence
    told, kinds = _told(tuple(sources))
    is_free = _FREED.search(sentence) and not figures(sentence)
    own_places, named_by_him = _own(asked)
    for place, of in places(sentence) if not is_free else ():
        if of in own_places and place not in told and of not in told:
            whole = next((name for name in (area(of), _OTHER) if name and name in kinds), "")
            sentence = sentence.replace(place, whole) if whole else sentence
    own = {(kind, name) for kind, name in named_by_him if kind not in kinds}
    if not own or not any((kind, name) in own for _, kind, name in named(folded(sentence))):
        return sentence
    return _without(folded(sentence), {name for _, name in own})


@lru_cache(maxsize=64)  # the sentences of an answer answer one question
def _own(asked: str) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Return the provinces that the customer spoke of, and the other names with their kinds."""
    names = {(kind, name) for _, kind, name in named(folded(asked)) if kind != _REGION}
    return frozenset(of for _, of in places(asked)), frozenset(names)


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
    names = named(_LABEL.sub("", told))
    return told, frozenset(part for _, kind, name in names for part in (kind, name))
