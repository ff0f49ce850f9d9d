"""A question and a help-centre entry as the model reads them together."""

import re
from typing import NamedTuple

from tools.nano.tokens import Tokenizer
from tools.nano.weights import Weights

QUESTION, PASSAGE = "query: ", "passage: "
MOST_QUESTION, MOST_TITLE, MOST_ANSWER = 64, 48, 64  # tokens

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_SPACE = re.compile(r"\s+")


class Together(NamedTuple):
    """Tokens of both, and where each stands."""

    ids: list[int]
    question: slice
    entry: slice


class Reader:
    """Puts the two side by side."""

    def __init__(self, tokens: Tokenizer, weights: Weights) -> None:
        self._tokens = tokens
        self._start, self._end = weights.start, weights.end
        self._asks, self._says = tokens(QUESTION.rstrip()), tokens(PASSAGE.rstrip())

    def __call__(self, question: str, title: str, answer: str) -> Together:
        """Return the question, the entry's title, and what of its answer touches the question."""
        own = self._tokens(question)[:MOST_QUESTION]
        other = self._tokens(title)[:MOST_TITLE] + self._touching(question, answer)
        asked = [self._start, *self._asks, *own, self._end]
        first = 1 + len(self._asks)
        said = [self._end, *self._says, *other, self._end]
        ids = asked + said
        return Together(
            ids,
            slice(first, len(asked) - 1),
            slice(len(asked) + 1 + len(self._says), len(ids) - 1),
        )

    def _touching(self, question: str, answer: str) -> list[int]:
        """Return tokens of the sentences that share most with the question, as far as they fit."""
        if len(whole := self._tokens(answer)) <= MOST_ANSWER:
            return whole
        asked = pairs(question)
        sentences = _SENTENCE.findall(answer)
        shared = [len(asked & pairs(sentence)) for sentence in sentences]
        cut = {number: self._tokens(text) for number, text in enumerate(sentences)}
        kept: list[int] = []
        left = MOST_ANSWER
        for number in sorted(cut, key=lambda number: (-shared[number], number)):
            if len(cut[number]) <= left:
                kept.append(number)
                left -= len(cut[number])
            elif not kept:
                return cut[number][:MOST_ANSWER]
        return [token for number in sorted(kept) for token in cut[number]]


def pairs(text: str) -> set[str]:
    """Return every two characters that stand side by side."""
    dense = _SPACE.sub("", text.lower())
    return {dense[at : at + 2] for at in range(len(dense) - 1)}
