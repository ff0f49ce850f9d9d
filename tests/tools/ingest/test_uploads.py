"""Uploads are read in a process of their own: the same entries, and no file holds up the server."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.fakes.documents import docx, lines, pdf, xlsx
from tests.fakes.search import MemorySearch
from tests.tools.ingest.test_editor import Desk
from tools.errors import BadEntry
from tools.ingest import documents
from tools.ingest.convert.limits import UPLOAD
from tools.ingest.documents import in_process
from tools.ingest.index import ingest

LINES = [
    {"id": "b", "question": "几点开门？", "answer": "九点，电话 13812345678。", "owner": "李"},
    {"id": "c", "question": "几点开门？", "answer": "九点，电话 13812345678。"},
    {"id": "b", "question": "再来一次？", "answer": "编号重复。"},
    {"id": "d"},
]
FILES = {
    "faq.jsonl": "\n".join(map(json.dumps, LINES)).encode(),
    "faq.csv": "编号,问题,答案\na,怎么退款？,在订单页。\nb,,没有问题\n".encode("gb18030"),
    "ship.md": ("# 配送\n\n## 运费\n\n" + "满 99 元包邮，偏远地区另计。" * 90).encode(),
    "open.md": b"---\nid: [\n---\nx\n",
    "rules.txt": "一、退货\n\n七天内可退。\n".encode(),
    "page.html": "<h1>退货</h1><p>七天内可退。</p>".encode(),
    "manual.pdf": pdf(lines("退货七天内。")),
    "cut.pdf": pdf(lines("退货七天内。"))[:200],
    "manual.docx": docx(),
    "sheet.xlsx": xlsx(faq=[["问题", "答案"], ["怎么退款？", "在订单页。"]]),
    "old.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("name", FILES)
async def test_an_upload_gives_the_entries_and_the_report_of_a_load(desk: Desk, name: str) -> None:
    path, other = desk.file(name, FILES[name]), MemorySearch()
    loaded = await ingest([path], other, tenant="default", is_audited=True)

    report = await desk.editor.upload(path, by="anna")

    ids = await other.ids(tenant="default")
    assert await desk.search.ids(tenant="default") == ids
    for one in ids:
        assert await desk.search.get(one, tenant="default") == await other.get(
            one, tenant="default"
        )
    folder = f"{path.parent}/"
    assert str(report.rejected) == str(loaded.rejected).replace(folder, "")
    assert str(report.duplicates) == str(loaded.duplicates).replace(folder, "")
    assert str(report.personal) == str(loaded.personal).replace(folder, "")
    assert str(report.ignored_fields) == str(loaded.ignored_fields).replace(folder, "")
    assert report.added == loaded.added


async def test_a_page_that_takes_too_long_is_ended_while_the_server_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "TIME_LIMIT_S", 2)
    path = desk.file("pipes.md", "|" * (16 << 20))
    upload = asyncio.create_task(desk.editor.upload(path, by="anna"))

    turns = 0
    while not upload.done():
        await asyncio.sleep(0.01)
        turns += 1
    report = await upload

    assert [(bad.place, bad.reason) for bad in report.rejected] == [
        ("pipes.md", "not read within 2 s; split it, or load it with `python -m tools.ingest`")
    ]
    assert turns > 5
    assert await desk.editor.history() == []


async def test_an_upload_that_needs_too_much_memory_is_ended(desk: Desk) -> None:
    report = await desk.editor.upload(desk.file("bad.jsonl", "x\n" * (8 << 20)), by="anna")

    assert [bad.place for bad in report.rejected] == ["bad.jsonl"]
    assert report.rejected[0].reason == (
        "needs more than 1024 MB of memory; split it, or load it with `python -m tools.ingest`"
    )


async def test_an_upload_that_says_too_much_is_ended(desk: Desk) -> None:
    report = await desk.editor.upload(desk.file("bad.jsonl", "x\n" * 700_000), by="anna")

    assert [bad.reason for bad in report.rejected] == [
        "it holds more text than is read; split it, or load it with `python -m tools.ingest`"
    ]


def test_a_reader_that_is_killed_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    busy = tmp_path / "python"
    busy.write_text("#!/bin/sh\nkill -XCPU $$\n")
    busy.chmod(0o755)
    monkeypatch.setattr(documents.sys, "executable", str(busy))

    with pytest.raises(BadEntry, match="not read within 50 s; split it, or load it"):
        in_process(UPLOAD, b"", "a.md")
