"""HTML that other systems leave in texts: a customer reads none of it."""

import time
from pathlib import Path

import pytest

from tools.errors import BadEntry
from tools.ingest.read import Found, Reader
from tools.ingest.tags import without_tags

TABLE = (
    "<table>\n<tr><th>等级</th><th>折扣</th></tr>\n\n<tr><td>金卡</td><td>9 折</td></tr>\n</table>"
)


def answers(content: str, name: str) -> list[str]:
    found = Reader(len).content(content.encode(), Path(name))
    return [one.entry["answer"] for one in found if isinstance(one, Found)]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            "<p>点<b>退款</b>。</p><ul><li>微信</li><li>银行卡</li></ul>",
            "点退款。\n\n- 微信\n- 银行卡",
        ),
        ("<ol><li>登录<li>退款</ol>", "1. 登录\n2. 退款"),
        ("一天。<br>两天。<br />\n三天。", "一天。\n两天。\n三天。"),
        ("| a<br>b | c |\n|---|---|\n| d | e |", "| a b | c |\n|---|---|\n| d | e |"),
        ("<del>三十天</del>七天，R&amp;D，1&lt;2", "七天，R&D，1<2"),
        ('见<a href="https://a.cn/?b=1&c=2">官网</a>', "见[官网](https://a.cn/?b=1&c=2)"),
        ("<style>p {}</style><div>三天<script>x()</script></div>", "三天"),
        (TABLE, "| 等级 | 折扣 |\n| --- | --- |\n| 金卡 | 9 折 |\n\n"),
    ],
)
def test_html_reads_as_a_page_shows_it(text: str, plain: str) -> None:
    assert without_tags(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "填 <订单号> 或 <email>，a <b and c> d，x < y，&copy=1，R&D",
        "用 `<br>` 换行。\n\n```html\n<p>a</p>\n\n&nbsp;\n```\n\n完",
    ],
)
def test_what_only_looks_like_html_and_code_stay_as_they_are(text: str) -> None:
    assert without_tags(text) == text


def test_a_block_keeps_what_looks_like_html_and_code_in_it() -> None:
    assert without_tags("<p>填 <订单号>，`<br>` 换行，a&b</p>") == "填 <订单号>，`<br>` 换行，a&b"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("问题,答案\n怎么退,<p>点<b>退款</b>&nbsp;即可</p>\n", "faq.csv"),
        (
            '{"id": "1", "question": "怎么退", "answer": "<p>点<b>退款</b>&nbsp;即可</p>"}',
            "faq.jsonl",
        ),
        ("# 退款\n\n<p>点<b>退款</b>&nbsp;即可</p>\n", "page.md"),
        ("---\nquestion: 怎么退\n---\n点<b>退款</b>&nbsp;即可\n", "faq.md"),
    ],
)
def test_answers_are_read_without_tags_whatever_file_they_come_from(
    content: str, name: str
) -> None:
    assert answers(content, name) == ["点退款 即可"]


def test_headings_and_tables_of_html_part_a_page_and_lines_stay_in_place() -> None:
    page = f"<h2 align='center'>等级</h2>\n\n{TABLE}\n\n## 积分\n\n清零。"

    found = Reader(len).content(page.encode(), Path("会员.md"))

    assert [one.place for one in found if isinstance(one, Found)] == ["会员.md:1", "会员.md:9"]
    assert answers(page, "会员.md") == ["| 等级 | 折扣 |\n| --- | --- |\n| 金卡 | 9 折 |", "清零。"]


def test_a_page_that_tags_part_from_its_mark_is_still_for_staff() -> None:
    [bad] = Reader(len).content("# 底价\n\n<p>受众：<span>内部</span></p>\n".encode(), Path("a.md"))

    assert isinstance(bad, BadEntry)


@pytest.mark.parametrize(
    "text",
    [
        "<table><td>" * 10_000,
        "<p>" * 20_000,
        "<s>" * 100_000,
        "<a href=" * 50_000,
        "<br>" * 100_000,
        "<a " + "x=y " * 50_000,
        "<div>" * 3_000 + "三天",
    ],
    ids=["tables", "paragraphs", "struck", "links", "breaks", "attributes", "deep"],
)
def test_strange_tags_are_read_in_no_time(text: str) -> None:
    started = time.process_time()

    without_tags(text)

    assert time.process_time() - started < 4.0  # s; 0.8 where it is slowest


def test_a_table_of_contents_is_no_answer() -> None:
    page = "# 售后\n\n[TOC]\n\n- [退款](#退款)\n- [运费](#运费)\n\n## 退款\n\n见[运费](#运费)。"

    assert answers(page, "a.md") == ["见运费。"]
