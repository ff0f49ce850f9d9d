"""A text as a model reads it: a small vector and a weight for each of its tokens.

A text's one vector says what it is about. Its tokens still say whether each thing that was asked
occurs in it: late interaction (Khattab and Zaharia 2020, 2004.12832).
"""

from collections.abc import Sequence
from functools import lru_cache
from struct import unpack_from
from typing import NamedTuple, Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tools.embed_base import Vector2D

STEPS = 127  # of a number kept in 8 bits: cosines right to 0.01
MOST_TOKENS = 512
KEPT = 1024  # entries whose readings stay in memory in parts, about 8 kB each

_COUNT = np.dtype("<u2")


class Reading(NamedTuple):
    """The tokens of one text in reading order; those that stand for nothing weigh 0."""

    states: NDArray[np.int8]  # (tokens, dims): unit vectors in steps of 1 / STEPS
    weights: NDArray[np.uint8]  # (tokens,): how rare each is, in general


class TokenReader(Protocol):
    """Reads token by token; the side of an embedder that not every one has."""

    @property
    def name(self) -> str:
        """Recorded with every reading: readings of different names can't be compared."""
        ...

    @property
    def weight(self) -> float:
        """What `touched` counts in a ranking beside words and vectors."""
        ...

    async def question(self, text: str) -> Reading:
        """Return the reading of a question; nothing is computed for one just embedded.

        Raises:
            ConfigError: if the model can't be loaded.
        """
        ...

    async def passages(self, texts: Sequence[str]) -> tuple[Vector2D, list[Reading]]:
        """Return unit vectors, as the embedder's `passages`, and readings of the same texts."""
        ...

    async def answers(self, question: str, title: str, answer: str) -> float:
        """Return how far an entry answers a question: the logit of its chance."""
        ...


def stored(readings: Sequence[Reading], *, wordings: int, name: str) -> bytes:
    """Return the readings of an entry's texts in one piece; the first `wordings` ask for it."""
    counts = [wordings, len(readings), *(len(reading.weights) for reading in readings)]
    return b"".join(
        [
            _mark(name),
            np.array(counts, _COUNT).tobytes(),
            *(reading.weights.tobytes() for reading in readings),
            *(reading.states.tobytes() for reading in readings),
        ]
    )


def packed(reading: Reading) -> bytes:
    """Return one reading in one piece."""
    count = np.array([len(reading.weights)], _COUNT)
    return count.tobytes() + reading.weights.tobytes() + reading.states.tobytes()


def unpacked(blob: bytes) -> Reading:
    """Return what was `packed`."""
    count = int(np.frombuffer(blob, _COUNT, 1)[0])
    states = np.frombuffer(blob, np.int8, offset=2 + count)
    dims = len(states) // count if count else 0
    return Reading(states.reshape(count, dims), np.frombuffer(blob, np.uint8, count, 2))


def is_by(name: str, reading: bytes | None) -> bool:
    """Say whether the reader of that name made what is `stored`, or the start of it."""
    return reading is not None and reading.startswith(_mark(name))


def _mark(name: str) -> bytes:
    return crc32(name.encode()).to_bytes(4, "little")


class Agreement(NamedTuple):
    """How far a question and an entry say the same, token by token, each about 0..1."""

    meaning: float  # how much of the question the entry says
    aim: float  # how much of the entry's closest wording the question says
    touched: float  # as `meaning`, but half a match counts more than half; ranks better


def agreements(
    asked: Reading, entries: Sequence[bytes | None], *, name: str
) -> list[Agreement | None]:
    """Return how far `asked` agrees with each entry, given as `stored`.

    The texts of an FAQ entry count together: its wordings, then question and answer. The pieces of
    a long passage count each by itself, for hundreds of tokens hold a little of everything.

    None where an entry has no reading by the reader `name`, or neither side has a token that
    stands for something.
    """
    found: list[Agreement | None] = [None] * len(entries)
    says = asked.weights > 0
    kept = [_parted(entry) if entry and is_by(name, entry) else None for entry in entries]
    read = [(place, parts) for place, parts in enumerate(kept) if parts and any(parts.weights)]
    if not says.any() or not read:
        return found
    weights = asked.weights[says] / np.float32(asked.weights.sum())
    theirs = np.frombuffer(b"".join(parts.states for _, parts in read), np.int8)
    # A row for each token of the question: numpy is slow where the last axis is a short one.
    mine = asked.states[says] / np.float32(STEPS * STEPS)
    near = mine @ theirs.reshape(-1, mine.shape[1]).astype(np.float32).T
    own = np.frombuffer(b"".join(parts.weights for _, parts in read), np.uint8)
    texts: list[int] = []  # where each text that is not empty starts, of all entries
    groups: list[int] = []  # and each that is measured by itself
    spans: list[tuple[int, int, int, int]] = []  # of each entry: its groups, its wordings
    at = 0
    for _, parts in read:
        first_group, first_text = len(groups), len(texts)
        wordings, is_long = first_text, parts.is_long
        for number, count in enumerate(parts.counts):
            if count:
                if is_long or len(groups) == first_group:
                    groups.append(at)
                texts.append(at)
                wordings += number < parts.wordings
                at += count
        spans.append((first_group, len(groups), first_text, wordings))
    nearest = np.maximum.reduceat(near, groups, axis=1)
    meanings = weights @ nearest
    touches = weights @ np.sqrt(np.maximum(nearest, 0))
    said = np.add.reduceat(near.max(axis=0) * own, texts)
    aims = said / np.maximum(np.add.reduceat(own, texts, dtype=np.float32), 1)
    for (place, _), (group, group_end, text, text_end) in zip(read, spans, strict=True):
        aim = aims[text:text_end].max(initial=0)
        meaning, touched = (each[group:group_end].max() for each in (meanings, touches))
        found[place] = Agreement(float(meaning), float(aim), float(touched))
    return found


class _Parts(NamedTuple):
    """An entry's readings as they are stored."""

    wordings: int
    counts: tuple[int, ...]  # tokens of each text
    weights: bytes
    states: bytes

    @property
    def is_long(self) -> bool:
        """Whether it is a passage in pieces: more than wordings and one text of all."""
        return len(self.counts) > self.wordings + 1


@lru_cache(maxsize=KEPT)  # the same entries are read again and again
def _parted(entry: bytes) -> _Parts:
    wordings, texts = unpack_from("<2H", entry, 4)
    counts = unpack_from(f"<{texts}H", entry, 8)
    at, tokens = 8 + 2 * texts, sum(counts)
    return _Parts(wordings, counts, entry[at : at + tokens], entry[at + tokens :])
