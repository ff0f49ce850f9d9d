"""What an index of many short passages costs: ingest, search, one change, memory."""

import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from eval.options import Backend
from eval.passages import CHARS, DIMS, GivenReadings, GivenVectors, Passages
from graph.settings import Settings
from tools.errors import ConfigError
from tools.search.base import Progress, SearchBackend, Vector
from tools.search.factory import open_search
from tools.search.types import Filters

CHUNK = 1000  # entries handed over at a time
CHANGES = 20  # upserts and deletes timed, each followed by a query
SHOP = Filters(tenant="default", today="2026-11-22", lang="zh")


class _Asked(NamedTuple):
    """One search: how long it was waited for, our part of it and the server's, what it found."""

    wall_ms: float
    cpu_ms: float
    took_ms: int
    ids: list[str]


async def scale(
    sizes: Sequence[int],
    config: Settings,
    *,
    backend: Backend,
    questions: int,
    reads: bool = False,
    progress: Callable[[str], Progress],
) -> dict[str, Any]:
    """Return rates, milliseconds and megabytes by number of passages, each in an index of its own.

    With `reads`, passages and questions have token readings, too. `progress` returns the bar for a
    named piece of work. BLAS has one thread, as in the server.

    *cpu*             this process's own time, which other work on the machine does not change
    took_ms           what the search server says it took; 0 without one
    overhead_ms       what was waited beyond that
    again_ms          the same for the same questions once more: nothing found has to be read first
    bare_overhead_ms  the same for the server's bare client, asked in turn
    merge_s           how long the server merges on after an import; searches wait for that here

    Raises:
        ConfigError: if `backend` is elastic and no server is set.
    """
    threadpool_limits(1, user_api="blas")
    embedder = GivenReadings() if reads else GivenVectors()
    result: dict[str, Any] = {"backend": backend, "chars": CHARS, "dims": DIMS, "sizes": {}}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="kefu-scale-") as folder:
            search = await _opened(backend, Path(folder), config, size, embedder)
            try:
                if backend == "elastic":
                    measured = await _served(search, config, size, questions, embedder, progress)
                else:
                    measured = await _measure(search, size, questions, embedder, progress)
                    await search.close()
                    again = partial(_opened, backend, Path(folder), config, size, embedder)
                    measured |= await _reopened(again, Path(folder))
                result["sizes"][str(size)] = measured
            finally:
                await search.close()
    return result


async def _served(
    search: SearchBackend,
    config: Settings,
    size: int,
    questions: int,
    embedder: GivenVectors,
    progress: Callable[[str], Progress],
) -> dict[str, float]:
    """Measure an index on a server, and delete it there."""
    from eval.scale_server import bare, drop, held, merged_s  # noqa: PLC0415 takes 0.4 s to import

    where, index = config.search, _index(config, size)
    try:
        async with bare(where, index) as beside:
            return await _measure(
                search,
                size,
                questions,
                embedder,
                progress,
                chunk=size,  # as an import does, which has settings of its own
                between=lambda: merged_s(where, index),
                beside=beside,
            ) | await held(where, index)
    finally:
        await drop(where, index)


async def _opened(
    backend: Backend, folder: Path, config: Settings, size: int, embedder: GivenVectors
) -> SearchBackend:
    where = {**dict(config.search), "kind": backend}
    if backend == "elastic" and not where["url"]:
        raise ConfigError("--backend elastic needs KEFU_SEARCH__URL=http://host:port")
    where["index"] = _index(config, size)
    return await open_search(folder, embedder, **where)


def _index(config: Settings, size: int) -> str:
    return f"{config.search.index}-scale-{size}-{os.getpid()}"


async def _reopened(
    opened: Callable[[], Awaitable[SearchBackend]], folder: Path
) -> dict[str, float]:
    """Return how long the start of a server with this index takes, in seconds, and its size."""
    started = time.perf_counter()
    again = await opened()
    took = time.perf_counter() - started
    await again.close()
    return {"open_s": round(took, 2), "file_mb": round(_size(folder) / 2**20, 1)}


