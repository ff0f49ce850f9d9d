"""What the shop sells, as customers call it: `goods.yaml` beside its records."""

import re
from pathlib import Path
from typing import NamedTuple

from tools.errors import ConfigError
from tools.text.yaml_file import read_yaml

FILE = "goods.yaml"
SAMPLE = Path(__file__).parents[2] / "data" / "business"


class Good(NamedTuple):
    """One kind of goods."""

    name: str  # the shop's word
    called: re.Pattern[str]  # what customers call it, over folded text
    english: str = ""  # in English replies; "" = the shop's word
    heard: tuple[str, ...] = ()  # words for it that are put right where voice input misheard them


_sold: list[tuple[Good, ...]] = []  # the goods of this process's shop, once they are known


def sold() -> tuple[Good, ...]:
    """Return what this process's shop sells; before `sell`, what the sample shop does."""
    if not _sold:
        _sold.append(read_goods(SAMPLE))
    return _sold[-1]


def sell(goods: tuple[Good, ...]) -> None:
    """Hear of these goods from now on."""
    _sold[:] = [goods]


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
