"""How a page becomes passages."""

import time

from tools.ingest.split import Part, split_page

PAGE = """前言。

# 退款说明

总则。

## 到账时间

支付宝 1 个工作日内。

## 运费 **说明**

### 谁承担

买家承担。
"""


def split(markdown: str, max_tokens: int = 512) -> list[Part]:
    return split_page(
        markdown, doc_id="p", title="退款说明", count_tokens=len, max_tokens=max_tokens
    )


def sentences(first: int, last: int) -> str:
    return "".join(f"第{n:03d}条规则写在这里。" for n in range(first, last))


def test_headings_make_titles_ids_and_places() -> None:
    assert [(part.id, part.title, part.line) for part in split(PAGE)] == [
        ("p", "退款说明", 1),
        ("p.2", "退款说明", 3),
        ("p#到账时间", "退款说明 > 到账时间", 7),
        ("p#运费-说明/谁承担", "退款说明 > 运费 说明 > 谁承担", 13),
    ]


def test_a_heading_without_text_makes_no_passage() -> None:
    assert split("## 空\n\n## 有\n\n文字\n") == [Part("p#有", "退款说明 > 有", "文字", 3)]


def test_editing_one_section_keeps_the_ids_of_the_others() -> None:
    before = {part.id for part in split(PAGE)}

    after = {part.id for part in split(PAGE.replace("总则。", sentences(0, 200)))}

    assert before < after


def test_sections_with_the_same_heading_get_different_ids() -> None:
    assert [part.id for part in split("## 注意\n\n一\n\n## 注意\n\n二\n")] == ["p#注意", "p#注意.2"]


def test_markup_in_a_heading_is_left_out_of_the_title() -> None:
    parts = split(
        "## [运费](https://a.b/c) **说明** ## {#freight .section}\n\n## `E5` 错误 ##\n\n文字"
    )

    assert [part.title for part in parts] == ["退款说明 > E5 错误"]
    assert split("## [运费](https://a.b) 说明 {#freight .section}\n\n文字")[0].id == "p#运费-说明"


def test_a_number_sign_in_code_is_no_heading() -> None:
    parts = split("## 命令\n\n```\n# 注释\n\nls\n```\n")

    assert [part.text for part in parts] == ["```\n# 注释\n\nls\n```"]


def test_no_passage_with_its_title_is_longer_than_the_limit() -> None:
    page = f"## 长\n\n{sentences(0, 60)}\n\n{'无标点' * 300}\n\n## 短\n\n完。\n"

    parts = split(page, max_tokens=128)

    assert all(len(part.title) + 1 + len(part.text) <= 128 for part in parts)
    text = "".join(part.text for part in parts)
    assert all(f"第{n:03d}条规则写在这里。" in text for n in range(60))
    assert text.count("无标点") >= 280  # a few are cut in the middle


def test_a_paragraph_that_fits_is_not_cut() -> None:
    first, second = sentences(0, 8), sentences(8, 14)

    parts = split(f"{first}\n\n{second}\n", max_tokens=104)

    assert first in parts[0].text
    assert second in parts[1].text


def test_a_cut_section_goes_on_with_the_last_sentence_before_the_cut() -> None:
    first, second, *_ = split(sentences(0, 30), max_tokens=128)

    assert first.text.endswith(second.text[: len("第000条规则写在这里。")])


def test_english_sentences_keep_decimals_and_addresses_whole() -> None:
    page = "The filter costs 19.90 yuan and is sold at www.nuanzhou.example today. " * 5

    parts = split(page, max_tokens=160)

    assert all(part.text.startswith("The filter costs 19.90") for part in parts)
    assert all(part.text.endswith("example today.") for part in parts)


TABLE = ["| 型号 | 保修 |", "|---|:--|"]


def test_a_table_that_fits_stays_whole_with_text_around_it() -> None:
    table = "\n".join([*TABLE, "| S10 | 1 年 |"])

    assert [part.text for part in split(f"保修期：\n{table}\n以发票为准。\n")] == [
        f"保修期：\n\n{table}\n\n以发票为准。"
    ]


def test_a_long_table_is_split_between_rows_and_repeats_its_header() -> None:
    rows = [f"| 型号{n:03d} | {n} 年 |" for n in range(40)]

    parts = split("\n".join([*TABLE, *rows]), max_tokens=128)

    assert len(parts) > 3
    assert all(part.text.split("\n")[:2] == TABLE for part in parts)
    assert [row for part in parts for row in part.text.split("\n")[2:]] == rows


