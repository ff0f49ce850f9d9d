"""Editions on their way from files into an index: in one run or several, in any order."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.search import MemorySearch
from tools.errors import SearchUnavailable
from tools.ingest.editions import as_written
from tools.ingest.edits import Edit, Edits, fingerprint
from tools.ingest.index import ingest
from tools.ingest.read import RENAME
from tools.ingest.report import Report
from tools.ingest.watch import Folder
from tools.search.base import Progress
from tools.search.types import Changes, Entry, Filters

TODAY, EVE, DAY = "2026-11-22", "2026-11-30", "2026-12-01"


def edition(version: str, begins: str = "", **facts: str) -> dict[str, str]:
    dates = {"effective_from": begins} if begins else {}
    given = {"id": "a", "question": "运费怎么算？", "answer": f"第 {version} 版。"}
    return given | ({"version": version} if version else {}) | dates | facts


ONE, TWO, THREE = edition("1"), edition("2", "2026-03-01"), edition("3", DAY)


class Shop:
    """A folder of knowledge files and an index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kb"
        self.folder.mkdir()
        self.search = MemorySearch()
        self.edits = Edits(folder / "edits.jsonl")

    def write(self, name: str, *records: dict[str, str]) -> Path:
        path = self.folder / name
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        return path

    def page(self, name: str, front: dict[str, str], *headings: str) -> Path:
        path = self.folder / name
        lines = ["---", *(f"{k}: {v}" for k, v in front.items()), "---", "", "# 运费", ""]
        for heading in headings:
            lines += [f"## {heading}", "", f"运费怎么算？第 {front.get('version')} 版。", ""]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    async def load(self, *paths: Path, **options: Any) -> Report:  # noqa: ANN401 of ingest
        return await ingest(
            paths or [self.folder],
            self.search,
            tenant="default",
            edits=self.edits,
            count_tokens=len,
            **options,
        )

    async def answers(self, today: str = TODAY) -> list[str]:
        found = await self.search.search("运费怎么算？", None, k=9, filters=Filters(today=today))
        return sorted(passage["answer"] for passage in found.passages)

    async def ids(self) -> set[str]:
        return await self.search.ids(tenant="default")

    async def all(self) -> dict[str, Entry | None]:
        return {one: await self.search.get(one, tenant="default") for one in await self.ids()}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


async def test_tomorrows_rule_waits_while_todays_serves_until_the_eve(shop: Shop) -> None:
    shop.write("kb.jsonl", TWO, THREE)

    await shop.load()

    assert await shop.answers(TODAY) == await shop.answers(EVE) == ["第 2 版。"]
    assert await shop.answers(DAY) == ["第 3 版。"]


@pytest.mark.parametrize("order", list(permutations([ONE, TWO, THREE])))
async def test_the_order_of_files_and_of_runs_makes_no_difference(
    shop: Shop, tmp_path: Path, order: list[dict[str, str]]
) -> None:
    paths = [shop.write(f"{n}.jsonl", one) for n, one in enumerate(order)]
    await shop.load()
    (tmp_path / "other").mkdir()
    other = Shop(tmp_path / "other")

    for path in paths:
        await other.load(path)

    assert await shop.all() == await other.all()
    assert await shop.ids() == {"a@1", "a@2", "a"}


async def test_running_again_changes_nothing(shop: Shop) -> None:
    first = shop.write("1.jsonl", ONE, TWO)
    last = shop.write("2.jsonl", THREE)
    shop.page("3.md", {"id": "p", "version": "1"}, "费用", "旧规则")
    shop.page("4.md", {"id": "p", "version": "2", "effective_from": DAY}, "费用")
    await shop.load()

    assert counts(whole := await shop.load()) == (0, 0, 6, 0)
    assert (whole.superseded, whole.outranked) == ({}, {})
    assert counts(await shop.load(first)) == (0, 0, 2, 0)
    assert (await shop.load(last)).outranked == {}
    assert counts(await shop.load(shop.folder / "3.md")) == (0, 0, 2, 0)
    assert counts(await shop.load(removed_too=True)) == (0, 0, 6, 0)


