"""Words that stand for one another: a general list, and one of your own.

A question with a word of a group also finds, with less weight, entries that hold the others. What
words for one thing mean is looked for as the knowledge says it (things.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import yaml

from tools.errors import ConfigError
from tools.search.things import Things
from tools.text.segment import terms, units

GENERAL = Path(__file__).with_name("synonyms.yaml")
THINGS = Path(__file__).with_name("things.yaml")
MOST = 64  # terms added to one question
WORD_CHARS = 40
FORM = "expected a list of groups of two or more words, like - [退款, 退钱]"

Group = tuple[str, ...]

NO_THINGS = Things()


class Synonyms:
    """Groups of words that may stand for one another, and what such a term counts.

    `weight` is that of a term which the question does not hold itself, 0..1; 0 adds none.
    """

    def __init__(
        self, groups: Iterable[Sequence[str]], weight: float, things: Things = NO_THINGS
    ) -> None:
        self.things = things
        self._groups = tuple(tuple(group) for group in groups) if weight else ()
        self._weight = weight
        self._of: dict[Group, list[int]] = {}  # groups of a word, by its units
        for number, group in enumerate(self._groups):
            for word in group:
                self._of.setdefault(tuple(units(word)), []).append(number)
        self._longest = max(map(len, self._of), default=0)

    def added(self, question: str, own: Sequence[str]) -> dict[str, float]:
        """Return terms that may stand for those of the question, which has `own`, with weights.

        Of Chinese words only pairs of characters: single ones of a word not asked for mislead.
        """
        found: dict[str, float] = {}
        for number in dict.fromkeys(self._found(units(question))):
            for word in self._groups[number]:
                found |= dict.fromkeys(terms(word, "words"), self._weight)
        others = [term for term in found if term not in set(own)]
        return {term: found[term] for term in others[:MOST]}

    def know(self, term: str) -> bool:
        """Say whether a group holds the English word of this search term."""
        return (term,) in self._of

    def _found(self, asked: Sequence[str]) -> Iterator[int]:
        """Yield the groups that the question has a word of; of words that overlap, the longest."""
        start = 0
        while start < len(asked):
            for end in range(min(start + self._longest, len(asked)), start, -1):
                if groups := self._of.get(tuple(asked[start:end])):
                    yield from groups
                    start = end - 1
                    break
            start += 1


NONE = Synonyms((), 0)


def read_synonyms(own: Path | None, weight: float) -> Synonyms:
    """Return the general synonyms and those of the file `own`, which may be words for one thing.

    Raises:
        ConfigError: if a file can't be read or a group is none; names the line.
    """
    ours = _read(own) if own else []
    return Synonyms([*_shipped(GENERAL), *ours], weight, Things([*_shipped(THINGS), *ours]))


@cache
def _shipped(path: Path) -> list[Group]:
    return _read(path, least=1)


def _read(path: Path, *, least: int = 2) -> list[Group]:
    try:
        root = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.context_mark or exc.problem_mark  # where what is wrong begins
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{path}:{line}: {exc.problem}; {FORM}") from exc
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise ConfigError(f"{path}: synonyms can't be read ({exc}); {FORM}") from exc
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise ConfigError(f"{path}:{root.start_mark.line + 1}: {FORM}, got {_kind(root)}")
    return [_group(path, node, least) for node in root.value]


def _group(path: Path, node: yaml.Node, least: int) -> Group:
    place = f"{path}:{node.start_mark.line + 1}"
    if not isinstance(node, yaml.SequenceNode):
        raise ConfigError(f"{place}: {FORM}, got {_kind(node)}")
    for item in node.value:
        at = f"{path}:{item.start_mark.line + 1}"
        if not isinstance(item, yaml.ScalarNode):
            raise ConfigError(f"{at}: expected a word, got {_kind(item)}; {FORM}")
        if not any(units(item.value)) or len(item.value) > WORD_CHARS:
            raise ConfigError(
                f"{at}: expected a word of 1 to {WORD_CHARS} letters, digits or Chinese "
                f"characters, got {item.value[:WORD_CHARS]!r}"
            )
    words = tuple(dict.fromkeys(item.value for item in node.value))
    if len(words) < least:
        raise ConfigError(f"{place}: a group of {len(words)} word; {FORM}")
    return words


def _kind(node: yaml.Node) -> str:
    """Return what YAML takes it for, "map" or "str" for instance."""
    return str(node.tag.rpartition(":")[2])
