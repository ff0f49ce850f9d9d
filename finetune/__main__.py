"""Prepare training data, train, merge and quantize.

python -m finetune prepare --kb data/kb --out var/sft.jsonl
python -m finetune preferences --kb data/kb --out var/pairs.jsonl --limit 2000
python -m finetune sft --data var/sft.jsonl --model Qwen/Qwen3-14B --out var/finetune/sft
python -m finetune merge --adapter var/finetune/sft --out var/finetune/merged
python -m finetune dpo --data var/pairs.jsonl --model var/finetune/merged --out var/finetune/dpo
python -m finetune quantize --model var/finetune/merged --scheme fp8 --out var/finetune/fp8
python -m finetune labels export --data var/sft.jsonl --out var/tasks.json
python -m finetune judge data/asks.jsonl

docs/finetuning.md goes through them. Exit code: 0 done, 2 a file, flag or package can't be used.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec

from pydantic_settings import SettingsError
from rich.console import Console
from rich.progress import Progress

from finetune.arguments import METHODS, arguments
from tools.errors import ConfigError, KefuError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 2 when a file can't be used."""
    parser = arguments(__doc__ or "")
    args, flags = parser.parse_known_args(argv)
    if flags and args.command not in METHODS:
        parser.error(f"unrecognized arguments: {' '.join(flags)}")
    try:
        if args.command in METHODS:
            _train(args, flags)
        else:
            _COMMANDS[args.command](args)
    except (KefuError, OSError, SettingsError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    return 0


def _prepare(args: argparse.Namespace) -> None:
    from finetune.prepare import prepare

    rows = prepare(args.kb, args.out, today=args.today.isoformat(), limit=args.limit)
    negatives = sum(row["is_negative"] for row in rows)
    shares = _shares(row["split"] for row in rows)
    sys.stdout.write(f"{args.out}: {len(rows)} rows ({shares}; without an answer: {negatives})\n")


def _preferences(args: argparse.Namespace) -> None:
    from finetune.preference import preferences

    with _progress("pairs") as progress:
        rows = preferences(
            args.kb, args.out, today=args.today.isoformat(), limit=args.limit, progress=progress
        )
    shares = _shares(row["split"] for row in rows)
    kinds = _shares(row["kind"] for row in rows)
    sys.stdout.write(f"{args.out}: {len(rows)} pairs ({shares}; {kinds})\n")


def _shares(names: Iterable[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(Counter(names).items()))


def _train(args: argparse.Namespace, flags: list[str]) -> None:
    from finetune.train import train

    given = {"--model_name_or_path": args.model, "--output_dir": args.out}
    flags = [each for flag, value in given.items() if value for each in (flag, value)] + flags
    made = train(args.command, args.data, args.config, flags)
    cut = made["too_long"]["rows"]
    told = f"{made['rows']['train']} rows, {made['steps']} steps"
    if made["eval_loss_best"] is not None:
        told += f", eval_loss {made['eval_loss_first']:.4f} -> {made['eval_loss_best']:.4f}"
    if cut:
        told += f"; {cut} rows were too long and left out"
    sys.stdout.write(f"{made['folder']}: {told}\n")


def _merge(args: argparse.Namespace) -> None:
    from finetune.merge import merge

    merge(args.adapter, args.out, model=args.model)
    sys.stdout.write(f"{args.out}: the model with {args.adapter} in its weights\n")


def _quantize(args: argparse.Namespace) -> None:
    from finetune.quantize import quantize

    how = quantize(args.model, args.out, args.scheme, data=args.data, samples=args.samples)
    sys.stdout.write(f"{args.out}: {how}\n")


def _labels(args: argparse.Namespace) -> None:
    from finetune.labels import FORM, export, labelled

    if args.way == "export":
        count = export(args.data, args.out, limit=args.limit)
        sys.stdout.write(f"{args.out}: {count} tasks; the form is {FORM}\n")
        return
    made = labelled(args.data, args.out, pairs=args.pairs)
    sys.stdout.write(f"{args.out}: {len(made.rows)} rows; {len(made.pairs)} were corrected\n")


def _judge(args: argparse.Namespace) -> None:
    if find_spec("torch") is None:
        raise ConfigError("judge is trained with torch: pip install '.[finetune]'")
    from finetune.judge import learn, read_entries
    from tools.nano.model import weights

    entries = read_entries(args.pairs)
    with _progress("learning") as progress:
        learn(weights(), entries, seed=args.seed, progress=progress).save(args.out)
    asks = sum(len(entry["asks"]) for entry in entries)
    sys.stdout.write(f"{args.out}: learnt from {asks} asks of {len(entries)} entries\n")


@contextmanager
def _progress(work: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar; what is yielded takes how much is done, and of how much."""
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True)) as bars:
        task = bars.add_task(work, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


_COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "prepare": _prepare,
    "preferences": _preferences,
    "merge": _merge,
    "quantize": _quantize,
    "labels": _labels,
    "judge": _judge,
}

if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
