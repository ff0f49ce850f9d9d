"""Write a model in 8 bits with llm-compressor, in the form that vLLM loads by itself."""

from pathlib import Path
from typing import Any

from finetune.data import THINKING_OFF, read
from finetune.train import require
from tools.errors import ConfigError

_IGNORED = ["lm_head"]
_SMOOTHING = 0.8  # share of the activations' outliers that moves into the weights
_TOKENS = 2048  # of a row to calibrate on


def quantize(
    model: str, out: Path, scheme: str, *, data: Path | None = None, samples: int = 256
) -> str:
    """Write the model and return what was done.

    fp8   weights by channel, activations by token; no rows needed
    int8  the same in integers: by GPTQ after SmoothQuant with rows, by rounding without

    Raises:
        ConfigError: if a file, the folder or a package can't be used.
    """
    if scheme not in ("fp8", "int8"):
        raise ConfigError(f"--scheme: expected fp8 or int8, got {scheme!r}")
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out}: expected a new or empty folder")
    if Path(model).is_dir() and not (Path(model) / "config.json").is_file():
        raise ConfigError(f"{model}: expected a whole model's folder, merged first")
    rows = read("sft", data)[0][:samples] if data and scheme == "int8" else []
    require("torch", "transformers", "llmcompressor", extra="quantize")
    from llmcompressor import oneshot
    from llmcompressor.modifiers.gptq import GPTQModifier
    from llmcompressor.modifiers.quantization import QuantizationModifier
    from llmcompressor.modifiers.transform.smoothquant import SmoothQuantModifier
    from transformers import AutoModelForCausalLM, AutoTokenizer

    whole = AutoModelForCausalLM.from_pretrained(model, dtype="auto")
    tokenizer = AutoTokenizer.from_pretrained(model)
    if rows:
        recipe: Any = [
            SmoothQuantModifier(smoothing_strength=_SMOOTHING),
            GPTQModifier(targets="Linear", scheme="W8A8", ignore=_IGNORED),
        ]
        oneshot(
            model=whole,
            recipe=recipe,
            dataset=_calibration(rows, tokenizer),
            num_calibration_samples=len(rows),
            max_seq_length=_TOKENS,
        )
        how = f"W8A8, SmoothQuant and GPTQ on {len(rows)} rows"
    else:
        name = "FP8_DYNAMIC" if scheme == "fp8" else "W8A8"
        recipe = QuantizationModifier(targets="Linear", scheme=name, ignore=_IGNORED)
        oneshot(model=whole, recipe=recipe)
        how = f"{name}, rounded"
    whole.save_pretrained(out, save_compressed=True)
    tokenizer.save_pretrained(out)
    return how


def _calibration(rows: list[dict[str, Any]], tokenizer: Any) -> Any:  # noqa: ANN401 of datasets
    from datasets import Dataset

    texts = [
        tokenizer.apply_chat_template(
            row["prompt"] + row["completion"], tokenize=False, **THINKING_OFF
        )
        for row in rows
    ]
    return Dataset.from_list(
        [
            dict(tokenizer(text, truncation=True, max_length=_TOKENS, add_special_tokens=False))
            for text in texts
        ]
    )
