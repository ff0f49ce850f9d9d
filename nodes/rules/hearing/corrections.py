"""Hear that a message corrects what was said, or asks the same of another thing."""

import re

from nodes.rules.hearing.leaning import is_bare, weight_of
from nodes.rules.hearing.rewrite_words import (
    ASKS,
    CORRECTION,
    DENIAL,
    ENTITY,
    FAULT,
    NOT_THAT,
    SHORT,
    WHAT_ABOUT,
    WHAT_ABOUT_WORDS,
)
from nodes.rules.hearing.topics import Rewrite, Said
from nodes.rules.wording.condition_names import exchanged
from tools.text.normalise import code_of, is_code, language


def correction(question: str, said: Said) -> Rewrite | None:
    """Return what is meant by a message that corrects what was said; None where it does not."""
    if replaced := _replaced(question, said.topic):
        return Rewrite(replaced, True, replaced)
    if denial := DENIAL.match(question):
        return _instead(question[denial.end() :].strip(), said)
    corrected = _corrected(question, said.topic)
    return Rewrite(corrected, True, corrected) if corrected else None


def _replaced(question: str, topic: str) -> str:
    """Return the topic with B for A after `不是 A，是 B`; "" where it does not name A."""
    match = CORRECTION.match(question)
    wrong, right = (match["wrong"].strip(), match["right"].strip(" 。.!！")) if match else ("", "")
    return topic.replace(wrong, right) if wrong and right and wrong in topic else ""


def _instead(meant: str, said: Said) -> Rewrite:
    """Return what is asked by a customer whom the reply before did not answer.

    `meant` is what they say instead: a question, the thing it is about, or nothing.
    """
    last = said.detail or said.topic
    if contrast := NOT_THAT.search(meant):
        meant = meant[: contrast.start()].strip()
    if is_bare(meant):
        return Rewrite(said.joined(""), True, said.topic, denies=True)
    if weight_of(meant) > SHORT + 2 or ASKS.search(meant):
        other = said.joined(meant) if weight_of(meant) <= SHORT else ""
        return Rewrite(meant, False, meant, other, denies=True)
    asked = _with_entity(last, meant) or f"{meant} {last}"
    return Rewrite(asked, True, asked, meant, denies=True)


def _corrected(question: str, topic: str) -> str:
    """Return the question meant by `不是 A，是 B` where the topic does not name A; "" if none."""
    match = CORRECTION.match(question)
    if not match or not match["right"].strip():
        return ""
    right = match["right"].strip(" 。.!！")
    if weight_of(right) > SHORT + 2 or ASKS.search(right):
        return right
    return _with_entity(topic, right) or f"{right} {topic}"


def swapped(question: str, said: Said) -> str:
    """Return what was asked about what `那…呢？`, or a bare code, names; "" where that fits not."""
    name = code_of(WHAT_ABOUT_WORDS.sub("", question).strip())
    if not WHAT_ABOUT.search(question) and not is_code(name):
        return ""
    if asked := _with_entity(said.topic, name):
        return asked
    asked = exchanged(said.topic, name)
    is_more = bool(asked and said.detail)  # 新疆包邮吗 - 几天到 - 那西藏呢
    return Said(asked, alias=said.alias).joined(said.detail) if is_more else asked


def _with_entity(topic: str, name: str) -> str:
    """Return `topic` about `name` instead of the one product, or fault, it names; "" if not one.

    A name may come with what the product is: 洗碗机D6.
    """
    new: list[str] = ENTITY.findall(name)
    if len(new) != 1 or not name.endswith(new[0]) or language(topic) == "en":
        return ""
    is_fault = bool(FAULT.fullmatch(new[0]))
    alike = [m for m in ENTITY.finditer(topic) if bool(FAULT.fullmatch(m.group())) == is_fault]
    numbered = [m for m in alike if re.search(r"\d", m.group())]  # S10, not Wi-Fi beside it
    named = numbered or [m for m in alike if re.search("[A-Z]", m.group())]
    if len(named) != 1:
        return ""
    return topic[: named[0].start()] + new[0] + topic[named[0].end() :]


def named_instead(question: str) -> str:
    """Return what is meant by `不是 A，是 B` after what was too vague for a topic: B, a name."""
    match = CORRECTION.match(question)
    right = match["right"].strip(" 。.!！") if match else ""
    return right if right and not right.endswith("的") and not ASKS.search(right) else question
