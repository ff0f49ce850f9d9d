"""bge-m3 from a local folder through FlagEmbedding: vectors, and weights of words."""

import asyncio
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.embed_base import head
from tools.embed_folder import LIMIT_BYTES, SLICE, FolderEmbedder
from tools.errors import ConfigError

HEADS = ("sparse_linear.pt", "colbert_linear.pt")  # read with torch's weights_only, as tensors
PASSAGE_TOKENS = 512  # the model reads 8,192; knowledge is split to this


class M3Embedder(FolderEmbedder):
    """A bge-m3 folder, on the accelerator if there is one, there in half precision."""

    kind = "m3"
    package = "FlagEmbedding"

    def _check(self, folder: Path) -> None:
        super()._check(folder)
        if not is_m3(folder):
            raise ConfigError(
                f"{folder}: expected bge-m3 with {' and '.join(HEADS)}; "
                "other BGE models take KEFU_EMBED__KIND=local"
            )

    async def sparse(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return for each text the weight of each of its tokens, above 0, by the token's text.

        The dot product of question and passage says how well their words fit; errors as
        `questions`.
        """
        loop = asyncio.get_running_loop()
        found: list[dict[str, float]] = []
        for start in range(0, len(texts), SLICE):
            batch = [head(text, LIMIT_BYTES) for text in texts[start : start + SLICE]]
            found += await loop.run_in_executor(self._worker, self._words, batch)
        return found

    def _words(self, texts: list[str]) -> list[dict[str, float]]:
        self._ready()
        rows = self._encoded(texts, return_dense=False, return_sparse=True)["lexical_weights"]
        name = self._model.tokenizer.convert_ids_to_tokens
        return [{name(int(at)): float(weight) for at, weight in row.items()} for row in rows]

    def _load(self) -> Any:  # noqa: ANN401 an optional package without types
        try:
            is_cuda = import_module("torch").cuda.is_available()
            return import_module("FlagEmbedding").BGEM3FlagModel(
                str(self._folder), use_fp16=is_cuda, devices="cuda:0" if is_cuda else "cpu"
            )
        except (ImportError, OSError, ValueError, RuntimeError) as exc:
            raise ConfigError(f"{self._folder}: can't be loaded ({exc})") from exc

    def _vectors(self, texts: list[str]) -> Any:  # noqa: ANN401 rows of numbers
        return self._encoded(texts, return_dense=True, return_sparse=False)["dense_vecs"]

    def _encoded(self, texts: list[str], **returned: bool) -> Any:  # noqa: ANN401 of FlagEmbedding
        return self._model.encode(texts, batch_size=SLICE, max_length=PASSAGE_TOKENS, **returned)


def is_m3(folder: Path) -> bool:
    """Say whether `folder` holds a bge-m3 with all its heads."""
    return all((folder / name).exists() for name in HEADS)
