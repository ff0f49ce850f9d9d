from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from graph.state import State
from nodes.retrieve import merged, retrieve
from tests.fakes.embed import HashEmbedder, LetterReader
from tests.fakes.kefu import NOW
from tests.fakes.search import MemorySearch, entry
from tests.fakes.turn import Stage, at, passage
from tools.errors import ConfigError, RerankUnavailable, SearchUnavailable
from tools.rerank import Rerank
from tools.search.types import Entry, Filters, Passage, SearchResult

REFUND = Entry(id="refund", question="退款多久到账？", answer="三天。", lang="zh")


class BrokenSearch(MemorySearch):
    """Both legs are down."""

    async def search(self, *args: object, **kwargs: object) -> SearchResult:
        raise SearchUnavailable("no leg answered at 10.0.0.7")


class LimpingSearch(MemorySearch):
    """The vectors are gone, the words still answer."""

    async def search(
        self, question: str, vector: object, *, k: int, filters: Filters, **rest: object
    ) -> SearchResult:
        found = await super().search(question, None, k=k, filters=filters)
        return replace(found, legs={"words": "ok", "dense": "failed"})


class WholeSearch(MemorySearch):
    """Both legs answer."""

    async def search(
        self, question: str, vector: object, *, k: int, filters: Filters, **rest: object
    ) -> SearchResult:
        found = await super().search(question, None, k=k, filters=filters)
        return replace(found, legs={"words": "ok", "dense": "ok"})


class ReadSearch(MemorySearch):
    """Its hits' tokens were read, or not."""

    def __init__(self, entries: Sequence[Entry], near: float) -> None:
        super().__init__(entries)
        self._near = near

    async def search(
        self, question: str, vector: object, *, k: int, filters: Filters, **rest: object
    ) -> SearchResult:
        found = await super().search(question, None, k=k, filters=filters)
        near = {"meaning": self._near, "aim": self._near}
        hits = [{**hit, **near} for hit in found.passages]
        return replace(found, passages=cast(list[Passage], hits))


