"""Models exported to ONNX."""

import json
import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.bge import (
    BGE,
    CAPITALS,
    INSTRUCTION,
    SMALL,
    keeping_capitals,
    needs_bge,
    say_lower_case,
)
from tools.embed import OnnxEmbedder
from tools.embed_onnx import model_file
from tools.errors import ConfigError

REFUND = "退款多久到账？"


@pytest.fixture
async def bge() -> AsyncIterator[OnnxEmbedder]:
    embedder = OnnxEmbedder(BGE)
    yield embedder
    await embedder.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that says everything about a model but holds no usable weights."""
    files = {
        "config.json": {"hidden_size": 8, "max_position_embeddings": 16},
        "modules.json": [],
        "1_Pooling/config.json": {"pooling_mode_cls_token": True},
        "tokenizer.json": {},
    }
    (tmp_path / "1_Pooling").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


def test_int8_is_preferred_wherever_it_lies(folder: Path) -> None:
    (folder / "onnx").mkdir()
    chosen = []
    for name in ("model.onnx", "onnx/model.onnx", "model_int8.onnx", "onnx/model_quantized.onnx"):
        (folder / name).touch()
        chosen.append(str(model_file(folder).relative_to(folder)))

    assert chosen == ["model.onnx", "onnx/model.onnx", "model_int8.onnx",
                      "onnx/model_quantized.onnx"]  # fmt: skip


def test_a_folder_without_an_export_says_which_files_are_looked_for(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"onnx/model_quantized\.onnx.*KEFU_EMBED__KIND=local"):
        OnnxEmbedder(folder)


def test_unknown_pooling_is_refused(folder: Path) -> None:
    (folder / "model.onnx").touch()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')

    with pytest.raises(ConfigError, match="expected pooling by cls or mean"):
        OnnxEmbedder(folder)


def test_an_export_that_does_not_say_how_to_pool_is_refused(folder: Path) -> None:
    (folder / "model.onnx").touch()
    (folder / "1_Pooling" / "config.json").unlink()

    with pytest.raises(ConfigError, match=r"1_Pooling/config\.json is missing"):
        OnnxEmbedder(folder)


@needs_bge
async def test_bge_pools_by_its_first_token_although_an_export_leaves_it_out(
    bge: OnnxEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "bge-small-zh-v1.5"
    left_out = shutil.ignore_patterns("modules.json", "1_Pooling", "*.safetensors")
    shutil.copytree(BGE, folder, ignore=left_out)
    exported = OnnxEmbedder(folder)

    assert np.allclose(await exported.questions([REFUND]), await bge.questions([REFUND]))
    await exported.close()


async def test_a_broken_export_is_named(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no model")
    embedder = OnnxEmbedder(folder)

    with pytest.raises(ConfigError, match=f"{folder}: can't be loaded"):
        await embedder.passages([REFUND])
    await embedder.close()


def test_the_name_changes_with_the_weights(folder: Path) -> None:
    names = set()
    for weights in (b"before", b"after"):
        (folder / "model.onnx").write_bytes(weights)
        names.add(OnnxEmbedder(folder).name)

    assert len(names) == 2


@needs_bge
async def test_capitals_and_small_letters_are_the_same_text(bge: OnnxEmbedder) -> None:
    large, small = await bge.passages(["ECS 如何配置 HTTPS 证书", "ecs 如何配置 https 证书"])

    assert large @ small == pytest.approx(1, abs=1e-5)


@needs_bge
async def test_a_tokenizer_that_keeps_capitals_is_mended_by_the_folders_setting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = keeping_capitals(tmp_path / "bge-capitals")
    cosines = []
    for is_on in (False, True):
        say_lower_case(folder, is_on=is_on)
        embedder = OnnxEmbedder(folder)
        large, small = await embedder.passages([CAPITALS, SMALL])
        cosines.append(float(large @ small))
        await embedder.close()

    assert cosines[0] < 0.7
    assert cosines[1] == pytest.approx(1, abs=1e-5)
    assert sum("differ in case only" in record.message for record in caplog.records) == 1


@needs_bge
async def test_a_text_of_unknown_words_is_reported_once(
    bge: OnnxEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await bge.passages([REFUND, "ᚠᚢᚦ ᚨᚱᚲ ᚷᚹᚺ ᚾᛁᛃ ᛇᛈᛉ", "ᚠᚢᚦ ᚨᚱᚲ ᚷᚹᚺ ᚾᛁᛃ"])

    assert ["unknown" in record.message for record in caplog.records] == [True]


@needs_bge
async def test_only_questions_get_bges_instruction(bge: OnnxEmbedder) -> None:
    instructed = INSTRUCTION + REFUND

    question, (passage, plain) = (
        await bge.questions([REFUND]),
        await bge.passages([instructed, REFUND]),
    )

    assert np.array_equal(question[0], passage)
    assert not np.allclose(question[0], plain, atol=0.01)


@needs_bge
async def test_a_vector_does_not_depend_on_its_neighbours(bge: OnnxEmbedder) -> None:
    alone = await bge.passages([REFUND])

    together = await bge.passages(["退" * 500, REFUND, "🙂"])

    assert np.array_equal(together[1], alone[0])


@needs_bge
@pytest.mark.bge
async def test_int8_is_near_the_full_model() -> None:
    from tools.embed import LocalEmbedder

    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    texts = [REFUND, "How do I reset my password?", "ECS 实例无法远程连接", "退款 " * 100]
    small, full = OnnxEmbedder(BGE), LocalEmbedder(BGE)

    cosines = (await small.passages(texts) * await full.passages(texts)).sum(axis=1)
    await small.close()
    await full.close()

    assert cosines.min() > 0.95
