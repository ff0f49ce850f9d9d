"""CSV files and texts as spreadsheets and editors of many makes write them."""

from pathlib import Path

import pytest

from tools.errors import BadEntry
from tools.ingest.formats import Note, Record, read_csv
from tools.ingest.read import Reader
from tools.search.types import Entry

ROWS = "编号,问题,答案\r\nq1,怎么退货？,在订单页申请。\r\nq2,一共几步？,一步。\r\n"
FAQ = [("q1", "怎么退货？", "在订单页申请。"), ("q2", "一共几步？", "一步。")]
ENCODED = {
    "utf-8": b"",
    "utf-8 marked": b"\xef\xbb\xbf",
    "utf-16-le": b"",
    "utf-16-be": b"",
    "utf-16-le marked": b"\xff\xfe",
    "utf-16-be marked": b"\xfe\xff",
    "gb18030": b"",
    "gb18030 marked": b"\x84\x31\x95\x33",
}


def read(path: Path, content: bytes) -> list[Entry]:
    path.write_bytes(content)
    found = list(Reader(len).entries([path]))
    assert not [one for one in found if isinstance(one, BadEntry)]
    return [one for one in found if not isinstance(one, BadEntry)]


def texts(entries: list[Entry]) -> list[tuple[str, str, str]]:
    return [(entry["id"], entry["question"], entry["answer"]) for entry in entries]


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_cells_may_be_parted_and_encoded_as_any_excel_does(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = ROWS.replace(",", delimiter).encode(encoding.split()[0])

    assert texts(read(tmp_path / "faq.csv", ENCODED[encoding] + rows)) == FAQ


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_pages_may_be_encoded_as_any_editor_does(tmp_path: Path, name: str, encoding: str) -> None:
    text = "<p>退货一律七天内，\r\n请看一下说明。</p>".encode(encoding.split()[0])

    [entry] = read(tmp_path / name, ENCODED[encoding] + text)

    assert "退货一律七天内" in entry["answer"]
    assert "\ufeff" not in entry["answer"]


def test_lines_of_json_may_be_in_utf_16(tmp_path: Path) -> None:
    line = '{"id": "q1", "question": "怎么退货？", "answer": "在订单页申请。"}\r\n'

    assert texts(read(tmp_path / "faq.jsonl", line.encode("utf-16"))) == FAQ[:1]


def test_titles_above_the_header_and_empty_cells_behind_a_row_are_skipped(tmp_path: Path) -> None:
    rows = "sep=;\n客服知识;;\n编号;问题;答案\nq1;怎么退货？;在订单页申请。;;\n"

    assert texts(read(tmp_path / "faq.csv", rows.encode())) == FAQ[:1]


def test_the_names_of_columns_may_be_capitals(tmp_path: Path) -> None:
    rows = "ID,Question,Answer\nq1,怎么退货？,在订单页申请。\n"

    assert texts(read(tmp_path / "faq.csv", rows.encode())) == FAQ[:1]


def test_rows_without_ids_take_them_from_the_questions(tmp_path: Path) -> None:
    first = read(tmp_path / "faq.csv", "问题,答案\n怎么退？,在订单页。\n怎么换？,找客服。".encode())
    turned = read(
        tmp_path / "faq.csv", "问题,答案\n怎么换？,找客服。\n怎么退？,在订单页。".encode()
    )

    assert [entry["id"] for entry in turned] == [entry["id"] for entry in reversed(first)]


@pytest.mark.parametrize(
    "written", ["2026-01-05", "2026/1/5", "2026.1.5", "2026年1月5日", "2026-01-05 00:00:00"]
)
def test_a_date_may_be_written_as_spreadsheets_do(tmp_path: Path, written: str) -> None:
    rows = f"编号,问题,答案,生效日期\nq1,怎么退？,在订单页。,{written}\n"

    [entry] = read(tmp_path / "faq.csv", rows.encode())

    assert entry["effective_from"] == "2026-01-05"


@pytest.mark.parametrize("answer", ["请問退貨運費由誰負擔？請附上發票", "5 days — no fee ®"])
def test_a_mark_of_utf16_is_believed_whatever_the_characters(answer: str) -> None:
    content = f"question\tanswer\nHow long?\t{answer}\n".encode("utf-16")

    [record] = read_csv(content, "a.csv", "a")

    assert isinstance(record, Record)
    assert record.fields["answer"] == answer


def test_a_column_named_nearly_alike_takes_no_other_ones_place() -> None:
    content = "编号,问题,答案,ID,Question\n1,多久到？,三天。,77,How long?\n".encode()

    [record] = read_csv(content, "a.csv", "a")

    assert isinstance(record, Record)
    assert (record.fields["id"], record.fields["question"]) == ("1", "多久到？")


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ('q1,怎么退,"七天内退,', 2),  # the rows below would be part of its answer
        ('q1,怎么退,"七天内退,\n"q0",运费,八元,', 2),
        ('q1,怎么退,他说"好"。,\nq0,怎么换,"他说"好",行"。",', 3),
    ],
)
def test_a_quote_that_is_not_closed_takes_no_other_row_along(
    tmp_path: Path, broken: str, line: int
) -> None:
    path = tmp_path / "faq.csv"
    path.write_text(f"id,question,answer,audience\n{broken}\nq2,最低几折,三折,internal\n")

    found = list(Reader(len).entries([path]))

    last = {"id": "q2", "question": "最低几折", "answer": "三折", "audience": "internal"}
    assert found[-1] == last
    [bad] = [one for one in found if isinstance(one, BadEntry)]
    assert bad.place == f"{path}:{line}"
    assert "a quote that is not closed" in bad.reason