async def test_an_edition_that_comes_later_ends_the_one_that_is_there(shop: Shop) -> None:
    await shop.load(shop.write("1.jsonl", TWO))
    assert await shop.ids() == {"a"}

    await shop.load(shop.write("2.jsonl", THREE))

    assert (await shop.answers(EVE), await shop.answers(DAY)) == (["第 2 版。"], ["第 3 版。"])


async def test_a_moved_beginning_moves_the_end_of_the_one_before(shop: Shop) -> None:
    await shop.load(shop.write("1.jsonl", edition("2", effective_to="2026-12-20")))
    for begins, serving in (("2026-11-01", "第 3 版。"), (DAY, "第 2 版。"), ("2027-01-01", "")):
        await shop.load(shop.write("2.jsonl", edition("3", begins)))

        day = EVE if serving else "2026-12-25"
        assert await shop.answers(day) == [serving] * bool(serving)


async def test_an_older_file_loaded_later_does_not_take_the_place_of_a_newer(shop: Shop) -> None:
    await shop.load(shop.write("2.jsonl", edition("2")))

    report = await shop.load(path := shop.write("1.jsonl", ONE))

    assert await shop.answers() == ["第 2 版。"]
    assert report.outranked == {f"{path}:1": "2"}


async def test_a_raised_version_without_a_date_takes_the_place_at_once(shop: Shop) -> None:
    await shop.load(shop.write("1.jsonl", ONE))

    await shop.load(shop.write("1.jsonl", edition("2")))

    assert await shop.answers() == ["第 2 版。"]
    assert await shop.ids() == {"a"}


async def test_an_edition_that_is_never_in_force_is_named_with_its_place(shop: Shop) -> None:
    path = shop.write("1.jsonl", ONE, edition("2"))

    report = await shop.load()

    assert report.superseded == {f"{path}:1": "2"}
    assert await shop.ids() == {"a"}


async def test_a_superseded_edition_does_not_come_back_when_the_higher_ends(shop: Shop) -> None:
    shop.write("1.jsonl", TWO, edition("3", "2026-11-01", effective_to="2026-11-10"))

    await shop.load()

    assert await shop.answers("2026-11-10") == ["第 3 版。"]
    assert await shop.answers(TODAY) == []


async def test_a_middle_edition_that_left_the_files_leaves_no_gap(shop: Shop) -> None:
    shop.write("1.jsonl", ONE, TWO, THREE)
    await shop.load()
    shop.write("1.jsonl", ONE, THREE)

    assert counts(await shop.load()) == (0, 0, 2, 0)
    assert await shop.answers() == ["第 2 版。"]
    assert counts(await shop.load(removed_too=True)) == (0, 2, 0, 1)
    assert (await shop.answers(EVE), await shop.answers(DAY)) == (["第 1 版。"], ["第 3 版。"])


async def test_the_highest_edition_that_left_the_files_gives_its_id_back(shop: Shop) -> None:
    shop.write("1.jsonl", TWO, THREE)
    await shop.load()
    shop.write("1.jsonl", TWO)

    await shop.load(removed_too=True)

    assert await shop.all() == {"a": TWO}


async def test_pruning_waits_where_an_entry_was_rejected_and_editions_stay_apart(
    shop: Shop,
) -> None:
    shop.write("1.jsonl", TWO, THREE)
    await shop.load()
    shop.write("1.jsonl", TWO, edition("x", "tomorrow"))

    report = await shop.load(removed_too=True)

    assert (report.removed, report.kept) == (0, 1)
    assert (await shop.answers(EVE), await shop.answers(DAY)) == (["第 2 版。"], ["第 3 版。"])
    assert "effective_from: expected a date" in report.rejected[0].reason


async def test_the_same_version_twice_is_rejected_with_both_places(shop: Shop) -> None:
    one, other = shop.write("1.jsonl", TWO), shop.write("2.jsonl", THREE, edition("02"))

    report = await shop.load()

    assert [(bad.place, bad.reason) for bad in report.rejected] == [
        (f"{other}:2", f"id: 'a' in version '02' was already used at {one}:1; {RENAME}")
    ]
    assert await shop.answers() == ["第 2 版。"]


