"""What the shop sells, as customers call it: `goods.yaml` beside its records."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tools.errors import ConfigError
from tools.text.yaml_file import read_yaml

logger = logging.getLogger(__name__)

FILE = "goods.yaml"
SAMPLE = Path(__file__).parents[2] / "data" / "business"


class Good(NamedTuple):
    """One kind of goods."""

    name: str  # the shop's word
    called: re.Pattern[str]  # what customers call it, over folded text
    english: str = ""  # in English replies; "" = the shop's word
    heard: tuple[str, ...] = ()  # words for it that are put right where voice input misheard them


_sold: list[tuple[Good, ...]] = []  # of the shops that are open in this process, the last one heard


def sold() -> tuple[Good, ...]:
    """Return what this process's shop sells; while none is open, what the sample shop does."""
    return _sold[-1] if _sold else _sample()


@contextmanager
def selling(goods: tuple[Good, ...]) -> Iterator[None]:
    """Hear of these goods until the shop closes; one process can serve one shop's goods only."""
    if _sold and _sold[-1] != goods:
        logger.warning("another shop is open in this process; its goods are not heard any more")
    _sold.append(goods)
    try:
        yield
    finally:
        _sold.remove(goods)


@cache
def _sample() -> tuple[Good, ...]:
    return read_goods(SAMPLE)


def read_goods(folder: Path) -> tuple[Good, ...]:
    """Read a shop's goods; none where it has no such file.

    Raises:
        ConfigError: if an item has no name or its pattern is none.
    """
    path = folder / FILE
    items = read_yaml(path) if path.exists() else []
    try:
        return tuple(
            Good(
                item["name"],
                re.compile(item.get("called") or re.escape(item["name"])),
                item.get("english", ""),
                tuple(item.get("heard", ())),
            )
            for item in items
        )
    except (KeyError, TypeError, re.error) as exc:
        raise ConfigError(f"{path}: expected name, called, english, heard; {exc!r}") from exc
