"""Measure Kefu, on the sample company unless --kb and --queries say otherwise.

python -m eval retrieval --kb kb.jsonl --queries queries.jsonl --json out.json
python -m eval routing --misses
python -m eval load --turns 60
python -m eval scale --n 1000,20000,100000
python -m eval calibrate --split dev --out var/policy.json

Exit code: 0 measured, 2 a file or setting can't be used (the message says which).
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from eval.calibrate import calibrate, save
from eval.load import load
from eval.retrieval import Backend, retrieval
from eval.routing import routing
from eval.scale import scale
from graph.settings import ROOT, Settings, settings
from tools.errors import KefuError
from tools.search.base import Progress
from tools.text.segment import Segmenter

DATA = ROOT / "data"


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    texts = {
        "retrieval": "recall and rank of the right entries, by leg",
        "routing": "what the whole graph does with labelled queries",
        "scale": "what an index of many short passages costs",
        "load": "own cost of a turn with a stub model, beside a bare graph",
        "calibrate": "fit the decision policy to labelled queries",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
        if name == "scale":
            command.add_argument(
                "--n", type=_sizes, default=[1000, 20_000], help="passages, 1000,20000 if not given"
            )
            command.add_argument("--backend", choices=get_args(Backend), default="sqlite")
            command.add_argument("--questions", type=_positive, default=200, help="(%(default)s)")
            continue
        command.add_argument(
            "--kb", type=Path, default=DATA / "kb", help="knowledge file or folder (%(default)s)"
        )
        command.add_argument(
            "--queries",
            type=Path,
            default=DATA / "eval" / "queries.jsonl",
            help="labelled queries, JSONL (%(default)s)",
        )
        if name in ("retrieval", "routing"):
            command.add_argument(
                "--segmenter", choices=get_args(Segmenter), help="instead of that of the settings"
            )
        if name == "retrieval":
            command.add_argument(
                "--backend",
                action="append",
                choices=get_args(Backend),
                help="sqlite (default), or elastic at KEFU_SEARCH__URL; repeat it to compare",
            )
        if name == "routing":
            command.add_argument("--misses", action="store_true", help="list what went wrong")
        if name == "load":
            command.add_argument("--turns", type=_positive, default=100, help="(%(default)s)")
            command.add_argument(
                "--delay-ms", type=_positive, default=100, help="the stub model's (%(default)s)"
            )
        if name == "calibrate":
            command.add_argument("--split", default="", help="fit on this split only")
            command.add_argument(
                "--out", type=Path, default=DATA / "policy.json", help="(%(default)s)"
            )
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number


def _sizes(text: str) -> list[int]:
    return [_positive(part) for part in text.split(",")]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one measurement; 2 when a file or setting can't be used."""
    args = arguments().parse_args(argv)
    out, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    try:
        if args.json is not None:  # a wrong place is found before the work, not after it
            args.json.touch()
        result = asyncio.run(_run(args, settings(), errors))
    except (KefuError, OSError, ValidationError) as exc:
        errors.print(f"[red]{escape(str(exc))}[/red]")
        return 2
    _SHOW[args.command](result, out, args)
    if args.json is not None:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


async def _run(args: argparse.Namespace, config: Settings, errors: Console) -> dict[str, Any]:
    if segmenter := getattr(args, "segmenter", None):
        search = config.search.model_copy(update={"segmenter": segmenter})
        config = config.model_copy(update={"search": search})
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, TimeRemainingColumn(), console=errors, transient=True) as bar:
        task = bar.add_task(args.command, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        match args.command:
            case "retrieval":
                return await retrieval(
                    args.kb,
                    args.queries,
                    config,
                    backends=args.backend or ["sqlite"],
                    progress=progress,
                )
            case "routing":
                return await routing(args.kb, args.queries, config, progress=progress)
            case "scale":

                def named(work: str) -> Progress:
                    bar.reset(task, description=work)
                    return progress

                return await scale(
                    args.n,
                    config,
                    backend=args.backend,
                    questions=args.questions,
                    progress=named,
                )
            case "load":
                return await load(
                    args.kb, args.queries, config, turns=args.turns, delay_ms=args.delay_ms
                )
            case _:
                policy = await calibrate(
                    args.kb, args.queries, config, split=args.split, progress=progress
                )
                save(policy, args.out)
                return policy


def _show_retrieval(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    names = ("r_at_1", "r_at_5", "r_at_10", "mrr_at_10", "p50_ms", "p99_ms")
    table = Table(*("leg", *names), title=f"{result['n']} answerable queries")
    first, *others = args.backend or ["sqlite"]
    for backend, legs in [(first, result["legs"]), *((name, result[name]) for name in others)]:
        for leg, row in legs.items():
            table.add_row(
                f"{backend} {leg}",
                *(f"{row[name]:.3f}" for name in names[:4]),
                *(f"{row[name]:.1f}" for name in names[4:]),
            )
    out.print(table)


def _show_routing(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    actions = ("answer", "act", "clarify", "handoff", "fallback")
    table = Table("label", *actions, title=f"{result['n']} queries")
    for label, counts in result["by_label"].items():
        table.add_row(label, *(str(counts.get(action, "")) for action in actions))
    out.print(table)
    for name, value in result.items():
        if name not in ("n", "by_label", "outcomes"):
            out.print(f"{name:27}", "–" if value is None else f"{value:.3f}")
    if args.misses:
        for row in result["outcomes"]:
            if _is_miss(row):
                out.print(
                    f"{row['label']:18} {row['action']:8} {row['reason']:13} "
                    f"{row['confidence']:.2f} {row['query']} {row['cited']} {row['relevant_ids']}",
                    markup=False,
                )


def _is_miss(row: dict[str, Any]) -> bool:
    wanted = {
        "answerable": {"answer"},
        "indomain_no_answer": {"fallback", "clarify"},
        "offdomain": {"fallback", "clarify"},
        "ambiguous": {"clarify"},
        "handoff": {"handoff"},
        "account_specific": {"act", "handoff", "clarify", "fallback"},
    }
    is_wrong = row["label"] == "answerable" and not set(row["cited"]) & set(row["relevant_ids"])
    return row["action"] not in wanted[row["label"]] or is_wrong


def _show_scale(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    title = f"{result['backend']}, {result['chars']} characters, {result['dims']} dimensions"
    table = Table("passages", *result["sizes"], title=title)
    for name in next(iter(result["sizes"].values())):
        table.add_row(name, *(f"{row[name]:g}" for row in result["sizes"].values()))
    out.print(table)


def _show_load(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    table = Table("", "Kefu", "bare graph", title=f"model: {result['model_delay_ms']} ms")
    for name in result["kefu"]:
        table.add_row(name, str(result["kefu"][name]), str(result["bare"].get(name, "")))
    out.print(table)


def _show_policy(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    out.print_json(data=result)
    out.print(f"→ {args.out}")


_SHOW = {
    "retrieval": _show_retrieval,
    "routing": _show_routing,
    "scale": _show_scale,
    "load": _show_load,
    "calibrate": _show_policy,
}

if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
