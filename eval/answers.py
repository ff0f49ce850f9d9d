"""Rows kept out of training, put to a model in the very prompt of service: before and after it."""

import re
from collections.abc import Sequence
from contextlib import aclosing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from eval.metrics import mean
from eval.told import told
from eval.watch import Watch, measured
from finetune.data import read
from nodes.rules.checking.faithful import faults
from nodes.rules.wording.sentences import split
from tools.errors import BadReply, CutShort
from tools.search.base import Progress

_UNIT = re.compile(r"[一-鿿]|[^\W_一-鿿]+")  # a Chinese character, a word, a number
_TYPES = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_PASSAGE = re.compile(r'<资料 编号="\d+">\n(.*?)\n</资料>', re.DOTALL)
_MARK = re.compile(r"\[(\d+)\]")


class Asked(NamedTuple):
    """One row: what the model is given, and what it should say."""

    prompt: list[BaseMessage]
    passages: list[str]
    reference: str

    @property
    def is_answerable(self) -> bool:
        """Whether the reference answers at all."""
        return told(self.reference) == "answered"


def read_rows(path: Path) -> list[Asked]:
    """Return the rows for validation of a file for `python -m finetune sft`.

    Raises:
        ConfigError: if the file can't be used; names the line.
    """
    return [_asked(sample) for sample in read("sft", path)[1]]


def _asked(sample: dict[str, Any]) -> Asked:
    system = "\n".join(m["content"] for m in sample["prompt"] if m["role"] == "system")
    prompt = [_TYPES[m["role"]](m["content"]) for m in sample["prompt"] if m["role"] in _TYPES]
    return Asked(prompt, _PASSAGE.findall(system), sample["completion"][0]["content"])


async def answers(
    rows: Sequence[Asked], watch: Watch, progress: Progress | None = None
) -> dict[str, Any]:
    """Return what the model made of the rows; all but bleu are shares from 0 to 1.

    answered    of the answerable ones: were answered
    refused     of the others: were not
    cited       of the answered ones: name the reference's sources and no other
    faithful    of all that were answered: no sentence fails the checks of the answer node
    rouge_l     mean over the answerable ones, in characters and words
    bleu        of the answerable ones, 0 to 100; None without sacrebleu
    """

    async def ask(row: Asked) -> str:
        reply = ""
        try:
            async with aclosing(watch.stream(row.prompt)) as pieces:
                async for piece in pieces:
                    reply += piece
        except CutShort:
            return reply
        except BadReply:
            return ""
        return reply

    result = await measured(rows, ask, watch, progress)
    answerable = [(row, reply) for row, reply in result.done if row.is_answerable]
    others = [reply for row, reply in result.done if not row.is_answerable]
    answered = [(row, reply) for row, reply in answerable if told(reply) == "answered"]
    said = [(row, reply) for row, reply in result.done if told(reply) == "answered"]
    texts = [(_MARK.sub("", reply), _MARK.sub("", row.reference)) for row, reply in answerable]
    return {
        **result.note(),
        "answerable": len(answerable),
        "answered": mean(told(reply) == "answered" for _, reply in answerable),
        "refused": mean(told(reply) == "refused" for reply in others),
        "cited": mean(_marks(reply) == _marks(row.reference) for row, reply in answered),
        "faithful": mean(_is_faithful(row, reply) for row, reply in said),
        "rouge_l": mean(rouge_l(*both) for both in texts),
        "bleu": bleu(*zip(*texts, strict=True)) if texts else None,
        "outcomes": [{"reply": reply, "reference": row.reference} for row, reply in result.done],
    }


def _marks(reply: str) -> set[str]:
    return set(_MARK.findall(reply))


def _is_faithful(row: Asked, reply: str) -> bool:
    sentences, rest = split(reply)
    return not any(faults(each, row.passages) for each in [*sentences, rest] if each.strip())


def units(text: str) -> list[str]:
    """Return what is compared: Chinese characters, words and numbers, without punctuation."""
    return _UNIT.findall(text.lower())


def rouge_l(reply: str, reference: str) -> float:
    """Return the F1 of the longest common subsequence, from 0 to 1.

    As BLEU it says little about whether an answer is right; it shows that something changed.
    """
    said, wanted = units(reply), units(reference)
    if not said or not wanted:
        return float(said == wanted)
    row = [0] * (len(wanted) + 1)
    for unit in said:
        left_above = 0
        for at, other in enumerate(wanted, start=1):
            above = row[at]
            row[at] = left_above + 1 if unit == other else max(above, row[at - 1])
            left_above = above
    return 2 * row[-1] / (len(said) + len(wanted))


def bleu(replies: Sequence[str], references: Sequence[str]) -> float | None:
    """Return sacrebleu's BLEU of all replies, from 0 to 100; None where it is not installed.

    Its default way to cut texts gives 0 for Chinese, so "zh" is taken; that cuts English as usual.
    """
    if find_spec("sacrebleu") is None:
        return None
    found = import_module("sacrebleu").corpus_bleu(list(replies), [list(references)], tokenize="zh")
    return round(float(found.score), 2)
