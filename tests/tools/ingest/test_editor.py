"""Changing knowledge by hand: what the next search sees, what is kept, what is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from tests.fakes.search import MemorySearch
from tools.errors import BadEntry, EntryChanged, StoreUnavailable
from tools.ingest.editor import UPLOAD_BYTES, Editor, unusable
from tools.ingest.edits import Edits
from tools.search.types import Entry, Filters

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
REFUND = Entry(id="refund", question="退款多久到账？", answer="三天。")


class Desk:
    """An editor with an index and a journal of its own."""

    def __init__(self, folder: Path, *entries: Entry) -> None:
        self.folder = folder
        self.search = MemorySearch(entries)
        self.edits = Edits(folder / "edits.jsonl")
        self.editor = Editor(self.search, self.edits, tenant="default", clock=lambda: NOW)

    async def found(self, question: str, today: str = "2026-11-22") -> list[str]:
        result = await self.search.search(question, None, k=5, filters=Filters(today=today))
        return [passage["answer"] for passage in result.passages]

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, REFUND)


async def test_the_next_search_sees_an_edit(desk: Desk) -> None:
    await desk.editor.save(Entry(**{**REFUND, "answer": "一天。"}), before=REFUND, by="anna")

    assert await desk.found("退款多久到账？") == ["一天。"]


async def test_the_history_tells_who_changed_what_latest_first(desk: Desk) -> None:
    edited = await desk.editor.save(
        Entry(**{**REFUND, "answer": "一天。"}), before=REFUND, by="anna"
    )
    await desk.editor.retire(edited, by="ben")

    last, first = await desk.editor.history("refund")

    assert (first["action"], first["by"], first["before"], first["entry"]) == (
        "edit",
        "anna",
        REFUND,
        edited,
    )
    assert (last["action"], last["by"], last["file"]) == ("retire", "ben", first["file"])
    assert first["at"] == "2026-11-22T10:00:00+00:00"


async def test_a_retired_entry_is_hidden_from_customers_from_now_on(desk: Desk) -> None:
    ended = await desk.editor.retire(REFUND, by="anna")

    assert ended["effective_to"] == "2026-11-21"
    assert await desk.found("退款多久到账？") == []
    assert await desk.editor.get("refund") == ended


async def test_an_entry_that_was_to_begin_later_can_be_retired(tmp_path: Path) -> None:
    later = Entry(**{**REFUND, "effective_from": "2026-12-01"})
    desk = Desk(tmp_path, later)

    ended = await desk.editor.retire(later, by="anna")

    assert ended["effective_from"] <= ended["effective_to"] == "2026-11-21"


async def test_a_deleted_entry_is_gone_but_its_text_is_kept(desk: Desk) -> None:
    await desk.editor.delete(REFUND, by="anna")

    assert await desk.editor.get("refund") is None
    assert [edit["before"] for edit in await desk.editor.history("refund")] == [REFUND]


async def test_an_unchanged_entry_leaves_no_trace(desk: Desk) -> None:
    await desk.editor.save(REFUND, before=REFUND, by="anna")

    assert await desk.editor.history() == []


async def test_two_editors_do_not_overwrite_each_other(desk: Desk) -> None:
    await desk.editor.save(Entry(**{**REFUND, "answer": "一天。"}), before=REFUND, by="anna")

    with pytest.raises(EntryChanged):
        await desk.editor.save(Entry(**{**REFUND, "answer": "两天。"}), before=REFUND, by="ben")
    with pytest.raises(EntryChanged):
        await desk.editor.delete(REFUND, by="ben")

    assert await desk.found("退款多久到账？") == ["一天。"]


async def test_a_new_entry_does_not_take_an_id_that_is_in_use(desk: Desk) -> None:
    with pytest.raises(EntryChanged):
        await desk.editor.save(Entry(**{**REFUND, "answer": "一天。"}), before=None, by="anna")

    assert await desk.editor.history() == []


@pytest.mark.parametrize(
    ("name", "text"), [("effective_to", "22.11.2026"), ("answer", "半个\ud83d")]
)
async def test_a_field_that_can_not_be_used_changes_nothing(
    desk: Desk, name: str, text: str
) -> None:
    wrong = cast(Entry, {**REFUND, name: text})

    with pytest.raises(BadEntry, match=name):
        await desk.editor.save(wrong, before=REFUND, by="anna")

    assert await desk.editor.get("refund") == REFUND


async def test_what_can_not_be_kept_is_not_changed(desk: Desk) -> None:
    desk.edits.path.mkdir()

    with pytest.raises(StoreUnavailable):
        await desk.editor.save(Entry(**{**REFUND, "answer": "一天。"}), before=REFUND, by="anna")

    assert await desk.editor.get("refund") == REFUND


async def test_an_upload_reports_what_was_taken_in_and_what_not_with_place_and_reason(
    desk: Desk,
) -> None:
    lines = [
        {**REFUND, "answer": "一天。"},
        {"id": "b", "question": "几点开门？", "answer": "九点，电话 13812345678。"},
    ]
    text = "\n".join([*(json.dumps(line) for line in lines), '{"id": "c"}'])

    report = await desk.editor.upload(desk.file("faq.jsonl", text), by="anna")

    assert (report.added, report.changed, report.unchanged) == (1, 1, 0)
    assert [(bad.place, bad.reason) for bad in report.rejected] == [
        ("faq.jsonl:3", "question: missing")
    ]
    assert report.personal == {"faq.jsonl:2": ["phone"]}
    assert {edit["id"]: edit["action"] for edit in await desk.editor.history()} == {
        "refund": "upload",
        "b": "upload",
    }


async def test_a_second_upload_of_the_same_file_changes_nothing(desk: Desk) -> None:
    path = desk.file("faq.jsonl", json.dumps({**REFUND, "answer": "一天。"}))
    await desk.editor.upload(path, by="anna")

    report = await desk.editor.upload(path, by="anna")

    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    assert len(await desk.editor.history()) == 1


async def test_a_new_version_of_a_document_removes_passages_it_no_longer_has(desk: Desk) -> None:
    page = "# 配送\n\n## 运费\n\n满 99 元包邮。\n\n## 时间\n\n次日达。\n"
    await desk.editor.upload(desk.file("ship.md", page), by="anna")
    shorter = page.partition("## 时间")[0]

    report = await desk.editor.upload(desk.file("ship.md", shorter), by="anna")

    assert (report.removed, report.unchanged) == (1, 1)
    assert await desk.search.ids(tenant="default") == {"refund", "ship#运费"}


async def test_passages_without_a_heading_of_their_own_go_too(desk: Desk) -> None:
    rules = "".join(f"第 {n} 条：逾期 {n} 天不予办理。" for n in range(120))
    await desk.editor.upload(desk.file("ship.md", f"前言。\n\n# 配送\n\n{rules}"), by="anna")
    await desk.editor.upload(desk.file("ship.9.md", "另一份文件。"), by="anna")
    assert {"ship", "ship.2", "ship.2~2"} < await desk.search.ids(tenant="default")

    await desk.editor.upload(desk.file("ship.md", "# 配送\n\n次日达。"), by="anna")

    assert await desk.search.ids(tenant="default") == {"refund", "ship", "ship.9"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("faq.exe", b"MZ", "expected one of"),
        ("faq", b"x", "no suffix"),
        ("empty.csv", b"", "empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "expected text"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_rejected(
    desk: Desk, name: str, content: bytes, reason: str
) -> None:
    report = await desk.editor.upload(desk.file(name, content), by="anna")

    assert [bad.place for bad in report.rejected] == [name]
    assert reason in report.rejected[0].reason
    assert await desk.editor.history() == []


def test_a_file_that_is_too_large_is_rejected_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(UPLOAD_BYTES + 1)

    assert "at most 20 MB" in unusable(path)
