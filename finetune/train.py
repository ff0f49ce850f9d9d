"""Train a LoRA adapter with TRL; every key of its YAML and every flag is one of TRL's own.

A run that was killed goes on from its last whole checkpoint when the same command is given again.
The folder gets the adapter of the least eval_loss, `report.json`, `loss.png` where matplotlib is
installed, and in `rows/` what was trained on, which `trl` takes as `--dataset_name`.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from finetune.arguments import Method
from finetune.data import THINKING_OFF, Sample, read
from finetune.prepare import write
from finetune.report import REPORT, draw, report
from tools.errors import ConfigError

_RUN = "run.json"
_ON_CPU = {"--use_cpu": "true", "--bf16": "false", "--dtype": "float32"}


class Options(NamedTuple):
    """What TRL makes of YAML and flags."""

    trainer: Any  # SFTConfig, DPOConfig or KTOConfig
    model: Any  # ModelConfig


def train(method: Method, data: Path, config: Path, flags: Sequence[str]) -> dict[str, Any]:
    """Train, and return the report; `flags` win over the YAML.

    Raises:
        ConfigError: if data, YAML, a flag, the model or the folder can't be used.
    """
    samples = read(method, data)
    require("torch", "transformers", "trl", "peft", "datasets", "accelerate")
    options = parse(method, config, flags)
    out = Path(options.trainer.output_dir)
    tokenizer = _tokenizer(options.model)
    kept, cut = _short_enough(samples, tokenizer, options.trainer.max_length)
    _settle(out, method, options.model.model_name_or_path, kept)
    trainer = _trainer(method, options, kept, tokenizer)
    trainer.train(resume_from_checkpoint=_last_checkpoint(out))
    trainer.save_model(str(out))
    made = {"method": method, "folder": str(out), **report(trainer, kept, cut)}
    draw(trainer.state.log_history, out)
    (out / REPORT).write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return made


def require(*packages: str, extra: str = "finetune") -> None:
    """Make sure that the packages are installed.

    Raises:
        ConfigError: if one isn't; says how to install it.
    """
    if missing := [name for name in packages if find_spec(name) is None]:
        raise ConfigError(f"{', '.join(missing)}: not installed; pip install '.[{extra}]'")


def parse(method: Method, config: Path, flags: Sequence[str]) -> Options:
    """Return what `trl sft|dpo|kto --config CONFIG FLAGS` would make of them.

    Without an accelerator the run is in float32 on the processor, unless a flag says otherwise.
    """
    import torch
    import trl
    import yaml
    from trl.scripts.utils import DatasetMixtureConfig

    class Parser(trl.TrlParser):  # type: ignore[misc]
        def error(self, message: str) -> NoReturn:
            raise ConfigError(message)

    if not torch.accelerator.is_available():
        flags = [*(each for pair in _ON_CPU.items() for each in pair), *flags]
    trainer = getattr(trl, f"{method.upper()}Config")
    parser = Parser((trl.ScriptArguments, trainer, trl.ModelConfig, DatasetMixtureConfig))
    try:
        _, made, model, _ = parser.parse_args_and_config(["--config", str(config), *flags])
    except (ValueError, TypeError, yaml.YAMLError) as exc:
        raise ConfigError(f"{config}: {exc}") from exc
    if not model.model_name_or_path:
        raise ConfigError("expected --model, or model_name_or_path in the YAML")
    return Options(made, model)


def _tokenizer(model: Any) -> Any:  # noqa: ANN401 of TRL and transformers
    from transformers import AutoTokenizer

    name = model.model_name_or_path
    if Path(name).is_dir() and not (Path(name) / "config.json").is_file():
        raise ConfigError(f"{name}: expected a model's folder with config.json")
    tokenizer = AutoTokenizer.from_pretrained(name, revision=model.model_revision)
    if not tokenizer.chat_template:
        raise ConfigError(f"{name}: expected a chat model, its tokenizer has no chat template")
    return tokenizer


def _short_enough(
    samples: tuple[list[Sample], list[Sample]],
    tokenizer: Any,  # noqa: ANN401 of transformers
    limit: int | None,
) -> tuple[tuple[list[Sample], list[Sample]], dict[str, int]]:
    """Return the samples of at most `limit` tokens, and what was left out.

    A longer one would lose its end, which is what should be learnt.
    """
    kept: tuple[list[Sample], list[Sample]] = ([], [])
    cut = {"rows": 0, "tokens": 0, "longest_row_tokens": 0}
    for part, all_of_it in zip(kept, samples, strict=True):
        for sample in all_of_it:
            tokens = max(
                len(
                    tokenizer.apply_chat_template(
                        sample["prompt"] + sample[name], return_dict=True, **THINKING_OFF
                    )["input_ids"]
                )
                for name in ("completion", "chosen", "rejected")
                if name in sample
            )
            cut["longest_row_tokens"] = max(cut["longest_row_tokens"], tokens)
            if limit is None or tokens <= limit:
                part.append(sample)
            else:
                cut["rows"] += 1
                cut["tokens"] += tokens
    if not all(kept):
        raise ConfigError(
            f"max_length {limit}: {cut['rows']} rows are longer, up to "
            f"{cut['longest_row_tokens']} tokens, and too few are left; give a larger --max_length"
        )
    return kept, cut


def _settle(out: Path, method: Method, model: str, kept: Sequence[Sequence[Sample]]) -> None:
    """Write down what is trained, or make sure that it is what a killed run was about.

    Raises:
        ConfigError: if the folder holds another run, or one that has ended.
    """
    told = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    run = {"method": method, "model": model, "rows": sha256(told.encode()).hexdigest()}
    if (out / REPORT).exists():
        raise ConfigError(f"{out}: has a run that ended; give another --out")
    if (out / _RUN).exists():
        begun = json.loads((out / _RUN).read_text("utf-8"))
        if changed := [name for name in run if run[name] != begun.get(name)]:
            raise ConfigError(f"{out}: has a run with another {changed[0]}; give another --out")
    (out / "rows").mkdir(parents=True, exist_ok=True)
    for name, samples in zip(("train", "validation"), kept, strict=True):
        write(out / "rows" / f"{name}.jsonl", samples)
    (out / _RUN).write_text(json.dumps(run), "utf-8")


def _last_checkpoint(out: Path) -> str | None:
    """Return the newest whole checkpoint: its trainer_state.json is written last."""
    found = [path.parent for path in out.glob("checkpoint-*/trainer_state.json")]
    newest = max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
    return str(newest) if newest else None


def _trainer(
    method: Method,
    options: Options,
    kept: Sequence[Sequence[Sample]],
    tokenizer: Any,  # noqa: ANN401 of transformers
) -> Any:  # noqa: ANN401 of TRL
    import trl
    from datasets import Dataset

    model = options.model
    options.trainer.model_init_kwargs = {
        "revision": model.model_revision,
        "attn_implementation": model.attn_implementation,
        "dtype": model.dtype,
        **(options.trainer.model_init_kwargs or {}),
    }
    learnt, held_out = (Dataset.from_list(list(samples)) for samples in kept)
    try:
        return getattr(trl, f"{method.upper()}Trainer")(
            model=model.model_name_or_path,
            args=options.trainer,
            train_dataset=learnt,
            eval_dataset=held_out if options.trainer.eval_strategy != "no" else None,
            processing_class=tokenizer,
            quantization_config=trl.get_quantization_config(model),
            peft_config=trl.get_peft_config(model),
        )
    except (ValueError, ImportError) as exc:  # options that don't go together, a missing package
        raise ConfigError(str(exc)) from exc
