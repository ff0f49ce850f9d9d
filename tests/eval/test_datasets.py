"""Public data sets become knowledge and queries that the product's own readers take."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import (
    FAQ_QUERIES,
    FAQ_WORDINGS,
    POLICY_QUERIES,
    Dataset,
    Made,
    convert,
)
from eval.queries import answerable, read_queries
from tools.errors import BadEntry, ConfigError
from tools.ingest.read import Reader
from tools.search.types import Entry

SHARED = Path(__file__).parents[3] / "shared" / "data"


def put(path: Path, *rows: dict[str, Any]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")


def entries(made: Made) -> list[Entry]:
    found = list(Reader(len).entries([made.kb]))
    assert not any(isinstance(one, BadEntry) for one in found)
    return [one for one in found if not isinstance(one, BadEntry)]


@pytest.fixture
def clauses(tmp_path: Path) -> Path:
    """Two contracts that share a clause; one has another."""
    shared, own = "3.5 失踪处理 失踪后被宣告死亡的，我们赔付。", "酒后驾驶：是指饮酒后驾驶。"
    put(
        tmp_path / "objective_dev.jsonl",
        {"id": 1, "contract": "甲", "clause": shared, "question": "失踪怎么赔？"},
        {"id": 2, "contract": "乙", "clause": shared, "question": "失踪了赔吗？"},
        {"id": 3, "contract": "乙", "clause": own, "question": "什么算酒驾？"},
    )
    return tmp_path


def test_a_clause_that_contracts_share_is_one_entry(clauses: Path, tmp_path: Path) -> None:
    made = convert("insqa", clauses, tmp_path / "out")

    first, second, _ = answerable(made.queries)
    assert [entry["question"] for entry in entries(made)] == ["失踪处理", "酒后驾驶"]
    assert first["relevant_ids"] == second["relevant_ids"] == [entries(made)[0]["id"]]


def test_with_the_contract_as_filter_a_customer_sees_its_clauses_only(
    clauses: Path, tmp_path: Path
) -> None:
    made = convert("insqa", clauses, tmp_path / "out", by="contract")

    first, second, third = [entry["channel"] for entry in entries(made)]
    assert first != second == third
    assert [query["channel"] for query in answerable(made.queries)] == [first, second, third]


def test_a_contract_whose_name_reads_as_several_is_one(tmp_path: Path) -> None:
    clause = {
        "id": 1,
        "contract": "附加现金、首饰盗抢",
        "clause": "失踪处理",
        "question": "怎么赔？",
    }
    put(tmp_path / "objective_dev.jsonl", clause)

    made = convert("insqa", tmp_path, tmp_path / "out", by="contract")

    assert len(entries(made)) == 1


def test_all_sections_of_a_policy_page_that_answers_are_right(tmp_path: Path) -> None:
    pages = {page for query in read_queries(POLICY_QUERIES) for page in query["relevant_ids"]}
    text = "Before.\n# Refunds\nWithin 30 days.\n## How\nWrite to us.\n### Nothing\n\n"
    owned = [dict(zip(("repo", "path"), page.rsplit("/", 1), strict=True)) for page in pages]
    put(tmp_path / "docs.jsonl", *({**page, "markdown": text} for page in owned))

    made = convert("policies", tmp_path, tmp_path / "out")

    first, (page, *others) = (
        answerable(made.queries)[0],
        read_queries(POLICY_QUERIES)[0]["relevant_ids"],
    )
    assert not others
    assert first["relevant_ids"] == [f"{page}#0", f"{page}#1"]
    assert {entry["question"] for entry in entries(made)} == {"Refunds", "How"}


def test_a_policy_page_without_headings_is_one_passage(tmp_path: Path) -> None:
    pages = {page for query in read_queries(POLICY_QUERIES) for page in query["relevant_ids"]}
    owned = [dict(zip(("repo", "path"), page.rsplit("/", 1), strict=True)) for page in pages]
    put(tmp_path / "docs.jsonl", *({**page, "markdown": "Just text."} for page in owned))

    made = convert("policies", tmp_path, tmp_path / "out")

    assert {entry["question"] for entry in entries(made)} == pages


def test_a_scenario_wants_all_documents_that_it_requires(tmp_path: Path) -> None:
    put(tmp_path / "banking_documents.jsonl", {"id": "d1", "title": "Cards", "content": "Text."})
    scenario = {"instructions": "You want a card."}
    task = {"id": "t1", "user_scenario": scenario, "required_documents": ["d1", "d2"]}
    put(tmp_path / "banking_tasks_dev.jsonl", task)

    made = convert("tau2", tmp_path, tmp_path / "out")

    (query,) = answerable(made.queries)
    assert (query["query"], query["relevant_ids"]) == ("You want a card.", ["d1", "d2"])
    assert [(entry["id"], entry["answer"]) for entry in entries(made)] == [("d1", "Text.")]


def test_an_intent_is_one_entry_and_no_wording_of_it_is_asked(tmp_path: Path) -> None:
    texts = [f"question {number}" for number in range(30)]
    put(tmp_path / "train.jsonl", *({"text": text, "intent": "card_arrival"} for text in texts))

    made = convert("banking77", tmp_path, tmp_path / "out")

    (entry,) = entries(made)
    asked = [query["query"] for query in answerable(made.queries)]
    wordings = [entry["question"], *entry["similar_questions"]]
    assert (len(wordings), len(asked)) == (FAQ_WORDINGS, FAQ_QUERIES)
    assert set(wordings).isdisjoint(asked)


@pytest.mark.parametrize(
    ("name", "folder", "knowledge", "queries"),
    [
        ("insqa", "insqa_clause_zh", 334, 347),
        ("tau2", "tau2", 698, 32),
        ("banking77", "banking77", 77, 616),
    ],
)
def test_the_real_sets_are_read_whole(
    name: Dataset, folder: str, knowledge: int, queries: int, tmp_path: Path
) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"{SHARED / folder} is not there")

    made = convert(name, SHARED / folder, tmp_path)

    ids = {entry["id"] for entry in entries(made)}
    asked = answerable(made.queries)
    assert (len(ids), len(asked)) == (knowledge, queries)
    assert {entry_id for query in asked for entry_id in query["relevant_ids"]} <= ids


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "train.jsonl:1: no record (JSONDecodeError"),
        ('{"text": "?"}', "not the files of banking77 (KeyError: 'intent')"),
        ("[]", "train.jsonl:1: no record (TypeError: expected an object, got list"),
    ],
)
def test_a_file_that_is_not_the_set_s_is_named(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(content, "utf-8")

    with pytest.raises(ConfigError) as raised:
        convert("banking77", tmp_path, tmp_path / "out")

    assert reason in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_a_missing_file_says_what_data_should_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"banking_documents.jsonl: no such file; --data names"):
        convert("tau2", tmp_path, tmp_path / "out")


def test_a_set_without_contracts_has_no_such_filter(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="only insqa has contracts, tau2 has none"):
        convert("tau2", tmp_path, tmp_path / "out", by="contract")
