"""Fields under other names than ours: what is for staff only stays so however it is written."""

import io
from pathlib import Path

import pytest
from docx import Document

from tests.fakes.documents import xlsx
from tools.errors import BadEntry
from tools.ingest.read import Found, Reader

PAGE = "# 折扣\n最低三折。"
INTERNAL = [
    ("a.md", f"---\nid: a\nAudience: Internal\n---\n{PAGE}"),
    ("a.md", f"---\nid: a\n受众: 内部\n---\n{PAGE}"),
    ("a.md", f"<!-- Li, 2026 -->\n\n<!-- b -->\n---\naudience: internal\n---\n{PAGE}"),
    ("a.csv", "编号,问题,答案,受众\n1,最低几折？,三折。,内部\n"),
    ("a.csv", "id,question,answer,可见范围\n1,最低几折？,三折。,internal\n"),
    ("a.jsonl", '{"id": "1", "question": "几折？", "answer": "三折。", "Audience": "INTERNAL"}'),
    ("a.jsonl", '{"编号": "1", "问题": "最低几折？", "答案": "三折。", "受众": "内部"}'),
]


def word(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(name: str, text: str) -> list[Found | BadEntry]:
    return Reader(len).content(text.encode(), Path(name))


@pytest.mark.parametrize(("name", "text"), INTERNAL)
def test_what_is_for_staff_stays_so_in_other_words(name: str, text: str) -> None:
    [found] = read(name, text)

    assert isinstance(found, Found)
    assert found.entry["audience"] == "internal"


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.csv", "问题,答案,回答\n怎么退？,七天内。,\n", "a.csv:1"),
        ("a.jsonl", '{"id": "1", "question": "几折？", "答案": "三折。", "回答": ""}', "a.jsonl:1"),
        ("a.md", f"---\n受众: 内部\naudience: public\n---\n{PAGE}", "a.md:1"),
    ],
)
def test_a_field_named_twice_is_rejected_instead_of_losing_a_value(
    name: str, text: str, place: str
) -> None:
    [bad] = read(name, text)

    assert isinstance(bad, BadEntry)
    assert bad.place == place
    assert "more than once" in bad.reason


def test_an_unknown_audience_is_rejected_and_not_taken_for_everybody() -> None:
    [bad] = read("a.csv", "编号,问题,答案,受众\n1,最低几折？,三折。,经销商\n")

    assert isinstance(bad, BadEntry)
    assert bad.reason == "audience: expected one of public, internal, got '经销商'"


def test_a_line_drawn_below_a_comment_begins_no_front_matter() -> None:
    [*_, found] = read("a.md", f"<!-- Li -->\n---\n{PAGE}")

    assert isinstance(found, Found)
    assert "最低三折。" in found.entry["answer"]


def test_the_lines_of_a_page_are_counted_with_the_comment_above_its_front_matter() -> None:
    [bad] = read("a.md", "<!-- Li -->\n---\nid: a\naudience: all\n---\n\n# 折扣\n最低三折。")

    assert isinstance(bad, BadEntry)
    assert bad.place == "a.md:7"


def test_a_table_with_rows_for_staff_is_rejected_and_not_shown_to_everybody() -> None:
    prices = [["型号", "价格", "受众"], ["S10", "99", "公开"], ["S20", "1", "内部"]]
    content = xlsx(底价=[["价目表", "", ""], *prices], 售价=[row[:2] for row in prices])

    bad, found = Reader(len).content(content, Path("a.xlsx"))

    assert isinstance(bad, BadEntry)
    assert bad.place == "a.xlsx:底价"
    assert isinstance(found, Found)
    assert found.entry["question"] == "a > 售价"


def test_front_matter_of_a_text_is_rejected_and_not_shown() -> None:
    [bad] = read("a.txt", f"---\naudience: internal\n---\n{PAGE}")

    assert isinstance(bad, BadEntry)
    assert "rename it to .md" in bad.reason
    assert isinstance(read("a.txt", "---\n退货须知\n---\n七天内。")[0], Found)
    assert isinstance(read("a.txt", "---\n电话：400-1\n---\n七天内。")[0], Found)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "折扣\n---\naudience: internal\n---\n最低三折。".encode()),
        ("a.md", f"**受众**：内部\n\n{PAGE}".encode()),
        ("a.docx", word("折扣", "受众：内部", "最低三折。")),
        ("a.html", "<h1>折扣</h1><p>受众：<b>内部</b></p><p>最低三折。</p>".encode()),
    ],
)
def test_a_text_that_calls_itself_internal_elsewhere_is_rejected(name: str, content: bytes) -> None:
    [bad] = Reader(len).content(content, Path(name))

    assert isinstance(bad, BadEntry)
    assert "in front matter of Markdown" in bad.reason


def test_a_text_that_speaks_of_an_audience_is_read() -> None:
    [found] = read("a.md", "# 内部培训\n培训的受众：内部员工和经销商。")

    assert isinstance(found, Found)
