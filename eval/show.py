"""What people see of each measurement."""

import argparse
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from eval.markdown import markdown
from eval.plots import draw
from eval.show_policy import show_policy
from eval.show_tune import show_tune
from eval.tables import rows, show_retrieval


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


def _show_crowd(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    delay_ms = result["model_delay_ms"]
    model = f"model: {delay_ms} ms" if delay_ms else "no model"
    title = f"{result['turns']} turns each, {model}"
    table = Table("customers at once", *result["customers"], title=title)
    for name in next(iter(result["customers"].values())):
        table.add_row(name, *(f"{row[name]:g}" for row in result["customers"].values()))
    out.print(table)


def _show_json(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    out.print_json(data=result)


def _show_shares(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    hidden = () if args.misses else ("misses",)  # hundreds of lines, above which no figure is seen
    out.print_json(data={name: value for name, value in result.items() if name not in hidden})


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


def _show_model(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    out.print(Markdown(markdown(result)))
    if args.markdown is not None:
        out.print(f"→ {args.markdown}", markup=False)


SHOW: dict[str, Callable[[dict[str, Any], Console, argparse.Namespace], None]] = {
    "retrieval": _show_retrieval,
    "routing": _show_routing,
    "dialogue": _show_dialogue,
    "scale": _show_scale,
    "load": _show_load,
    "crowd": _show_crowd,
    "simulate": _show_simulation,
    "calibrate": show_policy,
    "tune": show_tune,
    "intent": _show_json,
    "safety": _show_shares,
    "grounding": _show_shares,
    "model": _show_model,
}
