"""Words for one thing: 机器, where the entries say 实例. A question means it by theirs. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from tools.text.normalise import HAN
from tools.text.segment import terms

HARDLY = 3  # times as many entries, and LEAST more, hold the word that takes another's place
LEAST = 3

Held = Callable[[Collection[str]], Mapping[str, int]]  # how many entries hold each term

_WORD = re.compile(f"[{HAN}]{{2,}}")  # others have edges, which Chinese words don't show


class Things:
    """Groups of Chinese words for one thing; a word alone in its group stays as it is."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self.groups = [[word for word in group if _WORD.fullmatch(word)] for group in groups]
        self._alike = {word: group for group in self.groups for word in group}
        longest_first = sorted(self._alike, key=len, reverse=True)
        self._found = re.compile("|".join(longest_first) or "(?!)")
        self.terms = _terms(self._alike)  # all search terms

    def said(self, question: str, held: Held) -> str:
        """Return the question with these words as the knowledge says them.

        `held` says of search terms how many entries hold them.
        """
        asked = {word for word in self._found.findall(question) if self._alike[word][1:]}
        if not asked:
            return question
        counts = held(_terms({other for word in asked for other in self._alike[word]}))

        def often(word: str) -> int:
            return min(counts.get(term, 0) for term in terms(word, "words"))

        def usual(word: str) -> str:
            most = max(self._alike[word], key=often)
            return most if often(most) >= LEAST + HARDLY * often(word) else word

        return self._found.sub(lambda found: usual(found[0]), question)


def _terms(words: Iterable[str]) -> set[str]:
    return {term for word in words for term in terms(word, "words")}
