"""Which entries hold which term, in memory: BM25 over arrays, followed change by change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.search.codes import Codes, Counts

K1, B = 1.2, 0.75  # BM25's usual constants
LEAST_RARITY = 1e-6  # of a term that most entries hold
FAN = 8  # segments of about one size that are merged into one
TIERS = (64, 512, 2048)  # entries; larger segments stay, as merging takes memory four times
FRESH = 8192  # entries added that make a segment at once
POSTINGS = 2000  # read per question at least, the rarest terms first; 50,000 rank no better
POSTINGS_SHARE = 0.25  # of all entries, where that is more
SWEEP = 8  # dropped entries are swept out when they are more than this part of the others

Scores = NDArray[np.float32]
Numbers = NDArray[np.int64]


class Block(NamedTuple):
    """Terms of some entries, one entry after the other."""

    numbers: Numbers  # of the entries
    sizes: Numbers  # how many terms each has
    terms: Codes  # ascending within an entry
    counts: Counts


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """Postings of some entries, sorted by term and then by entry."""

    terms: Codes  # each once, ascending
    starts: NDArray[np.uint32]  # of each term's postings, and their end
    places: NDArray[np.uint16]  # in `numbers`
    counts: Counts
    numbers: Numbers

    def of(self, terms: Codes) -> tuple[Numbers, Numbers]:
        """Return start and end of each term's postings; equal where it has none."""
        if not len(self.terms):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), np.int64)
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        starts = self.starts[at].astype(np.int64)
        return starts, np.where(self.terms[at] == terms, self.starts[at + 1], starts)


class Postings:
    """Terms of entries, each entry a positive number that is never used twice."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []
        self._fresh: list[Block] = []  # added, not yet in a segment
        self._length = np.zeros(64, np.float32)  # terms by entry number; 0 = gone
        self._entries = 0
        self._dead = 0

    @property
    def held(self) -> int:
        """How many entries there are, with the dropped ones not yet swept out."""
        return self._entries + self._dead

    def extend(self, block: Block) -> None:
        """Add entries."""
        highest = int(block.numbers.max(initial=0))
        if highest >= len(self._length):
            longer = np.zeros(max(highest + 1, 2 * len(self._length)), np.float32)
            longer[: len(self._length)] = self._length
            self._length = longer
        upto = np.append(0, np.cumsum(block.counts, dtype=np.int64))
        ends = np.cumsum(block.sizes)
        self._length[block.numbers] = np.maximum(1, upto[ends] - upto[ends - block.sizes])
        self._entries += len(block.numbers)
        self._fresh.append(block)
        if sum(len(fresh.numbers) for fresh in self._fresh) >= FRESH:
            self.settle()

    def drop(self, number: int) -> None:
        """Forget an entry, if it is there."""
        if number < len(self._length) and self._length[number]:
            self._length[number] = 0
            self._entries -= 1
            self._dead += 1

    def settle(self) -> None:
        """Make what was added findable; else the next question does."""
        if self._fresh:
            self._segments.append(_segment(self._fresh))
            self._fresh = []
        if self._dead > self._entries // SWEEP:
            self._segments = [_merged([segment], self._length) for segment in self._segments]
            self._segments = [segment for segment in self._segments if len(segment.numbers)]
            self._dead = 0
        for low, high in zip((0, *TIERS), TIERS, strict=False):
            small = [s for s in self._segments if low <= len(s.numbers) < high]
            if len(small) >= FAN:
                self._segments = [s for s in self._segments if s not in small]
                self._segments.append(_merged(small, self._length))

    def counts(self, terms: Codes) -> list[int]:
        """Return how many of `held` entries hold each term."""
        self.settle()
        total = np.zeros(len(terms), np.int64)
        for segment in self._segments:
            starts, ends = segment.of(terms)
            total += ends - starts
        return total.tolist()

    def scores(
        self, terms: Codes, size: int, others: Mapping[int, float] = MappingProxyType({})
    ) -> Scores:
        """Return BM25 by entry number, shape (size,); 0 where no term occurs.

        `size` is more than the highest number added. `others` are further terms with what each
        counts beside `terms`.
        """
        self.settle()
        if not self._entries:
            return np.zeros(size, np.float32)
        mean = self._length.sum() / self._entries
        rarities = {
            term: rarity * np.float32(others[term])
            for term, rarity in self._rarities(np.array(list(others), np.uint32)).items()
        } | self._rarities(terms)
        asked = np.array(list(rarities), np.uint32)
        weights = np.array(list(rarities.values()), np.float32) * (K1 + 1)
        numbers, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for segment in self._segments:
            starts, ends = segment.of(asked)
            sizes = ends - starts
            at = np.repeat(ends - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
            holding = segment.numbers[segment.places[at]]
            lengths = self._length[holding]
            often = segment.counts[at].astype(np.float32)
            score = often / (often + K1 * (1 - B) + K1 * B / mean * lengths)
            numbers.append(holding)
            scores.append(np.repeat(weights, sizes) * score * (lengths > 0))
        found = np.bincount(np.concatenate(numbers), np.concatenate(scores), size)
        return found.astype(np.float32)

    def _rarities(self, terms: Codes) -> dict[int, np.float32]:
        """Return the inverse document frequency, as SQLite's bm25(), of terms worth reading."""
        counts = dict(zip(terms.tolist(), self.counts(terms), strict=True))
        held = self.held
        left = max(POSTINGS, POSTINGS_SHARE * held)
        worth: dict[int, np.float32] = {}
        for term, count in sorted(counts.items(), key=lambda item: item[1]):
            left -= count
            if worth and left < 0:
                break
            if count:
                rarity = log((held - count + 0.5) / (count + 0.5))
                worth[term] = np.float32(max(rarity, LEAST_RARITY))
        return worth


