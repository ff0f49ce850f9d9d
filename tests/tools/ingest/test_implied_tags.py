"""Web pages without the end tags that HTML allows to leave out."""

import time

import pytest

from tools.ingest.convert.html import convert


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<ul><li>甲<li>乙<ul><li>丙</ul><li>丁</ul>", "- 甲\n- 乙\n  - 丙\n- 丁"),
        (
            "<table><tr><th>型号<th>价格<tr><td>S20<td>10 元<tr><td>S10<td>5 元</table>",
            "| 型号 | 价格 |\n| --- | --- |\n| S20 | 10 元 |\n| S10 | 5 元 |",
        ),
        ("<dl><dt>怎么退<dd>七天<dt>怎么换<dd>十天</dl>", "怎么退\n\n七天\n\n怎么换\n\n十天"),
        ("<p>第一段<p hidden>内部的一段<p>第三段", "第一段\n\n第三段"),
        (
            "<table><tr><td><p>甲<td><table><tr><td>乙<td>丙</table><td>丁</table>",
            "甲\n\n| 乙 | 丙 |\n| --- | --- |\n\n丁",
        ),
    ],
)
def test_a_tag_that_is_left_out_ends_where_a_browser_ends_it(page: str, text: str) -> None:
    assert convert(f"<body>{page}".encode()).startswith(text)


def test_many_paragraphs_that_are_not_closed_are_no_deep_page() -> None:
    page = "".join(f"<p>第 {n} 段。" for n in range(1000))

    assert "第 999 段。" in convert(page.encode())


def test_a_deep_page_costs_no_more_for_it() -> None:
    page = "<p><table><tr><td>" + "<div>" * 20_000
    started = time.process_time()

    with pytest.raises(Exception, match="nested at most 300 deep; save it as text"):
        convert(page.encode())

    assert time.process_time() - started < 3  # s
