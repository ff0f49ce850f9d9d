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

    assert answers(page) == [("退款", "三天。\n\n[i]: <>")]


def test_code_on_one_line_leaves_the_headings_below_alone() -> None:
    page = "# 安装\n\n```npm i```\n\n# 退款\n\n三天。"

    assert answers(page) == [("a > 安装", "```npm i```"), ("a > 退款", "三天。")]


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


def test_front_matter_below_an_empty_line_is_front_matter(tmp_path: Path) -> None:
    (path := tmp_path / "a.md").write_text("\n---\naudience: internal\n...\n底价五十元。\n")

    [entry] = Reader(len).entries([path])

    assert not isinstance(entry, BadEntry)
    assert (entry["audience"], entry["answer"]) == ("internal", "底价五十元。")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (
            "---\nid: a\ntitle: 退货: 七天\n---\n可退。",
            3,
            "not allowed here; put values with : or #",
        ),
        ("+++\ntitle = 'a'\n+++\n可退。", 1, "expected YAML between lines ---, got TOML"),
    ],
)
def test_broken_front_matter_is_named_by_its_line(
    tmp_path: Path, text: str, place: int, said: str
) -> None:
    (path := tmp_path / "a.md").write_text(text)

    [bad] = Reader(len).entries([path])

    assert isinstance(bad, BadEntry)
    assert bad.place == f"{path}:{place}"
    assert said in bad.reason


def test_what_is_struck_out_or_leads_into_the_folder_is_left_out(tmp_path: Path) -> None:
    text = "# 退货\n\n~~三十天~~七天，见[说明](./b.md)和[官网](https://a.cn)。![图](c.png)1~~3天，4~~5天。"
    (path := tmp_path / "a.md").write_text(text)
    reader = Reader(len)

    [entry] = reader.entries([path])

    assert not isinstance(entry, BadEntry)
    assert entry["answer"] == "七天，见说明和[官网](https://a.cn)。1~~3天，4~~5天。"
    assert reader.notes == {f"{path}:3": ["struck-out text: not read"]}


@pytest.mark.parametrize(
    "text",
    [
        "见[官网](HTTPS://a.cn)。",
        "见[官网](www.a.cn)。",
        "见[官网](<https://a.cn/a b>)。",
        "写 `on[name](event)` 或 `~~三十天~~`。",
        "```js\non[name](event)\n```",
    ],
)
def test_links_that_lead_out_and_code_stay_as_they_are(text: str) -> None:
    assert answers(text) == [("a", text)]


def test_front_matter_counts_with_line_ends_of_any_system(tmp_path: Path) -> None:
    (path := tmp_path / "a.md").write_bytes("---\raudience: internal\r---\r底价五十元。\r".encode())

    [entry] = Reader(len).entries([path])

    assert not isinstance(entry, BadEntry)
    assert entry["audience"] == "internal"


@pytest.mark.parametrize(("above", "below"), [("--", "---"), ("----", "----"), ("——", "——")])
def test_front_matter_between_other_lines_is_no_text_for_all(
    tmp_path: Path, above: str, below: str
) -> None:
    page = f"{above}\ntitle: 运费\nregion: 新疆\n{below}\n# 运费\n\n20 元。\n"
    (tmp_path / "a.md").write_text(page, encoding="utf-8")

    [bad] = Reader(len).file(tmp_path / "a.md")

    assert isinstance(bad, BadEntry)
    assert bad.reason == f"front matter: expected a line --- above and below it, got {above}"


@pytest.mark.parametrize("text", ["----\n门店：杭州\n电话：0571\n----\n", "==\n地区很大。\n==\n"])
def test_a_page_that_begins_with_a_line_is_a_page(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text + "# 门店\n\n每天开。\n", encoding="utf-8")

    assert {type(one) for one in Reader(len).file(tmp_path / "a.md")} == {Found}
