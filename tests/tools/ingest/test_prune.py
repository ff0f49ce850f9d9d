"""What `--prune` leaves alone: a wrong path or a lost disk does not empty the index."""

import json
from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch
from tools.ingest.__main__ import main
from tools.ingest.index import ingest
from tools.ingest.report import Report
from tools.search.types import Entry

MANY = [f"q{n}" for n in range(30)]


def write(folder: Path, *ids: str) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"id": i, "question": f"怎么{i}", "answer": f"这样{i}"}) for i in ids]
    (folder / "faq.jsonl").write_text("\n".join(lines))
    return folder


async def load(*folders: Path, search: MemorySearch, most_too: bool = False) -> Report:
    return await ingest(
        folders,
        search,
        tenant="default",
        removed_too=True,
        most_too=most_too,
        count_tokens=len,
    )


async def test_a_folder_that_is_empty_now_loses_none_of_its_entries(tmp_path: Path) -> None:
    folders = (write(tmp_path / "a", "a1", "a2"), write(tmp_path / "b", "b1"))
    await load(*folders, search=(search := MemorySearch()))
    (tmp_path / "b" / "faq.jsonl").unlink()

    report = await load(*folders, search=search)

    assert (report.removed, report.kept) == (0, 1)
    assert report.kept_because.startswith(f"{tmp_path / 'b'} holds no knowledge any more")


async def test_more_than_half_goes_only_where_it_is_meant(tmp_path: Path) -> None:
    await load(write(tmp_path / "a", *MANY), search=(search := MemorySearch()))
    other = write(tmp_path / "b", "b1")

    kept = await load(other, search=search)
    held = await search.ids(tenant="default")
    removed = await load(other, search=search, most_too=True)

    assert (kept.added, kept.removed, kept.kept) == (1, 0, 30)
    assert "--prune-most" in kept.kept_because
    assert held == {*MANY, "b1"}
    assert (removed.removed, removed.kept) == (30, 0)


async def test_less_than_half_goes_as_ever(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", *MANY, *(f"p{n}" for n in range(30)))
    await load(folder, search=(search := MemorySearch()))

    report = await load(write(folder, *MANY), search=search)

    assert (report.removed, report.kept) == (30, 0)


async def test_what_somebody_adds_meanwhile_is_not_removed(tmp_path: Path) -> None:
    class Busy(MemorySearch):
        async def ids(self, *, tenant: str) -> set[str]:
            held = await super().ids(tenant=tenant)
            await self.upsert([Entry(id="new", question="新的？", answer="是")], tenant=tenant)
            return held

    await load(write(tmp_path / "a", "a1"), search=(search := Busy()))

    assert await MemorySearch.ids(search, tenant="default") == {"a1", "new"}


def test_a_command_that_removes_nothing_says_so_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")
    main([str(write(tmp_path / "a", *MANY))])
    other = str(write(tmp_path / "b", "b1"))

    assert main([other, "--prune"]) == 2
    assert "30 entries are in no file any more; nothing was removed" in capsys.readouterr().out
    assert main([other, "--prune-most"]) == 0


def test_pruning_by_no_files_is_refused() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--rebuild", "--prune"])


async def test_what_left_its_page_is_told_where_it_is_not_removed(tmp_path: Path) -> None:
    async def audited(page: str) -> list[str]:
        (tmp_path / "a.md").write_text(page)
        report = await ingest(
            [tmp_path], search, tenant="default", is_audited=True, count_tokens=len
        )
        return report.left_over

    others = [Entry(id=i, question="?", answer="!") for i in ("ab#甲", "a@1#甲", "b")]
    search = MemorySearch(others)

    assert await audited("# 标题\n开头。\n## 甲\n甲的。\n## 乙\n乙的。") == []
    assert await audited("# 标题\n## 甲\n甲的。") == ["a", "a#乙"]
    assert await audited("---\naudience: all\n---\n# 标题\n## 乙\n乙的。") == []  # rejected
