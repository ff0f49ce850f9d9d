"""Measure Kefu, on the sample company unless --kb and --queries say otherwise.

python -m eval retrieval --kb kb.jsonl --queries queries.jsonl --json out.json
python -m eval retrieval --dataset insqa --data FOLDER --baselines --plot out.png
python -m eval routing --misses
python -m eval dialogue --misses
python -m eval load --turns 60
python -m eval simulate --n 200 --seed 7 --show 3
python -m eval scale --n 1000,20000,100000
python -m eval calibrate --split dev --out var/policy.json --plot var/policy.png
python -m eval tune --kb data/kb --queries data/eval/queries.jsonl --kb KB --queries QUERIES
python -m eval safety --injection attacks.jsonl --pii pii.jsonl --poisoned entries.jsonl
python -m eval intent --train t.jsonl --val v.jsonl --oos-val o.jsonl --test v.jsonl
python -m eval grounding --cases data/eval/grounding.jsonl
python -m eval model --limit 20 --mtrag dev.jsonl --markdown report.md

Exit code: 0 measured, 1 an invariant was broken (simulate) or the model went away (model), 2 a file
or setting can't be used (the message says which).
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from eval.arguments import arguments, companies
from eval.calibrate import calibrate, save
from eval.dialogue import dialogue
from eval.grounding import grounding
from eval.intent import Files, intent
from eval.load import load
from eval.markdown import markdown
from eval.model import Files as ModelFiles
from eval.model import model
from eval.options import converted, embed_with
from eval.plots import drawing
from eval.retrieval import retrieval
from eval.routing import routing
from eval.safety import safety
from eval.scale import scale
from eval.show import SHOW
from eval.simulate import simulate
from eval.tune import tune
from graph.setting_groups import LLMSettings
from graph.settings import Settings, settings
from tools.errors import ConfigError, KefuError
from tools.loop import run
from tools.search.base import Progress


def main(argv: Sequence[str] | None = None) -> int:
    """Run one measurement and return the exit code."""
    args = arguments(__doc__).parse_args(argv)
    out, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    try:
        if getattr(args, "plot", None) is not None:
            drawing()
        for name in ("json", "markdown", "plot"):  # a wrong place is found before the work
            if (place := getattr(args, name, None)) is not None:
                place.touch()
        if args.command == "calibrate" and not args.out.parent.is_dir():
            raise ConfigError(f"--out {args.out}: expected a place in a folder that is there")
        config = settings()
        if args.command == "retrieval":
            config = _prepared(args, config)
        result = run(_run(args, config, errors))
        if args.command == "calibrate":
            save(result["policy"], args.out)
        if args.command == "model" and args.markdown is not None:
            args.markdown.write_text(markdown(result), "utf-8")
    except (KefuError, OSError, SettingsError) as exc:
        errors.print(f"[red]{escape(str(exc))}[/red]")
        return 2
    SHOW[args.command](result, out, args)
    if args.json is not None:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if result.get("violations") or result.get("stopped") else 0


def _prepared(args: argparse.Namespace, config: Settings) -> Settings:
    """Return the settings with the embedder asked for; what else is missing is found here too."""
    args.backend = args.backend or ["sqlite"]
    converted(args, config)
    return config.model_copy(update={"embed": embed_with(args.embedder, config.embed)})


async def _run(args: argparse.Namespace, config: Settings, errors: Console) -> dict[str, Any]:
    if segmenter := getattr(args, "segmenter", None):
        search = config.search.model_copy(update={"segmenter": segmenter})
        config = config.model_copy(update={"search": search})
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    columns = (*shown, TimeRemainingColumn())
    is_timed = args.command in ("load", "scale")  # there a bar that draws itself would be measured
    with Bar(*columns, console=errors, transient=True, auto_refresh=not is_timed) as bar:
        task = bar.add_task(args.command, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, refresh=is_timed)

        def named(work: str) -> Progress:
            bar.reset(task, description=work)
            return progress

        runs: dict[str, Callable[[], Awaitable[dict[str, Any]]]] = {
            "retrieval": lambda: retrieval(
                args.kb,
                args.queries,
                config,
                backends=args.backend,
                legs=args.legs,
                by=args.by,
                with_baselines=args.baselines,
                progress=progress,
            ),
            "routing": lambda: routing(args.kb, args.queries, config, progress=progress),
            "dialogue": lambda: dialogue(args.kb, args.dialogues, config, progress=progress),
            "scale": lambda: scale(
                args.n,
                config,
                backend=args.backend,
                questions=args.questions,
                reads=args.reads,
                progress=named,
            ),
            "load": lambda: load(
                args.kb,
                args.queries,
                config,
                turns=args.turns,
                delay_ms=args.delay_ms,
                progress=progress,
            ),
            "tune": lambda: tune(
                companies(args), config, split=args.split, names=args.numbers, progress=progress
            ),
            "simulate": lambda: simulate(
                args.kb,
                args.queries,
                args.dialogues,
                args.customers,
                config,
                n=args.n,
                seed=args.seed,
                customer=_customer(args),
                progress=progress,
            ),
            "safety": lambda: safety(
                config,
                injection=args.injection,
                pii=args.pii,
                kb=args.kb,
                poisoned=args.poisoned,
                messages=args.speed,
                progress=progress,
            ),
            "intent": lambda: intent(Files.of(args), config, folds=args.folds, progress=progress),
            "grounding": lambda: asyncio.to_thread(grounding, args.cases),
            "model": lambda: model(
                ModelFiles(
                    args.kb, args.queries, args.dialogues, args.cases, args.mtrag, args.rows
                ),
                config,
                limit=args.limit,
                parts=args.parts,
                named=named,
            ),
            "calibrate": lambda: calibrate(
                companies(args),
                config,
                split=args.split,
                risk=args.risk,
                confidence=args.confidence,
                is_strict=args.strict,
                progress=progress,
            ),
        }
        return await runs[args.command]()


def _customer(args: argparse.Namespace) -> LLMSettings | None:
    """Return the model that words what simulated customers say, None for their own words."""
    url = args.customer_url
    return LLMSettings(base_url=url, model=args.customer_model) if url else None


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
