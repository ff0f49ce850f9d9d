"""What the word leg looks for: the question's own terms, and what may stand for them."""

from collections.abc import Mapping
from typing import NamedTuple

from tools.search.spelling import spellings
from tools.search.synonyms import Synonyms
from tools.search.typos import words_of
from tools.text.segment import Segmenter, terms

QUESTION_CHARS = 1000  # head of the question that the word leg reads


class Asked(NamedTuple):
    """Terms to look for, the same for every engine."""

    tokens: list[str]  # the question's own, each once
    others: dict[str, float]  # what may stand for them, and what it counts beside one
    doubtful: dict[str, str]  # words that are mistyped if no entry holds them, by their term

    def besides(self, more: Mapping[str, float]) -> "Asked":
        """Return it with more that may stand for the question's terms."""
        others = {term: weight for term, weight in more.items() if term not in self.tokens}
        return self._replace(others=others | self.others)


def asked(question: str, segmenter: Segmenter, synonyms: Synonyms) -> Asked:
    """Return what to look for."""
    head = question[:QUESTION_CHARS]
    tokens = list(dict.fromkeys(terms(head, segmenter)))
    others = synonyms.added(head, tokens) | spellings(head, tokens)
    doubtful = {term: word for term, word in words_of(head).items() if not synonyms.know(term)}
    return Asked(tokens, others, doubtful)
