"""Editions side by side: how they are ordered, when each ends, under which id it is stored."""

import random
from itertools import combinations

import pytest

from tools.ingest.editions import as_stored, as_written, edition_id, follower, key, rank
from tools.search.types import Entry


def edition(version: str, begins: str = "", ends: str = "", **facts: str) -> Entry:
    dates = {"effective_from": begins, "effective_to": ends}
    given = {"id": "a", "question": "a?", "answer": f"v{version}", "version": version, **dates}
    return Entry(**{k: v for k, v in (given | facts).items() if v})  # type: ignore[typeddict-item] # texts all


def passage(name: str, version: str, begins: str = "") -> Entry:
    return edition(version, begins, id=name, kind="doc", document="page")


def windows(*entries: Entry) -> dict[str, tuple[str, str]]:
    """Return first and last day of what is stored, by id."""
    return {
        e["id"]: (e.get("effective_from", ""), e.get("effective_to", ""))
        for e in as_stored(entries).stored.values()
    }


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("", "0"),
        ("", "a"),
        ("1", "2"),
        ("9", "10"),
        ("2026.9", "2026.10"),
        ("v1", "v2"),
        ("v9", "v10"),
        ("1", "1.0"),
        ("2026-01-31", "2026-2-1"),
        ("99999999999999999998", "99999999999999999999"),
    ],
)
def test_versions_are_compared_as_people_read_them(low: str, high: str) -> None:
    assert rank(low) < rank(high)


@pytest.mark.parametrize(("one", "other"), [("1", "01"), ("V2", "v2"), ("2026.3", "２０２６.３")])
def test_another_spelling_is_the_same_version(one: str, other: str) -> None:
    assert rank(one) == rank(other)


def test_a_version_of_any_length_can_be_compared() -> None:
    assert rank("9" * 20_000) > rank("1" * 20_000) > rank("1")


def test_what_has_one_edition_is_stored_as_it_is_written() -> None:
    only = edition("3", "2026-12-01")

    assert as_stored([only]).stored == {key(only): only}


def test_an_edition_ends_on_the_eve_of_the_next_and_the_highest_keeps_the_id() -> None:
    assert windows(
        edition("1"), edition("2", "2026-03-01"), edition("10", "2027-01-01", "2027-06-30")
    ) == {
        "a@1": ("", "2026-02-28"),
        "a@2": ("2026-03-01", "2026-12-31"),
        "a": ("2027-01-01", "2027-06-30"),
    }


def test_an_edition_that_ends_by_itself_is_not_prolonged() -> None:
    assert windows(edition("1", ends="2026-01-31"), edition("2", "2026-03-01"))["a@1"] == (
        "",
        "2026-01-31",
    )


@pytest.mark.parametrize("begins", ["", "0001-01-01"])
def test_below_an_edition_that_always_was_none_is_ever_in_force(begins: str) -> None:
    settled = as_stored([edition("1"), edition("2", "2026-01-01"), edition("3", begins)])

    assert [e["answer"] for e in settled.stored.values()] == ["v3"]
    assert list(settled.never.values()) == ["3", "3"]


def test_what_begins_no_earlier_than_a_higher_edition_is_never_in_force() -> None:
    settled = as_stored([edition("1"), edition("2", "2026-12-01"), edition("3", "2026-06-01")])

    assert {e["id"]: e.get("effective_to") for e in settled.stored.values()} == {
        "a@1": "2026-05-31",
        "a": None,
    }
    assert settled.never == {key(edition("2")): "3"}


@pytest.mark.parametrize("seed", range(40))
def test_on_any_day_at_most_one_edition_is_in_force_the_highest_that_has_begun(seed: int) -> None:
    rng = random.Random(seed)
    days = [f"2026-01-{day:02}" for day in range(1, 9)]
    entries = [
        edition(str(version), *sorted(rng.choices([*days, ""], k=2)))
        for version in range(rng.randint(1, 5))
    ]
    for entry in entries:  # "" sorts first: a day without end is one without beginning
        if "effective_to" in entry and rng.random() < 0.5:
            del entry["effective_to"]
    rng.shuffle(entries)

    stored = as_stored(entries).stored.values()

    for day in days:
        now = [e["version"] for e in stored if is_in_force(e, day)]
        begun = [e for e in entries if e.get("effective_from", "") <= day]
        top = max(begun, key=lambda e: rank(e["version"]), default=None)
        assert now == ([top["version"]] if top and is_in_force(top, day) else [])
    assert len({e["id"] for e in stored}) == len(stored)


def is_in_force(entry: Entry, day: str) -> bool:
    return entry.get("effective_from", "") <= day <= entry.get("effective_to", day)


def test_a_stored_edition_can_be_read_as_it_was_written() -> None:
    written = [
        edition("1", ends="2026-12-31"),
        edition("2", "2026-03-01"),
        edition("3", "2027-01-01"),
    ]

    stored = as_stored(written).stored

    assert [as_written(stored[key(entry)]) for entry in written] == written
    assert [follower(stored[key(entry)]) for entry in written] == ["2", "3", ""]


def test_all_passages_of_an_older_page_end_whatever_the_newer_one_holds() -> None:
    found = windows(
        passage("page", "1"),
        passage("page~2", "1"),
        passage("page#费用", "1"),
        passage("page#旧规则", "1"),
        passage("page#费用", "2", "2026-03-01"),
        passage("page#费用~2", "2", "2026-03-01"),
    )

    assert found == {
        "page@1": ("", "2026-02-28"),
        "page@1~2": ("", "2026-02-28"),
        "page@1#费用": ("", "2026-02-28"),
        "page@1#旧规则": ("", "2026-02-28"),
        "page#费用": ("2026-03-01", ""),
        "page#费用~2": ("2026-03-01", ""),
    }


def test_a_passage_without_its_pages_id_goes_with_the_other_edition_of_it() -> None:
    lone = edition("1", id="page#费用", kind="doc")

    assert windows(lone, passage("page#费用", "2", "2026-03-01")) == {
        "page@1#费用": ("", "2026-02-28"),
        "page#费用": ("2026-03-01", ""),
    }


def test_pages_whose_ids_begin_alike_are_not_editions_of_each_other() -> None:
    one, other = passage("page#费用", "1"), edition("2", id="page.2#费用", kind="doc")

    assert windows(one, other) == {"page#费用": ("", ""), "page.2#费用": ("", "")}


def test_versions_that_no_id_can_hold_still_have_ids_of_their_own() -> None:
    odd = ["", "1 a", "1-a", "1#a", "1~2", "第一版", "x" * 500, "x" * 501, "\ud83d"]

    ids = [edition_id(edition(version)) for version in odd]

    assert all(a != b for a, b in combinations(ids, 2))
    assert all(len(one) < 50 and not {*one[2:]} & {*"#~@ "} for one in ids)
    assert "a@第一版" in ids
