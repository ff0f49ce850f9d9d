"""Short rows for a tiny model: its real template and trainer, in seconds."""

import json
from pathlib import Path
from typing import Any

SYSTEM = {"role": "system", "content": "你是客服助手。"}


def prompt(number: int) -> list[dict[str, str]]:
    return [SYSTEM, {"role": "user", "content": f"退款 {number} 天到账吗？"}]


def answered(number: int) -> dict[str, Any]:
    said = {"role": "assistant", "content": f"退款在 {number} 个工作日内到账。[1]"}
    return {"split": _split(number), "messages": [*prompt(number), said]}


def pair(number: int) -> dict[str, Any]:
    return {
        "split": _split(number),
        "prompt": prompt(number),
        "chosen": f"退款在 {number} 个工作日内到账。[1]",
        "rejected": "已为您办理退款。",
    }


def _split(number: int) -> str:
    return "train" if number % 4 else "validation"


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path
