"""Texts that are long and alike: the time to read one grows with its length, not with its square.

Where it does not, each of these takes minutes.
"""

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from tools.ingest.clean import running_lines
from tools.ingest.convert.pdf import whole_words
from tools.ingest.convert.xlsx import NO_RESULT
from tools.ingest.documents import table
from tools.ingest.markdown import read_document, read_markdown

PAGE = Path("a.md")


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(read_document("<!-- note: " * 90_000, PAGE, len)),
        lambda: list(read_markdown(b"\n" * 4_000_000 + b"---\nid: a\n---\n7", PAGE, len)),
        lambda: whole_words("a" * 500_000),
        lambda: NO_RESULT.search(b"</f>" + b" " * 500_000),
        lambda: table([["七天"] * (row % 2) for row in range(100_000)]),
        lambda: running_lines([["1 " * 50_000]]),
    ],
    ids=["notes", "empty lines", "one word", "one cell", "titles", "numbers"],
)
def test_long_input_takes_no_longer_than_its_length(read: Callable[[], object]) -> None:
    started = process_time()

    read()

    assert process_time() - started < 2
