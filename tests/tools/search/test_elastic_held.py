"""What is kept of the entries that searches found."""

import numpy as np

from tools.search.elastic_held import Held, Kept

Key = tuple[str, str, str, int]
MOST_BYTES = 1_000_000


def entry(name: str, *, dims: int = 384, body: str = "{}") -> tuple[Key, Held]:
    vectors = np.zeros((2, dims), np.float16)
    return ("index", "default", name, 1), Held(name, 1, vectors, body, is_document=False)


def kept(*entries: tuple[Key, Held]) -> list[str]:
    """Return which of these are kept after all were put."""
    memory = Kept(MOST_BYTES)
    for key, held in entries:
        memory.put(key, held)
    return [held.id for key, held in entries if memory.get(key) is not None]


def test_fewer_entries_are_kept_the_longer_their_vectors_and_texts_are() -> None:
    short = kept(*(entry(str(n)) for n in range(1000)))
    wide = kept(*(entry(str(n), dims=3072) for n in range(1000)))
    long = kept(*(entry(str(n), body="字" * 20_000) for n in range(1000)))

    assert 500 > len(short) > 400
    assert 80 > len(wide) > 50
    assert 25 > len(long) > 15
    assert short[-1] == wide[-1] == long[-1] == "999"


def test_what_was_asked_for_last_stays() -> None:
    memory = Kept(MOST_BYTES)
    first = entry("first")
    for key, held in (first, *(entry(str(n)) for n in range(1000))):
        memory.put(key, held)
        memory.get(first[0])

    assert memory.get(first[0]) is not None


def test_an_entry_that_two_searches_read_at_once_counts_once() -> None:
    twice = [entry("a", dims=3072)] * 100

    assert kept(entry("b"), *twice)[0] == "b"
