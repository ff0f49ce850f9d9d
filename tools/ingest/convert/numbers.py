"""Numbers of spreadsheets as their cells show them: with units, signs and percent."""

import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

DIGITS = 15  # Excel keeps no more of a number
_SECTIONS = re.compile(r'("[^"]*"|\\.)|;')  # a semicolon parts them outside of quotes
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|[_*].|(?P<digits>[0#?.,]+|General)|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[\d.]+)")
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+", re.IGNORECASE)
_TELLS = {  # of a condition, by the sign of value - limit
    "<": (-1,),
    "<=": (-1, 0),
    ">": (1,),
    ">=": (0, 1),
    "=": (0,),
    "<>": (-1, 1),
}


def shown(value: float, number_format: str) -> str:
    """Return a number as a cell of that format shows it, without commas between thousands.

    Formats that split or recast the digits (fractions, powers of ten, phone numbers) are not
    followed: their numbers are written out.
    """
    section, is_signed = _section(value, number_format)
    text = _filled(section, value if is_signed else abs(value))
    return plain(value) if text is None else text


def plain(value: float) -> str:
    """Return a number with all the digits that Excel keeps."""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def span(value: timedelta) -> str:
    """Return a span of time as hours and minutes, with seconds where there are any."""
    seconds = round(value.total_seconds())
    text = f"{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}"
    return "-" * (seconds < 0) + text + (f":{abs(seconds) % 60:02}" if seconds % 60 else "")


def _section(value: float, number_format: str) -> tuple[str, bool]:
    """Return the part of a format that holds for the value, and whether it leaves the sign."""
    sections = _SECTIONS.sub(lambda found: found[1] or "\0", number_format or "General").split("\0")
    conditions = [_condition(section) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(value, condition[1], float(condition[2])):
                return section, True
        return sections[-1], True
    if value < 0 and len(sections) > 1:
        return sections[1], _tells_by_colour_only(sections, value)
    return (sections[2] if value == 0 and len(sections) > 2 else sections[0]), True


def _condition(section: str) -> re.Match[str] | None:
    """Return the condition of a section, which may stand behind its colour."""
    for mark in _TOKEN.finditer(section):
        if not mark["bracket"]:
            return None
        if found := _CONDITION.fullmatch(mark["bracket"]):
            return found
    return None


def _tells_by_colour_only(sections: list[str], value: float) -> bool:
    """Say whether a number below zero looks like one above it, but red."""
    is_coloured = any(
        _COLOUR.fullmatch(mark["bracket"] or "") for mark in _TOKEN.finditer(sections[1])
    )
    return is_coloured and _filled(sections[1], -value) == _filled(sections[0], -value)


def _holds(value: float, sign: str, limit: float) -> bool:
    return (value > limit) - (value < limit) in _TELLS[sign]


def _filled(section: str, value: float) -> str | None:
    """Return a section with the number in it, None where its digits can't be told."""
    texts: list[str] = []
    pattern, at, shift = "", -1, 0
    for token in _TOKEN.finditer(section):
        bracket, char = token["bracket"], token["plain"] or ""
        if token["digits"]:
            if pattern:
                return None
            pattern, at = token["digits"], len(texts)
            texts.append("")
        elif (bracket and not (_COLOUR.fullmatch(bracket) or _CONDITION.fullmatch(bracket))) or (
            char in "Ee/@" and char
        ):
            return None
        else:
            shift += 2 * (char == "%")
            texts.append(token["quoted"] or token["escaped"] or token["symbol"] or char)
    if pattern:
        is_general = pattern.lower() == "general"
        texts[at] = plain(abs(value)) if is_general else _digits(pattern, value, shift)
    sign = "-" if value < 0 and pattern else ""
    return sign + "".join(texts).strip()


def _digits(pattern: str, value: float, shift: int) -> str:
    """Return the digits of a number, moved by `shift` places, as `#,##0.00` and the like say."""
    whole, _, rest = pattern.partition(".")
    # Each comma at the end of either part: in thousands.
    scale = sum(len(part) - len(part.rstrip(",")) for part in (whole, rest))
    places, least = len(rest.rstrip(",")), len(re.sub(r"[^0]", "", rest))
    with localcontext(rounding=ROUND_HALF_UP):  # 2.5 is shown as 3, not as the even 2
        text = f"{Decimal(plain(abs(value))).scaleb(shift - 3 * scale):.{places}f}"
    before, _, after = text.partition(".")
    after = after[:least] + after[least:].rstrip("0")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    return before + ("." + after if after else "")
