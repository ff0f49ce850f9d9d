"""What a chat model adds: routing, reference passages, rewriting and grounding in one report."""

import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from langchain_core.messages import HumanMessage

from eval.answers import answers, read_rows
from eval.dialogue import Finder, read_dialogues
from eval.grounding import read_cases
from eval.judge import judged
from eval.mtrag import POOL, as_dialogues, mtrag, opened, read_tasks
from eval.options import PARTS
from eval.queries import Query, read_queries, served
from eval.rewriting import rewriting
from eval.routing import Outcome, ask, report
from eval.watch import Generation, Watch, grounded, measured
from graph.app import Kefu
from graph.setting_groups import CacheSettings
from graph.settings import Settings
from tools.errors import BadReply, ConfigError, KefuError, ModelUnavailable
from tools.llm import ChatModel
from tools.search.base import Progress
from ui.runner import Runner

SERVE = "start one (`vllm serve …`, see README) or check KEFU_LLM__BASE_URL and KEFU_LLM__MODEL"

Row = TypeVar("Row")


class Files(NamedTuple):
    """What the parts are measured on; None leaves a part out."""

    kb: Path
    queries: Path
    dialogues: Path
    cases: Path
    mtrag: Path | None
    rows: Path | None


async def model(
    files: Files,
    config: Settings,
    *,
    limit: int | None = None,
    parts: Sequence[str] = PARTS,
    named: Callable[[str], Progress],
) -> dict[str, Any]:
    """Measure the parts, at most `limit` rows of each, and return one report.

    A part that was not measured has `skipped` with the reason. Once the model has gone, what was
    measured stays, `stopped` says why, and the other parts are skipped.

    Raises:
        ConfigError: if no model is set or none answers, or a file of the project can't be used.
    """
    config = config.model_copy(update={"cache": CacheSettings(size=0)})
    _check(files, parts)
    result: dict[str, Any] = {
        "model": config.llm.model,
        "base_url": str(config.llm.base_url or ""),
        "limit": limit,
    }
    async with served(files.kb, config, progress=named("index")) as kefu:
        await _greeted(kefu.services.model, config)
        measure = _Measure(files, kefu, limit, named)
        for part in PARTS:
            result[part] = await measure.part(part) if part in parts else _skipped("not asked for")
    return {**result, "stopped": measure.stopped}


def _check(files: Files, parts: Sequence[str]) -> None:
    """Read every file once: a bad line is found before the work, not in its middle."""
    if "routing" in parts:
        read_queries(files.queries)
    if "mtrag" in parts and not _why_no_tasks(files.mtrag) and files.mtrag:
        read_tasks(files.mtrag)
    if "rewriting" in parts:
        read_dialogues(files.dialogues)
    if "grounding" in parts:
        read_cases(files.cases)
    if "answers" in parts and files.rows:
        read_rows(files.rows)


def _why_no_tasks(path: Path | None) -> str:
    if path is None:
        return "no --mtrag FILE was given; docs/model.md says where the tasks come from"
    return "" if path.is_file() else f"{path}: no such file"


async def _greeted(chat: ChatModel | None, config: Settings) -> None:
    """Make sure that the model says anything at all, before an hour is spent on it.

    Raises:
        ConfigError: if it does not; names the models that its server has.
    """
    if chat is None:
        raise ConfigError(f"KEFU_LLM__BASE_URL: expected a model's /v1 address, got none; {SERVE}")
    try:
        async with aclosing(chat.stream([HumanMessage("您好")])) as pieces:
            await anext(pieces)
    except (ModelUnavailable, BadReply, ConfigError, StopAsyncIteration) as exc:
        raise ConfigError(
            f"{config.llm.base_url}: {exc or 'no words'}{await _known(chat)}; {SERVE}"
        ) from exc


async def _known(chat: ChatModel) -> str:
    try:
        return f"; models there: {', '.join(await chat.probe())}"
    except (KefuError, AttributeError, TypeError):  # no such server, or not its kind of list
        return ""


