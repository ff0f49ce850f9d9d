"""Names of files as they come about in a shared folder."""

from pathlib import Path

from tests.fakes.documents import xlsx
from tests.fakes.search import MemorySearch
from tools.ingest.index import ingest
from tools.ingest.report import Report


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


async def load(folder: Path, search: MemorySearch) -> Report:
    return await ingest([folder], search, tenant="default", removed_too=True, count_tokens=len)


async def test_pages_of_one_name_in_two_folders_are_told_apart_by_the_folder(
    tmp_path: Path,
) -> None:
    write(tmp_path / "2025" / "退货.md", "# 退货\n\n三十天。\n\n## 到账\n\n五天。")
    write(tmp_path / "2026" / "退货.md", "# 退货\n\n七天。\n\n## 到账\n\n一天。")

    report = await load(tmp_path, search := MemorySearch())

    assert report.rejected == []
    assert await search.ids(tenant="default") == {
        "退货", "退货#到账", "2026/退货", "2026/退货#到账"
    }  # fmt: skip


async def test_one_name_with_two_suffixes_is_two_pages(tmp_path: Path) -> None:
    folder = tmp_path / "手册"
    for name, text in (("a.html", "<p>甲</p>"), ("a.md", "乙"), ("a.txt", "丙")):
        write(folder / name, text)

    await load(folder, search := MemorySearch())

    ids = await search.ids(tenant="default")
    assert ids == {"a", "手册/a", f"{tmp_path.name}/手册/a"}


async def test_sheets_of_one_name_without_ids_may_ask_the_same(tmp_path: Path) -> None:
    for folder, answer in (("东区", "三天。"), ("西区", "五天。")):
        write(tmp_path / folder / "faq.xlsx", xlsx(a=[["问题", "答案"], ["多久到？", answer]]))

    report = await load(tmp_path, MemorySearch())

    assert (report.added, report.rejected) == (2, [])


async def test_sheets_of_one_name_that_share_no_question_keep_their_ids(tmp_path: Path) -> None:
    for folder, question in (("东区", "多久到？"), ("西区", "运费多少？")):
        write(
            tmp_path / folder / "faq.xlsx", xlsx(a=[["问题", "答案"], [question, "请看订单页。"]])
        )

    await load(tmp_path, search := MemorySearch())

    assert {at[:4] for at in await search.ids(tenant="default")} == {"faq-"}


async def test_versions_of_a_question_in_files_of_one_name_are_its_editions(
    tmp_path: Path,
) -> None:
    for year in ("2025", "2026"):
        rows = [
            ["问题", "答案", "版本", "生效日期"],
            ["多久到？", f"{year}年三天。", year, f"{year}-01-01"],
        ]
        write(tmp_path / year / "faq.xlsx", xlsx(a=rows))

    await load(tmp_path, search := MemorySearch())

    ids = sorted(await search.ids(tenant="default"))
    assert len({at.split("@")[0] for at in ids}) == 1


async def test_a_page_keeps_the_id_that_it_gives_itself(tmp_path: Path) -> None:
    write(tmp_path / "a" / "退货.md", "---\nid: refund\n---\n三十天。")
    write(tmp_path / "b" / "退货.md", "七天。")
    write(tmp_path / "c" / "退货.md", "---\nid: refund\n---\n五天。")

    report = await load(tmp_path, search := MemorySearch())

    assert await search.ids(tenant="default") == {"refund", "退货"}
    [bad] = report.rejected
    assert bad.reason.startswith("id: 'refund' was already used at")


async def test_marks_of_open_office_files_are_no_documents(tmp_path: Path) -> None:
    write(tmp_path / "a" / "退货.md", "七天。")
    write(tmp_path / "a" / "~$退货.docx", "\x05anna")

    report = await load(tmp_path, MemorySearch())

    assert (report.added, report.rejected) == (1, [])


async def test_a_sheet_whose_numbers_another_sheet_had_says_what_it_replaces(
    tmp_path: Path,
) -> None:
    search = MemorySearch()
    for name, rows in {
        "退货.csv": "1,怎么退货？,七天内可退。\n2,运费谁出？,谁的错谁出。\n",
        "发票.csv": "1,怎么开发票？,在订单页申请。\n2,运费谁出？,商家出。\n",
    }.items():
        (tmp_path / name).write_text("编号,问题,答案\n" + rows, encoding="utf-8")

    first = await ingest([tmp_path / "退货.csv"], search, tenant="default")
    second = await ingest([tmp_path / "发票.csv"], search, tenant="default")

    assert first.notes == {}
    [(place, [note])] = second.notes.items()
    assert place == str(tmp_path / "发票.csv")
    assert note.startswith("1 of its ids, as '1', were those of other questions, as '怎么退货？'")
