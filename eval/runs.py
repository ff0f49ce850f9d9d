"""What each command of `python -m eval` runs, and how far it is."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from eval.arguments import companies
from eval.calibrate import calibrate, save
from eval.crowd import crowd
from eval.dialogue import dialogue
from eval.grounding import grounding
from eval.intent import Files, intent
from eval.load import load
from eval.markdown import markdown
from eval.model import Files as ModelFiles
from eval.model import model
from eval.options import converted, embed_with
from eval.retrieval import retrieval
from eval.routing import routing
from eval.safety import safety
from eval.scale import scale
from eval.simulate import simulate
from eval.tune import tune
from graph.setting_groups import LLMSettings
from graph.settings import Settings, settings
from tools.search.base import Progress

TIMED = ("load", "crowd", "scale")  # a bar that draws itself would be measured, too

Result = dict[str, Any]


async def measured(args: argparse.Namespace, errors: Console) -> Result:
    """Return what a command measures, and write the files that belong to it alone.

    Raises:
        KefuError: if a file or setting can't be used.
    """
    config = _changed(args, settings())
    is_timed = args.command in TIMED
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(
        *columns,
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        auto_refresh=not is_timed,
    ) as bars:
        result = await _RUNS[args.command](args, config, _Bar(bars, args.command, is_timed))
    if args.command == "calibrate":
        save(result["policy"], args.out)
    if args.command == "model" and args.markdown is not None:
        args.markdown.write_text(markdown(result), "utf-8")
    return result


def _changed(args: argparse.Namespace, config: Settings) -> Settings:
    """Return the settings as the command's options change them; what is missing is found here."""
    if args.command == "retrieval":
        args.backend = args.backend or ["sqlite"]
        converted(args, config)
        config = config.model_copy(update={"embed": embed_with(args.embedder, config.embed)})
    if segmenter := getattr(args, "segmenter", None):
        search = config.search.model_copy(update={"segmenter": segmenter})
        config = config.model_copy(update={"search": search})
    return config


class _Bar:
    """The one bar of a command."""

    def __init__(self, bars: Bars, work: str, is_timed: bool) -> None:
        self._bars, self._is_timed = bars, is_timed
        self._task = bars.add_task(work, total=None)

    def __call__(self, done: int, total: int) -> None:
        """Show how much is done, of how much."""
        self._bars.update(self._task, completed=done, total=total, refresh=self._is_timed)

    def named(self, work: str) -> Progress:
        """Begin anew, under another name."""
        self._bars.reset(self._task, description=work)
        return self


Run = Callable[[argparse.Namespace, Settings, _Bar], Awaitable[Result]]
_RUNS: dict[str, Run] = {
    "retrieval": lambda args, config, bar: retrieval(
        args.kb,
        args.queries,
        config,
        backends=args.backend,
        legs=args.legs,
        by=args.by,
        with_baselines=args.baselines,
        progress=bar,
    ),
    "routing": lambda args, config, bar: routing(args.kb, args.queries, config, progress=bar),
    "dialogue": lambda args, config, bar: dialogue(args.kb, args.dialogues, config, progress=bar),
    "scale": lambda args, config, bar: scale(
        args.n,
        config,
        backend=args.backend,
        questions=args.questions,
        reads=args.reads,
        progress=bar.named,
    ),
    "load": lambda args, config, bar: load(
        args.kb, args.queries, config, turns=args.turns, delay_ms=args.delay_ms, progress=bar
    ),
    "crowd": lambda args, config, bar: crowd(
        args.kb,
        args.queries,
        config,
        customers=args.customers,
        turns=args.turns,
        delay_ms=args.delay_ms,
        progress=bar,
    ),
    "tune": lambda args, config, bar: tune(
        companies(args), config, split=args.split, names=args.numbers, progress=bar
    ),
    "simulate": lambda args, config, bar: simulate(
        args.kb,
        args.queries,
        args.dialogues,
        args.customers,
        config,
        n=args.n,
        seed=args.seed,
        customer=_customer(args),
        progress=bar,
    ),
    "safety": lambda args, config, bar: safety(
        config,
        injection=args.injection,
        pii=args.pii,
        kb=args.kb,
        poisoned=args.poisoned,
        messages=args.speed,
        progress=bar,
    ),
    "intent": lambda args, config, bar: intent(
        Files.of(args), config, folds=args.folds, progress=bar
    ),
    "grounding": lambda args, *_: asyncio.to_thread(grounding, args.cases),
    "model": lambda args, config, bar: model(
        ModelFiles(args.kb, args.queries, args.dialogues, args.cases, args.mtrag, args.rows),
        config,
        limit=args.limit,
        parts=args.parts,
        named=bar.named,
    ),
    "calibrate": lambda args, config, bar: calibrate(
        companies(args),
        config,
        split=args.split,
        risk=args.risk,
        confidence=args.confidence,
        is_strict=args.strict,
        progress=bar,
    ),
}


def _customer(args: argparse.Namespace) -> LLMSettings | None:
    """Return the model that words what simulated customers say, None for their own words."""
    url = args.customer_url
    return LLMSettings(base_url=url, model=args.customer_model) if url else None
