"""Show what `python -m eval calibrate` found."""

import argparse
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from eval.plots import draw_policy

COLUMNS = {
    "coverage": "answered",
    "wrong_among_answered": "wrong of these",
    "wrong_alone": "best alone",
    "wrongly_answered": "wrongly answered",
    "false_refusal": "false refusal",
    "coverage_at_risk": "answered at {risk:.0%} wrong",
    "area": "area",
}


def show_policy(result: dict[str, Any], out: Console, args: argparse.Namespace) -> None:
    """Print bound, calibration and the other rules, and draw them if asked."""
    report, fitted_on = result["report"], result["policy"]["fitted_on"]
    sure = f"with {report['confidence']:.0%} confidence"
    out.print(
        f"fitted on {report['fitted']} queries, calibrated on {report['calibration']} "
        f"others, embedder {fitted_on['embedder'] or 'none'}",
        markup=False,
    )
    if (bound := fitted_on["bound"]) is not None:
        out.print(
            f"bound: from {bound['threshold']:.3f} at most {bound['risk']:.0%} of the "
            f"answers are wrong, {sure} ({bound['wrong']} of {bound['answered']} seen)"
        )
    else:
        out.print(
            f"no bound: these queries can't show {report['risk']:.0%} wrong {sure}; it takes at "
            f"least {report['needed']} answers, all right. clear_at is above every wrong case seen"
        )
    table = Table(
        "at most wrong", "answered", "from", "seen wrong", title=f"what can be promised {sure}"
    )
    for row in report["bounds"]:
        edge = "–" if row["threshold"] is None else f"{row['threshold']:.3f}"
        seen = f"{row['wrong']} of {row['answered']}"
        table.add_row(f"{row['risk']:.0%}", f"{row['coverage']:.3f}", edge, seen)
    out.print(table)
    for name in ("clear_at", "answer_at"):
        row = report[name]
        out.print(
            f"{name:9} {row['threshold']:.3f}: answered {row['coverage']:.3f}, wrong "
            f"{row['wrong']} of {row['answered']}, under {row['upper']:.3f} {sure}"
        )
    bars = [
        f"{company.split('/')[-1]} {bar:.3f}" for company, bar in result["policy"]["bars"].items()
    ]
    out.print(f"answered from, by company: {', '.join(bars) or 'clear_at'}", markup=False)
    for crossed in report["cross_fitted"]:
        out.print(
            f"{crossed['kb']}: {crossed['n']} queries, each judged by a policy fitted without its "
            f"entry: expected calibration error {crossed['ece']:.3f} (true chances would show "
            f"{crossed['ece_by_chance']:.3f} on so few)"
        )
        out.print(_others(crossed["policies"], report["risk"]))
    if args.plot is not None:
        first = report["cross_fitted"][0]
        title = f"{first['n']} queries, embedder {fitted_on['embedder'] or 'none'}"
        draw_policy(first, report["risk"], title, args.plot)
        out.print(f"→ {args.plot}", markup=False)
    out.print(f"→ {args.out}", markup=False)


def _others(policies: dict[str, dict[str, Any]], risk: float) -> Table:
    heads = [head.format(risk=risk) for head in COLUMNS.values()]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), title="Kefu and the rules of others")
    table.add_column("policy", no_wrap=True)
    for head in heads:
        table.add_column(head)
    for name, row in policies.items():
        cells = ("–" if row[key] is None else f"{row[key]:.3f}" for key in COLUMNS)
        table.add_row(name, *cells)
    return table
