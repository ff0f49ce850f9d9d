"""What `python -m tools.ingest` can do with a whole index: rebuild, compare, go back."""

import argparse
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.embed import Embedder
from tools.errors import ConfigError
from tools.ingest.golden import MOST_FALL, Comparison, check_known, read_golden
from tools.ingest.report import Report
from tools.search.base import Progress
from tools.search.factory import Index, Swapping


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of these commands."""
    parser.add_argument(
        "--golden",
        type=Path,
        metavar="FILE",
        help="with --rebuild: ask the new index the labelled queries of FILE (JSONL with query "
        "and relevant_ids) before it serves, and drop it if it finds less than the old one",
    )
    parser.add_argument(
        "--golden-fall",
        type=float,
        default=MOST_FALL,
        metavar="X",
        help=f"how much recall@5 may fall (default: {MOST_FALL})",
    )
    parser.add_argument(
        "--rollback",
        action="store_true",
        help="Elasticsearch: serve the index from before the last rebuild again, with all that "
        "was written since; set the old embedder or analyzer back first",
    )


async def swapped(
    args: argparse.Namespace,
    search: Index,
    embedder: Embedder | None,
    tenant: str,
    progress: Progress,
    console: Console,
) -> Report:
    """Rebuild or roll back, as the flags say.

    Raises:
        ConfigError: if the engine can't do it, or the golden queries forbid it.
    """
    started = time.monotonic()
    if args.rollback:
        made = await _swapping(search, "--rollback").rollback(progress)
    elif args.golden:
        asked = read_golden(args.golden)
        await check_known(asked, search, tenant=tenant, place=str(args.golden))
        comparison = Comparison(search, embedder, asked, tenant, args.golden_fall)
        try:
            made = await _swapping(search, "--golden").rebuild(progress, check=comparison)
        finally:
            _show(comparison, console)
    else:
        made = await search.rebuild(progress)
    report = Report(changed=made.changed, unchanged=made.unchanged)
    report.seconds = time.monotonic() - started
    return report


def _swapping(search: Index, flag: str) -> Swapping:
    if not isinstance(search, Swapping):
        raise ConfigError(
            f"{flag}: only Elasticsearch keeps two indexes; for the embedded engines copy the "
            "index folder before a --rebuild, and back"
        )
    return search


def _show(comparison: Comparison, console: Console) -> None:
    table = Table(title=f"{len(comparison.asked)} golden queries")
    for name in ("index", "recall@1", "recall@5", "MRR@10", "legs"):
        table.add_column(name, justify="left" if name in ("index", "legs") else "right")
    for name, score in (("serving", comparison.before), ("new", comparison.after)):
        if score is not None:
            figures = (score.r_at_1, score.r_at_5, score.mrr_at_10)
            table.add_row(name, *(f"{figure:.3f}" for figure in figures), score.legs)
    console.print(table)
