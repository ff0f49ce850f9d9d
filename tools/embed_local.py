"""BGE and other models from a local Hugging Face folder, through sentence-transformers."""

from importlib import import_module
from typing import Any

from tools.embed_folder import SLICE, FolderEmbedder
from tools.errors import ConfigError


class LocalEmbedder(FolderEmbedder):
    """A model folder on torch, on the accelerator if there is one, there in half precision."""

    kind = "local"
    package = "sentence_transformers"

    def _load(self) -> Any:  # noqa: ANN401 an optional package without types
        try:
            model = import_module("sentence_transformers").SentenceTransformer(
                str(self._folder), local_files_only=True
            )
        except (ImportError, OSError, ValueError, RuntimeError) as exc:
            raise ConfigError(f"{self._folder}: can't be loaded ({exc})") from exc
        return model.half() if model.device.type == "cuda" else model

    def _vectors(self, texts: list[str]) -> Any:  # noqa: ANN401 rows of numbers
        return self._model.encode(texts, batch_size=SLICE, show_progress_bar=False)
