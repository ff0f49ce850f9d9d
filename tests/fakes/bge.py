"""The real bge-small-zh-v1.5, where its folder lies beside the checkout, and folders made of it."""

import json
import shutil
import warnings
from pathlib import Path

import pytest

BGE = Path(__file__).parents[3] / "shared" / "models" / "bge-small-zh-v1.5"
INSTRUCTION = "为这个句子生成表示以用于检索相关文章："  # its makers' words, before a question
CAPITALS, SMALL = "ECS SSL HTTPS", "ecs ssl https"
needs_bge = pytest.mark.skipif(not BGE.exists(), reason=f"{BGE} is not here")


def keeping_capitals(folder: Path) -> Path:
    """Copy the model with a tokenizer that does not lower-case, as exported folders have it."""
    shutil.copytree(BGE, folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        said = json.loads((folder / name).read_text(encoding="utf-8"))
        if name == "tokenizer.json":
            said["normalizer"]["lowercase"] = False
        else:
            said["do_lower_case"] = False
        (folder / name).write_text(json.dumps(said), encoding="utf-8")
    return folder


def say_lower_case(folder: Path, *, is_on: bool) -> None:
    """Write the setting that mends a tokenizer which keeps capitals."""
    path = folder / "sentence_bert_config.json"
    path.write_text(json.dumps({"max_seq_length": 512, "do_lower_case": is_on}))


def export_float(folder: Path) -> Path:
    """Write the model into `folder` as an export in full precision; needs torch, onnxscript."""
    import torch
    from transformers import AutoModel

    shutil.copytree(BGE, folder, ignore=shutil.ignore_patterns("onnx", "*.safetensors"))
    model = AutoModel.from_pretrained(BGE, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.tensor([[101, 6842, 3621, 102], [101, 1920, 102, 0]])
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    inputs = {
        "input_ids": ids,
        "attention_mask": (ids > 0).long(),
        "token_type_ids": torch.zeros_like(ids),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, of what it uses and will drop
        torch.onnx.export(
            model,
            kwargs=inputs,
            f=folder / "model.onnx",
            dynamo=True,
            external_data=False,
            dynamic_shapes=dict.fromkeys(inputs, free),
            verbose=False,
        )
    return folder
