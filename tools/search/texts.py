"""What both engines make of an entry: the texts to embed and to search, and its language."""

from collections.abc import Sequence

import numpy as np

from tools.embed import Embedder
from tools.search.base import Vector
from tools.search.types import Entry
from tools.text.normalise import Language, language
from tools.text.segment import Segmenter, terms

EMBED_CHARS = 200  # head of question + answer that is embedded; longer heads did not score better


def wordings(entry: Entry) -> list[str]:
    """Return the ways an entry's question is asked, its own first."""
    return [entry["question"], *entry.get("similar_questions", [])]


def searched_text(entry: Entry) -> str:
    """Return what the word leg searches: questions and answer."""
    return "\n".join([*wordings(entry), entry["answer"]])


def entry_terms(entry: Entry, segmenter: Segmenter) -> list[str]:
    """Return the search terms of an entry, with repeats."""
    return terms(searched_text(entry), segmenter)


def entry_language(entry: Entry) -> Language | str:
    """Return the language of an entry; a Chinese page full of code is still Chinese."""
    if lang := entry.get("lang"):
        return lang
    is_chinese = "zh" in (language(entry["question"]), language(entry["answer"]))
    return "zh" if is_chinese else "en"


async def entry_vectors(entries: Sequence[Entry], embedder: Embedder) -> list[Vector]:
    """Return the vectors of every entry: one a wording, then question and answer together."""
    texts: list[str] = []
    counts: list[int] = []
    for entry in entries:
        own = [*wordings(entry), f"{entry['question']}\n{entry['answer']}"[:EMBED_CHARS]]
        texts += own
        counts.append(len(own))
    vectors = await embedder.passages(texts)
    return np.split(vectors, np.cumsum(counts)[:-1])
