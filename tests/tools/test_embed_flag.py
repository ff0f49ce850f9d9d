"""The real bge-small-zh through FlagEmbedding, its makers' library, beside our loaders of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from tests.fakes.bge import (
    BGE,
    CAPITALS,
    INSTRUCTION,
    SMALL,
    export_float,
    keeping_capitals,
    needs_bge,
    say_lower_case,
)
from tools.embed import Embedder, LocalEmbedder, OnnxEmbedder, Vector2D

pytestmark = [pytest.mark.bge, needs_bge]
FlagModel = pytest.importorskip(
    "FlagEmbedding", reason="FlagEmbedding is not installed (extra bge)"
).FlagModel

TEXTS = [
    "退款多久到账？",
    "How do I reset my password?",
    "ECS 实例无法远程连接，提示 SSL 错误",
    "加湿器每周清洗一次水箱。" * 60,  # longer than the model reads
    "🙂",
    "",
]


class Flag(Protocol):
    """What is used of FlagEmbedding's FlagModel."""

    def encode_queries(self, queries: list[str]) -> Vector2D: ...

    def encode_corpus(self, corpus: list[str]) -> Vector2D: ...


def opened(folder: Path) -> Flag:
    model: Flag = FlagModel(
        str(folder), query_instruction_for_retrieval=INSTRUCTION, use_fp16=False, devices="cpu"
    )
    return model


@pytest.fixture(scope="module")
def flag() -> Flag:
    return opened(BGE)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnxscript", reason="onnxscript is not installed (make test-bge)")
    return export_float(tmp_path_factory.mktemp("float") / BGE.name)


@pytest.fixture(params=["local", "onnx"])
async def ours(request: pytest.FixtureRequest) -> AsyncIterator[Embedder]:
    made: Embedder = (
        LocalEmbedder(BGE)
        if request.param == "local"
        else OnnxEmbedder(request.getfixturevalue("export"))
    )
    yield made
    await made.close()


async def test_passages_are_the_same_through_every_library(flag: Flag, ours: Embedder) -> None:
    assert np.allclose(await ours.passages(TEXTS), flag.encode_corpus(TEXTS), atol=1e-6)


async def test_questions_get_the_same_instruction(flag: Flag, ours: Embedder) -> None:
    questions = await ours.questions(TEXTS)

    assert np.allclose(questions, flag.encode_queries(TEXTS), atol=1e-6)
    assert not np.allclose(questions, await ours.passages(TEXTS), atol=0.01)


async def test_capitals_are_small_letters_to_every_library(flag: Flag, ours: Embedder) -> None:
    large, small = await ours.passages([CAPITALS, SMALL])
    theirs = flag.encode_corpus([CAPITALS])[0]

    assert large @ small == pytest.approx(1, abs=1e-5)
    assert large @ theirs == pytest.approx(1, abs=1e-5)


async def test_the_setting_that_mends_capitals_is_unknown_to_flagembedding(tmp_path: Path) -> None:
    folder = keeping_capitals(tmp_path / BGE.name)
    say_lower_case(folder, is_on=True)
    local = LocalEmbedder(folder)

    large, small = await local.passages([CAPITALS, SMALL])
    rows = opened(folder).encode_corpus([CAPITALS, SMALL])
    await local.close()

    assert large @ small == pytest.approx(1, abs=1e-5)
    assert rows[0] @ rows[1] < 0.7
