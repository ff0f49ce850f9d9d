"""BGE and other models exported to ONNX, through onnxruntime: no torch, small and quick."""

import logging
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.embed_folder import FolderEmbedder, check_pooling, read_json
from tools.errors import ConfigError

logger = logging.getLogger(__name__)

FILES = [  # int8 first: three times as quick; `python -m eval retrieval` says what it costs
    f"{folder}{name}.onnx"
    for name in ("model_quantized", "model_int8", "model")
    for folder in ("onnx/", "")
]
SETTINGS = (
    "config.json",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
)
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
UNKNOWN_SHARE = 0.5  # of a text's tokens; more is worth a warning


class _Model(NamedTuple):
    session: Any
    tokenizer: Any
    inputs: frozenset[str]
    outputs: list[str]
    lower_case: bool
    unknown: int | None  # id of the unknown word


class OnnxEmbedder(FolderEmbedder):
    """A model folder with an ONNX export, its own (`model.onnx`) or one in `onnx/`."""

    kind = "onnx"
    package = "tokenizers"
    extra = "onnx"
    _warned = False  # of unknown words

    def _check(self, folder: Path) -> None:
        self._pool = _pooling(folder)

    def _files(self, folder: Path) -> Iterable[Path]:
        weights = model_file(folder)
        return [weights, weights.with_name(f"{weights.name}_data"), *(folder / s for s in SETTINGS)]

    def _load(self) -> _Model:
        runtime = import_module("onnxruntime")
        config = self._folder / "sentence_bert_config.json"
        settings = read_json(config) if config.exists() else {}
        try:
            tokenizer = import_module("tokenizers").Tokenizer.from_file(
                str(self._folder / "tokenizer.json")
            )
            options = runtime.SessionOptions()
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            options.log_severity_level = 3
            session = runtime.InferenceSession(
                str(model_file(self._folder)),
                options,
                providers=[p for p in PROVIDERS if p in runtime.get_available_providers()],
            )
        except Exception as exc:
            # Both packages raise classes of their own, and plain Exception for a broken file.
            raise ConfigError(f"{self._folder}: can't be loaded ({exc})") from exc
        tokenizer.no_padding()
        tokenizer.enable_truncation(_longest(self._folder, settings))
        return _Model(
            session,
            tokenizer,
            frozenset(put.name for put in session.get_inputs()),
            [put.name for put in session.get_outputs()],
            bool(settings.get("do_lower_case", False)),
            tokenizer.token_to_id("[UNK]"),
        )

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        """Return one text's vector.

        One at a time: int8 models scale a batch by its largest value, so a vector would depend on
        its neighbours; and nothing is padded. On a processor it is no slower.
        """
        model: _Model = self._model
        encoded = model.tokenizer.encode(text.lower() if model.lower_case else text)
        self._warn_of_unknown(encoded.ids)
        feed = {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        feed = {name: row for name, row in feed.items() if name in model.inputs}
        out = model.session.run(None, feed)
        states = next((value for value in out if value.ndim == 3), None)
        if states is None:
            raise ConfigError(
                f"{model_file(self._folder)}: expected an output of shape (texts, tokens, dims), "
                f"got {', '.join(model.outputs)}"
            )
        row = states[0, 0] if self._pool == "cls" else states[0].mean(axis=0)
        return np.asarray(row, np.float32)

    def _warn_of_unknown(self, ids: list[int]) -> None:
        words = ids[1:-1]  # without the marks of start and end
        unknown = words.count(self._model.unknown)
        if unknown > UNKNOWN_SHARE * len(words) and len(words) > 3 and not self._warned:
            self._warned = True
            logger.warning(
                "%s: %d of %d words of a text are unknown to it", self.name, unknown, len(words)
            )


def model_file(folder: Path) -> Path:
    """Return the export that is loaded.

    Raises:
        ConfigError: if the folder has none.
    """
    for name in FILES:
        if (folder / name).exists():
            return folder / name
    raise ConfigError(
        f"{folder}: expected one of {', '.join(FILES)}; "
        "with a safetensors file set KEFU_EMBED__KIND=local"
    )


def _pooling(folder: Path) -> str:
    """Return "cls" or "mean", as the folder says; all BGE is "cls", and exports leave it out."""
    path = folder / "1_Pooling" / "config.json"
    if not path.exists() and "bge-" in folder.name.lower():
        return "cls"
    check_pooling(folder, said_in="1_Pooling/config.json")
    said = read_json(path)
    mode = said.get("pooling_mode")  # of sentence-transformers 6; flags before
    for ours, theirs in (("cls", "pooling_mode_cls_token"), ("mean", "pooling_mode_mean_tokens")):
        if mode == ours or said.get(theirs):
            return ours
    raise ConfigError(f"{path}: expected pooling by cls or mean, got {said}")


def _longest(folder: Path, settings: dict[str, Any]) -> int:
    """Return how many tokens the model reads."""
    stated = settings.get("max_seq_length") or 0
    config = read_json(folder / "config.json")
    positions = int(config.get("max_position_embeddings", 512))
    if config.get("model_type") == "xlm-roberta":
        positions -= 2  # its positions count from 2
    return min(stated or positions, positions)
