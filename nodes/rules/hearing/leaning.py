"""How much a question says by itself, and whether it leans on what was said before it."""

import re

from nodes.rules.hearing.rewrite_words import (
    ASKS,
    BARE,
    CONTENT,
    DUMMY_IT,
    ENGLISH_FILLER,
    ENGLISH_LEANS,
    ENGLISH_POINTER,
    FACT,
    FILLER,
    HOW_TO,
    LEANS,
    MODAL,
    OPEN,
    OPEN_WORDS,
    POINTER,
    POINTING,
    SETTLED,
    SHORT,
    STILL,
    THANKS,
    WANTS_PERSON,
    WHAT_ABOUT,
    WORD,
    YES_OR_NO,
)
from nodes.rules.wording.condition_names import names_products
from tools.text.normalise import is_code, language

SHORT_CHARS = 20  # of a message whose last clause may end the matter


def leans(question: str) -> bool:
    """Say whether a question needs what was said before."""
    if is_code(question) or names_products(question):
        return True
    return _leans_zh(question) if language(question) == "zh" else _leans_en(question)


def may_lean(question: str) -> bool:
    """Say whether one that does not is short enough to be read with what was said as well."""
    return weight_of(question) <= (OPEN if language(question) == "zh" else OPEN_WORDS)


def surely_leans(question: str) -> bool:
    """Say whether a question that leans shows it by a word, not only by being short."""
    signs = (WHAT_ABOUT, POINTER, LEANS, STILL, ENGLISH_POINTER, ENGLISH_LEANS)
    return any(sign.search(question) for sign in signs)


def is_bare(question: str) -> bool:
    """Say whether a question says too little to be read by itself."""
    return weight_of(question) < (1 if language(question) == "en" else BARE)


def is_settled(message: str) -> bool:
    """Say whether a message only thanks, or says that it is understood or done."""
    if ASKS.search(message):
        return False
    is_end = len(message) <= SHORT_CHARS and SETTLED.search(message) is not None
    return is_end or bool(THANKS.fullmatch(message) and not YES_OR_NO.fullmatch(message))


def says_something(question: str) -> bool:
    """Say whether a question names anything to look for; figures and 那个多少钱 do not."""
    is_name = is_code(question) and not question.isdecimal()
    return is_name or any(not word[0].isdigit() for word in content(question))


def asks_itself(question: str) -> bool:
    """Say whether a question that leans asks something itself; a fact or a code only adds to it."""
    is_fact = FACT.match(question) is not None and ASKS.search(question) is None
    return not is_fact and not is_code(question)


def asks_for_person(question: str) -> bool:
    """Say whether a short message only asks for a person, whatever was talked about."""
    return bool(WANTS_PERSON.search(question)) and weight_of(question) <= SHORT + 2


def weight_of(question: str) -> int:
    """Count what is left without question words: Han characters, or English words."""
    said = content(question)
    return len(said) if language(question) == "en" else sum(1 if len(c) == 1 else 3 for c in said)


def content(question: str) -> list[str]:
    """Return what a question says besides asking: Han characters, words, figures."""
    if language(question) == "en":
        return [word for word in WORD.findall(question) if word.lower() not in ENGLISH_FILLER]
    return CONTENT.findall(FILLER.sub(" ", question))


def _leans_zh(question: str) -> bool:
    """Say whether a Chinese question needs what was said before."""
    weight = weight_of(question)
    has_entity = bool(re.search(r"[A-Za-z]{2,}|[A-Za-z]\d", question))
    if re.search(r"呢\s?[?？]?$", question) and weight <= POINTING - 2:
        return not re.search("怎么|什么|为何|为啥", question)
    if POINTER.search(question) or LEANS.search(question):
        return weight <= POINTING
    names_one = has_entity and re.search(r"\d", question)
    if FACT.match(question) and not ASKS.search(question) and not names_one:
        return weight <= POINTING
    if has_entity:
        return False
    if HOW_TO.match(question):
        return weight < SHORT - 1
    return weight <= (SHORT + 1 if MODAL.match(question) else SHORT)


def _leans_en(question: str) -> bool:
    """Say whether an English question needs what was said before."""
    weight = weight_of(question)
    if ENGLISH_LEANS.match(question):
        return weight <= 5
    plain = DUMMY_IT.sub(" ", question)
    pointer = ENGLISH_POINTER.search(plain)
    if pointer and weight_of(plain[: pointer.start()]) <= 1:
        return weight <= 4
    return weight < 1 or (weight == 1 and len(question.split()) <= 3)
