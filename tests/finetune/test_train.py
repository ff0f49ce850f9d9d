"""Training for real, with TRL and a tiny random Qwen3: `make test-finetune`."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from finetune.__main__ import main
from finetune.data import read
from tests.finetune.tiny import answered, pair, written
from tests.vllm.build_tiny import main as build

pytestmark = [pytest.mark.finetune, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("trl", reason="TRL is not installed (extra finetune)")

FEW = (
    *("--max_steps", "3", "--per_device_train_batch_size", "4"),
    *("--gradient_accumulation_steps", "1", "--disable_tqdm", "true"),
    *("--eval_steps", "1", "--save_steps", "1"),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)  # two of them on a busy machine take twenty times as long


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3 with the very template of the large ones."""
    import trl

    folder = tmp_path_factory.mktemp("qwen3") / "tiny"
    build(folder)
    template = Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja"
    shutil.copy(template, folder / "chat_template.jinja")
    return folder


def rows(folder: Path, make: Any = answered) -> Path:  # noqa: ANN401 of rows
    return written(folder / "rows.jsonl", [make(number) for number in range(1, 13)])


def run(method: str, data: Path, model: Path, out: Path, *flags: str) -> int:
    return main(
        [method, "--data", str(data), "--model", str(model), "--out", str(out), *FEW, *flags]
    )


