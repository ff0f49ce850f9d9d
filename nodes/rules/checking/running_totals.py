"""A total of what the answer has said before, 一共 80 元 after a fee of 50 and one of 30."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.figures import unmarked
from nodes.rules.wording.quantities import Figure, is_equal, is_limit, quantities

_CLAUSE = re.compile(r"[^，,。；;！!？?\n（）()、]+")
_CYCLE = re.compile("[按每包]?[年月季周日天](?=付|费|缴)|每[年月季周天]")
_BEFORE_CHARS = 600
_MOST = 8  # figures that are reckoned with


class _Item(NamedTuple):
    figure: Figure
    names: dict[str, set[str]]  # by category; other figures of the clause by their unit


def adds_up(total: Figure, before: str) -> bool:
    """Say whether two figures of `before` come to `total`.

    Limits (满 99 元) are no part of a total, nor what only one of two can be: 普通会员 50 元 and
    银卡 40 元, 加 1 年 138 元 and 加 2 年 230 元, 月付 and 年付.
    """
    items = list(_items(unmarked(before)[-_BEFORE_CHARS:]))[-_MOST:]
    return any(
        one.figure.kind == other.figure.kind == total.kind
        and is_equal(total, one.figure.size + other.figure.size)
        and not _are_alternatives(one, other)
        for one, other in combinations(items, 2)
    )


def _items(text: str) -> Iterator[_Item]:
    for clause in _CLAUSE.findall(folded(text)):
        found = list(quantities(clause))
        for figure in found:
            if not is_limit(figure, clause):
                names: dict[str, set[str]] = {"cycle": set(_CYCLE.findall(clause))}
                for _, category, name in named(clause):
                    names.setdefault(category, set()).add(name)
                for other in found:
                    if other.unit != figure.unit:
                        names.setdefault(other.unit, set()).add(other.key)
                yield _Item(figure, names)


def _are_alternatives(one: _Item, other: _Item) -> bool:
    return any(
        names and others and not names & others
        for kind, names in one.names.items()
        if (others := other.names.get(kind, set()))
    )
