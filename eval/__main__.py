"""Measure Kefu, on the sample company unless --kb and --queries say otherwise.

python -m eval retrieval --kb kb.jsonl --queries queries.jsonl --json out.json
python -m eval routing --misses
python -m eval dialogue --misses
python -m eval load --turns 60
python -m eval simulate --n 200 --seed 7 --show 3
python -m eval calibrate --split dev --out var/policy.json
python -m eval tune --split dev

Exit code: 0 measured, 1 an invariant was broken (simulate), 2 a file or setting can't be used (the
message says which).
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
from eval.load import load
from eval.retrieval import Backend, retrieval
from eval.routing import routing
from eval.simulate import simulate
from eval.tune import tune
from graph.settings import ROOT, LLMSettings, Settings, settings
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
        "simulate": "simulated customers against the whole graph, held to invariants",
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
            command.add_argument(
                "--backend",
                action="append",
                choices=get_args(Backend),
                help="sqlite (default), or elastic at KEFU_SEARCH__URL; repeat it to compare",
            )
        if name in ("routing", "dialogue"):
            command.add_argument("--misses", action="store_true", help="list what went wrong")
        if name == "load":
            command.add_argument("--turns", type=_positive, default=100, help="(%(default)s)")
            command.add_argument(
                "--delay-ms", type=_positive, default=100, help="the stub model's (%(default)s)"
            )
        if name == "simulate":
            _add_simulation(command)
        if name in ("calibrate", "tune"):
            command.add_argument("--split", default="", help="fit on this split only")
        if name == "calibrate":
            command.add_argument(
                "--out", type=Path, default=DATA / "policy.json", help="(%(default)s)"
            )
    return parser


def _add_simulation(command: argparse.ArgumentParser) -> None:
    folder = DATA / "eval"
    command.add_argument(
        "--dialogues", type=Path, default=folder / "dialogues.jsonl", help="(%(default)s)"
    )
    command.add_argument(
        "--customers", type=Path, default=folder / "simulation.yaml", help="(%(default)s)"
    )
    command.add_argument("--n", type=_positive, default=200, help="conversations (%(default)s)")
    command.add_argument("--seed", type=int, default=7, help="(%(default)s)")
    command.add_argument("--show", type=int, default=0, metavar="K", help="print K transcripts")
    command.add_argument(
        "--customer-url", help="/v1 address of a model that words what the customers say"
    )
    command.add_argument(
        "--customer-model", default="qwen3-14b", help="its served name (%(default)s)"
    )


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
        result = asyncio.run(_run(args, settings(), errors))
    except (KefuError, OSError, ValidationError) as exc:
        errors.print(f"[red]{escape(str(exc))}[/red]")
        return 2
    _SHOW[args.command](result, out, args)
    if args.json is not None:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if result.get("violations") else 0


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
            case "dialogue":
                return await dialogue(args.kb, args.dialogues, config, progress=progress)
            case "load":
                return await load(
                    args.kb, args.queries, config, turns=args.turns, delay_ms=args.delay_ms
                )
            case "simulate":
                url = args.customer_url
                model = LLMSettings(base_url=url, model=args.customer_model) if url else None
                return await simulate(
                    args.kb,
                    args.queries,
                    args.dialogues,
                    args.customers,
                    config,
                    n=args.n,
                    seed=args.seed,
                    customer=model,
                    progress=progress,
                )
            case "tune":
                return await tune(
                    args.kb, args.queries, config, split=args.split, progress=progress
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


def _show_simulation(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    names = ("dialogues", "reached", "confirmed", "assumed", "handed_over", "abandoned")
    table = Table("", *names, title=f"seed {result['seed']}, {result['turns']} turns")
    for group in ("by_goal", "by_persona"):
        for name, row in result[group].items():
            table.add_row(name, *(str(row.get(column, 0)) for column in names))
        table.add_section()
    table.add_row("all", *(str(result[column]) for column in names))
    out.print(table)
    for name in ("turns_per_dialogue", "assumed_right", "llm_calls", "violations"):
        out.print(f"{name:18}", result[name])
    for name, count in result["by_invariant"].items():
        out.print(f"  {name:16}", count)
    broken = [talk for talk in result["talks"] if talk["violations"]]
    for talk in [*broken, *result["talks"][: args.show]]:
        title = f"#{talk['number']} {talk['persona']}, {talk['goal']}: {talk['outcome']}"
        out.print(f"\n[bold]{title}[/bold]")
        for fault in talk["violations"]:
            out.print(f"! {fault['invariant']}: {fault['what']}", markup=False, style="red")
        for line in talk["transcript"]:
            out.print(line, markup=False)


_SHOW = {
    "retrieval": _show_retrieval,
    "routing": _show_routing,
    "dialogue": _show_dialogue,
    "load": _show_load,
    "simulate": _show_simulation,
    "calibrate": _show_policy,
    "tune": _show_tune,
}

if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