async def test_an_id_that_an_older_edition_is_stored_under_is_rejected(shop: Shop) -> None:
    path = shop.write("1.jsonl", edition("", id="a@2"), TWO, THREE)
    late = shop.write("2.jsonl", edition("", id="a@2"))

    whole, alone = await shop.load(path), await shop.load(late)

    assert [bad.place for bad in whole.rejected + alone.rejected] == [f"{path}:1", f"{late}:1"]
    assert (await shop.answers(EVE), await shop.answers(DAY)) == (["第 2 版。"], ["第 3 版。"])


async def test_an_edition_that_says_the_same_as_another_entry_still_ends_the_older(
    shop: Shop,
) -> None:
    both = edition("3", "2026-11-01", answer="现在一样。")
    shop.write("1.jsonl", both | {"id": "b"}, TWO, both)

    report = await shop.load()

    assert await shop.answers() == ["现在一样。", "现在一样。"]
    assert report.duplicates == []


async def test_editions_that_say_nearly_the_same_are_no_doubt(shop: Shop) -> None:
    text = "订单满 99 元包邮，不满 99 元收 10 元运费，按使用优惠券后的商品实付金额计算。"
    shop.write("1.jsonl", TWO | {"answer": text}, THREE | {"answer": text.replace("10", "12")})

    assert (await shop.load(is_audited=True)).near_duplicates == []


class BreaksOff(MemorySearch):
    """Stores one batch, then is gone."""

    async def upsert(
        self, entries: list[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        if self.batches:
            raise SearchUnavailable("gone")
        return await super().upsert(entries, tenant=tenant)


@pytest.mark.parametrize("has_both", [False, True])
async def test_a_run_that_breaks_off_loses_no_edition(shop: Shop, has_both: bool) -> None:
    old = [TWO | {"id": f"e{n:03}", "answer": f"{n}"} for n in range(70)]
    await shop.load(shop.write("1.jsonl", *old))
    shop.search = BreaksOff([e for e in (await shop.all()).values() if e])
    new = [e | {"version": "3", "effective_from": DAY} for e in old]
    later = shop.write("0.jsonl", edition("", id="odd"), *new)  # no batch ends after a pair

    with pytest.raises(SearchUnavailable):
        await shop.load(*([] if has_both else [later]))

    held = [as_written(e) for e in (await shop.all()).values() if e]
    assert {e["id"] for e in held if e["version"] == "2"} == {e["id"] for e in old}


async def test_an_edit_belongs_to_one_edition(shop: Shop) -> None:
    shop.write("1.jsonl", TWO, THREE)
    changed = Entry(**{**TWO, "answer": "改过。"})
    edit = Edit(
        at="2026-11-22T02:00:00+00:00",
        by="anna",
        tenant="default",
        id="a",
        action="edit",
        entry=changed,
        before=Entry(**TWO),
        file=fingerprint(Entry(**TWO)),
    )
    shop.edits.add([edit])

    first, second = await shop.load(), await shop.load()

    assert (await shop.answers(EVE), await shop.answers(DAY)) == (["改过。"], ["第 3 版。"])
    assert (first.edited, first.overruled, counts(second)) == (1, 0, (0, 0, 2, 0))


async def test_a_followed_folder_keeps_editions_apart(shop: Shop) -> None:
    shop.write("1.jsonl", ONE)
    folder = Folder(
        [shop.folder], shop.search, tenant="default", removed_too=True, count_tokens=len
    )
    await folder.look()

    async def settled() -> tuple[list[str], list[str]]:
        await folder.look()
        await folder.look()
        return await shop.answers(EVE), await shop.answers(DAY)

    later = shop.write("2.jsonl", edition("2"))
    assert await settled() == (["第 2 版。"], ["第 2 版。"])
    shop.write("2.jsonl", edition("2", DAY))
    assert await settled() == (["第 1 版。"], ["第 2 版。"])
    shop.write("2.jsonl", edition("2"))
    assert await settled() == (["第 2 版。"], ["第 2 版。"])
    later.unlink()
    assert await settled() == (["第 1 版。"], ["第 1 版。"])
    assert await shop.all() == {"a": ONE}
