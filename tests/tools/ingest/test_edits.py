"""What editors change by hand, and what the next ingestion makes of it."""

import json
from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch
from tools.ingest.edits import Action, Edit, Edits, fingerprint
from tools.ingest.index import ingest
from tools.ingest.report import Report, complaints
from tools.search.types import Entry


def entry(answer: str, name: str = "a") -> Entry:
    return Entry(id=name, question=f"{name}?", answer=answer)


def edit(
    after: Entry | None, before: Entry | None, action: Action = "edit", tenant: str = "default"
) -> Edit:
    known = after or before
    assert known is not None
    return Edit(
        at="2026-11-22T02:00:00+00:00",
        by="anna",
        tenant=tenant,
        id=known["id"],
        action=action,
        entry=after,
        before=before,
        file=fingerprint(before),
    )


class Shop:
    """One knowledge file, a journal and an index."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "kb.jsonl"
        self.edits = Edits(folder / "edits" / "kb.jsonl")
        self.search = MemorySearch()

    def write(self, *entries: Entry) -> None:
        lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
        self.file.write_text("\n".join(lines), encoding="utf-8")

    async def ingest(self, *, removed_too: bool = False) -> Report:
        return await ingest(
            [self.file],
            self.search,
            tenant="default",
            edits=self.edits,
            removed_too=removed_too,
            count_tokens=len,
        )

    async def answer(self, name: str = "a") -> str | None:
        found = await self.search.get(name, tenant="default")
        return found["answer"] if found else None


async def test_an_edit_outlives_the_next_ingestion_of_the_same_file(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(entry("old"))
    shop.edits.add([edit(entry("edited"), entry("old"))])

    report = await shop.ingest()

    assert await shop.answer() == "edited"
    assert (report.edited, report.overruled) == (1, 0)


async def test_a_newer_text_of_the_file_takes_the_place_of_an_edit_and_keeps_it_in_the_history(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path)
    shop.edits.add([edit(entry("edited"), entry("old"))])
    shop.write(entry("newer"))

    first, second = await shop.ingest(), await shop.ingest()

    assert await shop.answer() == "newer"
    assert (first.overruled, second.overruled) == (1, 0)
    last = shop.edits.read(tenant="default")[-1]
    assert (last["action"], last["before"], last["entry"]) == (
        "file",
        entry("edited"),
        entry("newer"),
    )


async def test_an_edit_after_another_still_knows_what_the_file_said(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(entry("old"))
    first = edit(entry("edited"), entry("old"))
    shop.edits.add([first, {**first, "entry": entry("again"), "before": entry("edited")}])

    await shop.ingest()

    assert await shop.answer() == "again"


async def test_a_deleted_entry_stays_deleted_until_its_file_changes(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(entry("old"), entry("other", "b"))
    shop.edits.add([edit(None, entry("old"), "delete")])

    await shop.ingest()
    assert await shop.answer() is None

    shop.write(entry("newer"), entry("other", "b"))
    await shop.ingest()
    assert await shop.answer() == "newer"


async def test_an_added_entry_is_in_a_new_index_and_survives_pruning(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(entry("old"))
    shop.edits.add([edit(entry("new", "page-1"), None, "add")])

    report = await shop.ingest(removed_too=True)

    assert await shop.answer("page-1") == "new"
    assert report.removed == 0


async def test_what_page_a_passage_is_of_is_no_newer_text(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    old, same = (Entry(**{**entry("old", name), "kind": "doc"}) for name in ("a", "b"))
    shop.write(*(Entry(**{**one, "document": "page"}) for one in (old, same)))
    shop.edits.add([edit(Entry(**{**old, "answer": "edited"}), old), edit(same, None, "upload")])

    report = await shop.ingest()

    assert await shop.answer() == "edited"
    assert (report.edited, report.overruled) == (1, 0)


async def test_edits_of_another_tenant_change_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(entry("old"))
    shop.edits.add([edit(entry("theirs"), entry("old"), tenant="shop-b")])

    await shop.ingest()

    assert await shop.answer() == "old"
    assert shop.edits.read(tenant="default") == []


async def test_a_line_cut_off_by_a_kill_costs_no_other(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.edits.add([edit(entry("first"), None)])
    with shop.edits.path.open("ab") as file:
        file.write(b'{"at": "2026-11-22T0')
    shop.edits.add([edit(entry("second", "b"), None)])

    assert {name for name, _ in shop.edits.latest(tenant="default")} == {"a", "b"}


@pytest.mark.parametrize(
    "line",
    [
        "null",
        "[1]",
        '"text"',
        "{}",
        '{"tenant": "default", "id": "a"}',
        json.dumps({**edit(entry("x"), None), "entry": {"id": "a"}}),
        json.dumps({**edit(entry("x"), None), "before": ["a"]}),
        json.dumps({**edit(entry("x"), None), "tenant": None}),
        json.dumps({**edit(entry("x"), None), "action": "rename"}),
    ],
)
async def test_a_line_that_is_json_but_no_edit_costs_no_other(tmp_path: Path, line: str) -> None:
    shop = Shop(tmp_path)
    shop.edits.add([edit(entry("first"), None)])
    with shop.edits.path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    shop.edits.add([edit(entry("second", "b"), None)])
    shop.write(entry("file", "c"))

    await shop.ingest()

    assert [await shop.answer(name) for name in "abc"] == ["first", "second", "file"]


@pytest.mark.parametrize(("written", "read"), [("全国", ""), ("浙江省", "浙江"), ("浙江", "浙江")])
async def test_an_edit_of_a_region_as_it_was_kept_before_outlives_the_upgrade(
    tmp_path: Path, written: str, read: str
) -> None:
    shop = Shop(tmp_path)
    was = Entry(id="a", question="a?", answer="old", region=written)
    shop.edits.add(
        [
            edit(Entry(**{**was, "answer": "first"}), was),
            {
                **edit(Entry(**{**was, "answer": "second"}), Entry(**{**was, "answer": "first"})),
                "file": fingerprint(was),
            },
        ]
    )
    shop.write(was)

    report = await shop.ingest()

    assert (report.edited, report.overruled) == (1, 0)
    found = await shop.search.get("a", tenant="default")
    assert found is not None
    assert (found["answer"], found.get("region", "")) == ("second", read)


def test_a_list_of_regions_stays_in_the_journal_as_it_is(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    was = Entry(id="a", question="a?", answer="old", region="浙江、江苏")
    shop.edits.add([edit(was, None, "add")])

    assert shop.edits.read(tenant="default") == [edit(was, None, "add")]


def test_an_edit_is_given_to_the_disk_before_it_is_said_to_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edits = Edits(tmp_path / "edits.jsonl")
    on_disk: list[str] = []
    monkeypatch.setattr("os.fsync", lambda _: on_disk.append(edits.path.read_text("utf-8")))

    edits.add([edit(entry("1"), None)])

    assert "a?" in on_disk[0]


async def test_lines_of_the_journal_that_are_lost_are_named(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(entry("old"))
    shop.edits.add([edit(entry("new"), entry("old"))])
    shop.edits.path.write_bytes(b"\x00" * 40 + b"\n" + b"{\n" * 11)

    report = await shop.ingest()

    assert await shop.answer() == "old"
    [told] = complaints(report)
    assert str(shop.edits.path) in told
    assert "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …: no edit can be read" in told
