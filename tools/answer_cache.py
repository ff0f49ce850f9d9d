"""Answers the model gave before, so that the same question is not put to it again.

An answer is kept under everything it was made from (tenant, what the customer may see, day,
language, prompt, and the passages word for word), so that an edit of the knowledge takes effect at
the next question: it makes another key. No index version is needed, and edits elsewhere cost
nothing.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.text.normalise import fold


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the cache knows it."""

    key: str  # digest of everything else that the answer depends on
    question: str
    gist: str  # what of it can change the answer
    vector: NDArray[np.float32] | None  # unit length, shape (dims,)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with the passages it cites; plain values."""

    text: str
    citations: list[Any]


class AnswerCache:
    """The last `size` answers of this process, each for at most `ttl_s` seconds.

    A question is known when it is the same but for spelling (width, case), or has the same gist
    and a cosine of `near` or more.
    """

    def __init__(self, *, size: int, ttl_s: float, near: float, now_s: Callable[[], float]) -> None:
        self._size, self._ttl_s, self._near, self._now_s = size, ttl_s, near, now_s
        self._kept: OrderedDict[tuple[str, str], tuple[float, Asked, Kept]] = OrderedDict()

    def get(self, asked: Asked) -> Kept | None:
        """Return the answer to the question, or to one that means the same."""
        oldest_s = self._now_s() - self._ttl_s
        for place in [place for place, (at_s, *_) in self._kept.items() if at_s <= oldest_s]:
            del self._kept[place]
        place = (asked.key, fold(asked.question))
        found = place if place in self._kept else self._nearest(asked)
        if found is None:
            return None
        self._kept.move_to_end(found)
        return self._kept[found][2]

    def put(self, asked: Asked, kept: Kept) -> None:
        """Keep an answer; the one not asked for longest makes room."""
        place = (asked.key, fold(asked.question))
        self._kept[place] = (self._now_s(), asked, kept)
        self._kept.move_to_end(place)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def _nearest(self, asked: Asked) -> tuple[str, str] | None:
        if asked.vector is None:
            return None
        near = [
            (float(known.vector @ asked.vector), place)
            for place, (_, known, _) in self._kept.items()
            if known.key == asked.key and known.gist == asked.gist and known.vector is not None
        ]
        cosine, place = max(near, default=(0.0, ("", "")))
        return place if cosine >= self._near else None
