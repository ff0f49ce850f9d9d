import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data"
TODAY = "2026-11-22"
POLICIES = sorted((DATA / "kb" / "policies").glob("*.md"))
MEMBER_RULES = {"nz-041", "nz-042", "nz-097", "nz-101", "nz-117", "nz-326", "nz-340"}
LABELS = {
    "answerable": 159,
    "indomain_no_answer": 40,
    "offdomain": 20,
    "ambiguous": 30,
    "handoff": 30,
    "account_specific": 20,
}


def records(*paths: Path) -> list[dict[str, Any]]:
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    return [json.loads(line) for line in lines if line.strip()]


def valid(entry: dict[str, Any]) -> bool:
    return (entry["effective_from"] or "0") <= TODAY <= (entry["effective_to"] or "9")


def bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    return records(*sorted((DATA / "kb").glob("*.jsonl")))


@pytest.fixture(scope="module")
def chinese(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry.get("lang", "zh") == "zh"]


@pytest.fixture(scope="module")
def by_id(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in entries}


@pytest.fixture(scope="module")
def queries() -> list[dict[str, Any]]:
    return records(DATA / "eval" / "queries.jsonl")


@pytest.fixture(scope="module")
def dialogues() -> list[dict[str, Any]]:
    return records(DATA / "eval" / "dialogues.jsonl")


def test_every_entry_id_is_unique(entries: list[dict[str, Any]]) -> None:
    ids = [entry["id"] for entry in entries]

    assert [name for name, count in Counter(ids).items() if count > 1] == []


def test_there_are_240_entries_in_12_categories_with_two_to_four_similar_questions(
    chinese: list[dict[str, Any]],
) -> None:
    assert len(chinese) >= 240
    assert len({entry["category"] for entry in chinese}) == 12
    assert [e["id"] for e in chinese if not 2 <= len(set(e["similar_questions"])) <= 4] == []


def test_ten_expired_entries_stand_beside_their_valid_successors(
    chinese: list[dict[str, Any]], by_id: dict[str, dict[str, Any]]
) -> None:
    expired = [entry for entry in chinese if not valid(entry)]

    assert len(expired) == 10
    for old in expired:
        new = by_id[old["id"].removesuffix("-old")]
        assert new["id"] != old["id"]
        assert valid(new)
        assert old["effective_to"] < new["effective_from"]


def test_at_least_eight_rules_hold_for_one_region_or_member_level_only(
    chinese: list[dict[str, Any]], by_id: dict[str, dict[str, Any]]
) -> None:
    regional = {entry["id"] for entry in chinese if entry["region"]}

    assert len(regional) >= 6
    assert len(regional | MEMBER_RULES) >= 8
    for name in MEMBER_RULES:
        assert re.search("[银金]卡|钻石", by_id[name]["answer"]), name


def test_eight_entries_are_internal_and_three_public_ones_are_poisoned(
    chinese: list[dict[str, Any]],
) -> None:
    order = re.compile(r"忽略.{0,6}(规则|指令)|AI 助手请注意|Ignore previous instructions")
    poisoned = [entry for entry in chinese if order.search(entry["answer"])]

    assert Counter(entry["audience"] for entry in chinese)["internal"] == 8
    assert [entry["id"] for entry in poisoned] == ["nz-p01", "nz-p02", "nz-p03"]
    assert {entry["audience"] for entry in poisoned} == {"public"}


def test_forty_two_english_versions_belong_to_valid_public_entries(
    entries: list[dict[str, Any]], by_id: dict[str, dict[str, Any]]
) -> None:
    english = [entry for entry in entries if entry.get("lang") == "en"]

    assert len(english) == 42
    for entry in english:
        original = by_id[entry["id"].removesuffix("-en")]
        assert original["id"] != entry["id"]
        assert valid(original)
        assert entry["audience"] == original["audience"] == "public"
        assert entry["category"] == original["category"]


def test_twelve_policy_pages_have_headings_a_list_and_mostly_tables() -> None:
    pages = [path.read_text(encoding="utf-8") for path in POLICIES]

    assert len(pages) == 12
    for path, page in zip(POLICIES, pages, strict=True):
        assert page.startswith("---\n"), path.name
        assert len(re.findall(r"^#{1,3} ", page, re.M)) >= 3, path.name
        assert re.search(r"^(- |\d+\. )", page, re.M), path.name
    assert sum(bool(re.search(r"^\|[-| :]+\|$", page, re.M)) for page in pages) >= 8


def test_the_labelled_queries_and_dialogues_are_counted_and_split(
    queries: list[dict[str, Any]], dialogues: list[dict[str, Any]]
) -> None:
    assert Counter(query["label"] for query in queries) == LABELS
    assert Counter(len(dialogue["history"]) for dialogue in dialogues) == {2: 20, 4: 10}
    for labelled in (queries, dialogues):
        test_share = sum(row["split"] == "test" for row in labelled) / len(labelled)
        assert {row["split"] for row in labelled} == {"dev", "test"}
        assert 0.3 <= test_share <= 0.37


def test_no_entry_is_used_in_both_splits(
    queries: list[dict[str, Any]], dialogues: list[dict[str, Any]]
) -> None:
    used: dict[str, set[str]] = {"dev": set(), "test": set()}
    for row in queries + dialogues:
        used[row["split"]].update(row["relevant_ids"])

    assert used["dev"] & used["test"] == set()


def test_relevant_ids_name_public_entries_that_are_valid_and_clean(
    queries: list[dict[str, Any]],
    dialogues: list[dict[str, Any]],
    by_id: dict[str, dict[str, Any]],
) -> None:
    for row in queries + dialogues:
        assert bool(row["relevant_ids"]) == (row.get("label", "answerable") == "answerable")
        for name in row["relevant_ids"]:
            assert valid(by_id[name]), name
            assert by_id[name]["audience"] == "public", name
            assert not name.startswith("nz-p"), name


def test_answerable_queries_reach_all_categories(
    queries: list[dict[str, Any]], chinese: list[dict[str, Any]], by_id: dict[str, dict[str, Any]]
) -> None:
    reached = {by_id[name]["category"] for query in queries for name in query["relevant_ids"]}

    assert reached == {entry["category"] for entry in chinese}


def test_no_query_repeats_another_or_copies_a_known_question(
    queries: list[dict[str, Any]],
    dialogues: list[dict[str, Any]],
    entries: list[dict[str, Any]],
) -> None:
    asked = [bare(row["query"]) for row in queries + dialogues]
    known = {bare(text) for e in entries for text in (e["question"], *e["similar_questions"])}

    assert len(asked) == len(set(asked))
    assert known.isdisjoint(asked)
