"""Load knowledge into the search index.

python -m tools.ingest data/kb
python -m tools.ingest faq.csv policies/ --tenant shop-a --prune --json
python -m tools.ingest --rebuild
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from graph.settings import Settings, settings
from tools.embed import Embedder, open_embedder
from tools.errors import ConfigError, KefuError
from tools.ingest.edits import Edits
from tools.ingest.index import Report, ingest
from tools.search.factory import Index, open_search

DONE, SOME_REJECTED, FAILED, INTERRUPTED = 0, 1, 2, 130
REJECTED_SHOWN = 50  # in the table; --json has all


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    errors = Console(stderr=True, soft_wrap=True)
    args = arguments().parse_args(argv)
    try:
        report = asyncio.run(run(args, settings(), errors))
    except ValidationError as exc:
        errors.print(f"[red]KEFU_ settings:[/] {escape(str(exc))}")
        return FAILED
    except KefuError as exc:
        errors.print(f"[red]error:[/] {escape(str(exc))}")
        if not isinstance(exc, ConfigError):
            errors.print("What was stored stays; the same command goes on from there.")
        return FAILED
    except KeyboardInterrupt:
        errors.print("Stopped. What was stored stays; the same command goes on from there.")
        return INTERRUPTED
    show(report, Console(soft_wrap=True), as_json=args.json)
    return SOME_REJECTED if report.rejected else DONE


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.ingest",
        description="Load knowledge into the search index. Reads JSONL, CSV (UTF-8 or GBK) and "
        "Markdown with front matter; splits Markdown pages by their headings. Entries that did "
        "not change cost nothing; broken ones are reported with file and line and skipped.",
        epilog="Exit code: 0 everything loaded, 1 some entries rejected, 2 nothing or only part "
        "could be done (the message says why).",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="knowledge files or folders (default: KEFU_KB, the sample company)",
    )
    parser.add_argument("--tenant", help="whose knowledge it is (default: KEFU_TENANT)")
    parser.add_argument(
        "--prune",
        action="store_true",
        help="also remove the tenant's entries that are in none of the PATHs; "
        "removes nothing if an entry was rejected",
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="first make vectors and terms of everything stored anew, for all tenants; needed "
        "after a change of embedder or segmenter. Without PATH nothing else is done",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


async def run(args: argparse.Namespace, config: Settings, errors: Console) -> Report:
    """Open the index, do what was asked, and close it again."""
    embedder = _embedder(config)
    search = None
    try:
        if embedder is not None:
            await embedder.questions(["你好"])  # a model that can't answer fails before any work
        search = await open_search(
            config.index_folder, embedder, is_rebuild=args.rebuild, **dict(config.search)
        )
        with _bar(errors) as bar:
            return await _work(args, config, search, bar)
    finally:
        if search is not None:
            await search.close()
        if embedder is not None:
            await embedder.close()


async def _work(args: argparse.Namespace, config: Settings, search: Index, bar: Progress) -> Report:
    if args.rebuild:
        started = time.monotonic()
        made = await search.rebuild(_into(bar, "rebuild"))
        report = Report(changed=made.changed, unchanged=made.unchanged)
        report.seconds = time.monotonic() - started
        if not args.paths:
            return report
    return await ingest(
        args.paths or [config.kb],
        search,
        tenant=args.tenant or config.tenant,
        progress=_into(bar, "ingest"),
        removed_too=args.prune,
        edits=Edits(config.edits),
    )


def _into(bar: Progress, title: str) -> Callable[[int, int], None]:
    task = bar.add_task(title, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _embedder(config: Settings) -> Embedder | None:
    embed = config.embed
    return open_embedder(
        embed.kind,
        base_url=str(embed.base_url) if embed.base_url else None,
        api_key=embed.api_key.get_secret_value(),
        model=embed.model,
        folder=embed.folder,
        query_instruction=embed.query_instruction,
        timeout_s=embed.timeout_s,
        cache=config.var / "vectors.db",
        keep_questions=True,
    )


class _RateColumn(ProgressColumn):
    """Entries per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "")


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def show(report: Report, console: Console, *, as_json: bool) -> None:
    """Print what was done, as a table for people or as one JSON object."""
    if as_json:
        facts = asdict(report) | {
            "rejected": [{"place": bad.place, "reason": bad.reason} for bad in report.rejected]
        }
        console.print(json.dumps(facts, ensure_ascii=False), markup=False, highlight=False)
        return
    table = Table(title=f"{report.seconds:.1f} s")
    names = ("added", "changed", "unchanged", "removed", "rejected")
    counts = (report.added, report.changed, report.unchanged, report.removed, len(report.rejected))
    for name in names:
        table.add_column(name, justify="right")
    table.add_row(*map(str, counts))
    console.print(table)
    for bad in report.rejected[:REJECTED_SHOWN]:
        console.print(f"rejected {bad}", markup=False, highlight=False)
    if len(report.rejected) > REJECTED_SHOWN:
        console.print(f"… and {len(report.rejected) - REJECTED_SHOWN} more (--json shows all)")
    for name, place in report.ignored_fields.items():
        console.print(f"ignored unknown field {name!r}, first at {place}", markup=False)
    if report.stale:
        console.print(f"{report.stale} entries were changed by a newer run meanwhile; kept its")
    if report.edited:
        console.print(f"{report.edited} entries stay as they were changed on the knowledge page")
    if report.overruled:
        console.print(
            f"{report.overruled} entries that were changed on the knowledge page follow their "
            "files again, which have changed since; the page's history has the earlier texts"
        )
    if report.kept:
        console.print(
            f"{report.kept} entries are in no file any more; nothing was removed because "
            "some entries were rejected"
        )


if __name__ == "__main__":
    sys.exit(main())
