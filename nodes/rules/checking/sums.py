"""Sums that a sentence writes out: 40 + 30 = 70 元."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nodes.rules.grounding import check, facts_in
from nodes.rules.wording.condition_names import folded, named
from nodes.rules.wording.figures import unmarked
from nodes.rules.wording.quantities import MONEY

_NUMBER = r"\d+(?:\.\d+)?"
_UNIT = r"(?:元|块|天|个月|月|%|台|件|次|杯)"
_OPERAND = rf"{_NUMBER}\s?{_UNIT}?"
_TERM = re.compile(rf"(?P<sign>[+＋\-−–×xX*÷/]?)\s?(?P<value>{_NUMBER})(?P<unit>\s?{_UNIT})?")
_EQUATION = re.compile(
    rf"(?<![\d.])(?P<left>{_OPERAND}(?:\s?[+＋\-−–×xX*÷/]\s?{_OPERAND}){{1,5}})\s?[=＝≈]\s?(?P<right>{_NUMBER})"
)
_ROUNDED = 0.51  # by how much a result may differ where it is rounded
_TIMES, _BY, _LESS = "×xX*", "÷/", "-−–"
_CLAUSE = re.compile(r"[^，,。；;！!？?\n（）()]+")
_LEAD = re.compile(r"[^，,。；;！!？?\n（）()]*$")
_LEAD_CHARS = 40
_FREED = re.compile("免(?!不了)|不收")


class Operand(NamedTuple):
    """A number of a sum as it is written, with the sign before it ("" = none)."""

    sign: str
    value: str
    unit: str


class Sum(NamedTuple):
    """Where a sum stands, and which of its numbers are the customer's."""

    start: int
    end: int
    own: frozenset[str]
    rest: str  # what the sum is of, and its factors, each with its unit behind what it is said of


def written_out(text: str, sources: Sequence[str], told: str) -> Iterator[Sum]:
    """Yield the sums of `text` that come out, of numbers that the sources have or that were `told`.

    Two sums of money are not multiplied, nor days added to money; nor is it reckoned what somebody
    pays who is freed of some of it.
    """
    for start, end, operands, is_true in equations(text):
        own = {one.value for one in operands if check(one.value, sources)}
        is_known = is_true and not any(check(value, [told]) for value in own)
        if not is_known or _is_freed(text[:start], sources):
            continue
        units = [one.unit or _unit(one.value, [*sources, told]) for one in operands]
        if _makes_sense(operands, units):
            others = [
                (one.sign, f"{one.value}{unit}")
                for one, unit in zip(operands, units, strict=True)
                if one.value not in own
            ]
            rest = [
                told for at, (sign, told) in enumerate(others) if not at or sign in [*_TIMES, *_BY]
            ]
            lead = _LEAD.search(text[max(0, start - _LEAD_CHARS) : start])
            yield Sum(start, end, frozenset(own), f"，{lead[0] if lead else ''}".join(rest))


def misreckoned(sentence: str) -> list[str]:
    """Return the sums of `sentence` that do not come out."""
    text = unmarked(sentence)
    return [text[start:end] for start, end, _, is_true in equations(text) if not is_true]


def equations(text: str) -> Iterator[tuple[int, int, list[Operand], bool]]:
    """Yield start, end and operands of each sum in `text`, and whether it is right."""
    for match in _EQUATION.finditer(text):
        terms = [
            Operand(term["sign"], term["value"], (term["unit"] or "").strip())
            for term in _TERM.finditer(match["left"])
        ]
        value, right = _worked_out(terms), float(match["right"])
        is_true = value is not None and abs(value - right) <= (
            _ROUNDED if "≈" in match.group() or value % 1 else 1e-6
        )
        yield match.start(), match.end(), terms, is_true


def _worked_out(terms: Sequence[Operand]) -> float | None:
    """Return what the terms come to, products before sums; None where one divides by nothing."""
    total, product = 0.0, 0.0
    for sign, written, unit in terms:
        value = float(written) * (0.01 if unit == "%" else 1)
        if sign and sign in _TIMES:
            product *= value
        elif sign and sign in _BY:
            if not value:
                return None
            product /= value
        else:
            total, product = total + product, (-value if sign and sign in _LESS else value)
    return total + product


def _unit(value: str, sources: Sequence[str]) -> str:
    """Return what the sources count in the number `value`; "" for nothing, or several things."""
    units = {
        fact.unit
        for source in sources
        for fact in facts_in(source)
        if fact.kind == "number" and fact.key == value
    }
    return units.pop() if len(units) == 1 else ""


def _is_freed(before: str, sources: Sequence[str]) -> bool:
    """Say whether the sources free the one who is named last of something: 金卡免上门费."""
    names = [name for _, kind, name in named(folded(before)) if kind == "level"]
    return bool(names) and any(
        _FREED.search(clause) and names[-1] in [name for *_, name in named(folded(clause))]
        for source in sources
        for clause in _CLAUSE.findall(source)
    )


def _makes_sense(operands: Sequence[Operand], units: Sequence[str]) -> bool:
    signs = {one.sign for one in operands[1:]}
    if signs & set(_TIMES):
        return sum(unit in MONEY for unit in units) <= 1 or bool(signs - set(_TIMES))
    return bool(signs & set(_BY)) or len(set(units) - {""}) <= 1