class Backwards(Rerank):
    """Turns the order round, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.candidates = 9
        self._error = error

    async def order(self, question: str, passages: Sequence[Passage]) -> list[Passage]:
        if self._error:
            raise self._error
        return list(passages)[::-1]


async def look_up(search: MemorySearch, stage: Stage | None = None, **changes: object) -> State:
    return await retrieve(at(**changes), (stage or Stage()).runtime, search=search, now=lambda: NOW)


def knowledge(*entries: Entry) -> Sequence[Entry]:
    return [Entry(**{**REFUND, **entry}) for entry in entries]


async def test_puts_the_best_passages_into_the_state() -> None:
    other = Entry(id="other", question="可以开什么发票？", answer="电子发票。")

    update = await look_up(WholeSearch(knowledge(REFUND, other)))

    assert update["passages"][0]["id"] == "refund"
    assert (update["outcome"], update["level"]) == ("found", 0)


async def test_keeps_at_most_top_k_passages() -> None:
    search = WholeSearch(knowledge(*(Entry(id=str(n)) for n in range(5))))

    update = await look_up(search, Stage(top_k=2))

    assert len(update["passages"]) == 2


async def test_nothing_found_is_not_a_failure() -> None:
    update = await look_up(WholeSearch(), said="zzz")

    assert (update["passages"], update["outcome"], update["level"]) == ([], "nothing", 0)


async def test_a_search_that_is_down_is_level_3_and_its_error_is_not_shown() -> None:
    stage = Stage()

    update = await look_up(BrokenSearch(), stage)

    assert (update["passages"], update["outcome"], update["level"]) == ([], "failed", 3)
    assert not any("10.0.0.7" in str(piece) for piece in stage.pieces)


async def test_one_leg_down_is_level_1() -> None:
    update = await look_up(LimpingSearch(knowledge(REFUND)))

    assert (update["outcome"], update["level"]) == ("found", 1)


async def test_does_not_lower_the_level_reached_before() -> None:
    update = await look_up(WholeSearch(knowledge(REFUND)), level=1)

    assert update["level"] == 1


@pytest.mark.parametrize(
    "hidden",
    [
        Entry(audience="internal"),
        Entry(effective_to="2026-11-21"),
        Entry(effective_from="2026-11-23"),
        Entry(region="新疆"),
        Entry(channel="app"),
    ],
    ids=["internal", "expired", "not yet valid", "another region", "another channel"],
)
async def test_shows_a_customer_only_what_is_meant_for_them(hidden: Entry) -> None:
    update = await look_up(WholeSearch(knowledge(hidden)))

    assert update["outcome"] == "nothing"


@pytest.mark.parametrize("said", ["新疆", "新疆维吾尔自治区"])
async def test_sees_the_rules_of_the_customers_own_region(said: str) -> None:
    update = await look_up(WholeSearch(knowledge(Entry(region="新疆"))), Stage(region=said))

    assert update["outcome"] == "found"


async def test_another_tenant_sees_nothing() -> None:
    update = await look_up(WholeSearch(knowledge(REFUND)), Stage(tenant="other"))

    assert update["outcome"] == "nothing"


async def test_knowledge_in_another_language_answers_where_there_is_none() -> None:
    english = Entry(id="en", question="How long does a refund take?", answer="3 days.", lang="en")

    update = await look_up(WholeSearch([english]), said="refund 多久")

    assert update["passages"][0]["id"] == "en"


async def reread(stage: Stage, rerank: Rerank) -> State:
    search = WholeSearch([Entry(**{**REFUND, "id": str(n)}) for n in range(8)])
    return await retrieve(at(), stage.runtime, search=search, now=lambda: NOW, rerank=rerank)


async def test_a_reranker_sees_more_passages_than_are_kept() -> None:
    stage = Stage(top_k=2)

    update = await reread(stage, Backwards())

    assert [passage["id"] for passage in update["passages"]] == ["7", "6"]
    assert update["level"] == 0
    assert stage.pieces[-1]["detail"]["rerank"] == "ok"


@pytest.mark.parametrize("error", [RerankUnavailable("gone"), ConfigError("no such model")])
async def test_a_reranker_that_fails_leaves_the_order_and_costs_a_level(error: Exception) -> None:
    stage = Stage(top_k=2)

    update = await reread(stage, Backwards(error))

    assert [passage["id"] for passage in update["passages"]] == ["0", "1"]
    assert (update["outcome"], update["level"]) == ("found", 1)
    assert stage.pieces[-1]["detail"]["rerank"] == "failed"


def hit(passage_id: str, score: float, matched: str = "") -> Passage:
    return passage(passage_id, id=passage_id, score=score, matched=matched or passage_id)


def found(*hits: Passage) -> SearchResult:
    return SearchResult(list(hits), {"words": "ok", "dense": "ok"})


def test_two_readings_bring_each_passage_once_at_its_best() -> None:
    own = found(hit("a", 0.5), hit("b", 0.4))
    other = found(hit("b", 0.9), hit("c", 0.52))

    best, result = merged(["q", "topic q"], [own, other])

    assert best == 1
    assert [p["id"] for p in result.passages] == ["b", "a"]  # a has the edge of the rules' reading


def test_a_reading_that_is_an_entrys_own_wording_is_the_right_one() -> None:
    own = found(hit("a", 1.0))
    other = found(hit("b", 0.8, matched="可以开什么发票？"), hit("c", 0.7))

    best, result = merged(["退货 可以开什么发票", "可以开什么发票"], [own, other])

    assert (best, [p["id"] for p in result.passages]) == (1, ["b", "c"])


@pytest.mark.parametrize(
    ("near", "next_best", "alone"),
    [(0.9, 0.5, True), (0.7, 0.5, False), (0.9, 0.79, False)],  # far from the entry; one of two
)
def test_own_words_that_say_nearly_the_same_as_one_entry_are_a_new_topic(
    near: float, next_best: float, alone: bool
) -> None:
    joined = found(hit("a", 1.0), hit("b", 0.7))
    own: Passage = {**hit("b", 0.8), "meaning": near, "aim": near}
    results = [joined, found(own, {**hit("c", next_best), "answer": "d"})]

    best, _ = merged(["A9多大 价保几天", "价保几天"], results, own="价保几天")

    assert best == (1 if alone else 0)
    assert merged(["A9多大 价保几天", "价保几天"], results)[0] == 0  # may be no follow-up at all


async def test_a_new_topic_is_no_follow_up_any_more() -> None:
    search = ReadSearch(knowledge(REFUND), 0.9)
    own, joined = "退款多久到帐", "门锁几天到 退款多久到帐"
    state = at(question=joined, own=own, other=own, other_vector=[])

    update = await retrieve(state, Stage().runtime, search=search, now=lambda: NOW)

    assert (update["question"], update["own"]) == (own, "")


async def test_the_reading_that_found_more_becomes_the_question() -> None:
    search = MemorySearch([entry("warranty", "电水壶保修多久？"), entry("paint", "颜色有几种")])
    state = at(question="质量咋样", other="电水壶保修多久", other_vector=[])

    update = await retrieve(state, Stage().runtime, search=search, now=lambda: NOW)

    assert (update["question"], update["passages"][0]["id"]) == ("电水壶保修多久", "warranty")


async def test_a_third_reading_finds_what_the_topic_before_is_about() -> None:
    search = MemorySearch([entry("close", "账号注销几天生效"), entry("door", "门锁几天到")])
    state = at(question="要先解绑 几天生效", wider=[("账号注销 要先解绑 几天生效", [])])

    update = await retrieve(state, Stage().runtime, search=search, now=lambda: NOW)

    assert update["passages"][0]["id"] == "close"
    assert update["question"].startswith("账号注销")


async def test_a_piece_of_a_long_message_finds_what_the_whole_does_not() -> None:
    invoice = Entry(id="invoice", question="可以开什么发票？", answer="电子发票。")
    search = WholeSearch(knowledge(REFUND, invoice))

    update = await look_up(search, question="退款", pieces=[("可以开什么发票", [])])

    assert [passage["id"] for passage in update["passages"]] == ["refund", "invoice"]
    assert update["question"] == "退款"


async def test_a_leg_that_failed_for_one_piece_is_told() -> None:
    update = await look_up(LimpingSearch(knowledge(REFUND)), question="退款", pieces=[("到账", [])])

    assert update["level"] == 1


async def test_what_the_customer_said_was_not_meant_is_not_found_again() -> None:
    search = MemorySearch([entry("refund", "退款多久到账"), entry("card", "信用卡退款多久到账")])

    update = await look_up(search, denied=["refund", "退款政策"])

    assert [p["id"] for p in update["passages"]] == ["card"]


@pytest.mark.parametrize("is_for_model", [True, False])
async def test_a_model_gets_the_section_of_the_best_passage(*, is_for_model: bool) -> None:
    parts = [
        entry("p", "退货说明", "拆封前可退。", kind="doc"),
        entry("p~2", "退货说明", "滤芯拆封不退。", kind="doc"),
    ]
    stage = Stage()

    update = await retrieve(
        at(said="滤芯拆封能退吗"),
        stage.runtime,
        search=MemorySearch(parts),
        now=lambda: NOW,
        is_for_model=is_for_model,
    )

    best = update["passages"][0]
    assert (best["id"], best["answer"]) == ("p~2", "滤芯拆封不退。")
    assert best.get("section") == ("拆封前可退。\n滤芯拆封不退。" if is_for_model else None)


async def test_the_best_hit_is_read_with_the_question_where_its_tokens_were_read() -> None:
    reader = LetterReader(HashEmbedder(), "letters")

    async def best(near: float) -> Passage:
        search = ReadSearch(knowledge(REFUND), near)
        state = at(question="退款多久到卡？")
        update = await retrieve(
            state, Stage().runtime, search=search, now=lambda: NOW, reader=reader
        )
        return update["passages"][0]

    assert (await best(0.7))["answers"] == pytest.approx(8 * 6 / 7 - 4, abs=1e-4)
    assert "answers" not in await best(0.0)  # nothing was read
    assert "answers" not in await best(0.9)  # nothing is left to read


async def test_a_follow_up_s_own_words_are_read_as_well() -> None:
    reader = LetterReader(HashEmbedder(), "letters")
    joined, own = "退款多久到账 到卡呢", "到卡呢"

    async def best(**said: object) -> Passage:
        search = ReadSearch(knowledge(REFUND), 0.9)  # nearly the same: the question before was
        update = await retrieve(
            at(**said), Stage().runtime, search=search, now=lambda: NOW, reader=reader
        )
        return update["passages"][0]

    both, alone = await best(question=joined, own=own), await best(question=joined)
    told = both["matched"], both["answer"]

    assert both["follows"] == pytest.approx(
        await reader.answers(joined, *told) + await reader.answers(own, *told), abs=1e-4
    )
    assert "follows" not in alone
    assert "follows" not in await best(question=own, own=own)  # it was read as standing alone
    part = {"question": joined, "vector": []}
    several = await retrieve(
        at(question=joined, own=own, parts=[part]),
        Stage().runtime,
        search=ReadSearch(knowledge(REFUND), 0.9),
        now=lambda: NOW,
        reader=reader,
    )
    assert "follows" not in several["parts"][0]["passages"][0]  # nor is one question of several
    may_lean = {"own": "", "other": joined, "other_vector": []}
    found = await best(question=own, **may_lean)  # by the reading that leans
    assert found["follows"] == both["follows"]
    fact = "昨天付的款"
    assert "follows" not in await best(question=f"退款多久到账 {fact}", own=fact)  # it asks nothing


async def test_a_question_about_another_company_is_marked() -> None:
    bind = entry("bind", "怎么绑定域名？", lang="zh")

    update = await look_up(WholeSearch([bind]), said="七牛云怎么绑定域名？")

    assert update["passages"][0]["stranger"]


def test_an_entry_and_its_translation_count_as_one() -> None:
    own = found(hit("a", 0.5), hit("b", 0.4))
    other = found(hit("a-en", 0.9), hit("c", 0.3))

    _, result = merged(["q", "topic q"], [own, other])

    assert [passage["id"] for passage in result.passages] == ["a-en", "b"]
