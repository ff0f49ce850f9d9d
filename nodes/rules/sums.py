"""Sums that a sentence writes out: 40 + 30 = 70 元."""

import re
from collections.abc import Iterator

_NUMBER = r"\d+(?:\.\d+)?"
_OPERAND = rf"{_NUMBER}\s?(?:元|块|天|个月|月|%|台|件|次|杯)?"
_TERM = re.compile(rf"(?P<sign>[+＋\-−–×xX*÷/]?)\s?(?P<value>{_NUMBER})")
_EQUATION = re.compile(
    rf"(?P<left>{_OPERAND}(?:\s?[+＋\-−–×xX*÷/]\s?{_OPERAND}){{1,5}})\s?[=＝≈]\s?(?P<right>{_NUMBER})"
)
_ROUNDED = 0.51  # by how much a result may differ where it is rounded


def equations(text: str) -> Iterator[tuple[int, int, list[str], bool]]:
    """Yield start, end and operands as written of each sum in `text`, and whether it is right."""
    for match in _EQUATION.finditer(text):
        terms = [(term["sign"], float(term["value"])) for term in _TERM.finditer(match["left"])]
        value, right = _worked_out(terms), float(match["right"])
        is_true = value is not None and abs(value - right) <= (
            _ROUNDED if "≈" in match.group() or value % 1 else 1e-6
        )
        yield match.start(), match.end(), re.findall(_NUMBER, match["left"]), is_true


def _worked_out(terms: list[tuple[str, float]]) -> float | None:
    """Return what the terms come to, products before sums; None where one divides by nothing."""
    total, product = 0.0, 0.0
    for sign, value in terms:
        if sign in "×xX*" and sign:
            product *= value
        elif sign in "÷/" and sign:
            if not value:
                return None
            product /= value
        else:
            total, product = total + product, (-value if sign in "-−–" and sign else value)
    return total + product
