"""What goods a text names, by model or by what customers call them."""

import re
from collections.abc import Callable

from tools.business.goods import sold
from tools.text.normalise import fold

_MODEL = re.compile(r"(?<![a-z0-9])([a-z]{1,2}\d{1,3})(?:\s*(?:pro|max|plus))?(?![a-z0-9])")
_KEPT = re.compile(
    "(?:[就那这个台单笔我先了和跟与及、，,。！!嗯行对\\s]|订单|还有|但是?|不过|算了|好的?|确认)*"
    "(?:(?:不|别|不要|不用|不想)(?:再|给我|帮我)?(?:取消|退)[货款掉了]*|[要想]?留(?:着|下)|不是|不动)"
    "(?:[那这个单笔了吧，,。；;！!\\s]|订单)*"
)
_ONLY = re.compile(r"(?:[只光仅]|单独).{0,4}(?:取消|退|要)|\bonly\b")
_SPARED = re.compile(
    r"(?:不|别|不要|不用|不想)(?:再|给我|帮我)?(?:取消|退)|留(?:着|下)|除了|\b(?:except|keep)\b"
)
_CLAUSES = re.compile(r"[，,。；;！!\s]+|(?=还有|但是?|不过)")
_LISTED = re.compile(r"[和跟与及、]|还有|加上|\b(?:and|plus)\b")


def said_of_goods(text: str) -> str:
    """Return what a message says of the goods that it names, folded; "" where it names none."""
    folded = fold(text)
    rest = without_goods(folded)
    return rest if rest != folded else ""


def of_a_part(text: str, order: str) -> bool:
    """Say whether a message wants some of the goods in `order` only, 只取消电饭煲, or to stay."""
    goods = held(fold(order))
    clauses = (c for c in _CLAUSES.split(text) if meant(fold(c)) & goods)
    return any(way.search(said_of_goods(c)) for c in clauses for way in (_ONLY, _SPARED))


def spares(text: str) -> bool:
    """Say whether a message, or a part of it, lets the goods be that it names: A9不取消."""
    return _SPARED.search(said_of_goods(text)) is not None


def kept(text: str) -> bool:
    """Say whether a message only says of goods that nothing is to be done to them: V8不退了."""
    return _KEPT.fullmatch(said_of_goods(text)) is not None


def names_others(text: str, told: str) -> bool:
    """Say whether the message names goods, and none that stand in what was `told`."""
    goods = meant(fold(text))
    return bool(goods) and goods.isdisjoint(held(fold(told)))


def names_all(text: str, told: str) -> bool:
    """Say whether the message names all the goods that stand in what was `told`."""
    goods, all_told = meant(fold(text)), fold(told)
    return _models(all_told) <= goods or _kinds(all_told) <= goods


def english_name(name: str, sku: str) -> str:
    """Return the goods' name for an English reply; goods without one keep the shop's name."""
    good = next((good for good in sold() if good.called.search(fold(name))), None)
    return f"{good.english} {sku}" if good and good.english else name


def parts_listed(text: str, is_number: Callable[[str], bool]) -> list[str]:
    """Return the parts of a message that each name goods, or a number; [] where it lists none."""
    parts = _LISTED.split(fold(text))
    named = [part for part in parts if _of_one(part) or is_number(part)]
    return named if len(named) > 1 else []


def meant(folded: str) -> frozenset[str]:
    """Return the goods a message names, of each the model ("s10") or else the kind."""
    return frozenset[str]().union(*(_of_one(piece) for piece in _LISTED.split(folded)))


def _of_one(folded: str) -> frozenset[str]:
    return _models(folded) or _kinds(folded)


def held(folded: str) -> frozenset[str]:
    """Return models and kinds in a record."""
    return _models(folded) | _kinds(folded)


def _models(folded: str) -> frozenset[str]:
    return frozenset(match[1] for match in _MODEL.finditer(folded))


def _kinds(folded: str) -> frozenset[str]:
    return frozenset(good.name for good in sold() if good.called.search(folded))


def without_goods(folded: str) -> str:
    """Return a folded text without the names of goods in it."""
    for pattern in (_MODEL, *(good.called for good in sold())):
        folded = pattern.sub("", folded)
    return folded
