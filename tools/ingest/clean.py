"""Remove from texts what no reader sees: control characters, invisible marks, page headers."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

# Tab and line end stay. So do the joiners U+200C/D, which emoji and some scripts need.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_SPACES = re.compile("[\u00a0\u2002-\u200a\u202f\u205f]")
# PDF fonts map common characters to these look-alikes, which no search finds.
_RADICALS = re.compile("[\u2e80-\u2fd5\uf900-\ufaff]")
_COUNT = re.compile(r"(?<!\d)[0-9]{1,4}(?!\d)")  # may be a page's number
EDGE_LINES = 2  # of a page, at its top and its bottom, that may be header or footer
REPEATED_SHARE = 0.5  # of the pages
MIN_REPEATS = 3  # pages
MAX_COUNTED_CHARS = 200  # of a line with the page's number; longer ones are tables


def clean(text: str) -> str:
    """Return `text` without characters nobody sees; Chinese punctuation stays as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    text = _SPACES.sub(" ", _UNSEEN.sub("", text))
    return _RADICALS.sub(lambda char: unicodedata.normalize("NFKC", char[0]), text)


def running_lines(pages: Sequence[Sequence[str]]) -> set[str]:
    """Return the lines that stand at the edge of most pages, page numbers among them."""
    edges = [{*page[:EDGE_LINES], *page[-EDGE_LINES:]} for page in pages]
    shapes = [{line: _shapes(line, number) for line in edge} for number, edge in enumerate(edges)]
    counts = Counter(shape for page in shapes for shape in {s for of in page.values() for s in of})
    wanted = max(MIN_REPEATS, REPEATED_SHARE * len(pages))
    return {
        line for page in shapes for line, of in page.items() if any(counts[s] >= wanted for s in of)
    }


def _shapes(line: str, page: int) -> set[str]:
    """Return the line, and what it is with one of its numbers counted from the page's.

    So `第 3 页` and `第 4 页` on the next page are one, and `保修 1 年` and `保修 2 年` are not.
    """
    numbers = _COUNT.finditer(line) if len(line) <= MAX_COUNTED_CHARS else ()
    return {line} | {
        f"{line[: n.start()]}\0{int(n[0]) - page}\0{line[n.end() :]}" for n in numbers
    }
