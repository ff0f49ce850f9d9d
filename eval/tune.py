"""Measure the numbers of the ranking on labelled queries, one after the other."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from eval.cases import grouped
from eval.options import NUMBER_NAMES, NUMBERS
from eval.plateau import DEPTH, FOLDS, Folds, folds_of, summary
from eval.queries import Query, answerable, indexed
from eval.retrieval import Question, asked_by, question_of
from graph.settings import Settings
from tools.embed import Embedder
from tools.errors import ConfigError
from tools.search.base import Progress
from tools.search.sqlite import SqliteSearch
from tools.search.synonyms import read_synonyms
from tools.search.weights import MEASURED, Weights

LEAST = 2 * FOLDS  # answerable queries of a company


BY_READER = ("reading", "read")  # nothing without token readings


class _Company(NamedTuple):
    """One company's index and queries."""

    kb: Path
    folder: Path
    embedder: Embedder
    asked: list[Question]
    folds: Folds


async def tune(
    files: Sequence[tuple[Path, Path]],
    config: Settings,
    *,
    split: str = "dev",
    names: Sequence[str] = NUMBER_NAMES,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return for each of these numbers of the ranking its curve, its plateau and its honest worth.

    `files` are knowledge and queries of each company. Only queries of `split` are read, and all of
    companies whose queries name none; "" = all. The plateau of a number are its values that lie
    within two standard errors of the best (`eval.plateau`). The others are as they are set
    meanwhile; but one measured before whose value is not on its plateau stands in the middle of
    that. Queries that share a relevant entry share a fold.

    Raises:
        ConfigError: if files can't be used, there is no embedder, or too few queries.
    """
    with threadpool_limits(1, user_api="blas"):  # as in the server
        async with AsyncExitStack() as stack:
            companies = [
                await _opened(stack, *pair, config, split=split, progress=progress)
                for pair in files
            ]
            return await _measured(companies, config, split, names, progress)


async def _opened(
    stack: AsyncExitStack,
    kb: Path,
    queries: Path,
    config: Settings,
    *,
    split: str,
    progress: Progress | None,
) -> _Company:
    asked = _dev(answerable(queries), split)
    groups = grouped([query["relevant_ids"] for query in asked])
    if len(asked) < LEAST or len(set(groups)) == 1:
        raise ConfigError(
            f"{queries}: expected {LEAST} answerable queries of split {split!r} about more than "
            f"one entry, got {len(asked)} about {len(set(groups))}"
        )
    folder, embedder = await stack.enter_async_context(indexed(kb, config, progress=progress))
    if embedder is None:
        raise ConfigError("tune weighs words against vectors, but there is no embedder")
    questions = [await question_of(query, embedder) for query in asked]
    return _Company(kb, folder, embedder, questions, folds_of(groups))


def _dev(asked: Sequence[Query], split: str) -> list[Query]:
    is_parted = any(query["split"] for query in asked)
    return [query for query in asked if not split or not is_parted or query["split"] == split]


async def _measured(
    companies: Sequence[_Company],
    config: Settings,
    split: str,
    names: Sequence[str],
    progress: Progress | None,
) -> dict[str, Any]:
    taken = _as_set(config, companies[0].embedder)
    wanted = [number for number in NUMBERS if number.name in taken and number.name in names]
    tried = {number: sorted({*number.grid, taken[number.name]}) for number in wanted}
    queries = sum(len(company.asked) for company in companies)
    total, done = queries * sum(map(len, tried.values())), 0

    def one_more() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    numbers = []
    for number, values in tried.items():
        ranks = []
        for company in companies:
            tries = [taken | {number.name: value} for value in values]
            columns = [await _ranks(company, config, each, one_more) for each in tries]
            ranks.append(np.array(columns).T)
        now = values.index(taken[number.name])
        found = summary(values, ranks, [company.folds for company in companies], now=now)
        taken[number.name] = found["taken"]
        numbers.append({"name": number.name, "home": number.home, **found})
    return {
        "n": queries,
        "split": split,
        "companies": [{"kb": c.kb.name, "n": len(c.asked)} for c in companies],
        "embedder": companies[0].embedder.name,
        "numbers": numbers,
    }


def _as_set(config: Settings, embedder: Embedder) -> dict[str, float]:
    """Return today's value of each number that has a part in the ranking."""
    found = {
        "dense_weight": config.search.dense_weight,
        "synonym_weight": config.search.synonym_weight,
        **MEASURED._asdict(),
    }
    if embedder.reader is None:
        return {name: value for name, value in found.items() if name not in BY_READER}
    return found | {"reading": embedder.reader.weight}


async def _ranks(
    company: _Company,
    config: Settings,
    values: Mapping[str, float],
    one_more: Callable[[], None],
) -> list[float]:
    """Return the rank of each query's first relevant entry, inf where none is found."""
    ranking: dict[str, Any] = {name: values[name] for name in Weights._fields if name in values}
    search = await SqliteSearch.open(
        company.folder,
        company.embedder,
        segmenter=config.search.segmenter,
        synonyms=read_synonyms(config.search.synonyms, values["synonym_weight"]),
        weights=Weights(**ranking),
    )
    find = asked_by(search, "hybrid", values["dense_weight"], k=DEPTH)
    ranks = []
    try:
        for question in company.asked:
            relevant = question.query["relevant_ids"]
            ids = await find(question)
            ranks.append(next((rank for rank, i in enumerate(ids, 1) if i in relevant), np.inf))
            one_more()
    finally:
        await search.close()
    return ranks
