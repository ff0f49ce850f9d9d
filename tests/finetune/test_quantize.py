"""Quantizing for real, with llm-compressor and a tiny random Qwen3: `make test-quantize`."""

import json
from pathlib import Path

import pytest

from finetune.__main__ import main
from tests.finetune.tiny import answered, written
from tests.vllm.build_tiny import main as build

pytestmark = [pytest.mark.quantize, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("llmcompressor", reason="llm-compressor is not installed (extra quantize)")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    torch.set_num_threads(1)  # two of them on a busy machine take twenty times as long
    folder = tmp_path_factory.mktemp("qwen3") / "tiny"
    build(folder)
    return folder


@pytest.mark.parametrize(
    ("scheme", "with_rows", "kind", "way"),
    [
        ("fp8", False, "float", "FP8_DYNAMIC"),
        ("int8", False, "int", "W8A8, rounded"),
        ("int8", True, "int", "W8A8, SmoothQuant and GPTQ on 9 rows"),
    ],
)
def test_the_model_has_eight_bits_and_nearly_the_same_words(
    scheme: str,
    with_rows: bool,
    kind: str,
    way: str,
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    out = tmp_path / "out"
    rows = written(tmp_path / "rows.jsonl", [answered(number) for number in range(1, 13)])
    data = ["--data", str(rows)] if with_rows else []

    code = main(["quantize", "--model", str(model), "--scheme", scheme, "--out", str(out), *data])

    assert code == 0
    assert way in capsys.readouterr().out
    config = json.loads((out / "config.json").read_text("utf-8"))["quantization_config"]
    (group,) = config["config_groups"].values()
    assert config["quant_method"] == "compressed-tensors"
    assert (group["weights"]["type"], group["weights"]["num_bits"]) == (kind, 8)
    assert (group["input_activations"]["type"], group["input_activations"]["dynamic"]) == (
        kind,
        True,
    )
    assert "lm_head" in config["ignore"]
    assert (out / "tokenizer.json").is_file()

    ids = torch.arange(60, 100).reshape(1, -1)
    with torch.no_grad():
        before = AutoModelForCausalLM.from_pretrained(str(model), dtype=torch.float32)(ids).logits
        after = AutoModelForCausalLM.from_pretrained(str(out), dtype=torch.float32)(ids).logits
    assert torch.cosine_similarity(before, after, dim=-1).min() > 0.98
