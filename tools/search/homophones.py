"""Chinese words typed or heard with a wrong character of the right sound: 渠到 for 渠道. Pure.

A character is doubtful where no entry holds it beside its neighbour on either side. Another of its
sound takes its place where the two nearly always stand together in the knowledge.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tools.errors import ConfigError
from tools.text.normalise import HAN

LEAST = 2  # entries that hold the pair
TOGETHER = 0.3  # share of the entries with the rarer of both characters that hold them as a pair
SURELY_TOGETHER = 0.9  # the same where a character is one of `_COMMON`
MOST = 8  # doubtful characters that are looked at

_RUN = re.compile(f"[{HAN}]{{2,}}")
_NEVER = frozenset("的了么吗呢吧是在有我你您他她它这那不没和与及或就都也还又再")
_COMMON = _NEVER | frozenset(
    "哪个几得地着要能可会被把给让对从到上下里外前后多少大小一二三四五六七八九十两来去说想看买用"
)

Held = Callable[[Collection[str]], Mapping[str, int]]  # how many entries hold each term


class _Doubt(NamedTuple):
    """A character of a question, and its neighbours; "" at the end of a run."""

    place: int
    before: str
    char: str
    after: str

    @property
    def own(self) -> list[str]:
        """The pairs it makes with its neighbours."""
        return [pair for pair in (self.before + self.char, self.char + self.after) if pair[1:]]

    @property
    def telling(self) -> bool:
        """Whether a neighbour can tell which character was meant."""
        return any(char and char not in _COMMON for char in (self.before, self.after))

    def others(self) -> list[tuple[str, str]]:
        """Return what may have been meant, with the pair it makes with a neighbour that can tell.

        There are a hundred in a question.
        """
        sounding = alike(self.char)
        found: list[tuple[str, str]] = []
        if self.before and self.before not in _COMMON:
            found += [(char, self.before + char) for char in sounding]
        if self.after and self.after not in _COMMON:
            found += [(char, char + self.after) for char in sounding]
        return found


def corrected(question: str, held: Held, *, together: float = TOGETHER) -> str:
    """Return the question with its doubtful characters replaced, as long as before."""
    every = [*_characters(question)]
    known = held({pair for doubt in every for pair in doubt.own})
    doubts = [d for d in every if d.telling and not any(known[pair] for pair in d.own)][:MOST]
    options = [(doubt, doubt.others()) for doubt in doubts]
    found = held({pair for _, others in options for _, pair in others})
    common = {pair for pair, entries in found.items() if entries >= LEAST}
    if not common:
        return question
    alone = held({char for pair in common for char in pair})
    text = list(question)
    for doubt, others in options:
        least = SURELY_TOGETHER if doubt.char in _COMMON else together
        scored = [
            (_together(pair, found[pair], alone) * found[pair], char)
            for char, pair in others
            if pair in common and _together(pair, found[pair], alone) >= least
        ]
        if scored:
            text[doubt.place] = max(scored)[1]
    return "".join(text)


def _together(pair: str, entries: int, alone: Mapping[str, int]) -> float:
    """Return which share of the entries with the rarer of both characters hold them as a pair."""
    return entries / max(min(alone[char] for char in pair), entries)


def _characters(question: str) -> Iterator[_Doubt]:
    for run in _RUN.finditer(question):
        said = run.group()
        for at, char in enumerate(said):
            if char not in _NEVER:
                yield _Doubt(run.start() + at, said[at - 1 : at], char, said[at + 1 : at + 2])


@lru_cache(maxsize=4096)
def alike(char: str) -> Sequence[str]:
    """Return the other characters that sound so, without tone."""
    sounds, of_sound = _sounds()
    return [other for other in of_sound.get(sounds.get(char, ""), ()) if other != char]


def load_sounds() -> None:
    """Make now what the first question with a doubtful character would wait for."""
    _sounds()


@cache
def _sounds() -> tuple[dict[str, str], Mapping[str, list[str]]]:
    """Return the sound of each common character, and the characters of each; made in 0.03 s."""
    said = _readings()
    sounds: dict[str, str] = {}
    of_sound: dict[str, list[str]] = defaultdict(list)
    for char in _characters_in_use():
        if readings := said.get(str(ord(char))):
            parts = unicodedata.normalize("NFD", readings.split(",")[0])
            sound = "".join(p for p in parts if p == "\u0308" or not unicodedata.combining(p))
            sounds[char] = sound
            if char not in _COMMON:
                of_sound[sound].append(char)
    return sounds, of_sound


def _readings() -> dict[str, str]:
    """Return how each character sounds, the usual way first, by its code.

    Read from the file: importing pypinyin reads 47,000 phrases as well, for 0.15 s.
    """
    found = find_spec("pypinyin")
    if found is None or not found.submodule_search_locations:
        raise ConfigError("pypinyin is not installed; run: make all")
    file = Path(found.submodule_search_locations[0]) / "pinyin_dict.json"
    readings: dict[str, str] = json.loads(file.read_text("utf-8"))
    return readings


def _characters_in_use() -> str:
    """Return the 6,763 characters of GB 2312."""
    rows, places = range(0xB0, 0xF8), range(0xA1, 0xFF)
    codes = bytes(code for row in rows for place in places for code in (row, place))
    return codes.decode("gb2312", "ignore")
