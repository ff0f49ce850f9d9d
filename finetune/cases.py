"""Questions beside passages, in the very prompt that the answer node gives the model."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict, cast

from graph.settings import settings
from nodes.asking import system_prompt
from nodes.rules.deciding.evidence import Evidence, gather
from nodes.rules.wording.sentences import split
from tools.errors import BadEntry, ConfigError
from tools.ingest.editions import as_stored
from tools.ingest.read import Reader
from tools.search.types import Entry, Passage
from tools.text.normalise import language
from tools.text.pii import mask
from tools.text.tokens import count_tokens

_END = re.compile(r"(?<=[^\s。！？!?.；;])[。！？!?.；;]?[”’」』）)》\"']*\s*$")
DISTRACTORS = 2  # other passages beside the right one
VALIDATION = 0.1  # share of entries kept out of training
_NOTHING = {
    "zh": "很抱歉，资料里没有提到这个问题。",
    "en": "Sorry, the material does not mention this.",
}

Split = Literal["train", "validation"]


class Message(TypedDict):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Asked(NamedTuple):
    """A wording of an FAQ entry, and the entries of its split that may stand beside it."""

    id: str  # entry and number of the wording
    entry: Entry
    wording: str
    near: Sequence[Entry]
    split: Split

    @property
    def lang(self) -> Literal["zh", "en"]:
        """The customer's language."""
        return language(self.wording)


class Case(NamedTuple):
    """A question with what the model gets to read."""

    prompt: list[Message]
    shown: list[Evidence]
    right: Evidence
    place: int  # the right passage's number; 0 where it is withheld
    reply: str  # what should be said: cited sentences, or that there is nothing


def wordings(kb: Path, today: str) -> list[Asked]:
    """Return every wording of every FAQ entry that customers may see `today`.

    Raises:
        ConfigError: if the knowledge can't be read or has no such entry.
    """
    read = Reader(count_tokens).entries([kb])
    stored = as_stored(entry for entry in read if not isinstance(entry, BadEntry)).stored
    found = list(_asked([entry for entry in stored.values() if _is_shown(entry, today)]))
    if not found:
        raise ConfigError(f"{kb}: expected FAQ entries that customers may see, found none")
    return found


def _asked(entries: Sequence[Entry]) -> Iterator[Asked]:
    by_split: dict[Split, list[Entry]] = {"train": [], "validation": []}
    for entry in entries:
        by_split[_split(entry)].append(entry)
    for entry in entries:
        if entry.get("kind", "faq") != "faq" or not _evidence([entry]):
            continue
        near = by_split[_split(entry)]
        for number, wording in enumerate([entry["question"], *entry.get("similar_questions", [])]):
            yield Asked(f"{entry['id']}#{number}", entry, wording, near, _split(entry))


def case(asked: Asked, today: str, *, seed: str, is_withheld: bool) -> Case:
    """Return the question beside its passage and others, or beside others alone.

    Without any others the passage is shown all the same. Everything is masked.
    """
    (right,) = _evidence([asked.entry])
    others = _others(asked, seed)
    is_withheld = is_withheld and bool(others)
    shown = others if is_withheld else _shuffled([right, *others], seed)
    place = 0 if is_withheld else shown.index(right) + 1
    reply = cited(right.text, place) if place else _NOTHING[asked.lang]
    prompt = system_prompt(shown, asked.lang, today, settings().company)
    messages: list[Message] = [
        {"role": "system", "content": mask(prompt)},
        {"role": "user", "content": mask(asked.wording)},
    ]
    return Case(messages, shown, right, place, mask(reply))


def nothing(asked: Asked) -> str:
    """Return the honest word that the passages hold no answer."""
    return _NOTHING[asked.lang]


def cited(answer: str, place: int) -> str:
    """Return the answer with its source marked in every sentence, before what ends it."""
    sentences, rest = split(answer)
    return "".join(_END.sub(rf"[{place}]\g<0>", part, count=1) for part in [*sentences, rest])


def share(text: str) -> float:
    """Return a number in [0, 1) that depends on nothing but `text`."""
    return int.from_bytes(sha256(text.encode()).digest()[:6]) / 2**48


def _is_shown(entry: Entry, today: str) -> bool:
    is_valid = entry.get("effective_from", "") <= today <= (entry.get("effective_to") or today)
    return is_valid and entry.get("audience", "public") == "public"


def _split(entry: Entry) -> Split:
    return "validation" if share(entry["id"]) < VALIDATION else "train"


def _others(asked: Asked, seed: str) -> list[Evidence]:
    """Return passages that do not answer: of other categories, and with other answers."""
    entry = asked.entry
    far = [
        other
        for other in asked.near
        if other["answer"] != entry["answer"]
        and other.get("category", other["id"]) != entry.get("category", entry["id"])
    ]
    return _evidence(sorted(far, key=lambda e: share(f"other {seed} {e['id']}"))[:DISTRACTORS])


def _evidence(entries: Sequence[Entry]) -> list[Evidence]:
    """Return entries cleaned as the answer node cleans its hits."""
    hits = [{"kind": "faq", "score": 1.0, **entry} for entry in entries]
    return gather(cast(list[Passage], hits))


def _shuffled(evidence: Sequence[Evidence], seed: str) -> list[Evidence]:
    return sorted(evidence, key=lambda item: share(f"place {seed} {item.id}"))