def _segment(blocks: Sequence[Block]) -> _Segment:
    sizes = np.concatenate([block.sizes for block in blocks])
    return _sorted(
        np.concatenate([block.terms for block in blocks]),
        np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes),
        np.concatenate([block.counts for block in blocks]),
        np.concatenate([block.numbers for block in blocks]),
    )


def _merged(segments: Sequence[_Segment], length: Scores) -> _Segment:
    """Return one segment of all entries that have a length."""
    numbers = np.concatenate([segment.numbers for segment in segments])
    first = np.cumsum([0, *(len(segment.numbers) for segment in segments)])
    terms = np.concatenate([np.repeat(s.terms, np.diff(s.starts)) for s in segments])
    places = np.concatenate(
        [s.places + np.uint32(at) for s, at in zip(segments, first, strict=False)]
    )
    counts = np.concatenate([segment.counts for segment in segments])
    lives = length[numbers] > 0
    if not lives.all():
        kept = lives[places]
        now = np.cumsum(lives, dtype=np.uint32) - np.uint32(1)
        terms, places, counts = terms[kept], now[places[kept]], counts[kept]
        numbers = numbers[lives]
    # Each segment is in order; "stable" only merges them, in a quarter of the time.
    return _sorted(terms, places, counts, numbers, "stable")


def _sorted(
    terms: Codes,
    places: Codes,
    counts: Counts,
    numbers: Numbers,
    kind: Literal["quicksort", "stable"] = "quicksort",
) -> _Segment:
    # One 64-bit number each: term, place, count. A plain sort then puts all three in order.
    packed = terms.astype(np.uint64) << np.uint64(24)
    packed |= places.astype(np.uint64) << np.uint64(8)
    packed |= counts
    packed.sort(kind=kind)
    terms = (packed >> np.uint64(24)).astype(np.uint32)
    is_new = np.ones(len(terms) + 1, bool)
    is_new[1:-1] = terms[1:] != terms[:-1]
    starts = np.flatnonzero(is_new)
    return _Segment(
        terms[starts[:-1]],
        starts.astype(np.uint32),
        (packed >> np.uint64(8)).astype(np.uint16),
        packed.astype(np.uint8),
        numbers,
    )
