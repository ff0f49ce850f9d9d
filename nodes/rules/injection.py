"""Notice attempts to give the assistant orders, in what customers write and in knowledge text."""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np

from nodes.rules.gates import Gates
from nodes.rules.injection_orders import ABOUT_ASSISTANT, ASKS_ASSISTANT, CAN_IT, HOW, PATTERNS
from nodes.rules.injection_patterns import Kind
from tools.suspicion import suspicion
from tools.text.normalise import HAN, fold


class Injection(NamedTuple):
    """An attempt: what it aims at, and the folded words that gave it away."""

    kind: Kind
    span: str


_GATES = Gates(pattern for _, pattern in PATTERNS)
# One of these comes out when a disguise is taken off an attempt; most texts stop here.
_TELLING = (
    *(
        "忽略",
        "无视",
        "忘记",
        "忘掉",
        "指令",
        "规则",
        "规定",
        "限制",
        "提示词",
        "系统",
        "扮演",
        "假装",
    ),
    *("模式", "管理员", "输出", "密码", "执行", "退款", "ignor", "disregard", "forget", "previous"),
    *("instruct", "system", "prompt", "reveal", "bypass", "overrid", "pretend", "developer"),
    *("admin", "unrestrict", "jailbr", "rules", "guideline", "secret", "password", "execute"),
    "refund",
)
_BACKWARDS = [(word[::-1], word) for word in _TELLING]
_ROT13 = [(codecs.encode(word, "rot13"), word) for word in _TELLING if word.isascii()]
_MAX_CHARS = 8_000  # beyond it, beginning and end are read
_QUESTION_PROOF = frozenset(("prompt_leak", "delimiter", "encoded", "bypass"))
_KNOWLEDGE_KINDS = frozenset(("override", "prompt_leak", "role", "authority", "delimiter"))
_PASSAGE_MARGIN = 1.1  # help texts command their readers: 4 of 8,633 real sentences go beyond it
_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ \t.*_\-·~^+|/]+(?=[{HAN}])")
_SPELLED = re.compile(
    r"[a-z0-9@$](?<![a-z].)[\s.*_-]{1,2}(?:[a-z0-9@$][\s.*_-]{1,2}){3,}[a-z0-9@$](?![a-z])",
    re.DOTALL,
)
_MIXED_WORD = re.compile(r"(?<![a-z0-9@$!|])(?:[0-9@$!|]+[a-z]|[a-z]+[0-9@$!|])[a-z0-9@$!|]*")
_LEET = str.maketrans("0134579@$!|", "oieastgasil")
_LEET_L = str.maketrans("0134579@$!|", "oleastgasil")
_TWINS = "аеорсухіјѕԁһԛԝɡɑıιοαρν"  # Cyrillic, Greek and phonetic
_LOOKALIKE = str.maketrans(_TWINS, "aeopcyxijsdhqwgaiioapv")
_TWIN = re.compile(f"[{_TWINS}]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){10,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_ESCAPES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("&", html.unescape),
    ("%", unquote),
    ("\\", lambda text: _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)),
)
_WHOLE: tuple[tuple[list[tuple[str, str]], Callable[[str], str]], ...] = (
    (_BACKWARDS, lambda text: text[::-1]),
    (_ROT13, lambda text: codecs.encode(text, "rot13")),
)
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
    variants = list(_variants(text))
    for variant in variants:
        if attempt := _attempt(variant):
            return attempt
    if any(suspicion().hears(variant) for variant in variants):
        return Injection("learnt", variants[0])
    for hidden in _decoded(text):
        if attempt := _attempt(fold(hidden)):
            return Injection("encoded", attempt.span)
    return None


def weighed(
    attempt: Injection | None, question: str, vector: Sequence[float], embedder: str
) -> bool:
    """Say whether a message gives orders, by what `detect` found and by its embedding.

    The embedding shows attempts that no rule or word gives away, and clears customers whose words
    only sound like one. What was hidden by an encoding is none of a customer's.
    """
    score = None
    if len(vector):
        score = suspicion().understands(question, np.array(vector, np.float32), embedder=embedder)
    if score is None or (attempt and attempt.kind == "encoded"):
        return attempt is not None
    is_known = attempt and attempt.kind != "learnt"
    return score > (0 if is_known else suspicion().joined.threshold)


@lru_cache(maxsize=4096)  # the same passages are shown again and again
def strip_orders(text: str) -> str:
    """Return a knowledge passage without what addresses the assistant instead of the reader.

    Hidden markup goes altogether; brackets and sentences go when they hold an order.
    """
    shown = _HIDDEN.sub("", text)
    shown = _BRACKETS.sub(lambda match: "" if _is_order(match.group()) else match.group(), shown)
    kept = [part for part in _SENTENCE.findall(shown) if not _is_order(part)]
    return "".join(kept).strip()


def _is_order(sentence: str) -> bool:
    folded = _BETWEEN_HAN.sub("", fold(sentence)).strip("()（）[]【】 ")
    if not folded:
        return False
    if ABOUT_ASSISTANT.search(folded) or suspicion().hears(folded, margin=_PASSAGE_MARGIN):
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


def _variants(text: str) -> Iterator[str]:
    """Yield the folded text, then the same with disguises taken off."""
    folded = "\n".join(fold(line) for line in text.splitlines())
    if _TWIN.search(folded):
        folded = folded.translate(_LOOKALIKE)
    yield folded
    joined = _SPELLED.sub(lambda word: re.sub(r"[\s.*_-]", "", word.group()), folded)
    joined = _BETWEEN_HAN.sub("", joined)
    if _says_more(joined, folded):
        yield joined
    mixed = " ".join(word.group() for word in _MIXED_WORD.finditer(joined))
    for table in (_LEET, _LEET_L) if mixed else ():
        if _says_more(_unleet(mixed, table), joined):
            yield _unleet(joined, table)


def _says_more(plain: str, text: str) -> bool:
    """Say whether taking off a disguise brought out a word that attempts are made of."""
    if plain == text:
        return False
    return any([word not in text for word in _TELLING if word in plain])


def _unleet(text: str, table: dict[int, int]) -> str:
    """Return `text` with the digits inside its Latin words read as letters."""
    return _MIXED_WORD.sub(lambda word: word.group().replace("11", "ll").translate(table), text)


def _decoded(text: str) -> Iterator[str]:
    """Yield what encoded stretches of `text` say."""
    for stretch in _BASE64.findall(text)[:20]:
        padded = stretch.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(padded + "=" * (-len(padded) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    for stretch in _HEX.findall(text)[:20]:
        try:
            yield bytes.fromhex(re.sub(r"[\s:]", "", stretch)).decode()
        except (ValueError, UnicodeDecodeError):
            continue
    lowered = text.lower()
    for mark, decode in _ESCAPES:
        if mark in text and _says_more((plain := decode(text)).lower(), lowered):
            yield plain
    for twins, decode in _WHOLE:
        if any([word not in lowered for twin, word in twins if twin in lowered]):
            yield decode(text)
