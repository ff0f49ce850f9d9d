"""Index files that may be read but not written: a clear error, and reading goes on."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tools.errors import ConfigError, StoreUnavailable
from tools.search.sqlite import SqliteSearch

NOBODY = 65534
QUESTION = "退款多久到账"


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach; root may write everywhere."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def not_root() -> Iterator[None]:
    """Rights of files count; root may write everywhere."""
    before = os.geteuid()
    os.seteuid(NOBODY if before == 0 else before)
    try:
        yield
    finally:
        os.seteuid(before)


async def test_a_read_only_folder_is_named_with_what_to_check(public_folder: Path) -> None:
    search = await SqliteSearch.open(public_folder, None)
    await search.upsert([entry("x", QUESTION)], tenant="default")
    await search.close()
    for path, mode in ((public_folder / "index.db", 0o444), (public_folder, 0o555)):
        os.chmod(path, mode)

    with not_root(), pytest.raises(ConfigError, match=r"index\.db: can't be opened .*rights"):
        await SqliteSearch.open(public_folder, None)


async def test_a_file_that_became_read_only_refuses_writes_and_still_answers(
    public_folder: Path,
) -> None:
    if os.geteuid() == 0:
        os.chown(public_folder, NOBODY, NOBODY)
    with not_root():
        first = Ask(await SqliteSearch.open(public_folder, None), HashEmbedder(), "words")
        await first.holds(entry("x", QUESTION))  # stays open, so that the log files are there
        for name in ("index.db", "index.db-wal", "index.db-shm"):
            os.chmod(public_folder / name, 0o444)

        later = Ask(await SqliteSearch.open(public_folder, None), HashEmbedder(), "words")
        with pytest.raises(StoreUnavailable, match=r"can't be written .*readonly"):
            await later.holds(entry("y", QUESTION))
        assert await later.ids(QUESTION) == ["x"]
        await later.search.close()
        await first.search.close()
