"""Find entries that say the same, word for word or nearly."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rensa import RMinHash, RMinHashLSH

from tools.ingest.editions import group, key, with_editions
from tools.ingest.read import Found
from tools.search.base import Progress
from tools.search.types import Entry

SIMILAR = 0.8  # Jaccard index of the character shingles from which two entries are nearly the same
SHINGLE_CHARS = 4
WIDE_CHARS = 2  # where one of them is Chinese: a Chinese word is two characters long
WIDE = "\u2e80"  # the first of them
MIN_CHARS = 20  # shorter texts are alike by chance
PERMUTATIONS = 128
BANDS = 32  # of 4 rows: 0.8 is missed once in 10,000,000 pairs; false candidates are checked
SEED = 1
MAX_CANDIDATES = 20  # compared exactly; more only where hundreds of entries are alike
NOT_COMPARED = {"id", "document", "source"}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two entries that say the same; places as in reports."""

    first: str
    second: str
    similarity: float  # 1.0: equal but for id and source


def without_copies(entries: Sequence[Found]) -> tuple[list[Found], list[Duplicate]]:
    """Return the entries without exact copies, and what was left out.

    A copy agrees in everything but id and source: audience, region, validity, other wordings. An
    entry of several editions is never left out: the older ones end where it begins.
    """
    first: dict[str, str] = {}
    kept: list[Found] = []
    copies: list[Duplicate] = []
    several = with_editions(found.entry for found in entries)
    for found in entries:
        if group(found.entry) in several:
            kept.append(found)
            continue
        facts = {k: v for k, v in found.entry.items() if k not in NOT_COMPARED}
        key = json.dumps(facts, sort_keys=True)
        if key in first:
            copies.append(Duplicate(first[key], found.place, 1.0))
        else:
            first[key] = found.place
            kept.append(found)
    return kept, copies


def near_copies(entries: Sequence[Found], progress: Progress | None = None) -> Iterator[Duplicate]:
    """Yield pairs whose question and answer share at least SIMILAR of their shingles.

    MinHash proposes candidates, the exact share decides. Each entry is paired with the earlier
    one it is most similar to, other editions of it apart.
    """
    index = RMinHashLSH(SIMILAR, PERMUTATIONS, BANDS)
    texts = [f"{found.entry['question']}\n{found.entry['answer']}" for found in entries]
    for number, text in enumerate(texts):
        if progress is not None:
            progress(number + 1, len(texts))
        if len(text) < MIN_CHARS:
            continue
        own = _shingles(text)
        marks = RMinHash(PERMUTATIONS, SEED)
        marks.update(list(own))
        candidates = index.query(marks)[:MAX_CANDIDATES]
        alike = (
            (_jaccard(own, _shingles(texts[at])), at)
            for at in candidates
            if not _are_editions(entries[at].entry, entries[number].entry)
        )
        share, at = max(alike, default=(0.0, 0))
        if share >= SIMILAR:
            yield Duplicate(entries[at].place, entries[number].place, round(share, 3))
        index.insert(number, marks)


def _are_editions(one: Entry, other: Entry) -> bool:
    return group(one) == group(other) and key(one).rank != key(other).rank


def _shingles(text: str) -> set[str]:
    text = "".join(text.split())
    is_wide = [max(text[at : at + WIDE_CHARS]) >= WIDE for at in range(len(text))]
    lengths = (WIDE_CHARS if wide else SHINGLE_CHARS for wide in is_wide)
    ends = ((at, at + length) for at, length in enumerate(lengths))
    return {text[at:end] for at, end in ends if end <= len(text)} or {text}


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)
