"""Which files of a folder are read, and what is said of the others."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch
from tools.errors import ConfigError
from tools.ingest.__main__ import main
from tools.ingest.index import ingest
from tools.ingest.listing import listing
from tools.ingest.watch import Folder

OUT = "a link that leads out of the folder; put a copy in its place"


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A folder with one page, beside a secret."""
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "a.md").write_text("# 退款\n\n三天。", encoding="utf-8")
    (tmp_path / "secret.md").write_text("# 密钥\n\n不给看。", encoding="utf-8")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "b.md").write_text("# 密钥\n\n不给看。", encoding="utf-8")
    return folder


async def test_links_that_lead_out_of_the_folder_are_rejected_unread(kb: Path) -> None:
    (kb / "link.md").symlink_to(kb.parent / "secret.md")
    (kb / "more").symlink_to(kb.parent / "secrets")
    (kb / "hops.md").symlink_to(kb / "link.md")
    search = MemorySearch()

    report = await ingest([kb], search, tenant="default", count_tokens=len)

    assert await search.ids(tenant="default") == {"a"}
    assert {(bad.place, bad.reason) for bad in report.rejected} == {
        (str(kb / name), OUT) for name in ("link.md", "more", "hops.md")
    }
    assert report.files[str(kb / "link.md")].rejected == 1


def test_links_within_the_folder_and_a_linked_folder_itself_are_followed(kb: Path) -> None:
    (kb / "..data").mkdir()
    (kb / "..data" / "b.md").write_text("# 配送")
    (kb / "b.md").symlink_to("..data/b.md")
    mounted = kb.parent / "mounted"
    mounted.symlink_to(kb)

    listed = listing([mounted])

    assert [path.name for path in listed.files] == ["a.md", "b.md"]
    assert listed.outside == {}


def test_a_file_that_is_named_may_be_a_link(kb: Path) -> None:
    (kb / "link.md").symlink_to(kb.parent / "secret.md")

    assert listing([kb / "link.md"]).files == [kb / "link.md"]


@pytest.fixture
def locked(kb: Path) -> Iterator[Path]:
    """A folder in that folder which can't be read, with a page in it."""
    folder = kb / "locked"
    folder.mkdir()
    (folder / "c.md").write_text("# 换货\n\n七天。")
    yield folder
    folder.chmod(0o755)


def lock(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    if os.access(folder, os.R_OK | os.X_OK):
        pytest.skip("root may read everything")


@pytest.mark.parametrize("mode", [0o000, 0o444])
async def test_a_folder_that_can_not_be_read_is_reported_and_costs_no_entry(
    kb: Path, locked: Path, mode: int
) -> None:
    search = MemorySearch()
    await ingest([kb], search, tenant="default", count_tokens=len)

    lock(locked, mode)
    report = await ingest([kb], search, tenant="default", count_tokens=len, removed_too=True)

    assert [bad.place for bad in report.rejected] == [str(locked)]
    assert await search.ids(tenant="default") == {"a", "c"}


async def test_a_followed_folder_that_can_not_be_read_any_more_keeps_its_entries(
    kb: Path, locked: Path
) -> None:
    search = MemorySearch()
    folder = Folder([kb], search, tenant="default", removed_too=True, count_tokens=len)
    await folder.look()

    lock(locked, 0o000)
    lines = await folder.look() + await folder.look()

    assert [line for line in lines if str(locked) in line] == lines != []
    assert await search.ids(tenant="default") == {"a", "c"}


def test_links_to_nothing_are_left_out(kb: Path) -> None:
    (kb / "a.md").unlink()
    (kb / "gone.md").symlink_to(kb.parent / "gone.md")
    (kb / "round.md").symlink_to(kb / "round.md")

    with pytest.raises(ConfigError, match="no knowledge found"):
        listing([kb])


async def test_a_followed_folder_says_once_that_a_link_leads_out(kb: Path) -> None:
    folder = Folder([kb], search := MemorySearch(), tenant="default", count_tokens=len)
    await folder.look()
    (kb / "link.md").symlink_to(kb.parent / "secret.md")

    assert await folder.look() == [f"rejected {kb / 'link.md'}: {OUT}"]
    assert await folder.look() == []
    assert await search.ids(tenant="default") == {"a"}


def test_files_of_unknown_types_are_counted_in_the_report(
    kb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("1.png", "2.PNG", "notes", ".hidden.zip", "README.md"):
        (kb / name).write_bytes(b"x")
    monkeypatch.setenv("KEFU_VAR", str(kb.parent / "var"))
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")

    assert main([str(kb)]) == 0
    shown = capsys.readouterr().out
    assert main([str(kb), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert "skipped 2 .png, 1 no suffix: files of these types are not read" in shown
    assert report["skipped"] == {".png": 2, "no suffix": 1}
    assert report["rejected"] == []


async def test_what_is_no_file_is_rejected_unread(kb: Path) -> None:
    pipes = [kb / "pipe.md", kb.parent / "alone.md"]
    for pipe in (*pipes, kb / "pipe.log"):
        os.mkfifo(pipe)

    report = await ingest([kb, pipes[1]], MemorySearch(), tenant="default", count_tokens=len)

    assert report.added == 1
    assert {(bad.place, bad.reason) for bad in report.rejected} == {
        (str(pipe), "a pipe, socket or device; put a file in its place") for pipe in pipes
    }


def test_a_path_that_may_not_be_looked_at_is_named(kb: Path) -> None:
    too_long = kb / ("长" * 100 + ".md")

    with pytest.raises(ConfigError, match=r"can't be read \(File name too long\)"):
        listing([too_long])
