"""A file of format 1, whose words SQLite searched itself, is taken over whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.search import upgrade
from tools.text.segment import Segmenter, terms

FTS = """
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '.'"
);
CREATE VIRTUAL TABLE word_counts USING fts5vocab (words, row);
UPDATE meta SET value = '1' WHERE key = 'format';
"""


def make_old(folder: Path, texts: dict[str, str], segmenter: Segmenter) -> None:
    """Give the index the tables it had in format 1."""
    with closing(sqlite3.connect(folder / "index.db")) as db, db:
        db.executescript(FTS)
        for name, text in texts.items():
            (num,) = db.execute("SELECT num FROM entries WHERE id = ?", [name]).fetchone()
            db.execute(
                "INSERT INTO words (rowid, terms) VALUES (?, ?)",
                [num, " ".join(terms(text, segmenter))],
            )


@pytest.mark.parametrize("segmenter", ["bigrams", "words"])
async def test_an_older_file_answers_as_before_and_nothing_is_embedded_again(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, segmenter: Segmenter
) -> None:
    monkeypatch.setattr(upgrade, "AT_ONCE", 2)
    entries = [entry("a", "退款多久到账"), entry("b", "怎么开发票"), entry("c", "order 66 到账")]
    old = Ask(await opened(segmenter=segmenter), HashEmbedder(), "words")
    await old.holds(*entries)
    before = (await old("退款到账 order")).passages
    await old.search.close()
    make_old(tmp_path, {e["id"]: e["question"] for e in entries}, segmenter)

    search = await opened(segmenter=segmenter)
    new = Ask(search, HashEmbedder(), "words")
    changes = await search.upsert(entries, tenant="default")

    assert (await new("退款到账 order")).passages == before
    assert changes.unchanged == 3
    with closing(sqlite3.connect(tmp_path / "index.db")) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        (form,) = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    assert form == "2"
    assert not {name for name in tables if name.startswith("word_counts")}


async def test_an_upgrade_that_fails_leaves_the_file_as_it_was(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Ask(await opened(), HashEmbedder(), "words")
    await ask.holds(entry("a", "退款多久到账"))
    await ask.search.close()
    make_old(tmp_path, {"a": "退款多久到账"}, "bigrams")

    def broken(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(upgrade, "coded", broken)
        with pytest.raises(MemoryError):
            await opened()
    again = Ask(await opened(), HashEmbedder(), "words")

    assert await again.ids("退款") == ["a"]
