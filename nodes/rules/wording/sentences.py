"""Cut a growing text into sentences while it streams."""

import re

_CLOSERS = "。！？!?”’」』）)】》\"'"
_MARK = re.compile(r"(?P<link>(?:https?://|www\.)[!-~]+)|[。！？!?\n.]", re.IGNORECASE)
_CITATION = re.compile(r"[ ]?\[\d{1,3}\]")
_LIST_MARK = re.compile(r"[-*#\s]{0,8}(?:\d{1,3}|[a-z]|[ivx]{1,4})", re.IGNORECASE)
_ABBREVIATION = re.compile(
    r"(?<![a-z])(?:mr|mrs|ms|dr|st|no|vs|etc|approx|e\.g|i\.e|inc|ltd)$", re.IGNORECASE
)
_ABBREVIATION_CHARS = 8


def split(buffer: str) -> tuple[list[str], str]:
    """Return the complete sentences of `buffer`, and the rest that may still grow.

    Joining both gives the buffer back. Closing quotes and citation marks that are already there
    stay with their sentence. A Latin full stop at the very end stays in the rest: `3.` may
    become `3.5`; so does a link, until something follows it.
    """
    sentences: list[str] = []
    start = 0
    for mark in _MARK.finditer(buffer):
        if mark.end() <= start or not _closes(buffer, start, mark):
            continue
        end = _with_closers(buffer, mark.end())
        sentences.append(buffer[start:end])
        start = end
    return sentences, buffer[start:]


def _closes(buffer: str, start: int, mark: re.Match[str]) -> bool:
    """Say whether a sentence that began at `start` ends with `mark`."""
    last = buffer[mark.end() - 1]
    before = buffer[start : mark.end() - 1].strip()
    if not before or last not in "。！？!?\n.":
        return False
    after = buffer[mark.end() : mark.end() + 1]
    if mark["link"]:
        return after.isspace()
    if last != ".":
        return True
    if not after or not (after.isspace() or after in "”’)）\"'["):
        return False
    is_list_mark = len(before) < 16 and _LIST_MARK.fullmatch(before)
    return not (is_list_mark or _ABBREVIATION.search(before[-_ABBREVIATION_CHARS:]))


def _with_closers(buffer: str, end: int) -> int:
    """Return `end` moved behind the closing quotes and citation marks that follow it."""
    if buffer[end - 1] == "\n":
        return end
    while end < len(buffer) and buffer[end] in _CLOSERS:
        end += 1
    while mark := _CITATION.match(buffer, end):
        end = mark.end()
    return end
