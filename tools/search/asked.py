"""What the word leg looks for: the question's own terms, and what may stand for them."""

from typing import NamedTuple

from tools.search.spelling import spellings
from tools.search.synonyms import Synonyms
from tools.text.segment import Segmenter, terms

QUESTION_CHARS = 1000  # head of the question that the word leg reads


class Asked(NamedTuple):
    """Terms to look for, the same for every engine."""

    tokens: list[str]  # the question's own, each once
    others: dict[str, float]  # what may stand for them, and what it counts beside one


def asked(question: str, segmenter: Segmenter, synonyms: Synonyms) -> Asked:
    """Return what to look for."""
    head = question[:QUESTION_CHARS]
    tokens = list(dict.fromkeys(terms(head, segmenter)))
    return Asked(tokens, synonyms.added(head, tokens, segmenter) | spellings(head, tokens))
