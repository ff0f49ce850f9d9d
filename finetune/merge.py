"""Put an adapter into its model's weights, for vLLM without --enable-lora and for quantizing."""

from pathlib import Path

from finetune.train import require
from tools.errors import ConfigError


def merge(adapter: Path, out: Path, *, model: str | None = None) -> None:
    """Write the whole model in bf16, with its tokenizer.

    Raises:
        ConfigError: if `adapter` holds none, or `out` holds something.
    """
    if not (adapter / "adapter_config.json").is_file():
        raise ConfigError(f"{adapter}: expected a folder with adapter_config.json")
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out}: expected a new or empty folder")
    require("torch", "transformers", "peft")
    import torch
    from peft import PeftConfig, PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = model or PeftConfig.from_pretrained(str(adapter)).base_model_name_or_path
    whole = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    merged = PeftModel.from_pretrained(whole, str(adapter)).merge_and_unload(safe_merge=True)
    merged.save_pretrained(out)
    AutoTokenizer.from_pretrained(str(adapter)).save_pretrained(out)
