"""What a watched folder stored before, from one start to the next: removed is what left it."""

import json
from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch
from tools.errors import SearchUnavailable
from tools.ingest.remembered import Remembered
from tools.ingest.watch import Folder
from tools.search.types import Entry


def write(path: Path, *ids: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps({"id": at, "question": f"{at}?", "answer": f"{at}!"}) for at in ids]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def start(search: MemorySearch, *folders: Path, var: Path) -> Folder:
    """Follow folders as a program does that remembers what it stored when it last ran."""
    return Folder(
        folders,
        search,
        tenant="default",
        removed_too=True,
        remembered=Remembered(var, folders, "default"),
        count_tokens=len,
    )


async def test_what_left_its_files_between_two_starts_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    gone = write(folder / "a.jsonl", "a1")
    left = write(folder / "b.jsonl", "b1", "b2")
    search = MemorySearch([Entry(id="page", question="?", answer="!")], tenant="default")
    await start(search, folder, var=tmp_path / "var").look()
    gone.unlink()
    write(left, "b2")

    assert await start(search, folder, var=tmp_path / "var").look() == [
        f"{left}: 1 unchanged, 1 removed",
        f"{gone}: gone, 1 entries removed",
    ]
    assert await search.ids(tenant="default") == {"page", "b2"}
    assert await start(search, folder, var=tmp_path / "var").look() == [f"{left}: 1 unchanged"]


async def test_what_can_not_be_read_at_the_next_start_stays(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    bad, locked = write(folder / "a.jsonl", "a1"), folder / "c"
    hidden = write(locked / "c.jsonl", "c1")
    write(folder / "b.jsonl", "b1")
    await start(search := MemorySearch(), folder, var=tmp_path / "var").look()
    bad.write_text("{")
    hidden.unlink()
    locked.rmdir()
    locked.symlink_to("/")  # stands for a folder that may not be read

    await start(search, folder, var=tmp_path / "var").look()

    assert await search.ids(tenant="default") == {"a1", "b1", "c1"}
    bad.unlink()
    locked.unlink()
    await start(search, folder, var=tmp_path / "var").look()
    assert await search.ids(tenant="default") == {"b1"}


@pytest.mark.parametrize("kept", ["[]", "{", '{"a.jsonl": [{}]}'])
async def test_a_damaged_memory_removes_nothing_and_says_so(tmp_path: Path, kept: str) -> None:
    folder = tmp_path / "kb"
    gone = write(folder / "a.jsonl", "a1")
    write(folder / "b.jsonl", "b1")
    await start(search := MemorySearch(), folder, var=tmp_path / "var").look()
    gone.unlink()
    [memory] = (tmp_path / "var").iterdir()
    memory.write_text(kept)

    first, _ = await start(search, folder, var=tmp_path / "var").look()

    assert first.startswith("what was stored before is not known, so none of it is removed")
    assert await search.ids(tenant="default") == {"a1", "b1"}


async def test_another_spelling_of_the_folder_takes_no_file_for_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = write(tmp_path / "kb" / "a.jsonl", "a1")
    write(tmp_path / "kb" / "b.jsonl", "b1")
    await start(search := MemorySearch(), Path("kb"), var=tmp_path / "var").look()
    bad.write_text("{")

    await start(search, tmp_path / "kb", var=tmp_path / "var").look()

    assert await search.ids(tenant="default") == {"a1", "b1"}


async def test_one_of_two_folders_that_is_empty_loses_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "disk" / "a.jsonl", "a1")
    folders = path.parent, write(tmp_path / "kb" / "b.jsonl", "b1").parent
    await start(search := MemorySearch(), *folders, var=tmp_path / "var").look()
    path.unlink()

    await start(search, *folders, var=tmp_path / "var").look()

    assert await search.ids(tenant="default") == {"a1", "b1"}


async def test_what_a_bad_file_kept_goes_when_it_is_mended_at_the_next_start(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "kb" / "a.jsonl", "a1", "a2")
    folder = start(search := MemorySearch(), path.parent, var=tmp_path / "var")
    await folder.look()
    path.write_text(path.read_text().splitlines()[0] + "\n{")
    await folder.look()
    await folder.look()
    assert await search.ids(tenant="default") == {"a1", "a2"}
    write(path, "a1")

    await start(search, path.parent, var=tmp_path / "var").look()

    assert await search.ids(tenant="default") == {"a1"}


class Stuck(MemorySearch):
    """Removes nothing."""

    async def delete(self, ids: list[str], *, tenant: str) -> int:
        raise SearchUnavailable("away")


async def test_what_could_not_be_removed_is_removed_at_the_next_start(tmp_path: Path) -> None:
    path = write(tmp_path / "kb" / "a.jsonl", "a1", "a2")
    folder = start(stuck := Stuck(), path.parent, var=tmp_path / "var")
    await folder.look()
    write(path, "a1")
    await folder.look()
    with pytest.raises(SearchUnavailable):
        await folder.look()
    left = await stuck.get_all(["a1", "a2"], tenant="default")

    await start(search := MemorySearch(left), path.parent, var=tmp_path / "var").look()

    assert await search.ids(tenant="default") == {"a1"}


async def test_a_file_that_became_a_link_out_of_the_folder_keeps_its_entries(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "kb" / "a.jsonl", "a1")
    write(tmp_path / "kb" / "b.jsonl", "b1")
    await start(search := MemorySearch(), path.parent, var=tmp_path / "var").look()
    path.unlink()
    path.symlink_to(write(tmp_path / "elsewhere.jsonl", "a1"))

    await start(search, path.parent, var=tmp_path / "var").look()

    assert await search.ids(tenant="default") == {"a1", "b1"}


async def test_of_two_editions_the_one_that_left_its_file_goes(tmp_path: Path) -> None:
    path = write(tmp_path / "kb" / "a.jsonl", "a1", "a1")
    first, second = path.read_text().splitlines()
    path.write_text(f'{first[:-1]}, "version": "1"}}\n{second[:-1]}, "version": "2"}}')
    await start(search := MemorySearch(), path.parent, var=tmp_path / "var").look()
    path.write_text(path.read_text().splitlines()[0])

    await start(search, path.parent, var=tmp_path / "var").look()

    [entry] = await search.get_all(["a1"], tenant="default")
    assert entry["version"] == "1"


def test_each_tenant_has_a_memory_of_its_own(tmp_path: Path) -> None:
    paths = {Remembered(tmp_path, [tmp_path], tenant).path for tenant in ("a", "b")}

    assert len(paths) == 2
