"""Cut text into search terms: Chinese into characters and bigrams, everything else into words.

Characters + bigrams beat dictionary words on both Chinese sets we measured, and need no dictionary
for product names (`python -m eval retrieval --segmenter words` compares).
"""

import re
from collections.abc import Iterator
from typing import Literal

from tools.text.normalise import fold

Segmenter = Literal["bigrams", "words"]

_RUNS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+(?:\.[0-9]+)?")
_UNITS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[a-z0-9]+(?:\.[0-9]+)?|[^\w\s]")
_STEM = re.compile(r"(?<=[a-z]{3})(?:ies|es|s|ing|ed)$")


def terms(text: str, segmenter: Segmenter = "bigrams") -> list[str]:
    """Return the search terms of `text` in reading order, with repeats.

    "bigrams" gives every Chinese character and every pair; "words" gives pairs only (and a lone
    character where there is no pair). English words lose plural and verb endings.
    """
    return list(_terms(fold(text), with_characters=segmenter == "bigrams"))


def stem(word: str) -> str:
    """Return a word in lower case without its plural or verb ending."""
    return _STEM.sub("", word)


def units(text: str) -> list[str]:
    """Return every Chinese character and every word's stem in reading order, and "" for a sign."""
    return [stem(unit) if unit[0].isalnum() else "" for unit in _UNITS.findall(fold(text))]


def _terms(text: str, *, with_characters: bool) -> Iterator[str]:
    for run in _RUNS.findall(text):
        if run[0] < "\u3400":
            yield stem(run)
            continue
        if with_characters or len(run) == 1:
            yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))