def report(out: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    return told


@pytest.fixture(scope="module")
def tuned(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that learnt at a rate which shows."""
    folder = tmp_path_factory.mktemp("sft")
    out = folder / "out"
    assert run("sft", rows(folder), model, out, "--learning_rate", "1e-2") == 0
    return out


def test_loss_falls_on_the_answer_alone_and_the_prompt_is_that_of_service(
    model: Path, tmp_path: Path
) -> None:
    import trl
    from datasets import Dataset
    from transformers import AutoTokenizer

    talk = [*answered(1)["messages"], {"role": "user", "content": "真的？"},
            {"role": "assistant", "content": "真的。"}]  # fmt: skip
    data = written(tmp_path / "talk.jsonl", [{"messages": talk}] * 2)
    kept = read("sft", data)[0]
    trainer = trl.SFTTrainer(
        str(model),
        trl.SFTConfig(str(tmp_path / "out"), use_cpu=True, bf16=False, report_to="none"),
        train_dataset=Dataset.from_list(kept),
    )

    tokenizer = AutoTokenizer.from_pretrained(str(model))
    for batch, sample in zip(trainer.get_train_dataloader(), [kept], strict=True):
        told = set()
        for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
            learnt = [int(label) for label in labels if label != -100]
            start = next(at for at, label in enumerate(labels) if label != -100)
            told.add((tokenizer.decode(ids[:start]), tokenizer.decode(learnt)))
        assert told == {
            (
                tokenizer.apply_chat_template(  # what vLLM renders for tools/vllm.py's request
                    each["prompt"],
                    tokenize=False,
                    add_generation_prompt=True,
                    enable_thinking=False,
                ),
                each["completion"][0]["content"] + "<|im_end|>\n",
            )
            for each in sample
        }


def test_sft_leaves_an_adapter_a_report_and_what_was_trained_on(tuned: Path) -> None:
    told = report(tuned)

    assert (tuned / "adapter_model.safetensors").is_file()
    assert told["rows"] == {"train": 9, "validation": 3}
    assert told["steps"] == 3
    assert told["eval_loss_best"] < told["eval_loss_first"]
    assert told["loss_last"] < told["loss_first"]
    assert (tuned / told["best_checkpoint"]).is_dir()
    assert (tuned / "loss.png").is_file() == (find_spec("matplotlib") is not None)
    assert len((tuned / "rows" / "train.jsonl").read_text("utf-8").splitlines()) == 9


def test_every_linear_layer_is_adapted(tuned: Path) -> None:
    told = json.loads((tuned / "adapter_config.json").read_text("utf-8"))

    assert {name.rpartition(".")[2] for name in told["target_modules"]} == {
        *("q_proj", "k_proj", "v_proj", "o_proj"),
        *("gate_proj", "up_proj", "down_proj"),
    }


def test_the_same_seed_gives_the_same_adapter(model: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    data = rows(tmp_path)
    for name in ("a", "b"):
        assert run("sft", data, model, tmp_path / name, "--max_steps", "2") == 0

    one, other = (load_file(tmp_path / name / "adapter_model.safetensors") for name in "ab")
    assert all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_preferences_are_learnt_from_pairs(method: str, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    assert run(method, rows(tmp_path, pair), model, out, "--learning_rate", "1e-3") == 0

    told = report(out)
    assert told["rows"]["validation"] == (3 if method == "dpo" else 6)
    assert told["eval_loss_best"] < told["eval_loss_first"]


def test_a_killed_run_goes_on_where_it_was(model: Path, tmp_path: Path) -> None:
    data, out = rows(tmp_path), tmp_path / "out"
    assert run("sft", data, model, out, "--max_steps", "2") == 0
    (out / "report.json").unlink()  # as if it had been killed before its end
    broken = shutil.copytree(out / "checkpoint-2", out / "checkpoint-3")
    (broken / "trainer_state.json").unlink()  # killed while it wrote this one

    assert run("sft", data, model, out, "--max_steps", "4") == 0

    told = report(out)
    assert told["steps"] == 4
    steps = [entry["step"] for entry in told["log"] if "eval_loss" in entry]
    assert sorted(set(steps)) == [0, 1, 2, 3, 4]


def test_a_folder_with_another_run_is_left_alone(
    model: Path, tuned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(tuned, out)
    data = written(tmp_path / "other.jsonl", [answered(number) for number in range(20, 32)])

    assert run("sft", data, model, out) == 2
    assert "has a run that ended; give another --out" in capsys.readouterr().err

    (out / "report.json").unlink()
    assert run("sft", data, model, out) == 2
    assert "has a run with another rows; give another --out" in capsys.readouterr().err


def test_rows_that_are_too_long_are_left_out_and_counted(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = answered(1)
    long["messages"][-1]["content"] *= 40
    data = written(tmp_path / "rows.jsonl", [long, *(answered(n) for n in range(2, 13))])

    assert run("sft", data, model, tmp_path / "out", "--max_length", "150") == 0

    told = report(tmp_path / "out")
    assert told["too_long"]["rows"] == 1
    assert told["longest_row_tokens"] > 300
    assert told["rows"] == {"train": 8, "validation": 3}
    assert "1 rows were too long" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--max_length", "5"], "12 rows are longer"),
        (["--no_such_flag", "5"], "no_such_flag"),
        (["--max_steps", "many"], "max_steps"),
        (["--padding_free", "true"], "max_length"),  # TRL: without max_length, or packed
        (["--load_in_4bit", "true"], "bitsandbytes"),
    ],
)
def test_a_flag_that_cant_be_used_is_named(
    flags: list[str], said: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sft", rows(tmp_path), model, tmp_path / "out", *flags) == 2

    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_an_unknown_key_of_the_yaml_is_named(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.yaml").write_text("max_seq_length: 100\n")
    flags = ["--config", str(tmp_path / "own.yaml")]

    assert run("sft", rows(tmp_path), model, tmp_path / "out", *flags) == 2

    assert "max_seq_length" in capsys.readouterr().err


def test_a_folder_without_a_model_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sft", rows(tmp_path), tmp_path, tmp_path / "out") == 2

    assert "expected a model's folder with config.json" in capsys.readouterr().err


def test_the_merged_model_says_what_model_and_adapter_say(
    model: Path, tuned: Path, tmp_path: Path
) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    whole = tmp_path / "whole"
    assert main(["merge", "--adapter", str(tuned), "--out", str(whole)]) == 0

    ids = torch.arange(40).reshape(1, -1)
    base = AutoModelForCausalLM.from_pretrained(str(model))
    with torch.no_grad():
        before = base(ids).logits
        wanted = PeftModel.from_pretrained(base, str(tuned)).eval()(ids).logits
        merged = AutoModelForCausalLM.from_pretrained(str(whole), dtype=torch.float32)(ids).logits
    assert (merged - wanted).abs().max() < 0.05 < (wanted - before).abs().max()
    assert "enable_thinking" in (whole / "chat_template.jinja").read_text("utf-8")


def test_trl_itself_takes_the_same_yaml_and_the_rows_that_were_written(
    model: Path, tuned: Path, tmp_path: Path
) -> None:
    cpu = ["--use_cpu", "true", "--bf16", "false", "--dtype", "float32"]
    command = [sys.executable, "-m", "trl.scripts.sft", "--config", "finetune/sft.yaml",
               "--dataset_name", str(tuned / "rows"), "--model_name_or_path", str(model),
               "--output_dir", str(tmp_path / "out"), *FEW, *cpu,
               "--max_steps", "1"]  # fmt: skip

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "out" / "adapter_model.safetensors").is_file()
