"""What needs torch: FlagEmbedding and cross-encoders, on tiny models with random weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.fakes.search import MemorySearch, entry
from tests.fakes.tiny_models import DIMS, build_m3, build_reranker
from tools.embed import LocalEmbedder, M3Embedder, open_embedder
from tools.embed_words import WIDTH
from tools.errors import ConfigError
from tools.rerank import open_rerank
from tools.rerank_local import LocalReranker
from tools.search.types import Filters

pytestmark = pytest.mark.bge
pytest.importorskip("FlagEmbedding", reason="FlagEmbedding is not installed (extra bge)")

REFUND = "退款多久到账？"
CLEAN = "加湿器每周清洗一次水箱。"


@pytest.fixture(scope="module")
def m3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_m3(tmp_path_factory.mktemp("m3") / "bge-m3-tiny")


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_reranker(tmp_path_factory.mktemp("reranker") / "bge-reranker-tiny")


async def test_bge_m3_gives_the_same_vectors_through_both_libraries(m3: Path) -> None:
    flag, plain = M3Embedder(m3), LocalEmbedder(m3)

    rows = await flag.passages([REFUND, CLEAN]), await plain.passages([REFUND, CLEAN])
    await flag.close()
    await plain.close()

    assert rows[0].shape == (2, DIMS)
    assert np.allclose(*rows, atol=1e-5)


async def test_bge_m3_weighs_the_words_that_a_text_has(m3: Path) -> None:
    embedder = M3Embedder(m3)

    rows = await embedder.sparse([REFUND, CLEAN, ""])
    alone = await embedder.sparse([CLEAN])
    await embedder.close()

    text = REFUND.replace(" ", "")
    assert rows[0]
    assert all(token.lstrip("▁") in text for token in rows[0])
    assert all(weight > 0 for row in rows for weight in row.values())
    assert rows[2] == {}
    assert rows[1] == pytest.approx(alone[0], abs=1e-5)


async def test_bge_m3s_words_stand_beside_its_vectors(m3: Path, tmp_path: Path) -> None:
    embedder = open_embedder("m3", folder=m3, words_share=0.4, cache=tmp_path / "vectors.db")
    model = M3Embedder(m3)
    assert embedder is not None

    both = (await embedder.passages([REFUND])) @ (await embedder.questions([CLEAN, REFUND])).T
    plain = (await model.passages([REFUND])) @ (await model.questions([CLEAN, REFUND])).T
    words = [set(row) for row in await model.sparse([REFUND, CLEAN])]
    await embedder.close()
    await model.close()

    assert embedder.dims == DIMS + WIDTH
    assert both[0, 1] == pytest.approx(1, abs=1e-4)
    assert words[0].isdisjoint(words[1])
    assert both[0, 0] == pytest.approx(0.6 * plain[0, 0], abs=0.1)


def test_another_model_is_no_bge_m3(m3: Path, tmp_path: Path) -> None:
    for name in ("config.json", "modules.json"):
        (tmp_path / name).write_bytes((m3 / name).read_bytes())

    with pytest.raises(ConfigError, match=r"sparse_linear\.pt.*KEFU_EMBED__KIND=local"):
        M3Embedder(tmp_path)


async def test_a_folder_without_weights_is_named(m3: Path, tmp_path: Path) -> None:
    for name in ("config.json", "modules.json"):
        (tmp_path / name).write_bytes((m3 / name).read_bytes())
    embedder = LocalEmbedder(tmp_path)

    with pytest.raises(ConfigError, match=f"{tmp_path}: can't be loaded"):
        await embedder.passages([REFUND])
    await embedder.close()


async def test_a_cross_encoder_scores_every_text_alone(reranker: Path) -> None:
    local = LocalReranker(reranker)

    both = await local.scores(REFUND, [REFUND, CLEAN * 100])
    swapped = await local.scores(REFUND, [CLEAN * 100, REFUND])
    await local.close()

    assert all(0 < score < 1 for score in both)
    assert both[0] != pytest.approx(both[1], abs=1e-6)
    assert swapped == pytest.approx(both[::-1], abs=1e-5)


async def test_a_folder_reranks_what_a_search_found(reranker: Path) -> None:
    search = MemorySearch([entry("refund", REFUND), entry("clean", CLEAN)])
    found = await search.search("退款水箱", None, k=5, filters=Filters())
    rerank = open_rerank("local", folder=reranker, weight=1, timeout_s=60)
    assert rerank is not None

    passages = await rerank.order("退款水箱", found.passages)
    await rerank.close()

    scores = [passage["score"] for passage in passages]
    assert {passage["id"] for passage in passages} == {"refund", "clean"}
    assert scores == sorted(scores, reverse=True)


async def test_a_reranker_folder_without_weights_is_named(reranker: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((reranker / "config.json").read_bytes())
    local = LocalReranker(tmp_path)

    with pytest.raises(ConfigError, match=f"{tmp_path}: can't be loaded"):
        await local.scores(REFUND, [CLEAN])
    await local.close()
