"""An answer that a model writes, checked sentence by sentence before it is shown."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from functools import cache
from itertools import takewhile

from langchain_core.messages import BaseMessage

from graph.state import Locale
from nodes.judge import is_disputed
from nodes.prompts import lines
from nodes.rules.checking.faithful import faults
from nodes.rules.deciding.evidence import Evidence
from nodes.rules.wording.sentences import split
from nodes.rules.wording.tongue import is_foreign
from tools.errors import CutShort
from tools.llm import ChatModel

SENTENCE_CHARS = 600  # a text that goes on longer without an end is no answer
LOOP_CHARS = 6  # a sentence longer than that is not said twice
_HEAD_ROWS = 2  # a table's names, and the line below them
_SIGNS = re.compile(r"\[\d{1,3}\]|[\W_]")
_THINKS, _THOUGHT = "<think>", "</think>"
_INSIDES = re.compile(  # of the prompt, of the model: never for a customer
    r"</?(?:资料|摘要|think|tool_\w+|function)\b|<\|\w+\|>|编号=|\{\s*\"(?:name|arguments)\"\s*:",
    re.I,
)


class Ungrounded(Exception):
    """A generated sentence says what its passages do not."""

    def __init__(self, faults: Sequence[str], sentence: str = "") -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)
        self.sentence = sentence.strip()


class Draft:
    """An answer that grows sentence by sentence; what passes is told at once."""

    def __init__(
        self,
        model: ChatModel,
        evidence: Sequence[Evidence],
        tell: Callable[[str], None],
        *,
        locale: Locale,
        asked: str,
        is_judging: bool,
    ) -> None:
        """Keep what is checked against: `asked` is what the customer said, masked."""
        self.judged = 0  # sentences, each with a call
        self._model, self._evidence, self._tell = model, evidence, tell
        self._locale, self._asked, self._is_judging = locale, asked, is_judging
        self._sources = [f"{item.title}\n{item.read}" for item in evidence]

    async def written(self, messages: Sequence[BaseMessage]) -> str:
        """Stream one answer; a model that begins to repeat itself has said all it has to say.

        Of a text that was cut, the half sentence at its end is left out.

        Raises:
            Ungrounded: at the first sentence that fails, where the request is ended; or if a cut
                text has no whole sentence, or ends with what only leads to something.
        """
        said: list[str] = []
        buffer, is_cut = "", False
        try:
            async with aclosing(self._model.stream(messages)) as pieces:
                async for piece in _spoken(pieces):
                    sentences, buffer = split(buffer + piece)
                    for sentence in sentences:
                        if _is_said(sentence, said):
                            return "".join(said).rstrip()
                        said.append(await self._passed(sentence, "".join(said)))
                    if len(buffer) > SENTENCE_CHARS:
                        raise Ungrounded(["没有句号的长文"])
        except CutShort:
            is_cut = True
        text = "".join(said)
        if is_cut and (not said or _leads_on(text)):
            raise Ungrounded(["没有说完"])
        if said and (is_cut or _is_said(buffer, said)):
            return text.rstrip()
        text += await self._passed(buffer, text)
        if not text.strip():
            raise Ungrounded(["没有回答"])
        return text

    async def _passed(self, sentence: str, before: str) -> str:
        if not sentence:
            return ""
        found = self._faults(sentence, before)
        if not found and self._is_judging and sentence.strip():
            self.judged += 1
            is_false = await is_disputed(self._model, sentence, self._evidence)
            found += [sentence] if is_false else []
        if found:
            raise Ungrounded(found, sentence)
        self._tell(sentence)
        return sentence

    def _faults(self, sentence: str, before: str) -> list[str]:
        if _INSIDES.search(sentence) or any(rule in sentence for rule in _rules()):
            return ["不是给顾客看的内容"]
        found = faults(sentence, self._sources, self._asked, before)
        if is_foreign(sentence, self._locale, self._sources):
            found.append("不是顾客的语言")
        return found


def _is_said(sentence: str, said: Sequence[str]) -> bool:
    """Say whether the answer has a sentence already, other marks and signs aside."""
    words = _SIGNS.sub("", sentence)
    return len(words) > LOOP_CHARS and any(words == _SIGNS.sub("", other) for other in said)


def _leads_on(text: str) -> bool:
    """Say whether a text's last line only leads to what was cut: to a list, to a table's rows."""
    lines = [line.strip(" *_") for line in text.split("\n") if line.strip()]
    rows = list(takewhile(lambda line: line.startswith("|"), reversed(lines)))
    return lines[-1].endswith(("：", ":")) or 0 < len(rows) <= _HEAD_ROWS


async def _spoken(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield the pieces without the thought that a model put before its answer."""
    head, has_begun = "", False
    async for piece in pieces:
        if has_begun:
            yield piece
            continue
        head += piece
        start = head.lstrip()
        if start.startswith(_THINKS):
            _, end, rest = start.partition(_THOUGHT)
            head, has_begun = (rest.lstrip(), True) if end else (head, False)
        elif not _THINKS.startswith(start[: len(_THINKS)]):
            has_begun = True
        has_begun = has_begun and bool(head.strip())  # blank lines before the answer are none of it
        if has_begun:
            yield head.lstrip()
            head = ""
    if head.strip() and not head.lstrip().startswith(_THINKS):
        yield head.lstrip()


@cache
def _rules() -> tuple[str, ...]:
    """Return the beginnings of the prompt's own lines, by which one that leaks is known."""
    return tuple(line[:_RULE_CHARS] for line in lines("answer") if len(line) >= _RULE_CHARS)


_RULE_CHARS = 12
