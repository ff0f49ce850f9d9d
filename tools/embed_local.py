"""BGE and other models from a local Hugging Face folder, through sentence-transformers."""

import asyncio
import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tools.embed_base import Vector2D, default_instruction, head, let_threads_sleep, unit
from tools.errors import ConfigError

logger = logging.getLogger(__name__)

SLICE = 16  # texts per call; a live question waits for 16 at most
LIMIT_BYTES = 40_000  # spares the tokenizer; the model itself cuts at its own length
MODEL_FILES = {".json", ".txt", ".model", ".safetensors", ".bin"}
SAMPLE_BYTES = 1 << 20  # of head, middle and end of a file: weights can be gigabytes
CASE_PROBES = ("ECS SSL HTTPS", "ecs ssl https")
CASE_MIN_COSINE = 0.7  # bge-small-zh: 1.0, and 0.48 when capitals become [UNK]


class LocalEmbedder:
    """A model folder, loaded on first use, on the accelerator if there is one."""

    def __init__(self, folder: Path, *, query_instruction: str = "") -> None:
        """Check the folder without loading the model.

        Raises:
            ConfigError: if the folder is no complete model or sentence-transformers is missing.
        """
        self.dims = _dims(folder)
        self.name = f"local:{folder.name}@{_fingerprint(folder)}"
        self._folder = folder
        self._instruction = query_instruction or default_instruction(folder.name)
        if find_spec("sentence_transformers") is None:
            raise ConfigError(
                "KEFU_EMBED__KIND=local needs sentence-transformers: pip install -e '.[bge]'"
            )
        let_threads_sleep()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embed-local")
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

    async def _embed(self, texts: Sequence[str]) -> Vector2D:
        loop = asyncio.get_running_loop()
        rows = [np.zeros((0, self.dims), np.float32)]
        for start in range(0, len(texts), SLICE):
            batch = [head(text, LIMIT_BYTES) for text in texts[start : start + SLICE]]
            rows.append(await loop.run_in_executor(self._worker, self._run, batch))
        return np.concatenate(rows)

    def _run(self, texts: list[str]) -> Vector2D:
        if self._model is None:
            self._model = _load(self._folder)
            warn_of_capitals(self._encode(list(CASE_PROBES)), self.name)
        return self._encode(texts)

    def _encode(self, texts: list[str]) -> Vector2D:
        vectors = unit(self._model.encode(texts, batch_size=SLICE, show_progress_bar=False))
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


def _dims(folder: Path) -> int:
    """Return the vector length that the folder's config states."""
    config = folder / "config.json"
    try:
        dims = json.loads(config.read_text(encoding="utf-8"))["hidden_size"]
    except OSError as exc:
        raise ConfigError(
            f"KEFU_EMBED__FOLDER: expected a Hugging Face model folder, {config} can't be read"
        ) from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(f"{config}: expected JSON with hidden_size") from exc
    if not (folder / "modules.json").exists():
        raise ConfigError(
            f"{folder}: modules.json is missing, the pooling would be guessed wrong for BGE; "
            "copy modules.json and 1_Pooling/ from the model's page"
        )
    return int(dims)


def _fingerprint(folder: Path) -> str:
    """Return 8 digits that change with the model, as after fine-tuning into the same folder."""
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in MODEL_FILES:
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder)} {size}\n".encode())
            with path.open("rb") as file:
                for start in (0, size // 2, max(0, size - SAMPLE_BYTES)):
                    file.seek(start)
                    digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()[:8]


def _load(folder: Path) -> Any:  # noqa: ANN401 an optional package without types
    try:
        return import_module("sentence_transformers").SentenceTransformer(
            str(folder), local_files_only=True
        )
    except (ImportError, OSError, ValueError, RuntimeError) as exc:
        raise ConfigError(f"{folder}: can't be loaded ({exc})") from exc
