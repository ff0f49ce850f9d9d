"""Put the blocks of one section into as few texts as fit, cutting where it hurts least."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, zip_longest

Fits = Callable[[str], bool]

# A number at the start of a line ends no sentence, `19.` of a list.
_SENTENCE = re.compile(
    r"(?:\d{1,3}\.[ \t]+)?.+?(?:[。！？!?；;]+[”’」』）)]*|\.(?=\s)|\n|\Z)\s*", re.DOTALL
)
_FENCE = re.compile(r"\s*(?:```(?=`*[^`]*$)|~~~)")  # ```x``` on one line is none
_TABLE_RULE = re.compile(r"[\s:|]*-[\s:-]*\|[\s:|-]*")


def blocks(lines: Sequence[str]) -> list[str]:
    """Return paragraphs, lists, tables and code blocks; code keeps its blank lines."""
    found: list[str] = []
    fence = False
    current: list[str] = []
    for line in [*lines, ""]:
        fence ^= bool(_FENCE.match(line))
        if line.strip() or fence:
            current.append(line.rstrip())
        elif current:
            found += _tables_apart(current)
            current = []
    return found + (["\n".join(current)] if current else [])


def _tables_apart(lines: list[str]) -> Iterator[str]:
    """Separate a table from the text that stands right above or below it."""
    for _, group in groupby(lines, key=lambda line: line.lstrip().startswith("|")):
        yield "\n".join(group)


def pack(parts: Sequence[str], fits: Fits) -> list[str]:
    """Return texts that fit, made of whole blocks where possible.

    A block that does not fit is cut between sentences, code between lines, each part within fences,
    a table between rows with its header repeated; where header and row together are too long, the
    row names its columns itself. A text after a cut in prose starts with the last sentence before
    the cut.
    """
    pieces = [piece for part in parts for piece in ([part] if fits(part) else _cut(part, fits))]
    texts = _greedy(pieces, "\n\n", fits)
    for at in range(len(texts) - 1, 0, -1):
        bridge = _last_sentence(texts[at - 1])
        if bridge and not texts[at].startswith(bridge) and fits(f"{bridge}\n\n{texts[at]}"):
            texts[at] = f"{bridge}\n\n{texts[at]}"
    return texts


def _cut(block: str, fits: Fits) -> list[str]:
    lines = block.split("\n")
    if len(lines) > 2 and _TABLE_RULE.fullmatch(lines[1]):
        return [text for part in _rows(lines[:2], lines[2:], fits) for text in part]
    if _is_code(lines) and fits(lines[0] * 2):
        return _code(lines[0], lines[1:-1], lines[-1], fits)
    sentences = _SENTENCE.findall(block)
    roomy = _greedy(sentences, "", lambda text: fits(text + text[: len(text) // 8]))
    return [text.strip() for text in roomy]


def _is_code(lines: list[str]) -> bool:
    """Say whether a block is code from its first line to its last."""
    return [n for n, line in enumerate(lines) if _FENCE.match(line)] == [0, len(lines) - 1]


def _code(top: str, inner: list[str], bottom: str, fits: Fits) -> list[str]:
    """Return texts of code, each between fences of its own."""
    texts = _greedy(inner, "\n", lambda text: fits(f"{top}\n{text}\n{bottom}"))
    return [f"{top}\n{text}\n{bottom}" for text in texts if text.strip()]


def _rows(header: list[str], rows: Sequence[str], fits: Fits) -> Iterator[list[str]]:
    """Yield texts of rows below their header, or `name: cell` of those that do not fit below it."""
    top = "\n".join(header)
    for is_whole, group in groupby(rows, key=lambda row: fits(f"{top}\n{row}")):
        if is_whole:
            texts = _greedy([*group], "\n", lambda text: fits(f"{top}\n{text}"))
            yield [f"{top}\n{text}" for text in texts]
            continue
        for row in group:
            yield _spelled_out(header[0], row, fits)


def _spelled_out(header: str, row: str, fits: Fits) -> list[str]:
    """Return a row as `name: cell` pairs; every text begins with its first cell, if short."""
    pairs = [
        ": ".join(part for part in (name, cell) if part)
        for name, cell in zip_longest(_cells(header), _cells(row), fillvalue="")
        if cell
    ]
    start = f"{pairs[0]}; " if len(pairs) > 1 and fits(pairs[0] * 2) else ""
    sentences = _SENTENCE.findall("; ".join(pairs[1:] if start else pairs))
    texts = _greedy(sentences, "", lambda text: fits(start + text))
    return [start + text.strip() for text in texts]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().removeprefix("|").removesuffix("|").split("|")]


def _greedy(units: Sequence[str], joiner: str, fits: Fits) -> list[str]:
    """Join neighbours as long as they fit; a unit that does not fit alone is halved."""
    texts: list[str] = []
    waiting = list(reversed(units))
    while waiting:
        unit = waiting.pop()
        if texts and fits(texts[-1] + joiner + unit):
            texts[-1] += joiner + unit
        elif len(unit) < 2 or fits(unit):
            texts.append(unit)
        else:
            half = len(unit) // 2
            waiting += [unit[half:], unit[:half]]
    return texts


def _last_sentence(text: str) -> str:
    """Return the sentence that ends `text`, "" after a table or code."""
    last = text.rsplit("\n", 1)[-1]
    if last.lstrip().startswith(("|", "```", "~~~")):
        return ""
    paragraph = text.rsplit("\n\n", 1)[-1].split("\n")
    if len(paragraph) > 2 and _TABLE_RULE.fullmatch(paragraph[1]):
        return ""
    sentences = _SENTENCE.findall(last)
    return sentences[-1].strip() if sentences else ""
