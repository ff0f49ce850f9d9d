"""Which share of a question's terms, by their rarity, an entry holds."""

from collections.abc import Sequence

import numpy as np

from tools.search.base import Vector
from tools.search.codes import Codes, coded, codes_of, holds
from tools.search.texts import searched_text
from tools.search.types import Entry
from tools.text.segment import Segmenter

KEPT = 4096  # texts, about 1 kB each; the popular ones are cut once

_kept: dict[tuple[str, Segmenter], Codes] = {}


def rarity(held: Sequence[int], entries: int) -> Vector:
    """Return the weights of terms by how many of all entries hold each; unseen ones weigh most."""
    return np.log(1 + (entries + 1) / (0.5 + np.array(held)))


def cover(terms: Codes, asked: Codes, weights: Vector) -> float:
    """Return which share of `asked`, 0..1 by `weights`, is among `terms`, which ascend."""
    return float(weights[holds(terms, asked)].sum() / weights.sum())


def covers(
    entries: Sequence[Entry], tokens: Sequence[str], weights: Vector, segmenter: Segmenter
) -> list[float]:
    """Return how each entry covers `tokens`, for engines that don't keep an entry's terms."""
    if not weights.any():
        return [0.0] * len(entries)
    asked = codes_of(tokens)
    cut = _cut([searched_text(entry) for entry in entries], segmenter)
    return [cover(terms, asked, weights) for terms in cut]


def _cut(texts: Sequence[str], segmenter: Segmenter) -> list[Codes]:
    """Return the terms of texts; the new ones are cut together, in half of the time."""
    found = {text: _kept.get((text, segmenter)) for text in texts}
    if new := [text for text, codes in found.items() if codes is None]:
        made = {text: codes for text, (codes, _) in zip(new, coded(new, segmenter), strict=True)}
        if len(_kept) > KEPT:
            _kept.clear()
        _kept.update({(text, segmenter): codes for text, codes in made.items()})
        found |= made
    return [codes for text in texts if (codes := found[text]) is not None]
