"""Words without which a pattern can't match, so that most searches need not be made.

A search for a plain word is some thirty times cheaper than one for a pattern of ours, and few
texts hold any of a pattern's words. They are read off the pattern's parse tree, so they can't
fall behind the pattern; where the tree can't be had, the pattern is always searched for.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from operator import add
from typing import Any

_MAX_WORDS = 150  # with more, looking for the words costs as much as for the pattern


def _required(pattern: re.Pattern[str]) -> frozenset[str] | None:
    if pattern.flags & re.IGNORECASE:
        return None
    try:
        tree = import_module("re._parser").parse(pattern.pattern, pattern.flags)
    except (ImportError, AttributeError):
        return None
    return _of_sequence(tree)


def _of_sequence(items: Iterable[Any]) -> frozenset[str] | None:
    """Return the best set among the parts, all of which must match."""
    best: frozenset[str] | None = None
    run = ""
    for operation, argument in [*items, (None, None)]:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        best = _better(best, frozenset([run]) if run else None)
        run = ""
        best = _better(best, _of_part(name, argument))
    return best


def _of_part(name: str, argument: Any) -> frozenset[str] | None:  # noqa: ANN401 private to re
    if name == "SUBPATTERN":
        return _of_sequence(argument[3])
    if name == "ATOMIC_GROUP":
        return _of_sequence(argument)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _of_sequence(argument[2]) if argument[0] else None
    if name == "IN" and all(str(kind) == "LITERAL" for kind, _ in argument):
        return frozenset(chr(char) for _, char in argument)
    if name == "BRANCH":
        words = set[str]()
        for branch in argument[1]:
            found = _of_sequence(branch)
            if found is None:
                return None
            words |= found
        return frozenset(words) if len(words) <= _MAX_WORDS else None
    return None


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Return the set that fewer texts will hold a word of: long words, then few."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda words: (min(map(len, words)), -len(words)))


class Gates:
    """Many patterns over folded text, of which only those with a word in the text are tried."""

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        self._patterns = tuple(patterns)

    def open(self, text: str) -> list[int]:
        """Return the numbers of the patterns that could match `text`, in order."""
        always, by_start, patterns_of = self._index
        opened = set(always)
        starts = set(text) | set(map(add, text, text[1:]))
        for start in starts & by_start.keys():
            for word in by_start[start]:
                if word in text:
                    opened |= patterns_of[word]
        return sorted(opened)

    @cached_property
    def _index(self) -> tuple[set[int], dict[str, list[str]], dict[str, set[int]]]:
        """Patterns without words; words by their first one or two characters; their patterns."""
        always = set[int]()
        by_start: dict[str, list[str]] = {}
        patterns_of: dict[str, set[int]] = {}
        for number, pattern in enumerate(self._patterns):
            words = _required(pattern)
            if words is None:
                always.add(number)
            for word in words or ():
                if word not in patterns_of:
                    by_start.setdefault(word[:2], []).append(word)
                patterns_of.setdefault(word, set()).add(number)
        return always, by_start, patterns_of
