"""How an index follows its files."""

import json
from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch
from tools.errors import ConfigError, SearchUnavailable
from tools.ingest.index import ingest
from tools.ingest.report import Report
from tools.search.base import Progress
from tools.search.types import Changes, Entry


def write(folder: Path, *ids: str, answer: str = "在订单页。", broken: bool = False) -> Path:
    lines = [json.dumps({"id": name, "question": f"{name}?", "answer": answer}) for name in ids]
    (folder / "kb.jsonl").write_text("\n".join([*lines, "{"] if broken else lines))
    return folder


async def run(folder: Path, search: MemorySearch, *, removed_too: bool = False) -> Report:
    return await ingest(
        [folder], search, tenant="default", removed_too=removed_too, count_tokens=len
    )


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


async def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    search = MemorySearch()

    first = await run(write(tmp_path, "a", "b"), search)
    second = await run(tmp_path, search)

    assert counts(first) == (2, 0, 0, 0)
    assert counts(second) == (0, 0, 2, 0)


async def test_a_passage_of_a_chinese_page_is_no_longer_than_bge_reads(tmp_path: Path) -> None:
    """To BGE a Chinese character is a token, with two marks around the text."""
    rules = "".join(f"第{n}条规则写在这里，自签收之日起七日内可退。" for n in range(200))
    (tmp_path / "page.md").write_text(f"# 退货规则\n\n{rules}\n")
    search = MemorySearch()

    await ingest([tmp_path], search, tenant="default")

    stored = await search.get_all(sorted(await search.ids(tenant="default")), tenant="default")
    lengths = [len(one["question"] + one["answer"]) + 2 for one in stored]
    assert len(lengths) > 8
    assert max(lengths) <= 512


async def test_an_edited_entry_is_changed(tmp_path: Path) -> None:
    search = MemorySearch()
    await run(write(tmp_path, "a", "b"), search)

    report = await run(write(tmp_path, "a", answer="新的答案"), search)

    assert counts(report) == (0, 1, 0, 0)


async def test_entries_that_left_the_files_stay_unless_pruned(tmp_path: Path) -> None:
    search = MemorySearch()
    await run(write(tmp_path, "a", "b"), search)
    write(tmp_path, "a")

    assert counts(await run(tmp_path, search)) == (0, 0, 1, 0)
    assert counts(await run(tmp_path, search, removed_too=True)) == (0, 0, 1, 1)
    assert await search.ids(tenant="default") == {"a"}


async def test_pruning_leaves_other_tenants_alone(tmp_path: Path) -> None:
    search = MemorySearch([Entry(id="x", question="?", answer="!")], tenant="other")

    await run(write(tmp_path, "a"), search, removed_too=True)

    assert await search.ids(tenant="other") == {"x"}


async def test_nothing_is_pruned_when_an_entry_was_rejected(tmp_path: Path) -> None:
    search = MemorySearch()
    await run(write(tmp_path, "a", "b"), search)

    report = await run(write(tmp_path, "a", broken=True), search, removed_too=True)

    assert (report.removed, report.kept, len(report.rejected)) == (0, 1, 1)
    assert await search.ids(tenant="default") == {"a", "b"}


async def test_rejected_entries_do_not_stop_the_others(tmp_path: Path) -> None:
    search = MemorySearch()

    report = await run(write(tmp_path, "a", "a", "b", broken=True), search)

    assert counts(report) == (2, 0, 0, 0)
    assert [bad.place for bad in report.rejected] == [
        f"{tmp_path / 'kb.jsonl'}:2",
        f"{tmp_path / 'kb.jsonl'}:4",
    ]


async def test_the_engine_gets_all_at_once_and_tells_how_far_it_is(tmp_path: Path) -> None:
    search = MemorySearch()
    told: list[tuple[int, int]] = []

    await ingest(
        [write(tmp_path, *(f"q{n}" for n in range(130)))],
        search,
        tenant="default",
        progress=lambda done, total: told.append((done, total)),
        count_tokens=len,
    )

    assert search.batches == [130]
    assert told == [(done, 130) for done in range(1, 131)]


class FailingSearch(MemorySearch):
    """Stores one batch, then is gone."""

    async def upsert(
        self, entries: list[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        await super().upsert(entries[:64], tenant=tenant)
        raise SearchUnavailable("gone")


async def test_a_run_that_breaks_off_keeps_what_it_stored(tmp_path: Path) -> None:
    search = FailingSearch()

    with pytest.raises(SearchUnavailable):
        await run(write(tmp_path, *(f"q{n}" for n in range(130))), search)

    assert len(await search.ids(tenant="default")) == 64


async def test_an_empty_file_never_prunes_the_whole_index(tmp_path: Path) -> None:
    search = MemorySearch()
    await run(write(tmp_path, "a"), search)

    report = await run(write(tmp_path), search, removed_too=True)

    assert (report.removed, report.kept) == (0, 1)


async def test_a_missing_folder_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        await run(tmp_path / "missing", MemorySearch())
