"""The command line of `python -m finetune`; it imports no part of it, so that --help is quick."""

import argparse
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from tools.nano.judge import FILE

Method = Literal["sft", "dpo", "kto"]
METHODS: tuple[Method, ...] = get_args(Method)
CONFIGS = Path(__file__).parent
SCHEMES = ("fp8", "int8")
_TRAINING = {
    "sft": "train on answers (LoRA)",
    "dpo": "train on pairs of a right and a wrong answer (LoRA)",
    "kto": "train on liked and disliked answers, or on pairs (LoRA)",
}


def arguments(description: str) -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m finetune",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    text = "chat rows for SFT from the knowledge, JSONL"
    _from_knowledge(commands.add_parser("prepare", help=text, description=text))
    text = "pairs of a right and a wrong answer from the knowledge, JSONL"
    _from_knowledge(commands.add_parser("preferences", help=text, description=text))
    for method in METHODS:
        _training(commands, method)
    _merge(commands)
    _quantize(commands)
    _labels(commands)
    text = "teach the offline model whether an entry answers a question"
    command = commands.add_parser("judge", help=text, description=text)
    command.add_argument("pairs", type=Path, help="entries with asks, as data/asks.jsonl")
    command.add_argument("--out", type=Path, default=FILE, help="file to write (%(default)s)")
    command.add_argument("--seed", type=int, default=0, help="of order and start (%(default)s)")
    return parser


def _from_knowledge(command: argparse.ArgumentParser) -> None:
    command.add_argument("--kb", type=Path, required=True, help="knowledge file or folder")
    command.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    command.add_argument("--limit", type=int, default=0, help="rows to keep; 0 = all")
    command.add_argument(
        "--today", type=date.fromisoformat, default=date.today(), help="what is valid (%(default)s)"
    )


def _training(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> None:
    text = _TRAINING[name]
    command = commands.add_parser(
        name,
        help=text,
        description=f"{text}. Every flag of `trl {name}` may follow and wins over the YAML, such as"
        " --max_steps 20 or --learning_rate 2e-4. The same command goes on with a run that was"
        " killed.",
        allow_abbrev=False,
    )
    command.add_argument("--data", type=Path, required=True, help="JSONL file with the rows")
    command.add_argument("--model", help="folder or name; else model_name_or_path of the YAML")
    command.add_argument("--out", help="folder of the adapter; else output_dir of the YAML")
    command.add_argument(
        "--config",
        type=Path,
        default=CONFIGS / f"{name}.yaml",
        help="YAML with TRL's keys (%(default)s)",
    )


def _merge(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "add an adapter to its model's weights"
    command = commands.add_parser("merge", help=text, description=text)
    command.add_argument("--adapter", type=Path, required=True, help="folder that training wrote")
    command.add_argument("--out", type=Path, required=True, help="folder for the whole model")
    command.add_argument("--model", help="the model, if it has moved since the training")


def _quantize(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "write a model's weights in 8 bits, for vLLM"
    command = commands.add_parser(
        "quantize",
        help=text,
        description="fp8 is for Ada and Hopper GPUs (compute capability 8.9 and more) and needs no"
        " rows; int8 is for Ampere, and is more exact with rows to calibrate on.",
    )
    command.add_argument("--model", required=True, help="folder of the whole model")
    command.add_argument("--scheme", required=True, choices=SCHEMES)
    command.add_argument("--out", type=Path, required=True, help="folder to write")
    command.add_argument("--data", type=Path, help="int8: rows to calibrate on, as for sft")
    command.add_argument("--samples", type=int, default=256, help="rows taken (%(default)s)")


def _labels(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "rows to Label Studio and back, as files"
    ways = commands.add_parser("labels", help=text, description=text).add_subparsers(
        dest="way", required=True
    )
    text = "rows for sft as tasks to import; the project's form is finetune/labels.xml"
    command = ways.add_parser("export", help=text, description=text)
    command.add_argument("--data", type=Path, required=True, help="JSONL file, as for sft")
    command.add_argument("--out", type=Path, required=True, help="JSON file to write")
    command.add_argument("--limit", type=int, default=0, help="rows to take; 0 = all")
    text = "what Label Studio exported as JSON, back as rows"
    command = ways.add_parser("import", help=text, description=text)
    command.add_argument("--data", type=Path, required=True, help="JSON file exported there")
    command.add_argument("--out", type=Path, required=True, help="JSONL file for sft to write")
    command.add_argument("--pairs", type=Path, help="JSONL file for dpo or kto to write, too")