def test_lines_may_end_as_on_old_macs(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "faq.csv", ROWS.replace("\r\n", "\r").encode())) == FAQ


def test_blanks_behind_a_closing_quote_are_not_part_of_a_cell(tmp_path: Path) -> None:
    rows = '"编号","问题" ,"答案"\t\r\n"q1" ,"怎么退货？","在订单页申请。" \r\n'

    assert texts(read(tmp_path / "faq.csv", rows.encode())) == FAQ[:1]


def test_cells_keep_their_quotes_line_breaks_and_blanks(tmp_path: Path) -> None:
    first = 'q1,"5"" 屏，怎么装？","第一步 \n\n""第二步"" , 好"'
    rows = f'id,question,answer\n{first}\nq2,5" 的,"""好"""\n'

    assert texts(read(tmp_path / "faq.csv", rows.encode())) == [
        ("q1", '5" 屏，怎么装？', '第一步 \n\n"第二步" , 好'),
        ("q2", '5" 的', '"好"'),
    ]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ('q1,运费？,"他说"好"就行"', '他说"好"就行'),
        ('q1,运费？,"七天内，"全新"可换"', '七天内，"全新"可换'),
        ('q1,"运费？","说""好""，再说"行"了"', '说"好"，再说"行"了'),
    ],
)
def test_quotes_within_a_text_stay_where_no_cell_can_end_elsewhere(
    tmp_path: Path, line: str, answer: str
) -> None:
    content = f"编号,问题,答案\n{line}\nq2,几步？,一步。\n".encode()
    found = list(read_csv(content, "faq.csv", "faq"))

    assert [one.fields["answer"] for one in found if isinstance(one, Record)] == [answer, "一步。"]
    assert [one.place for one in found if isinstance(one, Note)] == ["faq.csv:2"]


@pytest.mark.parametrize(
    "line",
    [
        'q1,运费？,"他说"好",就行"',  # one cell too many, or a quote left over
        'q1,"他说"好",就行"',  # three cells, but is that the answer?
        'q1,运费？,"他说"好',
        'q1,运费？,"他说"好"',  # the text may go on in the line below
        'q1,"12"的屏？","三天"',
    ],
)
def test_quotes_that_leave_a_doubt_where_a_cell_ends_are_rejected(line: str) -> None:
    content = f"编号,问题,答案\n{line}\nq2,几步？,一步。\n".encode()
    bad, good = read_csv(content, "faq.csv", "faq")

    assert isinstance(bad, BadEntry)
    assert bad.place == "faq.csv:2"
    assert isinstance(good, Record)


def test_who_may_read_an_answer_that_goes_on_below_is_not_taken_from_its_first_line() -> None:
    rows = 'q1,最低几折？,"说"三折"行",\n别告诉别人",internal\nq2,几步？,"答"一步"",public\n'
    found = list(read_csv(f"编号,问题,答案,受众\n{rows}".encode(), "faq.csv", "faq"))

    records = [one for one in found if isinstance(one, Record)]
    assert [one.fields["answer"] for one in records if "answer" in one.fields] == ['答"一步"']
    assert isinstance(found[0], BadEntry)
    assert found[0].place == "faq.csv:2"
