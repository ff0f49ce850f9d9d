"""Load knowledge into the search index.

python -m tools.ingest data/kb
python -m tools.ingest faq.csv policies/ --tenant shop-a --prune --json
python -m tools.ingest --rebuild --golden queries.jsonl
python -m tools.ingest --rollback
python -m tools.ingest model BAAI/bge-small-zh-v1.5
python -m tools.ingest knowledge/ --watch --prune
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from pydantic_settings import SettingsError
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
from rich.text import Text

from graph.settings import Settings, settings
from tools.embed import Embedder, open_embedder
from tools.errors import ConfigError, KefuError, TransientError
from tools.ingest import model
from tools.ingest.edits import Edits
from tools.ingest.index import ingest
from tools.ingest.remembered import Remembered
from tools.ingest.report import Report, as_json, show
from tools.ingest.swap import add_arguments, swapped
from tools.ingest.watch import Folder
from tools.search.factory import Index, open_search

DONE, SOME_REJECTED, FAILED, INTERRUPTED = 0, 1, 2, 130
WATCH_S = 2.0  # from one look at the files to the next


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] == "model":
        return model.main(argv[1:], settings().var / "models")
    errors = Console(stderr=True, soft_wrap=True, emoji=False)
    parser = arguments()
    args = parser.parse_args(argv)
    if wrong := misused(args):
        parser.error(wrong)
    args.prune |= args.prune_most
    try:
        report = asyncio.run(run(args, settings(), errors))
    except (KefuError, SettingsError) as exc:
        errors.print(f"[red]error:[/] {escape(str(exc))}")
        if not isinstance(exc, ConfigError | SettingsError):
            errors.print("What was stored stays; the same command goes on from there.")
        return FAILED
    except KeyboardInterrupt:
        if args.watch:
            errors.print("Stopped watching.")
            return DONE
        errors.print("Stopped. What was stored stays; the same command goes on from there.")
        return INTERRUPTED
    if isinstance(sys.stdout, TextIOWrapper):  # a file's name need not be UTF-8
        sys.stdout.reconfigure(errors="backslashreplace")
    out = Console(soft_wrap=True, emoji=False)
    if args.json:
        out.print(json.dumps(as_json(report), ensure_ascii=False), markup=False, highlight=False)
    else:
        show(report, out)
    return SOME_REJECTED if report.rejected else FAILED if report.kept else DONE


def misused(args: argparse.Namespace) -> str:
    """Say which flags do not go together, "" if all do."""
    is_pruned = args.prune or args.prune_most
    if args.golden and not args.rebuild:
        return "--golden goes with --rebuild"
    if args.watch and (args.rebuild or args.json or args.prune_most):
        return "--watch goes with PATH, --tenant and --prune only"
    if is_pruned and (args.rebuild or args.rollback) and not args.paths:
        return "--prune needs a PATH beside --rebuild or --rollback"
    return ""


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.ingest",
        description="Load knowledge into the search index. Reads JSONL, CSV, "
        "Markdown with front matter, and the text of PDF, DOCX, XLSX, HTML and TXT documents, "
        "each read in a process of its own with limits on time and memory. Pages and documents "
        "are split by their headings; a sheet with columns for question and answer becomes FAQ "
        "entries. Entries that did not change cost nothing; broken ones and broken files are "
        "reported with their place and skipped. Entries of one id and several versions are its "
        "editions: each ends on the eve of the next one's effective_from. Word-for-word copies "
        "are left out; near copies and personal data are reported.",
        epilog="Exit code: 0 everything loaded, 1 some entries rejected, 2 nothing or only part "
        "could be done (the message says why). To fetch an embedding model: "
        "python -m tools.ingest model --help",
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
        "removes nothing if an entry was rejected, a folder is empty, or more than half would go",
    )
    parser.add_argument(
        "--prune-most", action="store_true", help="the same, also if more than half would go"
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="first make vectors and terms of everything stored anew, for all tenants; needed "
        "after a change of embedder or segmenter. Without PATH nothing else is done",
    )
    add_arguments(parser)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="then keep looking for changed, new and vanished files, one line for each, until "
        "Ctrl-C; with --prune, entries that left their files are removed, also those that an "
        "earlier --watch --prune stored and that left them since",
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
            config.index_folder,
            embedder,
            is_rebuild=args.rebuild or args.rollback,
            **dict(config.search),
        )
        if args.watch:
            await _follow(args, config, search, errors)
        with _bar(errors) as bar:
            if args.rebuild or args.rollback:
                tenant, progress = args.tenant or config.tenant, _into(bar, "rebuild")
                report = await swapped(args, search, embedder, tenant, progress, errors)
                if not args.paths:
                    return report
            return await _work(args, config, search, bar)
    finally:
        if search is not None:
            await search.close()
        if embedder is not None:
            await embedder.close()


async def _work(args: argparse.Namespace, config: Settings, search: Index, bar: Progress) -> Report:
    return await ingest(
        args.paths or [config.kb],
        search,
        tenant=args.tenant or config.tenant,
        progress=_into(bar, "ingest"),
        files_read=_into(bar, "read"),
        checked=_into(bar, "check"),
        removed_too=args.prune,
        most_too=args.prune_most,
        is_audited=True,
        edits=Edits(config.edits),
    )


async def _follow(
    args: argparse.Namespace, config: Settings, search: Index, out: Console
) -> NoReturn:
    """Follow the files until the task is cancelled, through times when the index is away."""
    paths, tenant = args.paths or [config.kb], args.tenant or config.tenant
    stored = config.var / "watched" / config.index_folder.name
    folder = Folder(
        paths,
        search,
        tenant=tenant,
        removed_too=args.prune,
        edits=Edits(config.edits),
        remembered=Remembered(stored, paths, tenant),
    )
    while True:
        try:
            lines = await folder.look()
        except TransientError as exc:
            lines = [f"not stored, tried again in {WATCH_S:.0f} s: {exc}"]
        for line in lines:
            out.print(f"{datetime.now():%H:%M:%S} {line}", markup=False, highlight=False)
        await asyncio.sleep(WATCH_S)


def _into(bar: Progress, title: str) -> Callable[[int, int], None]:
    task = bar.add_task(title, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _embedder(config: Settings) -> Embedder | None:
    return open_embedder(cache=config.vector_cache, keep_questions=True, **dict(config.embed))


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


if __name__ == "__main__":
    sys.exit(main())
