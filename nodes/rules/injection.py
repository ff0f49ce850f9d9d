"""Notice attempts to give the assistant orders, in what customers write and in knowledge text."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nodes.rules.attacks.gates import Gates
from nodes.rules.attacks.injection_disguises import BETWEEN_HAN, decoded, variants
from nodes.rules.attacks.injection_knowledge import ABOUT_ASSISTANT, OF_ANSWERING, passed_on
from nodes.rules.attacks.injection_orders import ASKS_ASSISTANT, CAN_IT, HOW, PATTERNS
from nodes.rules.attacks.injection_patterns import Kind
from tools.suspicion import AGREED, suspicion
from tools.text.normalise import fold


class Injection(NamedTuple):
    """An attempt: what it aims at, and the folded words that gave it away."""

    kind: Kind
    span: str
    is_hidden: bool = False  # behind a disguise, or in a text that is passed on


_GATES = Gates(pattern for _, pattern in PATTERNS)
_MAX_CHARS = 8_000  # beyond it, beginning and end are read
_QUESTION_PROOF = frozenset(("prompt_leak", "delimiter", "encoded", "bypass"))
_KNOWLEDGE_KINDS = frozenset(("override", "prompt_leak", "role", "authority", "delimiter"))
_PASSAGE_MARGIN = 1.1  # help texts and contracts command their readers, see `_is_order`
_CLAUSE_START = re.compile(r"[。！？!?,，;；\n]")
_ASKING = re.compile(
    r"[吗么呢]\s?[?？]?$|[?？]\s?$|没到|还没|多久|什么时候|什么意思|是真的|怎么|如何"
)
_TO_READER = re.compile(r"(?:您|可以?|点击|长按|通过|步骤)[^。！？!?\n]*$")
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(\w{1,10})\b[^>]{0,200}(?:display:\s?none|font-size:\s?0|visibility:\s?hidden)[^>]{0,200}>"
    r".{0,2000}?</\1>",
    re.DOTALL | re.IGNORECASE,
)
_BRACKETS = re.compile(
    r"（[^（）]{0,500}）|\([^()]{0,500}\)|【[^【】]{0,500}】|\[[^\[\]]{0,500}\](?!\()"
)
_SENTENCE = re.compile(
    r"[^。！？!?；;\n.]*(?:\.(?!\s)[^。！？!?；;\n.]*)*(?:[。！？!?；;\n]|\.(?=\s|$)|$)[ ”’」)]*"
)


def detect(text: str) -> Injection | None:
    """Return the first attempt found in a customer's message, or None.

    Looks through spacing, look-alike letters and the usual encodings. A question about how to do
    something, or about the customer's own words, is not an attempt.
    """
    if len(text) > _MAX_CHARS:
        text = text[: _MAX_CHARS // 2] + "\n" + text[-_MAX_CHARS // 2 :]
    plain, *undressed = variants(text)
    if said := passed_on(plain):
        return Injection("delimiter", said, is_hidden=True)
    if attempt := _attempt(plain):
        return attempt
    for hidden in undressed:
        if attempt := _attempt(hidden):
            return attempt._replace(is_hidden=True)
        if suspicion().hears(hidden):
            return Injection("learnt", hidden, is_hidden=True)
    for hidden in map(fold, decoded(text)):
        if (attempt := _attempt(hidden)) or suspicion().hears(hidden):
            return Injection("encoded", attempt.span if attempt else hidden, is_hidden=True)
    return Injection("learnt", plain) if suspicion().hears(plain) else None


def weighed(
    attempt: Injection | None, question: str, vector: Sequence[float], embedder: str
) -> bool:
    """Say whether a message gives orders, by what `detect` found and by its embedding.

    What a rule and the words both find is an attempt. The embedding shows attempts that no rule or
    word gives away, and clears customers whose words only sound like one. What was disguised or
    encoded is none of a customer's, and not in its embedding; in that of a text that is passed on
    it is drowned.
    """
    score = None
    if len(vector):
        score = suspicion().understands(question, np.array(vector, np.float32), embedder=embedder)
    if score is None or (attempt and (attempt.is_hidden or attempt.kind == "encoded")):
        return attempt is not None
    if attempt is None or attempt.kind == "learnt":  # words are in the score already
        return score > suspicion().meaning.threshold
    return score > AGREED or suspicion().hears(fold(question))


@lru_cache(maxsize=4096)  # the same passages are shown again and again
def strip_orders(text: str) -> str:
    """Return a knowledge passage without what addresses the assistant instead of the reader.

    Hidden markup goes altogether; brackets and sentences go when they hold an order.
    """
    shown = _HIDDEN.sub("", text)
    shown = _BRACKETS.sub(lambda match: "" if _is_order(match.group()) else match.group(), shown)
    kept = [part for part in _SENTENCE.findall(shown) if not _is_order(part)]
    return "".join(kept).strip()


def speaks_to_assistant(text: str) -> bool:
    """Say whether knowledge text turns from its reader to the assistant that answers with it."""
    return ABOUT_ASSISTANT.search(fold(text)) is not None


def _is_order(sentence: str) -> bool:
    folded = BETWEEN_HAN.sub("", fold(sentence)).strip("()（）[]【】 ")
    if not folded:
        return False
    if ABOUT_ASSISTANT.search(folded):
        return True
    # By the model alone 720 of 30,600 real sentences would go, nearly all of them of contracts,
    # privacy and identity; 40 speak of answering as well.
    if OF_ANSWERING.search(folded) and suspicion().hears(folded, margin=_PASSAGE_MARGIN):
        return True
    opened = (PATTERNS[number] for number in _GATES.open(folded) if number < len(PATTERNS))
    return any(
        not (kind == "role" and _TO_READER.search(folded[: match.start()]))
        for kind, pattern in opened
        if kind in _KNOWLEDGE_KINDS and (match := pattern.search(folded))
    )


def _attempt(text: str) -> Injection | None:
    for number in _GATES.open(text):
        kind, pattern = PATTERNS[number]
        for match in pattern.finditer(text):
            if not _is_innocent(kind, text, match.start(), match.end()):
                return Injection(kind, match.group())
    return None


def _is_innocent(kind: Kind, text: str, start: int, end: int) -> bool:
    """Say whether the words around a match make it a customer's plain question."""
    if kind == "bypass":
        return bool(
            re.search(r"(?:有人|别人|被|防止|避免)[^。!?]{0,10}$", text[max(0, start - 16) : start])
        )
    before = _CLAUSE_START.split(text[max(0, start - 40) : start])[-1]
    if kind in ("authority", "promise"):
        return bool(_ASKING.search(text[start : end + 60]))
    if kind in ("data_leak", "role", "tool_order") and "你" not in before:
        tail = text[end : end + 30]
        if tail.startswith("了") or (CAN_IT.search(before) and _ASKING.search(tail)):
            return True
    if HOW.search(before):
        return not (kind in _QUESTION_PROOF and ASKS_ASSISTANT.search(text[start:end]))
    return False
