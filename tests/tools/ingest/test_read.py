"""What becomes an entry, and what is said about the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.errors import BadEntry, ConfigError
from tools.ingest.listing import knowledge_files
from tools.ingest.read import Reader
from tools.search.types import Entry

GOOD = {"id": "q1", "question": "怎么退款？", "answer": "在订单页申请退款。"}
KB_ZH_CLOUD = Path(__file__).parents[4] / "shared" / "data" / "kb_zh_cloud" / "kb.jsonl"


def read(*paths: Path) -> tuple[list[Entry], list[BadEntry]]:
    found = list(Reader(len).entries(paths))
    bad = [one for one in found if isinstance(one, BadEntry)]
    return [one for one in found if not isinstance(one, BadEntry)], bad


def jsonl(folder: Path, *records: Any, name: str = "kb.jsonl") -> Path:  # noqa: ANN401 any JSON
    path = folder / name
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def only_reason(path: Path) -> str:
    entries, bad = read(path)
    assert entries == []
    assert len(bad) == 1
    return bad[0].reason


def test_an_entry_keeps_all_its_known_fields(tmp_path: Path) -> None:
    full = GOOD | {
        "similar_questions": ["退款怎么弄", "我要退款"],
        "category": "售后",
        "audience": "internal",
        "effective_from": "2026-01-01",
        "effective_to": "2026-12-31",
        "lang": "zh",
    }

    assert read(jsonl(tmp_path, full)) == ([full], [])


def test_null_and_empty_optional_fields_are_left_out(tmp_path: Path) -> None:
    record = GOOD | {"category": None, "region": "", "similar_questions": [], "effective_to": ""}

    assert read(jsonl(tmp_path, record)) == ([GOOD], [])


def test_texts_are_stripped_and_windows_line_ends_replaced(tmp_path: Path) -> None:
    entries, _ = read(
        jsonl(tmp_path, GOOD | {"question": " 怎么退款？\n", "answer": "一\r\n二\r\n"})
    )

    assert (entries[0]["question"], entries[0]["answer"]) == ("怎么退款？", "一\n二")


def test_a_byte_order_mark_crlf_and_blank_lines_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "kb.jsonl"
    line = json.dumps(GOOD, ensure_ascii=False).encode()
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \r\n" + line.replace(b"q1", b"q2"))

    entries, bad = read(path)

    assert [entry["id"] for entry in entries] == ["q1", "q2"]
    assert bad == []


def test_a_bad_line_is_named_with_its_number_and_the_rest_is_read(tmp_path: Path) -> None:
    path = jsonl(tmp_path, GOOD, "", "{broken", GOOD | {"id": "q2"})

    entries, bad = read(path)

    assert [entry["id"] for entry in entries] == ["q1", "q2"]
    assert [one.place for one in bad] == [f"{path}:3"]
    assert "no valid JSON" in bad[0].reason


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[]", "expected a JSON object, got list"),
        ("[" * 5_000, "no valid JSON"),
        ('{"id": NaN}', "no valid JSON"),
        ('{"id": "\\ud83d"}', "no valid JSON"),
    ],
)
def test_lines_that_are_no_json_object_are_rejected(tmp_path: Path, line: str, said: str) -> None:
    assert said in only_reason(jsonl(tmp_path, line))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "id: missing"),
        ({"id": 12}, "id: expected text, got int '12'"),
        ({"id": "a\tb"}, "id: expected at most 200 printable characters"),
        ({"id": "x" * 201}, "id: expected at most 200 printable characters"),
        ({"question": "  "}, "question: empty"),
        ({"answer": ""}, "answer: empty"),
        ({"answer": ["a"]}, "answer: expected text, got list"),
        ({"answer": "长" * 20_001}, "answer: expected at most 20,000 characters, got 20,001"),
        ({"answer": "坏\ufffd字"}, "answer: holds characters that can't be read"),
        ({"similar_questions": "a"}, "similar_questions: expected a list of texts, got str"),
        ({"similar_questions": [1]}, "similar_questions: expected text, got int"),
        ({"category": {}}, "category: expected text, got dict"),
        ({"audience": "staff"}, "audience: expected one of public, internal, got 'staff'"),
        ({"effective_from": "2026-02-30"}, "effective_from: expected a date like 2026-11-22"),
        ({"effective_to": "22.11.2026"}, "effective_to: expected a date like 2026-11-22"),
        ({"effective_to": "20261122"}, "effective_to: expected a date like 2026-11-22"),
        (
            {"effective_from": "2026-02-01", "effective_to": "2026-01-01"},
            "effective_from: 2026-02-01 is after effective_to 2026-01-01",
        ),
    ],
)
def test_a_bad_field_is_named_with_what_was_expected(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    assert said in only_reason(jsonl(tmp_path, GOOD | change))


def test_the_later_of_two_equal_ids_is_rejected_with_the_place_of_the_first(
    tmp_path: Path,
) -> None:
    first = jsonl(tmp_path, GOOD, name="a.jsonl")
    second = jsonl(tmp_path, GOOD | {"answer": "另一个"}, name="b.jsonl")

    entries, bad = read(tmp_path)

    assert entries == [GOOD]
    assert bad[0].place == f"{second}:1"
    assert f"already used at {first}:1" in bad[0].reason


def test_unknown_fields_are_ignored_and_noted_once_with_their_first_place(tmp_path: Path) -> None:
    path = jsonl(tmp_path, GOOD, *(GOOD | {"id": f"n{n}", "owner": "李"} for n in range(3)))
    reader = Reader(len)

    entries = list(reader.entries([path]))

    assert all("owner" not in entry for entry in entries if not isinstance(entry, BadEntry))
    assert reader.unknown == {"owner": f"{path}:2"}


@pytest.mark.skipif(not KB_ZH_CLOUD.exists(), reason=f"{KB_ZH_CLOUD} is not here")
def test_the_public_cloud_knowledge_base_loads_whole() -> None:
    entries, bad = read(KB_ZH_CLOUD)

    assert (len(entries), bad) == (1421, [])


def test_a_chinese_spreadsheet_saved_by_excel_loads(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    text = '编号,问题,相似问,答案\r\nq1,怎么退款？,退款怎么弄|我要退款,"第一行\n第二行, 有逗号"\r\n'
    path.write_bytes(text.encode("gb18030"))

    entries, bad = read(path)

    assert bad == []
    assert entries == [
        {
            "id": "q1",
            "question": "怎么退款？",
            "similar_questions": ["退款怎么弄", "我要退款"],
            "answer": "第一行\n第二行, 有逗号",
        }
    ]


def test_a_csv_in_utf8_with_byte_order_mark_loads(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("id,question,answer\nq1,怎么退款？,在订单页。\n", encoding="utf-8-sig")

    assert read(path)[0] == [GOOD | {"answer": "在订单页。"}]


def test_a_bad_csv_row_is_named_by_the_line_where_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text('id,question,answer\nq1,a,"x\ny"\nq2,b,c,d\n\nq3,,z\nq4,b,c\n')

    entries, bad = read(path)

    assert [entry["id"] for entry in entries] == ["q1", "q4"]
    assert [(one.place, one.reason.split(";")[0]) for one in bad] == [
        (f"{path}:4", "expected 3 cells, got 4"),
        (f"{path}:6", "question: empty"),
    ]


def test_one_broken_byte_rejects_its_row_and_does_not_garble_the_others(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    rows = "".join(f"q{n},怎么退款退货换货？,在订单页申请。\n" for n in range(9))
    content = ("id,question,answer\n" + rows).encode()
    path.write_bytes(content[:-5] + content[-4:])

    entries, bad = read(path)

    assert {entry["answer"] for entry in entries} == {"在订单页申请。"}
    assert [one.place for one in bad] == [f"{path}:10"]


def test_a_quote_that_is_not_closed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text('id,question,answer\nq1,a,b\nq2,"c,d\n' + "q3,e,f\n" * 30_000)

    entries, bad = read(path)

    assert entries[0]["id"] == "q1"
    assert bad[0].place == f"{path}:3"
    assert "a quote that is not closed" in bad[0].reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the header lacks question, answer"),
        (b"id:question:answer\n1:2:3\n", "the header lacks question, answer; it has id:question"),
        (b"id,question,answer\n1,\0\0\0,3\n", "expected text, got binary data"),
    ],
)
def test_a_csv_without_usable_header_is_rejected(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "faq.csv").write_bytes(content)

    assert said in only_reason(tmp_path / "faq.csv")


def test_a_missing_path_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        read(tmp_path / "nothing.jsonl")


def test_a_folder_without_knowledge_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# 说明")

    with pytest.raises(ConfigError, match="no knowledge found"):
        read(tmp_path)


def test_a_folder_is_read_in_order_without_hidden_files_and_its_readme(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".cache").mkdir(parents=True)
    for name in ("b.md", "a.csv", "README.md", ".x.md", "sub/c.jsonl", "sub/.cache/d.md", "e.png"):
        (tmp_path / name).write_text("x")

    names = [str(path.relative_to(tmp_path)) for path in knowledge_files([tmp_path, tmp_path])]

    assert names == ["a.csv", "b.md", "sub/c.jsonl"]


def test_a_document_that_is_not_read_is_reported(tmp_path: Path) -> None:
    jsonl(tmp_path, GOOD)
    (tmp_path / "manual.doc").write_bytes(b"x")

    entries, bad = read(tmp_path)

    assert entries == [GOOD]
    assert bad[0].place == str(tmp_path / "manual.doc")
    assert ".doc is not read" in bad[0].reason


def page(folder: Path, text: str) -> Path:
    path = folder / "refund.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_becomes_passages_that_carry_its_front_matter(tmp_path: Path) -> None:
    path = page(
        tmp_path,
        "---\nid: p1\ntitle: 退款说明\nversion: 1.10\neffective_from: 2026-01-01\n---\n\n"
        "# 退款说明\n\n## 到账时间\n\n1 个工作日内。<!-- 待确认 -->\n",
    )

    entries, bad = read(path)

    assert bad == []
    assert entries == [
        {
            "id": "p1#到账时间",
            "question": "退款说明 > 到账时间",
            "answer": "1 个工作日内。",
            "kind": "doc",
            "version": "1.10",
            "document": "p1",
            "effective_from": "2026-01-01",
            "source": "refund.md",
        }
    ]


def test_a_page_without_front_matter_takes_id_and_title_from_file_and_heading(
    tmp_path: Path,
) -> None:
    entries, _ = read(page(tmp_path, "# 退款说明\n\n都在这里。\n"))

    assert [(entry["id"], entry["question"]) for entry in entries] == [("refund", "退款说明")]


def test_a_page_with_a_question_is_one_faq_entry(tmp_path: Path) -> None:
    entries, bad = read(
        page(
            tmp_path,
            "---\nid: q1\nquestion: 怎么退款？\nsimilar_questions: [退钱]\n---\n在 App。\n",
        )
    )

    assert bad == []
    assert entries[0] == GOOD | {
        "answer": "在 App。",
        "similar_questions": ["退钱"],
        "source": "refund.md",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\nid: p1\n\n# 没有结尾\n", "expected a closing line ---"),
        ("---\nid: [\n---\n正文\n", "no valid YAML"),
        ("---\n- a\n---\n正文\n", "expected `name: value` lines, got list"),
        ('---\nid: "\\UFFFFFFFF"\n---\n正文\n', "no valid YAML"),
        (f"---\nid: {'[' * 10_000}\n---\n正文\n", "no valid YAML"),
        ("---\nid: [a]\n---\n正文\n", "expected text for id and title"),
        ("---\naudience: all\n---\n正文\n", "audience: expected one of"),
        ("---\nid: p1\n---\n", "the page has no text"),
        ("", "the page has no text"),
    ],
)
def test_a_page_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    assert said in only_reason(page(tmp_path, text))


def test_an_unreadable_place_in_front_matter_keeps_other_files(tmp_path: Path) -> None:
    page(tmp_path, "---\nid: [\n---\n正文\n")
    jsonl(tmp_path, GOOD)

    entries, bad = read(tmp_path)

    assert (entries, len(bad)) == ([GOOD], 1)
