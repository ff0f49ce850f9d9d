"""Prepare training data, and train.

python -m finetune prepare --kb data/kb --out var/sft.jsonl
python -m finetune prepare --kb faq.jsonl --out sft.jsonl --limit 500 --today 2026-11-22
python -m finetune judge data/asks.jsonl
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from pydantic_settings import SettingsError
from rich.console import Console
from rich.progress import Progress

from finetune.prepare import prepare
from tools.errors import ConfigError, KefuError
from tools.nano.judge import FILE
from tools.nano.model import weights


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m finetune",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    text = "chat rows for SFT from the knowledge, JSONL"
    command = commands.add_parser("prepare", help=text, description=text)
    command.add_argument("--kb", type=Path, required=True, help="knowledge file or folder")
    command.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    command.add_argument("--limit", type=int, default=0, help="rows to keep; 0 = all")
    command.add_argument(
        "--today", type=date.fromisoformat, default=date.today(), help="what is valid (%(default)s)"
    )
    command.set_defaults(run=_prepare)
    text = "teach the offline model whether an entry answers a question"
    command = commands.add_parser("judge", help=text, description=text)
    command.add_argument("pairs", type=Path, help="entries with asks, as data/asks.jsonl")
    command.add_argument("--out", type=Path, default=FILE, help="file to write (%(default)s)")
    command.add_argument("--seed", type=int, default=0, help="of order and start (%(default)s)")
    command.set_defaults(run=_judge)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 2 when a file can't be used."""
    args = arguments().parse_args(argv)
    try:
        args.run(args)
    except (KefuError, OSError, SettingsError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    return 0


def _prepare(args: argparse.Namespace) -> None:
    rows = prepare(args.kb, args.out, today=args.today.isoformat(), limit=args.limit)
    counts = Counter(row["split"] for row in rows)
    negatives = sum(row["is_negative"] for row in rows)
    shares = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
    sys.stdout.write(f"{args.out}: {len(rows)} rows ({shares}; without an answer: {negatives})\n")


def _judge(args: argparse.Namespace) -> None:
    if find_spec("torch") is None:
        raise ConfigError("judge is trained with torch: pip install '.[finetune]'")
    from finetune.judge import learn, read_entries

    entries = read_entries(args.pairs)
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True)) as bars:
        task = bars.add_task("learning", total=None)

        def advance(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        learn(weights(), entries, seed=args.seed, progress=advance).save(args.out)
    asks = sum(len(entry["asks"]) for entry in entries)
    sys.stdout.write(f"{args.out}: learnt from {asks} asks of {len(entries)} entries\n")


if __name__ == "__main__":
    sys.exit(main())
