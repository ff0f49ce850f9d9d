"""Show what `python -m eval retrieval` found."""

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

FIGURES = {
    "r_at_1": "R@1",
    "r_at_5": "R@5",
    "mrr_at_10": "MRR@10",
    "ndcg_at_10": "nDCG@10",
    "recall_at_20": "all@20",
}
WITH_INTERVAL = ("r_at_5", "mrr_at_10")
FIGURE_WIDTH, INTERVAL_WIDTH, TIME_WIDTH = 5, 15, 4  # 0.926, 1.000 1.00–1.00, 61.6; not less
TIMES = {"p50_ms": "p50", "p99_ms": "p99"}


def rows(result: dict[str, Any], backends: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row with its name: legs of each backend, then the baselines."""
    first, *others = backends
    for backend, legs in [(first, result["legs"]), *((name, result[name]) for name in others)]:
        yield from ((f"{backend} {leg}", row) for leg, row in legs.items())
    yield from result.get("baselines", {}).items()


def show_retrieval(result: dict[str, Any], out: Console, backends: list[str]) -> None:
    """Print all rows, those of each group for the first, and what was left out."""
    title = f"{result['n']} answerable queries, embedder {escape(result['embedder'])}"
    table = _table(title, "", *TIMES.values())
    found = list(rows(result, backends))
    for name, row in found:
        table.add_row(name, *_figures(row), *(_time(row[time]) for time in TIMES))
    out.print(table)
    out.print("95 % intervals by bootstrap; all@20: of a query's relevant entries; p50, p99: ms")
    first, best = found[0]
    if by := best.get("by"):
        groups = _table(first, "", "queries")
        for group, row in by.items():
            groups.add_row(escape(group or "–"), *_figures(row), str(row["n"]))
        out.print(groups)
    for name, reason in result["skipped"].items():
        out.print(f"{name} left out: {reason}", markup=False)


def _table(title: str, first: str, *more: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=0, show_edge=False, pad_edge=False)
    table.add_column(first, overflow="fold")
    for name, label in FIGURES.items():
        width = INTERVAL_WIDTH if name in WITH_INTERVAL else max(FIGURE_WIDTH, len(label))
        table.add_column(label, no_wrap=True, min_width=width)
    for label in more:
        width = max(TIME_WIDTH, len(label))
        table.add_column(label, no_wrap=True, justify="right", min_width=width)
    return table


def _figures(row: dict[str, Any]) -> Iterator[str]:
    for name in FIGURES:
        text = f"{row[name]:.3f}"
        if name in WITH_INTERVAL:
            text += " " + "–".join(f"{edge:.2f}".lstrip("0") for edge in row[f"{name}_ci"])
        yield text


def _time(ms: float) -> str:
    return f"{ms:.1f}" if ms < 100 else f"{ms:.0f}"
