"""Recall and rank, against values worked out by hand."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import HttpUrl

from eval.options import Leg
from eval.retrieval import retrieval
from graph.setting_groups import EmbedSettings
from graph.settings import settings
from tests.eval.knowledge import KNOWLEDGE, Write
from tests.fakes.elastic import NO_SERVER, new_index, raw_client, server_url
from tests.fakes.embeddings_server import embeddings_server
from tools.errors import ConfigError
from tools.search.names import NAMES

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

    more = ["ndcg_at_10", "recall_at_20", "r_at_5_ci", "mrr_at_10_ci"]
    assert list(result) == ["n", *KEYS, *more, "legs", "embedder", "skipped"]
    assert list(result["legs"]) == ["hybrid", "words"]
    assert all(list(leg) == [*KEYS, *more] for leg in result["legs"].values())
    assert result["skipped"] == {"sqlite dense": "no embedder"}


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


async def test_says_which_entries_were_left_out(
    kb: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    with kb.open("a", encoding="utf-8") as file:
        file.write('\n{"id": "broken"}\n')

    await retrieval(kb, write(("退款多久到账", "answerable", "refund")), settings())

    assert "kb.jsonl" in caplog.text
    assert "left out" in caplog.text


async def test_queries_without_an_answerable_one_are_an_error(kb: Path, write: Write) -> None:
    with pytest.raises(ConfigError, match="expected queries labelled answerable, found none"):
        await retrieval(kb, write(("天气", "offdomain", "")), settings())


@pytest.mark.parametrize("legs", [["words"], ["hybrid", "words"]])
async def test_measures_only_the_legs_asked_for(legs: list[Leg], kb: Path, write: Write) -> None:
    result = await retrieval(kb, write(("退款", "answerable", "refund")), settings(), legs=legs)

    assert list(result["legs"]) == legs
    assert result["r_at_1"] == result["legs"][legs[0]]["r_at_1"]


async def test_no_leg_that_can_be_measured_is_an_error(kb: Path, write: Write) -> None:
    queries = write(("退款", "answerable", "refund"))

    with pytest.raises(ConfigError, match=r"sqlite: no leg to measure.*no embedder"):
        await retrieval(kb, queries, settings(), legs=["dense"])


async def test_shows_each_category_of_the_relevant_entries(kb: Path, write: Write) -> None:
    lines = [{**entry, "category": "钱"} for entry in KNOWLEDGE[:2]] + KNOWLEDGE[2:]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    await asyncio.to_thread(kb.write_text, text, "utf-8")
    queries = write(
        ("退款多久到账", "answerable", "refund"),
        ("退款多久到账", "answerable", "freight"),
        ("天气", "answerable", "invoice"),
    )

    result = await retrieval(kb, queries, settings(), by="category")

    groups = result["legs"]["hybrid"]["by"]
    figures = {group: (row["n"], row["r_at_1"]) for group, row in groups.items()}
    assert figures == {"钱": (2, 0.5), "": (1, 0.0)}


async def test_a_customer_of_a_channel_finds_what_is_for_it(kb: Path, write: Write) -> None:
    lines = [{**entry, "channel": "app"} for entry in KNOWLEDGE]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    await asyncio.to_thread(kb.write_text, text, "utf-8")
    queries = write(("退款多久到账", "answerable", "refund"), ("开发票", "answerable", "invoice"))
    first, second = (await asyncio.to_thread(queries.read_text, "utf-8")).splitlines()
    text = f"{json.dumps(json.loads(first) | {'channel': 'app'})}\n{second}"
    await asyncio.to_thread(queries.write_text, text, "utf-8")

    result = await retrieval(kb, queries, settings(), with_baselines=True)

    assert result["r_at_1"] == 0.5
    assert result["baselines"]["BM25 bigrams"]["r_at_1"] == 0.5


async def test_baselines_are_measured_in_the_same_run(kb: Path, write: Write) -> None:
    queries = write(("退款多久到账", "answerable", "refund"))

    result = await retrieval(kb, queries, settings(), with_baselines=True)

    assert list(result["baselines"]) == ["BM25 words", "BM25 bigrams"]
    assert result["baselines"]["BM25 bigrams"]["r_at_1"] == 1.0
    assert result["skipped"]["RRF"] == "no embedder"


async def test_chroma_is_measured_by_its_one_leg(kb: Path, write: Write) -> None:
    pytest.importorskip("chromadb", reason="the extra chroma is not installed")
    queries = write(("退款多久到账", "answerable", "refund"))
    async with embeddings_server() as server:
        embed = EmbedSettings(kind="http", base_url=HttpUrl(server.base_url))
        config = settings().model_copy(update={"embed": embed})

        result = await retrieval(kb, queries, config, backends=["chroma"])

    assert list(result["legs"]) == ["dense"]
    assert result["r_at_10"] == 1.0
    assert result["skipped"]["chroma hybrid"] == "Chroma ranks no words"


async def test_elasticsearch_finds_what_the_embedded_engine_finds(kb: Path, write: Write) -> None:
    if not server_url():
        pytest.skip(NO_SERVER)
    queries = write(("退款多久到账", "answerable", "refund"), ("发票", "answerable", "invoice"))
    index = new_index()
    search = settings().search.model_copy(update={"url": server_url(), "index": index})
    config = settings().model_copy(update={"search": search})
    try:
        result = await retrieval(kb, queries, config, backends=["sqlite", "elastic"])
    finally:
        async with raw_client() as client:
            for name in (await client.indices.get(index=f"{index}-*")).body:
                await client.indices.delete(index=name)

    assert result["elastic"]["words"]["r_at_1"] == result["legs"]["words"]["r_at_1"] == 1.0


async def test_an_index_of_an_older_kefu_is_made_anew_before_it_is_measured(
    kb: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not server_url():
        pytest.skip(NO_SERVER)
    queries = write(("退款多久到账", "answerable", "refund"))
    index = new_index()
    search = settings().search.model_copy(update={"url": server_url(), "index": index})
    config = settings().model_copy(update={"search": search})
    made: list[str] = []
    async with raw_client() as client:
        for names in ("", NAMES, NAMES):
            monkeypatch.setattr("tools.search.elastic.NAMES", names)
            await retrieval(kb, queries, config, backends=["elastic"])
            made.append(max((await client.indices.get(index=f"{index}-*")).body))
        await client.indices.delete(index=f"{made[0]},{made[1]}")

    old, new, again = made
    assert old < new == again


async def test_elasticsearch_without_an_address_is_an_error(kb: Path, write: Write) -> None:
    queries = write(("退款", "answerable", "refund"))
    search = settings().search.model_copy(update={"url": ""})
    config = settings().model_copy(update={"search": search})

    with pytest.raises(ConfigError, match="set KEFU_SEARCH__URL"):
        await retrieval(kb, queries, config, backends=["elastic"])
