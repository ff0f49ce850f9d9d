"""Rows kept out of training, put to a model in the very prompt of service: before and after it."""

import re
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from eval.metrics import mean
from eval.overlap import bleu, rouge_l
from eval.told import told
from eval.watch import Watch, measured
from finetune.data import read
from nodes.rules.checking.faithful import faults
from nodes.rules.wording.sentences import split
from tools.errors import BadReply, CutShort
from tools.search.base import Progress

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