async def _measure(
    search: SearchBackend,
    size: int,
    questions: int,
    embedder: GivenVectors,
    progress: Callable[[str], Progress],
    *,
    chunk: int = CHUNK,
    between: Callable[[], Awaitable[float]] | None = None,
    beside: Callable[[str, Vector], Awaitable[float]] | None = None,
) -> dict[str, float]:
    """Measure all but what is left on disk; `between` import and searches wait for the merges.

    `beside` asks each question once more, barely, and says what was waited beyond the server.
    """
    passages = Passages()
    before_mb = memory_mb()
    bar = progress(f"ingest {size}")
    ingest_s = cpu_s = 0.0
    asked: list[str] = []
    for start in range(0, size, chunk):
        entries = [passages.entry(n) for n in range(start, min(start + chunk, size))]
        asked += [entry["answer"][20:36] for entry in entries[:: max(1, size // questions)]]
        told = partial(_told, bar, start, size)
        started, cpu_started = time.perf_counter(), time.process_time()
        await search.upsert(entries, tenant=SHOP.tenant, progress=told)
        ingest_s += time.perf_counter() - started
        cpu_s += time.process_time() - cpu_started
    merge_s = {"merge_s": round(await between(), 1)} if between else {}

    first_ms = (await _ask(search, embedder, asked[0])).wall_ms
    bar = progress(f"search {size}")
    done: list[_Asked] = []
    barely: list[float] = []
    for number, question in enumerate(asked[:questions]):
        done.append(await _ask(search, embedder, question))
        if beside is not None:
            vector = (await embedder.questions([question]))[0]
            barely.append(await beside(question, vector))
        bar(number + 1, min(questions, len(asked)))
    bare: dict[str, float] = {}
    if beside is not None:
        again = [await _ask(search, embedder, question) for question in asked[:questions]]
        bare = {"again_ms": _overhead(again), "bare_overhead_ms": _median(barely)}
    wall, cpu = [one.wall_ms for one in done], [one.cpu_ms for one in done]
    return {
        "ingest_per_s": round(size / ingest_s),
        "ingest_per_cpu_s": round(size / cpu_s),
        **merge_s,
        "first_ms": round(first_ms, 1),
        "p50_ms": round(float(np.percentile(wall, 50)), 2),
        "p99_ms": round(float(np.percentile(wall, 99)), 2),
        "cpu_p50_ms": round(float(np.percentile(cpu, 50)), 2),
        "cpu_p99_ms": round(float(np.percentile(cpu, 99)), 2),
        "took_ms": _median([one.took_ms for one in done]),
        "overhead_ms": _overhead(done),
        **bare,
        **await _changes(search, embedder, passages, progress(f"change {size}")),
        "memory_mb": round(memory_mb() - before_mb, 1),
    }


def _told(bar: Progress, before: int, size: int, done: int, _: int) -> None:
    bar(before + done, size)


async def _ask(search: SearchBackend, embedder: GivenVectors, question: str) -> _Asked:
    vector = (await embedder.questions([question]))[0]
    started, cpu_started = time.perf_counter(), time.process_time()
    found = await search.search(question, vector, k=10, filters=SHOP)
    return _Asked(
        wall_ms=(time.perf_counter() - started) * 1000,
        cpu_ms=(time.process_time() - cpu_started) * 1000,
        took_ms=found.took_ms,
        ids=[passage["id"] for passage in found.passages],
    )


async def _changes(
    search: SearchBackend, embedder: GivenVectors, passages: Passages, bar: Progress
) -> dict[str, float]:
    """Return the median cost of one upsert, one delete and the query after each.

    `visible` is the share of these queries that saw the change.
    """
    times: dict[str, list[float]] = {"upsert": [], "delete": [], "after": []}
    seen: list[bool] = []
    for number in range(CHANGES):
        entry = passages.entry(0) | {"id": f"new{number}"}
        for name in ("upsert", "delete"):
            started = time.perf_counter()
            if name == "upsert":
                await search.upsert([entry], tenant=SHOP.tenant)
            else:
                await search.delete([entry["id"]], tenant=SHOP.tenant)
            times[name].append((time.perf_counter() - started) * 1000)
            after = await _ask(search, embedder, entry["question"])
            times["after"].append(after.wall_ms)
            seen.append((entry["id"] in after.ids) == (name == "upsert"))
        bar(number + 1, CHANGES)
    return {
        "upsert_ms": _median(times["upsert"]),
        "delete_ms": _median(times["delete"]),
        "next_query_ms": _median(times["after"]),
        "visible": round(float(np.mean(seen)), 4),
    }


def _overhead(done: Sequence[_Asked]) -> float:
    return _median([one.wall_ms - one.took_ms for one in done])


def _median(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 2)


def memory_mb() -> float:
    """Return the memory this process holds now, in MiB; its peak where the system says no more."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        import resource  # noqa: PLC0415 absent on Windows

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