class _Measure:
    """The parts, with one model and one Kefu for all of them."""

    def __init__(
        self, files: Files, kefu: Kefu, limit: int | None, named: Callable[[str], Progress]
    ) -> None:
        self._files, self._kefu, self._limit, self._named = files, kefu, limit, named
        self.stopped = ""

    async def part(self, name: str) -> dict[str, Any]:
        """Return what one of PARTS gave."""
        if self.stopped:
            return _skipped(self.stopped)
        chat = self._kefu.services.model
        if chat is None:
            raise ConfigError("expected a model, got none")
        watch = Watch(chat)
        runs: dict[str, Callable[[Watch, Progress], Awaitable[dict[str, Any]]]] = {
            "routing": self._routing,
            "mtrag": self._mtrag,
            "rewriting": self._rewriting,
            "grounding": self._grounding,
            "answers": self._answers,
        }
        result = await runs[name](watch, self._named(name))
        self.stopped = result.get("stopped", "")
        return result if "skipped" in result else {**result, "model_calls": watch.counts()}

    async def _routing(self, watch: Watch, progress: Progress) -> dict[str, Any]:
        asked = sample(read_queries(self._files.queries), self._limit, lambda row: row["label"])
        modelled, plain = (Runner(self._kefu.with_services(model=chat)) for chat in (watch, None))

        async def answered(query: Query) -> tuple[Outcome, list[Generation]]:
            before = len(watch.generations)
            outcome = await ask(modelled, query, thread_id=f"model-{query['qid']}")
            return outcome, watch.generations[before:]

        result = await measured(asked, answered, watch, progress)
        without = [
            await ask(plain, query, thread_id=f"plain-{query['qid']}") for query, _ in result.done
        ]
        await modelled.close()
        await plain.close()
        return {
            **report([outcome for _, (outcome, _) in result.done]),
            **result.note(),
            "without_model": report(without),
            "grounded": grounded([made for _, (_, made) in result.done]),
        }

    async def _mtrag(self, watch: Watch, progress: Progress) -> dict[str, Any]:
        path = self._files.mtrag
        why = _why_no_tasks(path)
        if why or path is None:
            return _skipped(why)
        every = read_tasks(path)
        tasks = sample(every, self._limit, lambda row: row["label"])
        with tempfile.TemporaryDirectory() as scratch:
            async with opened(tasks, every, self._kefu.services, Path(scratch)) as search:
                services = replace(self._kefu.services, search=search)
                result = await mtrag(tasks, services, watch, progress)
                talks = as_dialogues(tasks)
                if result["stopped"] or not talks:
                    return result
                finder = Finder(search, services.embedder, tenant=POOL)
                found = await rewriting(talks, finder, watch, progress)
        return {**result, "stopped": found["stopped"], "rewriting": found}

    async def _rewriting(self, watch: Watch, progress: Progress) -> dict[str, Any]:
        talks = sample(read_dialogues(self._files.dialogues), self._limit, lambda _: "")
        services = self._kefu.services
        return await rewriting(talks, Finder(services.search, services.embedder), watch, progress)

    async def _grounding(self, watch: Watch, progress: Progress) -> dict[str, Any]:
        cases = sample(read_cases(self._files.cases), self._limit, lambda row: row.kind)
        return await judged(cases, watch, progress)

    async def _answers(self, watch: Watch, progress: Progress) -> dict[str, Any]:
        if self._files.rows is None:
            return _skipped("no --rows FILE was given; `python -m finetune prepare` writes one")
        rows = sample(read_rows(self._files.rows), self._limit, lambda row: row.is_answerable)
        return await answers(rows, watch, progress)


def _skipped(why: str) -> dict[str, Any]:
    return {"skipped": why}


def sample(rows: Sequence[Row], limit: int | None, kind: Callable[[Row], Hashable]) -> list[Row]:
    """Return up to `limit` rows, the first of every kind in turn; all of them for None."""
    if limit is None:
        return list(rows)
    kinds: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        kinds[kind(row)].append(row)
    turns = chain.from_iterable(zip_longest(*kinds.values()))
    return [row for row in turns if row is not None][:limit]
