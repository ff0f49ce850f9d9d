"""A bge-reranker in a local Hugging Face folder, through sentence-transformers."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tools.embed_base import let_threads_sleep
from tools.errors import ConfigError


class LocalReranker:
    """A cross-encoder folder such as bge-reranker, loaded on first use, in one thread."""

    def __init__(self, folder: Path) -> None:
        """Check the folder without loading the model.

        Raises:
            ConfigError: if there is no model or sentence-transformers is missing.
        """
        if not (folder / "config.json").is_file():
            raise ConfigError(f"KEFU_RERANK__FOLDER: expected a model folder, got {folder}")
        if find_spec("sentence_transformers") is None:
            raise ConfigError(
                "KEFU_RERANK__KIND=local needs sentence-transformers: pip install -e '.[bge]'"
            )
        let_threads_sleep()
        self._folder = folder
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="rerank")
        self._model: Any = None

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score for each text."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._run, question, list(texts))

    async def close(self) -> None:
        """End the thread; the model is freed with the object."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _run(self, question: str, texts: list[str]) -> list[float]:
        if self._model is None:
            self._model = self._load()
        found = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in found]

    def _load(self) -> Any:  # noqa: ANN401 an optional package without types
        try:
            model = import_module("sentence_transformers").CrossEncoder(
                str(self._folder), num_labels=1, local_files_only=True
            )
        except (ImportError, OSError, ValueError, RuntimeError) as exc:
            raise ConfigError(f"{self._folder}: can't be loaded ({exc})") from exc
        return model.half() if model.device.type == "cuda" else model
