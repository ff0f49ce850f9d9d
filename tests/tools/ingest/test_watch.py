"""A folder that is followed: the index knows what its files say."""

import json
import os
from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch
from tools.errors import ConfigError, SearchUnavailable
from tools.ingest.watch import Folder
from tools.search.base import Progress
from tools.search.types import Changes, Entry


def write(path: Path, *ids: str, answer: str = "在订单页。") -> Path:
    lines = [json.dumps({"id": one, "question": f"{one}?", "answer": answer}) for one in ids]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def follow(folder: Path, search: MemorySearch, *, prune: bool = False) -> Folder:
    return Folder([folder], search, tenant="default", removed_too=prune, count_tokens=len)


async def settled(folder: Folder) -> list[str]:
    """Look twice: a file is read when it stays as it is from one look to the next."""
    return [*await folder.look(), *await folder.look()]


async def test_the_first_look_reads_everything_and_the_next_says_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1", "a2")
    folder = follow(tmp_path, search := MemorySearch())

    assert await folder.look() == [f"{path}: 2 added"]
    assert await folder.look() == []
    assert await search.ids(tenant="default") == {"a1", "a2"}


async def test_only_what_changed_is_stored(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", "a1", "a2")
    folder = follow(tmp_path, search := MemorySearch())
    await folder.look()
    path = write(tmp_path / "b.jsonl", "b1")

    assert await settled(folder) == [f"{path}: 1 added"]
    assert search.batches == [2, 1]


async def test_a_file_that_is_still_written_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", "a1")
    folder = follow(tmp_path, MemorySearch())
    await folder.look()

    for size in range(1, 4):
        write(tmp_path / "b.jsonl", *(f"b{n}" for n in range(size)))
        assert await folder.look() == []
    assert await folder.look() == [f"{tmp_path / 'b.jsonl'}: 3 added"]


async def test_a_changed_file_says_what_changed_and_what_it_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1", "a2", "a3")
    folder = follow(tmp_path, search := MemorySearch(), prune=True)
    await folder.look()
    write(path, "a1", answer="找客服。")

    assert await settled(folder) == [f"{path}: 1 changed, 2 removed"]
    assert await search.ids(tenant="default") == {"a1"}


@pytest.mark.parametrize(("prune", "left"), [(True, {"a1"}), (False, {"a1", "b1"})])
async def test_entries_of_a_vanished_file_go_only_when_asked(
    tmp_path: Path, prune: bool, left: set[str]
) -> None:
    write(tmp_path / "a.jsonl", "a1")
    path = write(tmp_path / "b.jsonl", "b1")
    folder = follow(tmp_path, search := MemorySearch(), prune=prune)
    await folder.look()
    path.unlink()

    assert await settled(folder) == [f"{path}: gone, {int(prune)} entries removed"]
    assert await search.ids(tenant="default") == left


async def test_what_others_stored_is_never_removed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1")
    write(tmp_path / "b.jsonl", "b1")
    search = MemorySearch([Entry(id="page", question="?", answer="!")], tenant="default")
    folder = follow(tmp_path, search, prune=True)
    await folder.look()
    path.unlink()
    await settled(folder)

    assert await search.ids(tenant="default") == {"page", "b1"}


async def test_a_folder_that_is_gone_whole_removes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1")
    folder = follow(tmp_path, search := MemorySearch(), prune=True)
    await folder.look()
    path.unlink()

    assert await settled(folder) == []
    assert await search.ids(tenant="default") == {"a1"}


async def test_a_file_that_turns_bad_keeps_its_entries(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1", "a2")
    folder = follow(tmp_path, search := MemorySearch(), prune=True)
    await folder.look()
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n{", encoding="utf-8")

    said, rejected = await settled(folder)

    assert said == f"{path}: 1 unchanged, 1 rejected"
    assert rejected.startswith(f"rejected {path}:2: no valid JSON")
    assert await search.ids(tenant="default") == {"a1", "a2"}


class FailingOnce(MemorySearch):
    """Is away for the first write."""

    async def upsert(
        self, entries: list[Entry], *, tenant: str, progress: Progress | None = None
    ) -> Changes:
        if not self.batches:
            self.batches.append(0)
            raise SearchUnavailable("away")
        return await super().upsert(entries, tenant=tenant)


async def test_what_could_not_be_stored_is_tried_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1")
    folder = follow(tmp_path, FailingOnce())
    with pytest.raises(SearchUnavailable):
        await folder.look()

    assert await folder.look() == [f"{path}: 1 added"]


async def test_a_path_that_was_never_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        await follow(tmp_path / "missing", MemorySearch()).look()


async def test_a_file_of_the_same_size_and_time_as_the_one_before_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "a1", answer="运费 10 元。")
    folder = follow(tmp_path, search := MemorySearch())
    await folder.look()
    at = path.stat().st_mtime_ns

    unpacked = write(tmp_path / "a.tmp", "a1", answer="运费 20 元。")
    os.utime(unpacked, ns=(at, at))  # as an archive or a container's layer says
    unpacked.replace(path)

    assert await settled(folder) == [f"{path}: 1 changed"]
    entry = await search.get("a1", tenant="default")
    assert entry is not None
    assert entry["answer"] == "运费 20 元。"
