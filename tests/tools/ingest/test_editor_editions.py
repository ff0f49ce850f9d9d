"""Editions on the knowledge page: added, changed, retired, deleted and uploaded by hand."""

import json
from pathlib import Path

import pytest

from tests.tools.ingest.test_editor import REFUND, Desk
from tools.errors import BadEntry, EntryChanged
from tools.ingest.index import ingest
from tools.search.types import Entry


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, REFUND)


def edition(version: str, begins: str = "", answer: str = "") -> Entry:
    dates = {"effective_from": begins} if begins else {}
    return Entry(**{**REFUND, "answer": answer or f"v{version}", "version": version, **dates})


async def test_an_entry_of_a_new_version_becomes_an_edition_beside_the_others(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, edition("1"))

    await desk.editor.save(edition("2", "2026-11-23"), before=None, by="anna")

    assert await desk.found("退款多久到账？") == ["v1"]
    assert await desk.found("退款多久到账？", "2026-11-23") == ["v2"]
    assert [edit["action"] for edit in await desk.editor.history("refund")] == ["add"]


async def test_an_edit_of_one_edition_leaves_the_others_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, edition("1"))
    waiting = await desk.editor.save(edition("2", "2026-11-23"), before=None, by="anna")

    await desk.editor.save(edition("1", answer="一"), before=edition("1"), by="ben")
    await desk.editor.save(edition("2", "2026-11-24"), before=waiting, by="ben")

    assert await desk.found("退款多久到账？", "2026-11-23") == ["一"]
    assert await desk.found("退款多久到账？", "2026-11-24") == ["v2"]
    with pytest.raises(EntryChanged):
        await desk.editor.save(edition("1", answer="二"), before=edition("1"), by="anna")


async def test_an_edition_that_would_never_be_in_force_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path, edition("2"))

    with pytest.raises(BadEntry, match="version: expected one above '2'"):
        await desk.editor.save(edition("1"), before=None, by="anna")

    assert await desk.editor.history() == []
    assert await desk.found("退款多久到账？") == ["v2"]


async def test_an_id_that_is_kept_for_an_older_edition_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path, edition("1"))
    await desk.editor.save(edition("2", "2026-11-23"), before=None, by="anna")

    with pytest.raises(BadEntry, match="an older edition of 'refund'"):
        await desk.editor.save(Entry(**{**REFUND, "id": "refund@1"}), before=None, by="anna")

    assert await desk.found("退款多久到账？") == ["v1"]


async def test_a_deleted_edition_gives_way_to_the_one_before(tmp_path: Path) -> None:
    desk = Desk(tmp_path, edition("1"))
    waiting = await desk.editor.save(edition("2", "2026-11-23"), before=None, by="anna")

    await desk.editor.delete(waiting, by="anna")

    assert await desk.editor.get("refund") == edition("1")
    assert await desk.search.ids(tenant="default") == {"refund"}


async def test_retiring_an_edition_that_has_not_begun_would_end_the_one_before(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, edition("1"))
    waiting = await desk.editor.save(edition("2", "2026-11-23"), before=None, by="anna")

    with pytest.raises(BadEntry, match="not begun"):
        await desk.editor.retire(waiting, by="anna")
    await desk.editor.retire(edition("1"), by="anna")

    assert await desk.found("退款多久到账？") == []
    assert await desk.found("退款多久到账？", "2026-11-23") == ["v2"]


async def test_what_the_journal_says_of_editions_outlives_the_next_load(tmp_path: Path) -> None:
    desk = Desk(tmp_path, edition("1"))
    path = desk.file("kb.jsonl", json.dumps(edition("1")))
    await desk.editor.save(edition("2", "2026-11-23"), before=None, by="anna")
    before = [await desk.editor.get(one) for one in ("refund", "refund@1")]

    report = await ingest([path], desk.search, tenant="default", edits=desk.edits)

    assert (report.unchanged, report.added, report.changed) == (2, 0, 0)
    assert [await desk.editor.get(one) for one in ("refund", "refund@1")] == before


PAGE = "---\nid: ship\nversion: {}\n{}---\n\n# 配送\n\n## 运费\n\n满 {} 元包邮。\n{}"


async def test_a_page_of_another_version_waits_beside_the_one_that_is_there(desk: Desk) -> None:
    rest = "\n## 时间\n\n次日达。\n"
    await desk.editor.upload(desk.file("ship.md", PAGE.format(1, "", 99, rest)), by="anna")
    later = desk.file("new.md", PAGE.format(2, "effective_from: 2026-11-23\n", 79, ""))

    report = await desk.editor.upload(later, by="anna")
    again = await desk.editor.upload(later, by="anna")

    assert (report.added, report.removed, again.added, again.unchanged) == (1, 0, 0, 1)
    assert await desk.search.ids(tenant="default") == {
        "refund",
        "ship#运费",
        "ship@1#运费",
        "ship@1#时间",
    }
    assert (await desk.found("满多少包邮", "2026-11-22"))[0] == "满 99 元包邮。"
    assert (await desk.found("满多少包邮", "2026-11-23"))[0] == "满 79 元包邮。"


async def test_an_older_edition_of_a_page_loses_only_its_own_passages(desk: Desk) -> None:
    rest = "\n## 时间\n\n次日达。\n"
    begins = "effective_from: 2026-11-23\n"
    await desk.editor.upload(desk.file("ship.md", PAGE.format(1, "", 99, rest)), by="anna")
    await desk.editor.upload(desk.file("new.md", PAGE.format(2, begins, 79, rest)), by="anna")

    report = await desk.editor.upload(desk.file("ship.md", PAGE.format(1, "", 99, "")), by="anna")

    assert report.removed == 1
    assert report.outranked == {"ship#运费": "2"}
    assert await desk.search.ids(tenant="default") == {
        "refund",
        "ship#运费",
        "ship#时间",
        "ship@1#运费",
    }


async def test_an_upload_that_would_never_count_is_not_taken_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path, edition("2"))

    report = await desk.editor.upload(desk.file("a.jsonl", json.dumps(edition("1"))), by="anna")

    assert (report.added, report.superseded) == (0, {"refund": "2"})
    assert await desk.editor.history() == []
