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


def answers(page: str) -> list[tuple[str, str]]:
    found = [one for one in read(page) if isinstance(one, Found)]
    return [(one.entry["question"], one.entry["answer"]) for one in found]


def test_a_picture_within_the_page_is_no_text() -> None:
    letters = "iVBORw0KGgo" * 9_000
    picture = f"data:image/png;base64,{letters}"
    page = f"# 退款\n\n三天。![图]({picture})\n\n[i]: <{picture}>"

    assert answers(page) == [("退款", "三天。![图]()\n\n[i]: <>")]


def test_code_on_one_line_leaves_the_headings_below_alone() -> None:
    page = "# 安装\n\n```npm i```\n\n# 退款\n\n三天。"

    assert answers(page) == [("安装", "```npm i```"), ("安装 > 退款", "三天。")]


def test_an_underlined_line_is_a_heading() -> None:
    page = "退款说明\n========\n\n总则。\n\n到账时间\n--------\n三天。\n\n---\n\n- 一\n---\n"

    assert answers(page) == [
        ("退款说明", "总则。"),
        ("退款说明 > 到账时间", "三天。\n\n---\n\n- 一\n---"),
    ]


def test_a_line_within_longer_fences_is_no_heading() -> None:
    assert answers("````md\n# 退款\n````\n") == [("a", "````md\n# 退款\n````")]


def test_a_wide_space_in_the_name_of_a_file_is_a_space_in_its_ids() -> None:
    [found] = Reader(len).content("三天。".encode(), Path("退款　2026.md"))

    assert isinstance(found, Found)
    assert found.entry["id"] == "退款 2026"
