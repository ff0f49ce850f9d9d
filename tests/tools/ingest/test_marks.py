"""Texts and tables that say that they are for staff, where no field can keep that."""

import io
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.fakes.documents import xlsx
from tools.errors import BadEntry
from tools.ingest.marks import is_text_for_staff
from tools.ingest.read import Found, Reader

PRICES = [["型号", "受众"], ["S20", "内部"]]


def read(name: str, content: bytes) -> list[Found | BadEntry]:
    return Reader(len).content(content, Path(name))


@pytest.mark.parametrize(
    "line",
    [
        "受众：内部",
        "　　受众：内部",  # as Chinese paragraphs begin
        'audience: "internal"',
        "Audience: Internal use only.",
        "可见范围：仅限内部员工",
        "1. 受众：内部使用",
        "<!-- audience: internal -->",
        "型号 | 受众\n--- | ---\nS20 | 内部",
        "| 受众 | 内部 |\n| --- | --- |\n| S20 | 1 |",
        "| 型号 | **受众** |\n| --- | --- |\n| S10 |  |\n| S20 | 仅内部 |",
    ],
)
def test_a_text_is_for_staff_however_it_says_so(line: str) -> None:
    assert is_text_for_staff(f"# 底价\n\n{line}\n\n最低三折。")


@pytest.mark.parametrize(
    "line",
    [
        "受众：年轻家庭",
        "Audience: everyone can join.",
        "Audience: internal and external customers alike.",
        "受众：内部员工和家属都可以",
        "可见范围：公开、内部或指定成员",
        "受众：\n内部结构见下图。",
        "| 产品 | 受众 |\n| --- | --- |\n| S10 | 年轻家庭 |\n| 内部 | |",
        "| 产品 | 受众 |\n| --- | --- |\n\n| 结构 | 材料 |\n| --- | --- |\n| 外部 | 内部 |",
        "受众 | 说明",
    ],
)
def test_a_text_that_only_speaks_of_it_is_for_everybody(line: str) -> None:
    assert not is_text_for_staff(f"# 产品\n\n{line}\n\n七天内可退。")


def test_an_audience_that_is_left_empty_does_not_open_a_page_for_staff() -> None:
    page = "id: a\naudience: {}\n---\n受众：内部\n\n最低三折。"

    assert isinstance(read("a.md", f"---\n{page.format('')}".encode())[0], BadEntry)
    assert isinstance(read("a.md", f"---\n{page.format('public')}".encode())[0], Found)


@pytest.mark.parametrize(
    "rows",
    [
        [["价目表", "2026"], *PRICES],  # a title in two cells
        [["型号", "受众"], ["S20", "内部员工"]],
        [["受众", "", "内部"], ["型号", "价格", ""], ["S20", "1", ""]],
        [["型号", "价格"], ["S10", "99"], *PRICES],  # a table below another
    ],
)
def test_a_sheet_is_for_staff_wherever_it_says_so(rows: list[list[str]]) -> None:
    [bad] = read("a.xlsx", xlsx(底价=rows))

    assert isinstance(bad, BadEntry)
    assert bad.place == "a.xlsx:底价"


def test_a_sheet_that_tells_whom_goods_are_for_is_read() -> None:
    rows = [["型号", "受众"], ["S10", "年轻家庭"], ["内部", "老人"]]

    assert isinstance(read("a.xlsx", xlsx(产品=rows))[0], Found)


@pytest.mark.parametrize("what", ["column", "row"])
def test_a_hidden_audience_still_counts(what: str) -> None:
    def hidden(*rows: list[str]) -> bytes:
        book = load_workbook(io.BytesIO(xlsx(底价=[*rows])))
        if what == "column":
            book.active.column_dimensions["C"].hidden = True
        else:
            book.active.row_dimensions[1].hidden = True
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    [row] = read("a.xlsx", hidden(["问题", "答案", "受众"], ["最低几折？", "三折。", "内部"]))
    [bad] = read("a.xlsx", hidden(["型号", "价格", "受众"], ["S20", "1", "内部"]))

    assert isinstance(row, Found)
    assert row.entry["audience"] == "internal"
    assert isinstance(bad, BadEntry)


@pytest.mark.parametrize("cell", ['="内"&"部"', "#N/A"])
def test_an_audience_that_was_never_worked_out_is_not_everybody(cell: str) -> None:
    rows = [["问题", "答案", "受众"], ["最低几折？", "三折。", cell]]

    [bad] = read("a.xlsx", xlsx(底价=rows))

    assert isinstance(bad, BadEntry)
    assert bad.reason.startswith("audience: expected one of")


@pytest.mark.parametrize("mark", [" ", "*", "|", "<!--", "　", "受众", "受众：内部", "1. "])
def test_long_lines_are_looked_through_once(mark: str) -> None:
    started = time.thread_time()

    assert not is_text_for_staff(mark * 200_000 + "x")
    assert time.thread_time() - started < 5


def hidden_faq(*fields: str, row: list[object]) -> bytes:
    """Return an FAQ whose columns from C on are hidden."""
    book = load_workbook(io.BytesIO(xlsx(问答=[["问题", "答案", *fields], row])))
    for at in range(len(fields)):
        book.active.column_dimensions["CDEFGH"[at]].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_hidden_limits_of_an_faq_still_count() -> None:
    row: list[object] = ["运费多少？", "20 元。", "新疆", "app", "2026-11-01", "2026-11-11", "内部"]
    fields = ("地区", "渠道", "生效日期", "失效日期", "备注")

    [found] = read("a.xlsx", hidden_faq(*fields, row=row))

    assert isinstance(found, Found)
    assert (found.entry["region"], found.entry["channel"]) == ("新疆", "app")
    assert (found.entry["effective_from"], found.entry["effective_to"]) == (row[4], row[5])
    assert "内部" not in str(found.entry)


def test_a_hidden_column_of_a_table_that_is_shown_whole_stays_hidden() -> None:
    book = load_workbook(io.BytesIO(xlsx(报价=[["型号", "价格", "渠道"], ["S20", "99", "代理商"]])))
    book.active.column_dimensions["C"].hidden = True
    out = io.BytesIO()
    book.save(out)

    [found] = read("a.xlsx", out.getvalue())

    assert isinstance(found, Found)
    assert "代理商" not in found.entry["answer"]


@pytest.mark.parametrize("field", ["失效日期", "地区"])
def test_a_limit_that_was_never_worked_out_is_not_always_and_everywhere(field: str) -> None:
    rows = [["问题", "答案", field], ["有没有券？", "有。", "=DATE(2026,11,11)"]]

    [bad] = read("a.xlsx", xlsx(问答=rows))

    assert isinstance(bad, BadEntry)
    assert "'?'" in bad.reason
