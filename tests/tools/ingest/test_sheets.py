"""Workbooks as editors keep them: with units, notes to themselves, and things not for customers."""

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tests.fakes.search import MemorySearch
from tools.errors import BadEntry
from tools.ingest.convert.numbers import shown
from tools.ingest.documents import to_markdown
from tools.ingest.index import ingest
from tools.ingest.read import Reader
from tools.ingest.report import complaints


def sheet(*rows: list[object], changed: Callable[[Worksheet], object] = bool) -> bytes:
    """Return a workbook of one sheet, changed after its rows were filled in."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "价目"
    for row in rows:
        page.append(row)
    changed(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(path: Path, content: bytes) -> tuple[str, dict[str, list[str]]]:
    path.write_bytes(content)
    reader = Reader(len)
    found = list(reader.entries([path]))
    texts = [one["answer"] for one in found if not isinstance(one, BadEntry)]
    return "\n".join(texts), reader.notes


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (12, '0"元"', "12元"),
        (8.5, '#,##0.00"元/公斤"', "8.50元/公斤"),
        (1299, "¥#,##0.00", "¥1299.00"),
        (30, "[$€-407] #,##0.00", "€ 30.00"),
        (99, '"满"0"元包邮"', "满99元包邮"),
        (0.855, "0.0%", "85.5%"),
        (7, "000", "007"),
        (-5, "0;(0)", "(5)"),
        (-5, "0.0", "-5.0"),
        (0, '0;-0;"免费"', "免费"),
        (0, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"??_ ;_ @_ ', "-"),
        (3, '[>2]0"年以上";0"年"', "3年以上"),
        (2, '[>2]0"年以上";0"年"', "2年"),
        (30, '[Red]0"天;"', "30天;"),
        (150, '[Red][<100]0"低";[Blue][>=100]0"高"', "150高"),
        (-5, "0.00;[Red]0.00", "-5.00"),
        (-5, '0"盈";[Red]0"亏"', "5亏"),
        (-5, "0;0", "5"),
        (2.5, "0", "3"),
        (1.005, "0.00", "1.01"),
        (0.125, "0%", "13%"),
        (12345, '#,##0,.0"千"', "12.3千"),
        (12, 'General"件"', "12件"),
        (1234567, '0.0,,"M"', "1.2M"),
        (2.5, "0.0##", "2.5"),
        (0.25, "# ?/?", "0.25"),
        (5000000000.0, "0.00E+00", "5000000000"),
        (13800138000, "000-0000-0000", "13800138000"),
        (1234, "[DBNum2]0", "1234"),
    ],
)
def test_a_number_reads_as_its_cell_shows_it(value: float, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_days_and_times_read_as_people_write_them() -> None:
    row = [date(2026, 1, 5), datetime(2026, 1, 5, 10, 30), time(18, 30), timedelta(hours=26)]
    content = sheet(["起", "止", "截止", "时长", "包邮"], [*row, True])

    assert to_markdown(content, "a.xlsx").split("\n")[-1] == (
        "| 2026-01-05 | 2026-01-05 10:30 | 18:30 | 26:00 | TRUE |"
    )


def test_what_is_hidden_or_struck_out_is_not_read_and_a_note_says_where(tmp_path: Path) -> None:
    def hide(page: Worksheet) -> None:
        page.row_dimensions[3].hidden = True
        page.column_dimensions["B"].hidden = True
        page["C4"].font = Font(strike=True)
        page.parent.create_sheet("底价").sheet_state = "hidden"

    rows = [["型号", "成本", "售价"], ["A1", 50, 100], ["A2", 60, 110], ["A3", 70, 120]]

    text, notes = read(path := tmp_path / "a.xlsx", sheet(*rows, changed=hide))

    assert text == "| 型号 | 售价 |\n| --- | --- |\n| A1 | 100 |\n| A3 |  |"
    assert notes == {
        f"{path}:价目": [
            "hidden row 3: not read; unhide what customers may know",
            "hidden column B: not read; unhide what customers may know",
            "struck-out cell C4: not read",
        ],
        f"{path}:底价": ["hidden sheet: not read; unhide what customers may know"],
    }


def test_a_formula_without_a_result_is_left_empty_and_named(tmp_path: Path) -> None:
    rows = [["型号", "售价", "折后"], ["A1", 100, "=B2*0.9"], ["A2", "#N/A", 90]]

    text, notes = read(path := tmp_path / "a.xlsx", sheet(*rows))

    assert text == "| 型号 | 售价 | 折后 |\n| --- | --- | --- |\n| A1 | 100 |  |\n| A2 |  | 90 |"
    assert notes == {
        f"{path}:价目": [
            "formulas C2, B3: without a result; open the file in Excel, mend and save it"
        ]
    }


def test_a_merged_area_has_of_a_struck_out_or_failed_cell_nothing(tmp_path: Path) -> None:
    def change(page: Worksheet) -> None:
        page["B2"].font = Font(strike=True)
        page.merge_cells("B2:B3")
        page.merge_cells("C2:C3")

    rows = [["型号", "旧价", "售价"], ["A1", 50, "#N/A"], ["A2", None, None]]

    text, notes = read(path := tmp_path / "a.xlsx", sheet(*rows, changed=change))

    assert text == "| 型号 | 旧价 | 售价 |\n| --- | --- | --- |\n| A1 |  |  |\n| A2 |  |  |"
    assert notes == {
        f"{path}:价目": [
            "struck-out cell B2: not read",
            "formula C2: without a result; open the file in Excel, mend and save it",
        ]
    }


def test_a_formula_whose_result_is_an_empty_text_is_solved(tmp_path: Path) -> None:
    written = sheet(["型号", "备注"], ["A1", "=A2"])
    content = io.BytesIO()
    with ZipFile(io.BytesIO(written)) as old, ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="B2"', b'r="B2" t="str"'))

    text, notes = read(tmp_path / "a.xlsx", content.getvalue())

    assert text == "| 型号 | 备注 |\n| --- | --- |\n| A1 |  |"
    assert notes == {}


def test_a_note_counts_what_it_does_not_name(tmp_path: Path) -> None:
    def hide(page: Worksheet) -> None:
        for number in range(2, 14):
            page.row_dimensions[number].hidden = True

    _, notes = read(tmp_path / "a.xlsx", sheet(*[["型号", "售价"]] * 14, changed=hide))

    [[note]] = notes.values()
    assert note.startswith("hidden rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 (+2): not read")


async def test_the_report_tells_the_notes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(sheet(["型号", "折后"], ["A1", "=1+1"]))

    report = await ingest([path], MemorySearch(), tenant="default")

    [line] = complaints(report)
    assert line.startswith(f"note {path}:价目: formula B2: without a result")
    assert report.rejected == []


def test_a_line_across_the_sheet_is_read_once() -> None:
    content = sheet(
        ["类别", "型号"],
        ["冰箱", "A1"],
        ["以上均含人工", None],
        changed=lambda page: page.merge_cells("A3:B3"),
    )

    assert to_markdown(content, "a.xlsx").split("\n")[-1] == "| 以上均含人工 |  |"


def test_two_tables_of_a_sheet_keep_their_own_titles_and_headers() -> None:
    content = sheet(
        ["会员"], ["等级", "积分"], ["金", 100], [], ["运费"], ["地区", "元"], ["北京", 9]
    )

    assert to_markdown(content, "a.xlsx").split("\n\n")[1:] == [
        "会员",
        "| 等级 | 积分 |\n| --- | --- |\n| 金 | 100 |",
        "运费",
        "| 地区 | 元 |\n| --- | --- |\n| 北京 | 9 |",
    ]


def test_a_label_between_rows_of_one_table_begins_no_other() -> None:
    content = sheet(["地区", "元"], ["北京", 9], [], ["华东", None], ["上海", 8])

    assert to_markdown(content, "a.xlsx").split("\n")[-2:] == ["| 华东 |  |", "| 上海 | 8 |"]
