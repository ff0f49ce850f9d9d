"""Recall and rank, against values worked out by hand."""

import asyncio
from pathlib import Path

import pytest
from pydantic import HttpUrl

from eval.retrieval import retrieval
from graph.settings import EmbedSettings, settings
from tests.eval.knowledge import Write
from tests.fakes.embeddings_server import embeddings_server
from tools.errors import ConfigError

KEYS = ["r_at_1", "r_at_5", "r_at_10", "mrr_at_10", "p50_ms", "p99_ms"]


async def test_counts_ranks_as_by_hand(kb: Path, write: Write) -> None:
    queries = write(
        ("退款多久到账", "answerable", "refund"),  # rank 1
        ("电子发票怎么开", "answerable", "invoice"),  # rank 1
        ("退款多久到账", "answerable", "freight"),  # rank 2
        ("退款多久到账", "answerable", "invoice"),  # no word in common: not found
        ("退款多久到账", "offdomain", ""),  # not counted
    )

    result = await retrieval(kb, queries, settings())

    assert result["n"] == 4
    assert {name: result[name] for name in KEYS[:4]} == {
        "r_at_1": 0.5,
        "r_at_5": 0.75,
        "r_at_10": 0.75,
        "mrr_at_10": 0.625,  # (1 + 1 + 1/2 + 0) / 4
    }


async def test_gives_exactly_the_keys_that_are_promised(kb: Path, write: Write) -> None:
    result = await retrieval(kb, write(("退款", "answerable", "refund")), settings())

    assert list(result) == ["n", *KEYS, "legs"]
    assert list(result["legs"]) == ["hybrid", "words"]  # no embedder, no dense leg
    assert all(list(leg) == KEYS for leg in result["legs"].values())


async def test_measures_every_leg_and_embeds_the_knowledge_once(
    kb: Path, write: Write, tmp_path: Path
) -> None:
    queries = write(("退款多久到账", "answerable", "refund"))
    async with embeddings_server() as server:
        embed = EmbedSettings(kind="http", base_url=HttpUrl(server.base_url))
        config = settings().model_copy(update={"embed": embed})
        first = await retrieval(kb, queries, config)
        server.requests.clear()

        await retrieval(kb, queries, config.model_copy(update={"vectors": tmp_path / "new.db"}))

    texts = [text for request in server.requests for text in request["input"]]  # type: ignore[attr-defined]
    assert list(first["legs"]) == ["hybrid", "dense", "words"]
    assert set(texts) == {"您好", "退款多久到账"}


async def test_changed_knowledge_gets_an_index_of_its_own(kb: Path, write: Write) -> None:
    queries = write(("退款多久到账", "answerable", "refund"))
    await retrieval(kb, queries, settings())

    other = '{"id": "other", "question": "怎么安装？", "answer": "预约师傅。"}'
    await asyncio.to_thread(kb.write_text, other, "utf-8")
    result = await retrieval(kb, queries, settings())

    assert result["r_at_10"] == 0.0


async def test_queries_without_an_answerable_one_are_an_error(kb: Path, write: Write) -> None:
    with pytest.raises(ConfigError, match="expected queries labelled answerable, found none"):
        await retrieval(kb, write(("天气", "offdomain", "")), settings())
