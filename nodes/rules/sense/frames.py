"""What a list says of its first name holds for those that leave it out.

银卡（一年消费满 2,000 元）、金卡（满 6,000 元）: gold's 6,000 yuan are spent in a year as well.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

_PERIODS = frozenset(("年", "月"))  # in which something is counted


class Said(NamedTuple):
    """A figure, and whose it is."""

    category: str
    name: str
    value: str  # a figure's key, or 免费
    unit: str
    is_carried: bool  # the name stands in an earlier clause
    is_denied: bool = False


def framed(said: Sequence[Said]) -> Iterator[Said]:
    """Yield what is `said` of names in order, and the period that one takes from the one before."""
    yield from said
    items = [list(of_one) for _, of_one in groupby(said, key=lambda one: one[:2])]
    for before, item in pairwise(items):
        units = {one.unit for one in item}
        if before[0].category == item[0].category and units & {one.unit for one in before}:
            taken = [
                one._replace(name=item[0].name)
                for one in before
                if one.unit in _PERIODS - units and not one.is_denied
            ]
            item += taken  # the third takes it from the second
            yield from taken
