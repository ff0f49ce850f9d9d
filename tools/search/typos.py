"""English words with one letter wrong: a word that no entry holds also looks for its neighbours.

One letter missing, too many, another, or two changed places. Digits are never changed.
"""

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase

from tools.text.normalise import fold
from tools.text.segment import terms

WORDS = 4  # words of a question that may be mistyped; the first that nobody holds
KEPT = 3  # neighbours of such a word that are looked for, the most frequent
WEIGHT = 0.7  # what they count beside a word asked, 0..1; 0.5 and 0.9 rank BANKING77 no better

_WORD = re.compile(r"(?<![a-z0-9])[a-z]{5,24}(?![a-z0-9])")  # shorter ones have many neighbours

Neighbours = dict[str, list[str]]  # of each word, as search terms


def words_of(question: str) -> dict[str, str]:
    """Return the words that may be mistyped, by their search term."""
    words = _WORD.findall(fold(question))
    return dict(zip(terms(" ".join(words), "words"), words, strict=True))


def neighbours(doubtful: Mapping[str, str], held: Mapping[str, int]) -> Neighbours:
    """Return all terms one letter away from the words whose term no entry holds.

    `held` says how many entries hold each term of `doubtful`, which is as `words_of` gives it;
    what it does not name counts as held.
    """
    unknown = [word for term, word in doubtful.items() if not held.get(term, 1)]
    return {word: _near(word) for word in unknown[:WORDS]}


def instead(
    near: Neighbours, held: Mapping[str, int], *, weight: float = WEIGHT
) -> dict[str, float]:
    """Return what to look for besides, with weights; `held` as for all terms of `near`."""
    found: dict[str, float] = {}
    for terms_near in near.values():
        known = sorted((t for t in terms_near if held.get(t)), key=lambda term: -held[term])
        found |= dict.fromkeys(known[:KEPT], weight)
    return found


def _near(word: str) -> list[str]:
    """Return the search terms of all words one letter away, about 53 for each letter."""
    cuts: Sequence[tuple[str, str]] = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    missing = [a + b[1:] for a, b in cuts if b]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    changed = [a + letter + b[1:] for a, b in cuts if b for letter in ascii_lowercase]
    added = [a + letter + b for a, b in cuts for letter in ascii_lowercase]
    # Cut as the entries' words are, so that an ending does not hide the word: shiping, shipping.
    return list(dict.fromkeys(terms(" ".join([*missing, *swapped, *changed, *added]), "words")))