def test_a_table_without_outer_bars_is_split_like_any_table() -> None:
    rows = [f"S{n} | {n} 年" for n in range(40)]

    parts = split("\n".join(["型号 | 保修", "--- | ---", *rows]), max_tokens=128)

    assert len(parts) > 1
    assert all(part.text.startswith("型号 | 保修\n--- | ---\nS") for part in parts)


def test_a_long_list_is_split_between_its_items_and_not_behind_a_number() -> None:
    items = [f"{n}. 第 {n} 步，按下按钮" for n in range(1, 60)]

    parts = split("\n".join(items), max_tokens=128)

    assert len(parts) > 3
    assert {line for part in parts for line in part.text.split("\n") if line} == {*items}


def test_long_code_is_split_between_lines_with_fences_around_each_part() -> None:
    code = [f"call({n})" for n in range(60)]

    parts = split("\n".join(["````python", *code, "````"]), max_tokens=128)

    assert len(parts) > 3
    assert all(part.text.startswith("````python\ncall(") for part in parts)
    assert all(part.text.endswith(")\n````") for part in parts)
    assert [line for part in parts for line in part.text.split("\n")[1:-1]] == code


def test_a_fence_longer_than_a_passage_is_cut_like_any_text() -> None:
    parts = split("\n".join(["```" + "长" * 300, "x" * 900, "```"]), max_tokens=128)

    assert sum(len(part.text) for part in parts) < 2000


def test_a_page_without_title_and_heading_is_named_by_its_id() -> None:
    parts = split_page("文字", doc_id="p", title="", count_tokens=len)

    assert parts == [Part("p", "p", "文字", 1)]


def test_an_empty_page_has_no_passages() -> None:
    assert split("\n\n") == []


def test_one_of_several_chapters_on_one_level_names_none_of_the_others() -> None:
    chapters = "# 保修\n\n一年。\n\n# 退款\n\n三天。\n"

    def titles(page: str) -> list[str]:
        parts = split_page(page, doc_id="手册", title="", count_tokens=len)
        return [part.title for part in parts]

    assert titles(chapters) == ["手册 > 保修", "手册 > 退款"]
    assert titles(f"# 空调\n\n{chapters}") == ["空调 > 保修", "空调 > 退款"]


def test_thousands_of_sections_with_one_heading_have_ids_of_their_own_in_no_time() -> None:
    page = "# 长\n\nx\n\n" * 20_000 + "# 长.2\n\ny\n"  # 0.2 s; one by one it took 26 s
    started = time.process_time()

    parts = split_page(page, doc_id="d", title="", count_tokens=len)

    assert len({part.id for part in parts}) == len(parts) == 20_001
    assert parts[1].id == "d#长.2"
    assert time.process_time() - started < 5


def test_a_row_that_does_not_fit_below_its_header_names_its_columns() -> None:
    names = [f"第{n}项收费标准" for n in range(60)]
    rows = [[f"网点{row}", *(f"{row}{n:02d}元" for n in range(59))] for row in range(3)]
    table = [names, ["---"] * 60, *rows]

    parts = split("\n".join(f"| {' | '.join(row)} |" for row in table), max_tokens=256)

    assert all(len(part.title) + 1 + len(part.text) <= 256 for part in parts)
    assert parts[0].text.startswith("第0项收费标准: 网点0; 第1项收费标准: 000元; 第2项")
    assert all("第0项收费标准: 网点" in part.text for part in parts)
    text = "".join(part.text for part in parts)
    assert all(f"第59项收费标准: {row}58元" in text for row in range(3))


def test_a_row_whose_cells_are_long_texts_is_cut_between_sentences() -> None:
    row = f"| 规则 | {sentences(0, 40)} |"

    parts = split("\n".join(["| 名 | 文 |", "| --- | --- |", "| 短 | 一 |", row]), max_tokens=128)

    assert parts[0].text == "| 名 | 文 |\n| --- | --- |\n| 短 | 一 |"
    assert parts[1].text.startswith("名: 规则; 文: 第000")
    assert all(part.text.endswith("。") and "名: 规则; " in part.text for part in parts[1:])
