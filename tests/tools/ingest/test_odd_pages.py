"""Markdown pages that are slow or strange to read: they cost a moment and the rest goes on."""

import time
from pathlib import Path

import pytest

from tools.errors import BadEntry
from tools.ingest.read import Found, Reader

BOMB = "\n".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9))


def read(page: str) -> list[Found | BadEntry]:
    return Reader(len).content(page.encode(), Path("a.md"))


@pytest.mark.parametrize(
    "page",
    [
        "# 退款\n\n" + "<!-- " * 40_000,
        f"# 退{' ' * 1500}款\n\n三天。",
        f"x\n{'-' * 150_000}\n{'三天。' * 300}",
        f"---\nx0: &x0 [a]\n{BOMB}\ncategory: *x8\n---\n三天。",
    ],
    ids=["comments", "heading", "rule", "front matter"],
)
def test_a_strange_page_is_read_in_no_time(page: str) -> None:
    started = time.process_time()

    found = read(page)

    assert found
    assert time.process_time() - started < 1.5  # s; it took 2 to 30
