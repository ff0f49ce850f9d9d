"""PDF files as offices print them: columns, tables with gaps, page numbers, scans between texts."""

from pathlib import Path

from tests.fakes.documents import Text, lines, pdf
from tools.errors import BadEntry
from tools.ingest.clean import running_lines
from tools.ingest.documents import to_markdown
from tools.ingest.read import Reader

LEFT = (
    "退货政策：顾客签收商品后七天之内",
    "可以申请退货，商品应当完好无损，",
    "配件和赠品都要一起寄回来，包装箱",
    "要在，不影响再次销售，定制商品不",
    "能退。",
)
RIGHT = (
    "换货政策：商品有质量问题的话可以",
    "在十五天之内换货，运费都由商家来",
    "付，顾客先垫付的运费在三天之内退",
    "回，而且只能换同一款的商品，颜色",
    "也一样。",
)
TWO_COLUMNS = f"{''.join(LEFT)}\n\n{''.join(RIGHT)}"


def said(*pages: list[Text] | None) -> str:
    text = to_markdown(pdf(*pages), "a.pdf")
    return text.removeprefix("<!-- page 1 -->\n\n## 第 1 页\n\n")


def table(*rows: tuple[str, ...], at: tuple[int, ...] = (60, 200, 340)) -> list[Text]:
    return [
        (left, 700 - 30 * n, 12, cell)
        for n, row in enumerate(rows)
        for left, cell in zip(at, row, strict=True)
        if cell
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    assert said([*lines(*LEFT), *lines(*RIGHT, left=320)]) == TWO_COLUMNS


def test_two_columns_that_were_printed_line_by_line_are_read_one_after_the_other() -> None:
    left, right = lines(*LEFT), lines(*RIGHT, left=320)
    woven = [text for pair in zip(left, right, strict=True) for text in pair]

    assert said(woven) == TWO_COLUMNS
    assert said(woven[:-1]).startswith("".join(LEFT))  # the right column ends sooner


def test_a_table_keeps_its_columns_where_cells_are_empty() -> None:
    rows = (
        ("", "首重", "续重"),
        ("北京", "12元", "5元"),
        ("新疆", "", "10元"),
        ("上海", "8元", "3元"),
    )

    assert said(table(*rows)).split("\n") == [
        "|  | 首重 | 续重 |",
        "| --- | --- | --- |",
        "| 北京 | 12元 | 5元 |",
        "| 新疆 |  | 10元 |",
        "| 上海 | 8元 | 3元 |",
    ]


def test_a_wrapped_cell_is_one() -> None:
    rows = table(("地区", "时效", "说明"), ("新疆", "七天", "偏远地区请多"), ("北京", "一天", "无"))
    rows.insert(6, (340, 655, 12, "等两天"))

    assert said(rows).split("\n")[2:] == [
        "| 新疆 | 七天 | 偏远地区请多等两天 |",
        "| 北京 | 一天 | 无 |",
    ]


def test_cells_have_the_characters_that_people_type() -> None:
    rows = table(("方式", "天"), ("⽀付宝", "一"), at=(60, 200))

    assert said(rows).endswith("| 支付宝 | 一 |")


def test_a_hyphen_at_the_end_of_a_line_stays_unless_the_word_is_found_whole() -> None:
    page = lines(
        "Our customer service helps, so ask the custom-",
        "er service about the order, and write an e-",
        "mail.",
    )

    assert said(page) == (
        "Our customer service helps, so ask the customer service about the order, "
        "and write an e-mail."
    )


def test_a_page_that_is_a_picture_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(lines("第一页。"), None, [], lines("第四页。")))
    reader = Reader(len)

    found = list(reader.entries([path]))

    assert [one["answer"] for one in found if not isinstance(one, BadEntry)] == [
        "第一页。",
        "第四页。",
    ]
    assert reader.notes == {
        str(path): ["page 2: no text to read, only pictures perhaps; run a text recognition first"]
    }


def test_only_numbers_that_count_pages_make_a_running_line() -> None:
    pages = [
        ["手册 2026 版", f"保修 {years} 年", f"正文{years}", f"第 {number} 页 共 9 页"]
        for number, years in enumerate((1, 3, 2, 5), start=4)
    ]

    assert running_lines(pages) == {"手册 2026 版", *(f"第 {n} 页 共 9 页" for n in range(4, 8))}
