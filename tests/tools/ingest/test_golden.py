"""Golden queries: read, scored, compared."""

from pathlib import Path

import pytest

from tests.fakes.search import MemorySearch, entry
from tools.errors import ConfigError, SearchUnavailable
from tools.ingest.golden import Comparison, Golden, GoldenWorse, check_known, read_golden, scored
from tools.search.types import SearchResult

FULL = MemorySearch([entry("refund", "退款多久到账"), entry("invoice", "发票抬头")])
HALF = MemorySearch([entry("invoice", "发票抬头")])
ASKED = [Golden("退款多久到账", frozenset({"refund"})), Golden("发票抬头", frozenset({"invoice"}))]


class Down(MemorySearch):
    async def search(self, *_: object, **__: object) -> SearchResult:
        raise SearchUnavailable("down")


def test_queries_without_an_answer_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(
        '{"query": "a", "relevant_ids": ["x", "y"], "label": "answerable"}\n\n'
        '{"query": "b", "relevant_ids": []}\n'
    )

    assert read_golden(path) == [Golden("a", frozenset({"x", "y"}))]


@pytest.mark.parametrize("line", ["{", "[]", '{"query": "a"}', '{"query": 1, "relevant_ids": []}'])
def test_a_line_that_is_no_query_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text('{"query": "a", "relevant_ids": ["x"]}\n' + line)

    with pytest.raises(ConfigError, match=r"golden\.jsonl:2: no golden query"):
        read_golden(path)


@pytest.mark.parametrize("text", ["", '{"query": "a", "relevant_ids": []}'])
def test_a_file_without_queries_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(text)

    with pytest.raises(ConfigError, match="found none"):
        read_golden(path)


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing"):
        read_golden(tmp_path / "nothing")


async def test_scores_count_the_first_right_hit() -> None:
    found = await scored(FULL, None, [*ASKED, Golden("物流", frozenset({"gone"}))], "default")

    assert (found.r_at_1, found.r_at_5) == (2 / 3, 2 / 3)
    assert found.mrr_at_10 == pytest.approx(2 / 3)
    assert found.legs == "words"


async def test_an_index_that_finds_less_is_refused_beyond_the_bound() -> None:
    with pytest.raises(GoldenWorse, match=r"expected at least 0\.990, got 0\.500"):
        await Comparison(FULL, None, ASKED, "default")(HALF)

    await Comparison(FULL, None, ASKED, "default", most_fall=0.5)(HALF)
    await Comparison(HALF, None, ASKED, "default")(FULL)


async def test_an_index_that_does_not_answer_is_no_measure_for_the_new_one() -> None:
    comparison = Comparison(Down(), None, ASKED, "default")

    await comparison(FULL)

    assert (comparison.before, comparison.after is None) == (None, False)


async def test_a_new_index_that_does_not_answer_is_refused() -> None:
    with pytest.raises(SearchUnavailable):
        await Comparison(FULL, None, ASKED, "default")(Down())


async def test_queries_of_other_knowledge_are_refused_instead_of_letting_all_through() -> None:
    with pytest.raises(ConfigError, match="none of its 2 relevant_ids, such as 'invoice'"):
        await check_known(ASKED, FULL, tenant="other", place="golden.jsonl")

    await check_known(ASKED, HALF, tenant="default", place="golden.jsonl")  # one is enough
