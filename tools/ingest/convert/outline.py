"""Headings of texts that mark them by numbers only, as Chinese contracts and policies do."""

import re

_NUMBER = r"[一二三四五六七八九十百\d]+"
_LEVELS = (
    (2, re.compile(rf"第{_NUMBER}[编章部篇](?:\s|：|:|$).{{0,40}}")),
    (3, re.compile(rf"第{_NUMBER}节(?:\s|：|:|$).{{0,40}}")),
    (3, re.compile(r"[一二三四五六七八九十]+、.{1,30}")),
    (4, re.compile(r"[（(][一二三四五六七八九十]+[)）].{1,30}")),
)
_SENTENCE_END = tuple("。！？；，!?;,")


def level(line: str) -> int:
    """Return the heading level of a numbered title, 0 for other lines."""
    line = line.strip()
    if line.endswith(_SENTENCE_END):
        return 0
    return next((depth for depth, pattern in _LEVELS if pattern.fullmatch(line)), 0)


def with_headings(text: str) -> str:
    """Return `text` with numbered titles as Markdown headings; it has its own already: as it is."""
    lines = text.split("\n")
    if any(re.match(r"#{1,6} ", line) for line in lines):
        return text
    marked = (
        f"\n{'#' * depth} {line.strip()}\n" if (depth := level(line)) else line for line in lines
    )
    return "\n".join(marked)
