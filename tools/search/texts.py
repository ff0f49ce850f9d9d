"""What both engines make of an entry: the texts to embed and to search, and its language."""

import re
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise

from tools.embed import Embedder
from tools.reading import TokenReader, stored
from tools.search.base import Vector
from tools.search.types import Entry
from tools.text.normalise import Language, language
from tools.text.segment import Segmenter, terms

EMBED_CHARS = 200  # head of question + answer that is embedded; longer heads did not score better

WINDOW_CHARS = 120
MAX_WINDOWS = 8  # a passage of 512 tokens has about seven
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+$")


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
    return "zh" if "zh" in map(language, (entry["question"], entry["answer"])) else "en"


def windows(entry: Entry) -> list[str]:
    """Return a long passage of a document in pieces of whole sentences; none for an FAQ entry.

    An FAQ entry is found by its question. A clause or a page is found by what it says, and the
    vector of its head misses what stands at its end.
    """
    if entry.get("kind", "faq") == "faq" or len(entry["answer"]) <= EMBED_CHARS:
        return []
    pieces = [""]
    for sentence in _SENTENCE.findall(entry["answer"]):
        if pieces[-1] and len(pieces[-1]) + len(sentence) > WINDOW_CHARS:
            pieces.append("")
        pieces[-1] += sentence
    return [piece.strip()[:EMBED_CHARS] for piece in pieces[:MAX_WINDOWS] if piece.strip()]


def embedded_texts(entry: Entry) -> list[str]:
    """Return what is embedded of an entry: its wordings, its pieces, then its head as a whole."""
    head = f"{entry['question']}\n{entry['answer']}"[:EMBED_CHARS]
    return [*wordings(entry), *windows(entry), head]


async def entry_vectors(entries: Sequence[Entry], embedder: Embedder) -> list[Vector]:
    """Return the vectors of every entry's `embedded_texts`."""
    texts = [embedded_texts(entry) for entry in entries]
    vectors = await embedder.passages([*chain(*texts)])
    return [vectors[start:end] for start, end in _spans(texts)]


async def entry_readings(
    entries: Sequence[Entry], reader: TokenReader
) -> tuple[list[Vector], list[bytes]]:
    """Return the same vectors, and every entry's readings as the index keeps them."""
    texts = [embedded_texts(entry) for entry in entries]
    vectors, readings = await reader.passages([*chain(*texts)])
    spans = _spans(texts)
    whole = [
        stored(readings[start:end], wordings=len(wordings(entry)), name=reader.name)
        for entry, (start, end) in zip(entries, spans, strict=True)
    ]
    return [vectors[start:end] for start, end in spans], whole


async def encoded(entries: Sequence[Entry], embedder: Embedder) -> tuple[list[Vector], list[bytes]]:
    """Return every entry's vectors, and its readings where the embedder reads; else empty ones."""
    if embedder.reader is None:
        return await entry_vectors(entries, embedder), [b""] * len(entries)
    return await entry_readings(entries, embedder.reader)


def _spans(texts: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Return where each entry's texts lie among all of them."""
    return list(pairwise(accumulate(map(len, texts), initial=0)))
