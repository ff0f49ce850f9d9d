"""Prepare training data.

python -m finetune prepare --kb data/kb --out var/sft.jsonl
python -m finetune prepare --kb faq.jsonl --out sft.jsonl --limit 500 --today 2026-11-22
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from finetune.prepare import prepare
from tools.errors import KefuError


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="python -m finetune", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("prepare", help="chat rows for SFT from the knowledge, JSONL")
    command.add_argument("--kb", type=Path, required=True, help="knowledge file or folder")
    command.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    command.add_argument("--limit", type=int, default=0, help="rows to keep; 0 = all")
    command.add_argument(
        "--today", type=date.fromisoformat, default=date.today(), help="ISO date (%(default)s)"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 2 when a file can't be used."""
    args = arguments().parse_args(argv)
    try:
        rows = prepare(args.kb, args.out, today=args.today.isoformat(), limit=args.limit)
    except (KefuError, OSError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    counts = Counter(row["split"] for row in rows)
    negatives = sum(row["is_negative"] for row in rows)
    shares = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
    sys.stdout.write(f"{args.out}: {len(rows)} rows ({shares}; without an answer: {negatives})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
