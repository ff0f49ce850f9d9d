"""How simulated customers write: slips of the hand and the ear, dialect, English words, haste."""

import re
from collections.abc import Mapping, Sequence
from random import Random

from eval.script import Script

_MARKS = re.compile(r"[，。？！,?!]+")


def noisy(text: str, kinds: Sequence[str], script: Script, random: Random) -> str:
    """Return `text` written in all of these ways; digits and codes stay as they are."""
    for kind in kinds:
        text = _swapped(text, script.noise.get(kind, {}), random)
        if kind == "voice":  # a recogniser writes no marks, and every pause that it hears
            text = random.choice(["", *script.phrases["filler"]]) + _MARKS.sub("", text)
        if kind == "impatience":
            text = text.rstrip("？?。！!") + random.choice(script.phrases["hurry"])
    return text


def burst(text: str, script: Script, random: Random) -> list[str]:
    """Return `text` as several messages sent one after the other, a greeting first."""
    clauses = [clause for clause in re.split(r"(?<=[，,。])", text) if clause.strip("，,。 ")]
    return [random.choice(script.phrases["greet"]), *clauses]


def _swapped(text: str, words: Mapping[str, str], random: Random) -> str:
    """Return `text` with about two of three known words written the other way."""
    for meant, written in words.items():
        if meant in text and random.random() < 2 / 3:
            text = text.replace(meant, written)
    return text
