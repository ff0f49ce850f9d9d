"""Rerankers: the order they give, and that none of their failures reaches a customer."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.fakes.embeddings_server import EmbeddingsServer, embeddings_server
from tests.fakes.search import MemorySearch, entry
from tools.breaker import Breaker
from tools.errors import ConfigError, RerankUnavailable
from tools.rerank import Rerank, as_shares, blended, open_rerank
from tools.search.types import Filters, Passage

REFUND, CLEAN = "退款多久到账？", "加湿器每周清洗一次水箱。"


class FixedReranker:
    """Answers with the outcomes given, one a call."""

    def __init__(self, *outcomes: list[float] | Exception) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[tuple[str, list[str]]] = []

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, list(texts)))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        pass


class SlowReranker(FixedReranker):
    """Never answers."""

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        await asyncio.Event().wait()
        return []


def reading(reranker: FixedReranker, *, weight: float = 1.0, failures: int = 2) -> Rerank:
    breaker = Breaker("reranker", RerankUnavailable, failures=failures, reset_s=60)
    return Rerank(reranker, candidates=20, weight=weight, timeout_s=0.05, breaker=breaker)


async def found(*entries: tuple[str, str], question: str = REFUND) -> list[Passage]:
    search = MemorySearch([entry(entry_id, text) for entry_id, text in entries])
    return (await search.search(question, None, k=9, filters=Filters())).passages


@pytest.fixture
async def passages() -> list[Passage]:
    return await found(("refund", REFUND), ("late", "退款很久没到"))


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingsServer]:
    async with embeddings_server() as running:
        yield running


@pytest.fixture
async def http(server: EmbeddingsServer) -> AsyncIterator[Rerank]:
    rerank = open_rerank("http", base_url=server.base_url, weight=1, timeout_s=60.0)
    assert rerank is not None
    yield rerank
    await rerank.close()


def ids(passages: Sequence[Passage]) -> list[str]:
    return [passage["id"] for passage in passages]


async def test_the_rerankers_score_decides_when_it_has_all_the_weight(
    passages: list[Passage],
) -> None:
    ordered = await reading(FixedReranker([0.1, 0.9])).order(REFUND, passages)

    assert ids(ordered) == ["late", "refund"]
    assert [passage["score"] for passage in ordered] == [0.9, 0.1]


async def test_the_searchs_score_counts_by_its_weight(passages: list[Passage]) -> None:
    before = [passage["score"] for passage in passages]

    ordered = blended(passages, [0.4, 0.6], weight=0.25)

    assert [p["score"] for p in ordered] == pytest.approx(
        [0.25 * 0.4 + 0.75 * before[0], 0.25 * 0.6 + 0.75 * before[1]], abs=1e-3
    )


async def test_it_reads_question_and_answer(passages: list[Passage]) -> None:
    reranker = FixedReranker([0.5, 0.5])

    ordered = await reading(reranker).order(REFUND, passages)

    assert reranker.asked == [(REFUND, [f"{p['question']}\n{p['answer']}" for p in passages])]
    assert ids(ordered) == ids(passages)


async def test_without_passages_nobody_is_asked() -> None:
    assert await reading(FixedReranker()).order(REFUND, []) == []


async def test_a_slow_one_is_given_up_and_then_left_alone(passages: list[Passage]) -> None:
    rerank = reading(SlowReranker(), failures=1)

    with pytest.raises(RerankUnavailable, match=r"0\.05 s"):
        await rerank.order(REFUND, passages)
    with pytest.raises(RerankUnavailable, match="failures in a row"):
        await rerank.order(REFUND, passages)


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
async def test_a_score_that_is_no_number_is_refused(passages: list[Passage], score: float) -> None:
    with pytest.raises(ConfigError, match="finite"):
        await reading(FixedReranker([0.5, score])).order(REFUND, passages)


def test_logits_become_shares_in_the_same_order() -> None:
    shares = as_shares([-800.0, -1.5, 0.0, 4.0, 900.0])

    assert shares == sorted(shares)
    assert shares[2] == 0.5
    assert all(0 <= share <= 1 for share in shares)


def test_shares_stay_as_they_are() -> None:
    assert as_shares([0.0, 0.25, 1.0]) == [0.0, 0.25, 1.0]


async def test_a_servers_results_are_read_by_their_index(
    server: EmbeddingsServer, http: Rerank
) -> None:
    passages = await found(("clean", CLEAN), ("refund", "退款多久到账"), question="多久水箱")

    ordered = await http.order(REFUND, passages)

    assert ids(ordered) == ["refund", "clean"]
    assert server.requests[0]["query"] == REFUND
    assert server.requests[0]["top_n"] == 2


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_an_overloaded_server_is_unavailable(
    server: EmbeddingsServer, http: Rerank, passages: list[Passage], status: int
) -> None:
    server.status, server.body = status, b"busy"

    with pytest.raises(RerankUnavailable, match=str(status)):
        await http.order(REFUND, passages)


async def test_a_slow_server_is_unavailable(
    server: EmbeddingsServer, passages: list[Passage]
) -> None:
    server.delay_s = 60.0
    hasty = open_rerank("http", base_url=server.base_url, weight=1, timeout_s=0.3)
    assert hasty is not None

    with pytest.raises(RerankUnavailable):
        await hasty.order(REFUND, passages)
    await hasty.close()


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_refused_request_carries_the_servers_words(
    server: EmbeddingsServer, http: Rerank, passages: list[Passage], status: int
) -> None:
    server.status, server.body = status, b"no such model"

    with pytest.raises(ConfigError, match=r"no such model.*KEFU_RERANK__BASE_URL"):
        await http.order(REFUND, passages)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"results": []}',
        b'{"results": [{"index": 0, "relevance_score": 1}]}',
        b'{"results": [{"index": 0, "relevance_score": "x"}, {"index": 1}]}',
    ],
)
async def test_an_answer_in_another_form_is_a_configuration_error(
    server: EmbeddingsServer, http: Rerank, passages: list[Passage], body: bytes
) -> None:
    server.body = body

    with pytest.raises(ConfigError, match="expected 2 results"):
        await http.order(REFUND, passages)


async def test_a_server_that_is_not_there_is_unavailable(passages: list[Passage]) -> None:
    rerank = open_rerank("http", base_url="http://127.0.0.1:9/v1")
    assert rerank is not None

    with pytest.raises(RerankUnavailable, match="no answer"):
        await rerank.order(REFUND, passages)
    await rerank.close()


def test_none_is_none() -> None:
    assert open_rerank("none") is None


def test_a_kind_without_its_setting_names_it() -> None:
    with pytest.raises(ConfigError, match="KEFU_RERANK__BASE_URL"):
        open_rerank("http")
    with pytest.raises(ConfigError, match="KEFU_RERANK__FOLDER"):
        open_rerank("local")
