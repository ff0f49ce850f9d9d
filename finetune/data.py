"""Rows as TRL takes them: one sample an answer, checked and masked before anything is trained.

The prompt ends where the model begins to answer in service, thinking off: `chat_template_kwargs`
lets the template put the empty think block into the prompt, so that no loss falls on it and a
dialogue's earlier answers stand there as they do in service.
"""

import json
import random
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from finetune.arguments import Method
from finetune.cases import VALIDATION, share
from tools.errors import ConfigError
from tools.json_lines import read_lines
from tools.text.pii import mask

Sample = dict[str, Any]

THINKING_OFF = {"enable_thinking": False}
_ROLES = ("system", "user", "assistant", "tool")
_WANTED = {
    "sft": "messages, or prompt and completion",
    "dpo": "prompt, chosen and rejected",
    "kto": "prompt, completion and label, or prompt, chosen and rejected",
}
_OF = {  # whose columns these are, told when a file is given to the wrong command
    frozenset({"messages"}): "sft",
    frozenset({"prompt", "completion"}): "sft",
    frozenset({"prompt", "chosen", "rejected"}): "dpo or kto",
    frozenset({"prompt", "completion", "label"}): "kto",
}


def read(method: Method, path: Path) -> tuple[list[Sample], list[Sample]]:
    """Return samples to train on and samples to validate with.

    Rows say by `split` which they are; where none is for validation, a tenth is held out by what
    its prompt says. Samples for KTO are mixed, since it compares neighbours.

    Raises:
        ConfigError: if the file is missing or empty, or a row can't be used; names file and line.
    """
    rows = [*chain(*read_lines(path, f"row for {method}", partial(_row, method)))]
    held_out = [sample for split, sample in rows if split == "validation"]
    if held_out:
        kept = [sample for split, sample in rows if split != "validation"]
    else:
        ranked = sorted((sample for _, sample in rows), key=_rank)
        count = max(1, round(VALIDATION * len(ranked)))
        held_out, kept = ranked[:count], ranked[count:]
    if not kept:
        raise ConfigError(f"{path}: expected rows to train on and rows to validate with, got 1")
    if method == "kto":
        for samples in (kept, held_out):
            random.Random(0).shuffle(samples)
    return kept, held_out


def _rank(sample: Sample) -> float:
    return share(json.dumps(sample["prompt"], ensure_ascii=False))


def _row(method: Method, row: dict[str, Any]) -> list[tuple[str, Sample]]:
    """Return split and sample of each answer in a row."""
    samples = _SAMPLES[method](row)
    split = row.get("split", "train")
    if split not in ("train", "validation"):
        raise ValueError(f"split: expected train or validation, got {split!r}")
    return [(split, sample | {"chat_template_kwargs": THINKING_OFF}) for sample in samples]


def _sft(row: Sample) -> list[Sample]:
    """Return a sample for each answer of a dialogue; what was said before it is its prompt."""
    if "label" in row:
        raise _wrong(row, "sft")
    if "prompt" in row and "completion" in row:
        return [{"prompt": _prompt(row), "completion": _reply(row, "completion")}]
    if "messages" not in row:
        raise _wrong(row, "sft")
    said = _messages(row["messages"], "messages")
    answers = [at for at, message in enumerate(said) if message["role"] == "assistant" and at]
    if not answers or answers[-1] != len(said) - 1:
        raise ValueError("messages: expected a question and, last of all, the assistant's answer")
    return [{"prompt": said[:at], "completion": [said[at]]} for at in answers]


def _dpo(row: Sample) -> list[Sample]:
    if not {"prompt", "chosen", "rejected"} <= row.keys():
        raise _wrong(row, "dpo")
    chosen, rejected = _reply(row, "chosen"), _reply(row, "rejected")
    if chosen == rejected:
        raise ValueError("chosen and rejected: expected two replies, got the same one twice")
    return [{"prompt": _prompt(row), "chosen": chosen, "rejected": rejected}]


def _kto(row: Sample) -> list[Sample]:
    if "chosen" in row:
        return [
            {"prompt": pair["prompt"], "completion": pair[name], "label": name == "chosen"}
            for pair in _dpo(row)
            for name in ("chosen", "rejected")
        ]
    if not {"prompt", "completion", "label"} <= row.keys():
        raise _wrong(row, "kto")
    if not isinstance(row["label"], bool):
        raise ValueError(f"label: expected true or false, got {row['label']!r}")
    reply = _reply(row, "completion")
    return [{"prompt": _prompt(row), "completion": reply, "label": row["label"]}]


_SAMPLES: dict[str, Callable[[Sample], list[Sample]]] = {"sft": _sft, "dpo": _dpo, "kto": _kto}


def _wrong(row: Sample, method: Method) -> ValueError:
    """Return what is wrong with the columns, and whose they are."""
    fits = [name for columns, name in _OF.items() if columns <= row.keys()]
    hint = f"; this is a file for {fits[-1]}" if fits else ""
    return ValueError(f"expected {_WANTED[method]}, got {', '.join(row) or 'nothing'}{hint}")


def _prompt(row: Sample) -> list[dict[str, str]]:
    value = row["prompt"]
    if isinstance(value, str):
        value = [{"role": "user", "content": value}]
    said = _messages(value, "prompt")
    if said[-1]["role"] not in ("user", "tool"):
        raise ValueError(f"prompt: expected the user's words last, got the {said[-1]['role']}'s")
    return said


def _reply(row: Sample, name: str) -> list[dict[str, str]]:
    value = row[name]
    if isinstance(value, str):
        value = [{"role": "assistant", "content": value}]
    said = _messages(value, name)
    if len(said) != 1 or said[0]["role"] != "assistant":
        raise ValueError(f"{name}: expected one message of the assistant, got {len(said)}")
    return said


def _messages(value: object, name: str) -> list[dict[str, str]]:
    if not isinstance(value, Sequence) or not value or isinstance(value, str):
        raise ValueError(f"{name}: expected a list of messages, got {value!r:.40}")
    made = []
    for message in value:
        role, content = (
            (message.get("role"), message.get("content"))
            if isinstance(message, dict)
            else (None, None)
        )
        if role not in _ROLES or not isinstance(content, str) or not content.strip():
            raise ValueError(
                f"{name}: expected a role ({', '.join(_ROLES)}) and content, got {message!r:.60}"
            )
        made.append({"role": role, "content": mask(content)})
    return made
