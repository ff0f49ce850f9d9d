"""What others build, checked on entries whose order is known."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from eval.baselines import Asked, Baselines, baselines
from tests.eval.knowledge import KNOWLEDGE
from tests.fakes.embed import HashEmbedder
from tools.embed import Embedder
from tools.search.types import Entry, Filters

FILTERS = Filters(today="2026-11-22")
ENTRIES = [Entry(**entry) for entry in KNOWLEDGE]  # type: ignore[typeddict-item]
FUSED = ["RRF", "EnsembleRetriever"]


async def asked(text: str, filters: Filters = FILTERS) -> Asked:
    return Asked(text, (await HashEmbedder().questions([text]))[0], filters)


async def built(*entries: Entry, embedder: Embedder | None = None) -> Baselines:
    return await baselines(entries or ENTRIES, embedder or HashEmbedder())


async def test_the_entry_that_is_asked_for_word_for_word_comes_first_in_all() -> None:
    built_ones = await built()

    question = await asked("电子发票怎么开？")
    firsts = {name: rank(question)[0] for name, rank in built_ones.ranks.items()}

    assert list(firsts) == ["BM25 words", "BM25 bigrams", "dense plain", *FUSED]
    assert set(firsts.values()) == {"invoice"}
    assert built_ones.skipped == {}


async def test_words_find_only_entries_with_a_term_in_common() -> None:
    ranks = (await built()).ranks

    assert ranks["BM25 bigrams"](await asked("款")) == ["refund", "freight"]
    assert ranks["BM25 words"](await asked("款")) == []  # pairs hold no single character


async def test_a_rare_term_counts_more_than_a_frequent_one() -> None:
    rank = (await built()).ranks["BM25 bigrams"]

    assert rank(await asked("退款 运费"))[0] == "freight"


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ({"similar_questions": ["忘记密码"]}, {"similar_questions": ["电子发票"]}),
        ({"answer": "忘记密码时点这里。"}, {"answer": "电子发票点这里。"}),
    ],
    ids=["wording", "answer"],
)
async def test_dense_looks_at_every_wording_and_at_the_answer(
    nearer: dict[str, Any], farther: dict[str, Any]
) -> None:
    same = {"question": "怎么登录", "answer": "点右上角。"}
    entries = [Entry(**same | part, id=name) for name, part in (("b", farther), ("a", nearer))]  # type: ignore[typeddict-item]

    rank = (await built(*entries)).ranks["dense plain"]

    assert rank(await asked("忘记密码")) == ["a", "b"]


@pytest.mark.parametrize("name", FUSED)
async def test_fusion_puts_what_both_legs_find_before_what_one_finds(name: str) -> None:
    ranks = (await built()).ranks

    question = await asked("退款时运费谁出")
    first, second, third = ranks[name](question)

    assert [first, second] == ranks["BM25 bigrams"](question)
    assert third == "invoice"  # no term in common: by vectors only


@pytest.mark.parametrize(
    ("hidden", "filters"),
    [
        ({"channel": "app"}, FILTERS),
        ({"region": "广东"}, FILTERS),
        ({"audience": "internal"}, FILTERS),
        ({"effective_from": "2026-11-23"}, FILTERS),
        ({"effective_to": "2026-11-21"}, FILTERS),
        ({"channel": "app"}, replace(FILTERS, channel="web")),
    ],
    ids=str,
)
async def test_nobody_finds_what_the_asker_may_not_see(
    hidden: dict[str, str], filters: Filters
) -> None:
    ranks = (await built(*ENTRIES[1:], Entry(**ENTRIES[0] | hidden))).ranks  # type: ignore[typeddict-item]

    question = await asked("退款多久到账？", filters)

    assert "refund" not in {found for rank in ranks.values() for found in rank(question)}


async def test_what_is_for_the_asker_s_channel_is_found() -> None:
    ranks = (await built(Entry(**ENTRIES[0] | {"channel": "app"}))).ranks  # type: ignore[typeddict-item]

    question = await asked("退款多久到账？", replace(FILTERS, channel="app"))

    assert {tuple(rank(question)) for rank in ranks.values()} == {("refund",)}


async def test_without_an_embedder_only_words_are_left() -> None:
    found = await baselines(ENTRIES, None)

    assert list(found.ranks) == ["BM25 words", "BM25 bigrams"]
    assert found.skipped == dict.fromkeys(["dense plain", *FUSED], "no embedder")


async def test_without_langchain_s_package_its_row_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "langchain_classic.retrievers.ensemble", None)

    found = await built()

    assert "EnsembleRetriever" not in found.ranks
    assert "pip install 'langchain-classic" in found.skipped["EnsembleRetriever"]
