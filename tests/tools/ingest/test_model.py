"""Fetching a model, from a hub on loopback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph.settings import ROOT
from tests.fakes.hub import hub
from tools.errors import ConfigError
from tools.ingest.model import Kind, chosen

NAME = "BAAI/bge-tiny"
FILES = {
    "config.json": b'{"hidden_size": 8}',
    "1_Pooling/config.json": b"{}",
    "vocab.txt": b"[PAD]\n",
    "model.safetensors": b"numbers" * 1000,
    "pytorch_model.bin": b"a pickle",
    "onnx/model.onnx": b"float",
    "onnx/model_quantized.onnx": b"int8",
}


def run(
    endpoint: str, folder: Path, *args: str, name: str = NAME
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in an environment that knows this hub only."""
    return subprocess.run(
        [sys.executable, "-m", "tools.ingest", "model", name, "--to", str(folder), *args],
        cwd=ROOT,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(folder.parent / "hf"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
        },
        capture_output=True,
        text=True,
        timeout=180,
    )


def fetched(folder: Path) -> set[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in files if path.parts[0] != ".cache"}


def test_a_model_is_fetched_without_pickles_and_the_settings_are_said(tmp_path: Path) -> None:
    with hub(NAME, FILES) as server:
        done = run(server.endpoint, tmp_path / "model")

    assert done.returncode == 0, done.stderr
    assert fetched(tmp_path / "model") == {
        "config.json", "1_Pooling/config.json", "vocab.txt", "model.safetensors",
    }  # fmt: skip
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert f"KEFU_EMBED__KIND=local\nKEFU_EMBED__FOLDER={tmp_path / 'model'}\n" in done.stdout
    assert "100%" in done.stderr


def test_a_reranker_is_said_to_be_one(tmp_path: Path) -> None:
    with hub("BAAI/bge-reranker-tiny", FILES) as server:
        done = run(server.endpoint, tmp_path / "model", name="BAAI/bge-reranker-tiny")

    assert f"KEFU_RERANK__KIND=local\nKEFU_RERANK__FOLDER={tmp_path / 'model'}\n" in done.stdout
    assert "rebuild" not in done.stdout


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    with hub(NAME, FILES) as server:
        run(server.endpoint, tmp_path / "model")
        server.given.clear()
        done = run(server.endpoint, tmp_path / "model")

    assert done.returncode == 0
    assert server.given == []


def test_of_the_onnx_exports_the_smallest_is_fetched(tmp_path: Path) -> None:
    with hub(NAME, FILES) as server:
        done = run(server.endpoint, tmp_path / "model", "--kind", "onnx")

    assert done.returncode == 0, done.stderr
    assert [file for file in server.given if file.endswith((".onnx", ".safetensors"))] == [
        "onnx/model_quantized.onnx"
    ]


def test_a_model_that_the_hub_does_not_have_is_an_error(tmp_path: Path) -> None:
    with hub("somebody/else", FILES) as server:
        done = run(server.endpoint, tmp_path / "model")

    assert done.returncode == 2
    assert NAME in done.stderr
    assert "404" in done.stderr


def test_without_network_it_says_what_to_do(tmp_path: Path) -> None:
    done = run("http://127.0.0.1:9", tmp_path / "model")

    assert done.returncode == 2
    assert "http://127.0.0.1:9" in done.stderr
    assert "set HF_ENDPOINT to a mirror, or download the model elsewhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_pickles_are_taken_where_there_is_nothing_else() -> None:
    offered = ["config.json", "pytorch_model.bin", "sparse_linear.pt", "tf_model.h5"]

    assert chosen(offered, NAME, "local") == ["config.json", "pytorch_model.bin"]


def test_bge_m3_comes_with_its_heads(tmp_path: Path) -> None:
    """As it lies on the hub: no safetensors, and its words' weights in a file of their own."""
    heads = {"sparse_linear.pt": b"words", "colbert_linear.pt": b"many vectors"}
    plain = {name: FILES[name] for name in ("config.json", "pytorch_model.bin", "onnx/model.onnx")}
    with hub(NAME, plain | heads) as server:
        done = run(server.endpoint, tmp_path / "model", "--kind", "m3")

    assert done.returncode == 0, done.stderr
    assert fetched(tmp_path / "model") == {"config.json", "pytorch_model.bin", *heads}
    assert "KEFU_EMBED__KIND=m3\n" in done.stdout


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("local", r"expected \*\.safetensors or pytorch_model\*\.bin, got tf_model\.h5"),
        ("onnx", r"expected onnx/model_quantized\.onnx or .*, got tf_model\.h5"),
    ],
)
def test_a_model_without_usable_weights_is_refused_with_what_it_has(
    kind: Kind, expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected):
        chosen(["config.json", "tf_model.h5"], NAME, kind)


def test_another_model_has_no_heads() -> None:
    with pytest.raises(ConfigError, match=r"expected .*sparse_linear\.pt.*got model\.safetensors"):
        chosen(["config.json", "model.safetensors"], NAME, "m3")


def test_the_data_beside_a_large_export_is_fetched_too() -> None:
    offered = ["onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_q4.onnx", "config.json"]

    assert chosen(offered, NAME, "onnx") == [
        "config.json", "onnx/model.onnx", "onnx/model.onnx_data",
    ]  # fmt: skip
