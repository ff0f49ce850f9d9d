"""Words without which a pattern can't match, so that most searches need not be made.

Looking a word up is some hundred times cheaper than searching for a pattern of ours, and few texts
hold words of each of a pattern's parts. The words are read off the pattern's parse tree, so they
can't fall behind the pattern; where the tree can't be had, the pattern is always searched for.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib import import_module
from operator import add
from typing import Any, NamedTuple

# How often a short text holds a word, roughly: by its length, and for the commonest characters.
_OFTEN_HAN = (0.05, 0.003, 0.0005)
_OFTEN_LATIN = (0.6, 0.2, 0.05, 0.01, 0.003)
_COMMON = frozenset("的我你您是不有了在一这个要么吗说能可以请")
_OFTEN_COMMON = 0.3


class Need(NamedTuple):
    """What a text must hold: a word of `short` or `long`, or else all needs of one of `ways`."""

    short: frozenset[str] = frozenset()  # one or two characters
    long: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()  # first two characters of each of `long`
    ways: tuple[tuple["Need", ...], ...] = ()

    def met(self, text: str, grams: set[str]) -> bool:
        """Say whether `text`, of which `grams` are all characters and pairs of them, can match."""
        return (
            not self.short.isdisjoint(grams)
            or (
                not self.starts.isdisjoint(grams)
                and any(word[:2] in grams and word in text for word in self.long)
            )
            or any(all(need.met(text, grams) for need in way) for way in self.ways)
        )

    def key(self) -> frozenset[str]:
        """Return words of which each text that meets this holds one."""
        return self.short.union(self.long, *(rarest(way).key() for way in self.ways))


def _one_of(words: frozenset[str], ways: Iterable[tuple[Need, ...]] = ()) -> Need:
    short = frozenset(word for word in words if len(word) < 3)
    return Need(short, words - short, frozenset(word[:2] for word in words - short), tuple(ways))


def rarest(needs: Iterable[Need]) -> Need:
    """Return the need that fewest texts meet."""
    return min(needs, key=_share)


def _share(need: Need) -> float:
    return sum(map(_often, need.key()))


def _often(word: str) -> float:
    if word in _COMMON:
        return _OFTEN_COMMON
    often = _OFTEN_LATIN if word.isascii() else _OFTEN_HAN
    return often[min(len(word), len(often)) - 1]


def _needs(pattern: re.Pattern[str]) -> Sequence[Need]:
    """Return what every match of `pattern` needs; nothing where that can't be said."""
    if pattern.flags & re.IGNORECASE:
        return ()
    try:
        tree = import_module("re._parser").parse(pattern.pattern, pattern.flags)
    except (ImportError, AttributeError):
        return ()
    return _of_sequence(tree)


def _of_sequence(items: Iterable[Any]) -> Sequence[Need]:
    needs: list[Need] = []
    run = ""
    for operation, argument in [*items, (None, None)]:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        needs += [_one_of(frozenset([run]))] if run else []
        run = ""
        needs += _of_part(name, argument)
    return needs


def _of_part(name: str, argument: Any) -> Sequence[Need]:  # noqa: ANN401 private to re
    if name == "SUBPATTERN":
        return _of_sequence(argument[3])
    if name == "ATOMIC_GROUP":
        return _of_sequence(argument)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _of_sequence([*argument[2]] * min(argument[0], 2))  # `#{2,}` needs two of them
    if name == "IN" and all(str(kind) == "LITERAL" for kind, _ in argument):
        return (_one_of(frozenset(chr(char) for _, char in argument)),)
    if name == "BRANCH":
        ways = [tuple(_of_sequence(branch)) for branch in argument[1]]
        if not all(ways):
            return ()
        plain = [way[0].key() for way in ways if len(way) == 1 and not way[0].ways]
        return (
            _one_of(frozenset[str]().union(*plain), (w for w in ways if len(w) > 1 or w[0].ways)),
        )
    return ()


class Gates:
    """Patterns over folded text: which of them could match."""

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        self._patterns = tuple(patterns)

    def open(self, text: str) -> list[int]:
        """Return the numbers of the patterns that could match `text`, in order."""
        always, keys, starts = self._index
        grams = {*text, *map(add, text, text[1:])}
        opened = set(always)
        for gram in grams & starts:
            for word, number, needs in keys[gram]:
                if (
                    number not in opened
                    and (len(word) < 3 or word in text)
                    and all(need.met(text, grams) for need in needs)
                ):
                    opened.add(number)
        return sorted(opened)

    @cached_property
    def _index(self) -> "_Index":
        always, keys = set[int](), dict[str, list[tuple[str, int, list[Need]]]]()
        for number, pattern in enumerate(self._patterns):
            needs = _needs(pattern)
            if not needs:
                always.add(number)
            for words, others in _doors(needs) if needs else ():
                others = sorted(others, key=_share)
                for word in words:
                    keys.setdefault(word[:2], []).append((word, number, others))
        return _Index(always, keys, frozenset(keys))


class _Index(NamedTuple):
    """Patterns without words; by first characters: word, pattern, other needs; those first."""

    always: set[int]
    keys: dict[str, list[tuple[str, int, list[Need]]]]
    starts: frozenset[str]


def _doors(needs: Sequence[Need]) -> Iterator[tuple[frozenset[str], list[Need]]]:
    """Yield the ways to meet all `needs`: one of the words, and the needs beside it."""
    first = rarest(needs)
    others = [need for need in needs if need is not first]
    yield first.short | first.long, others
    for way in first.ways:
        for words, beside in _doors(way):
            yield words, [*beside, *others]
