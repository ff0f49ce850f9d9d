"""A model in a local Hugging Face folder: what its files say, and one thread that runs it."""

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tools.embed_base import Vector2D, default_instruction, head, let_threads_sleep, unit
from tools.errors import ConfigError

logger = logging.getLogger(__name__)

SLICE = 16  # texts per call; a live question waits for 16 at most
LIMIT_BYTES = 40_000  # spares the tokenizer; the model itself cuts at its own length
SAMPLE_BYTES = 1 << 20  # of head, middle and end of a file: weights can be gigabytes
WEIGHTS = {".json", ".txt", ".model", ".safetensors", ".bin"}
CASE_PROBES = ("ECS SSL HTTPS", "ecs ssl https")
CASE_MIN_COSINE = 0.7  # bge-small-zh: 1.0, and 0.48 when capitals become [UNK]


class FolderEmbedder(ABC):
    """A model folder, loaded on first use, in one thread of its own."""

    reader = None
    kind: str  # as KEFU_EMBED__KIND
    package: str  # that runs it
    extra = "bge"  # that installs the package

    def __init__(self, folder: Path, *, query_instruction: str = "") -> None:
        """Check the folder without loading the model.

        Raises:
            ConfigError: if the folder is no complete model or the package is missing.
        """
        self.dims = stated_dims(folder)
        self._check(folder)
        self.name = f"{self.kind}:{folder.name}@{fingerprint(folder, self._files(folder))}"
        self._folder = folder
        self._instruction = query_instruction or default_instruction(folder.name)
        if find_spec(self.package) is None:
            raise ConfigError(
                f"KEFU_EMBED__KIND={self.kind} needs {self.package}: "
                f"pip install -e '.[{self.extra}]'"
            )
        let_threads_sleep()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"embed-{self.kind}")
        self._model: Any = None

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of questions."""
        return await self._embed([self._instruction + text for text in texts])

    async def passages(self, texts: Sequence[str]) -> Vector2D:
        """Return unit vectors of texts that answer."""
        return await self._embed(texts)

    async def close(self) -> None:
        """End the thread; the model is freed with the object."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _files(self, folder: Path) -> Iterable[Path]:
        """Return the files that decide about the vectors."""
        return (path for path in folder.rglob("*") if path.suffix in WEIGHTS)

    def _check(self, folder: Path) -> None:
        """Raise ConfigError if the folder does not say how to pool."""
        check_pooling(folder, said_in="modules.json")

    @abstractmethod
    def _load(self) -> Any:  # noqa: ANN401 optional packages without types
        """Return the model; ConfigError if it can't be loaded."""

    @abstractmethod
    def _vectors(self, texts: list[str]) -> Any:  # noqa: ANN401 rows of numbers
        """Return one row for each text from the loaded model."""

    async def _embed(self, texts: Sequence[str]) -> Vector2D:
        loop = asyncio.get_running_loop()
        rows = [np.zeros((0, self.dims), np.float32)]
        for start in range(0, len(texts), SLICE):
            batch = [head(text, LIMIT_BYTES) for text in texts[start : start + SLICE]]
            rows.append(await loop.run_in_executor(self._worker, self._run, batch))
        return np.concatenate(rows)

    def _run(self, texts: list[str]) -> Vector2D:
        self._ready()
        return self._encode(texts)

    def _ready(self) -> None:
        """Load the model once; in the worker's thread only."""
        if self._model is None:
            self._model = self._load()
            warn_of_capitals(self._encode(list(CASE_PROBES)), self.name)

    def _encode(self, texts: list[str]) -> Vector2D:
        vectors = unit(self._vectors(texts))
        if vectors.shape[1] != self.dims:
            raise ConfigError(
                f"{self._folder}: expected {self.dims} dimensions as in config.json, "
                f"got {vectors.shape[1]}"
            )
        return vectors


def warn_of_capitals(probes: Vector2D, name: str) -> bool:
    """Log a warning and return True if two texts that differ in case only are far apart.

    Then the tokenizer keeps capitals that the vocabulary does not have, so that ECS, SSL and
    every other name in capitals become one and the same unknown word.
    """
    cosine = float(probes[0] @ probes[1])
    if cosine >= CASE_MIN_COSINE:
        return False
    logger.warning(
        "%s: texts that differ in case only are far apart (cosine %.2f); "
        "set do_lower_case in sentence_bert_config.json",
        name,
        cosine,
    )
    return True


def read_json(path: Path, *, needs: Collection[str] = ()) -> dict[str, Any]:
    """Return the object in a model's JSON file.

    Raises:
        ConfigError: if it can't be read, is no object or lacks one of `needs`.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(
            f"KEFU_EMBED__FOLDER: expected a Hugging Face model folder, {path} can't be read"
        ) from exc
    except ValueError as exc:
        raise ConfigError(f"{path}: expected JSON, got {exc}") from exc
    if not isinstance(found, dict) or set(needs) - set(found):
        raise ConfigError(f"{path}: expected JSON with {', '.join(needs)}")
    return found


def stated_dims(folder: Path) -> int:
    """Return the vector length that the folder's config states.

    Raises:
        ConfigError: if it states none.
    """
    config = folder / "config.json"
    dims = read_json(config, needs=["hidden_size"])["hidden_size"]
    if not isinstance(dims, int):
        raise ConfigError(f"{config}: hidden_size: expected a number, got {dims!r}")
    return dims


def check_pooling(folder: Path, *, said_in: str) -> None:
    """Do nothing if the folder says how to pool.

    Raises:
        ConfigError: if it does not.
    """
    if not (folder / said_in).exists():
        raise ConfigError(
            f"{folder}: {said_in} is missing, the pooling would be guessed wrong for BGE; "
            "copy modules.json and 1_Pooling/ from the model's page"
        )


def fingerprint(folder: Path, files: Iterable[Path]) -> str:
    """Return 8 digits that change with the model, as after fine-tuning into the same folder."""
    digest = sha256()
    for path in sorted(files):
        if path.is_file():
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder)} {size}\n".encode())
            with path.open("rb") as file:
                for start in (0, size // 2, max(0, size - SAMPLE_BYTES)):
                    file.seek(start)
                    digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()[:8]
