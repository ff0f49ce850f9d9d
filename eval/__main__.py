"""Measure Kefu, on the sample company unless --kb and --queries say otherwise.

python -m eval retrieval --kb kb.jsonl --queries queries.jsonl --json out.json
python -m eval retrieval --dataset insqa --data FOLDER --baselines --plot out.png
python -m eval routing --misses
python -m eval dialogue --misses
python -m eval load --turns 60
python -m eval calibrate --split dev --out var/policy.json
python -m eval tune --split dev
python -m eval safety --injection attacks.jsonl --pii pii.jsonl --poisoned entries.jsonl
python -m eval grounding --cases data/eval/grounding.jsonl

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
from eval.dialogue import dialogue
from eval.grounding import grounding
from eval.load import load
from eval.options import add_retrieval, converted, embed_with
from eval.plots import draw, drawing
from eval.retrieval import retrieval
from eval.routing import routing
from eval.safety import safety
from eval.tables import rows, show_retrieval
from eval.tune import tune
from graph.settings import ROOT, Settings, settings
from tools.errors import KefuError
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
        "dialogue": "recall and rank of a conversation's last question",
        "load": "own cost of a turn with a stub model, beside a bare graph",
        "calibrate": "fit the decision policy to labelled queries",
        "tune": "find the weight of vectors against words, by cross-validation",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            "--kb", type=Path, default=DATA / "kb", help="knowledge file or folder (%(default)s)"
        )
        asked = "dialogues" if name == "dialogue" else "queries"
        command.add_argument(
            f"--{asked}",
            type=Path,
            default=DATA / "eval" / f"{asked}.jsonl",
            help=f"labelled {asked}, JSONL (%(default)s)",
        )
        command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
        if name in ("retrieval", "routing", "dialogue"):
            command.add_argument(
                "--segmenter", choices=get_args(Segmenter), help="instead of that of the settings"
            )
        if name == "retrieval":
            add_retrieval(command)
        if name in ("routing", "dialogue"):
            command.add_argument("--misses", action="store_true", help="list what went wrong")
        if name == "load":
            command.add_argument("--turns", type=_positive, default=100, help="(%(default)s)")
            command.add_argument(
                "--delay-ms", type=_positive, default=100, help="the stub model's (%(default)s)"
            )
        if name in ("calibrate", "tune"):
            command.add_argument("--split", default="", help="fit on this split only")
        if name == "calibrate":
            command.add_argument(
                "--out", type=Path, default=DATA / "policy.json", help="(%(default)s)"
            )
    _add_checks(commands)
    return parser


def _add_checks(commands: Any) -> None:  # noqa: ANN401 argparse does not name its type
    """Add the commands that need no labelled queries."""
    text = "attacks, personal data and poisoned knowledge"
    guard = commands.add_parser("safety", help=text, description=text)
    guard.add_argument("--injection", type=Path, help="JSONL: text, label injection|benign")
    guard.add_argument("--pii", type=Path, help="JSONL: text, has_pii, start, end")
    guard.add_argument("--kb", type=Path, default=DATA / "kb", help="(%(default)s)")
    guard.add_argument("--poisoned", type=Path, help="JSONL: question, answer[, payload]")
    text = "false and true sentences about passages"
    ground = commands.add_parser("grounding", help=text, description=text)
    ground.add_argument(
        "--cases", type=Path, default=DATA / "eval" / "grounding.jsonl", help="JSONL (%(default)s)"
    )
    for command in (guard, ground):
        command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Run one measurement; 2 when a file or setting can't be used."""
    args = arguments().parse_args(argv)
    out, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    try:
        if args.json is not None:  # a wrong place is found before the work, not after it
            args.json.touch()
        config = settings()
        if args.command == "retrieval":
            config = _prepared(args, config)
        result = asyncio.run(_run(args, config, errors))
    except (KefuError, OSError, ValidationError) as exc:
        errors.print(f"[red]{escape(str(exc))}[/red]")
        return 2
    _SHOW[args.command](result, out, args)
    if args.json is not None:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def _prepared(args: argparse.Namespace, config: Settings) -> Settings:
    """Return the settings with the embedder asked for; what else is missing is found here too."""
    args.backend = args.backend or ["sqlite"]
    if args.plot is not None:
        drawing()
        args.plot.touch()
    converted(args, config)
    return config.model_copy(update={"embed": embed_with(args.embedder, config.embed)})


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
                    backends=args.backend,
                    legs=args.legs,
                    by=args.by,
                    with_baselines=args.baselines,
                    progress=progress,
                )
            case "routing":
                return await routing(args.kb, args.queries, config, progress=progress)
            case "dialogue":
                return await dialogue(args.kb, args.dialogues, config, progress=progress)
            case "load":
                return await load(
                    args.kb, args.queries, config, turns=args.turns, delay_ms=args.delay_ms
                )
            case "tune":
                return await tune(
                    args.kb, args.queries, config, split=args.split, progress=progress
                )
            case "safety":
                return await safety(
                    config,
                    injection=args.injection,
                    pii=args.pii,
                    kb=args.kb,
                    poisoned=args.poisoned,
                    progress=progress,
                )
            case "grounding":
                return grounding(args.cases)
            case _:
                policy = await calibrate(
                    args.kb, args.queries, config, split=args.split, progress=progress
                )
                save(policy, args.out)
                return policy


def _show_retrieval(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    show_retrieval(result, out, args.backend)
    if args.plot is not None:
        what = args.dataset or "retrieval"  # paths may hold letters that the font has not
        title = f"{what}: {result['n']} queries, embedder {result['embedder']}"
        draw(list(rows(result, args.backend)), title, args.plot)
        out.print(f"→ {args.plot}", markup=False)


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


def _show_dialogue(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    out.print(f"{result['n']} dialogues")
    for name in ("r_at_1", "r_at_5", "mrr_at_10"):
        out.print(f"{name:10}", f"{result[name]:.3f}")
    if args.misses:
        for row in result["outcomes"]:
            if row["rank"] is None or row["rank"] > 5:
                out.print(
                    f"{row['qid']} {row['query']} → {row['question']} "
                    f"rank {row['rank']} {row['found']} {row['relevant_ids']}",
                    markup=False,
                )


def _show_load(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    table = Table("", "Kefu", "bare graph", title=f"model: {result['model_delay_ms']} ms")
    for name in result["kefu"]:
        table.add_row(name, str(result["kefu"][name]), str(result["bare"].get(name, "")))
    out.print(table)


def _show_tune(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    table = Table("dense_weight", "r_at_5", "mrr_at_10", title=f"{result['n']} answerable queries")
    for row in result["curve"]:
        is_chosen = row["dense_weight"] == result["dense_weight"]
        cells = (f"{row['dense_weight']:.2f}", f"{row['r_at_5']:.3f}", f"{row['mrr_at_10']:.3f}")
        table.add_row(*cells, style="bold" if is_chosen else None)
    out.print(table)
    out.print(f"KEFU_SEARCH__DENSE_WEIGHT={result['dense_weight']:.2f}")
    out.print(f"MRR@10 on queries it was not chosen on: {result['cv_mrr_at_10']:.3f}")


def _show_policy(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    out.print_json(data=result)
    out.print(f"→ {args.out}")


def _show_json(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    out.print_json(data=result)


_SHOW = {
    "retrieval": _show_retrieval,
    "routing": _show_routing,
    "dialogue": _show_dialogue,
    "load": _show_load,
    "calibrate": _show_policy,
    "tune": _show_tune,
    "safety": _show_json,
    "grounding": _show_json,
}

if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
