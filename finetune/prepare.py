"""Training rows from the knowledge, in the very form the answer node asks the model."""

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypedDict, cast

from graph.settings import settings
from nodes.asking import system_prompt
from nodes.rules.evidence import Evidence, gather
from nodes.rules.sentences import split
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
NEGATIVE = 0.2  # share of questions whose passage is withheld
_NOTHING = {
    "zh": "很抱歉，资料里没有提到这个问题。",
    "en": "Sorry, the material does not mention this.",
}


class Message(TypedDict):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Row(TypedDict):
    """One example; `id` names entry and wording, rows of one entry share their split."""

    id: str
    split: Literal["train", "validation"]
    is_negative: bool
    messages: list[Message]


def prepare(kb: Path, out: Path, *, today: str, limit: int = 0) -> list[Row]:
    """Write the rows as JSON lines and return them; the same input gives the same file.

    `limit` keeps that many rows, spread over the knowledge; 0 keeps all.

    Raises:
        ConfigError: if the knowledge can't be read or has no FAQ entry that may be shown.
    """
    read = Reader(count_tokens).entries([kb])
    stored = as_stored(entry for entry in read if not isinstance(entry, BadEntry)).stored
    entries = [entry for entry in stored.values() if _is_shown(entry, today)]
    rows = sorted(_rows(entries, today), key=lambda row: _share(row["id"]))
    if not rows:
        raise ConfigError(f"{kb}: expected FAQ entries that customers may see, found none")
    kept = rows[: limit or None]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
    out.write_text("".join(lines), encoding="utf-8")
    return kept


def _is_shown(entry: Entry, today: str) -> bool:
    is_valid = entry.get("effective_from", "") <= today <= (entry.get("effective_to") or today)
    return is_valid and entry.get("audience", "public") == "public"


def _rows(entries: Sequence[Entry], today: str) -> Iterator[Row]:
    """Yield a row for every wording of every FAQ entry; distractors come from the same split."""
    for entry in entries:
        right = _evidence([entry])
        if entry.get("kind", "faq") != "faq" or not right:
            continue
        near = [e for e in entries if _is_validation(e) == _is_validation(entry)]
        for number, wording in enumerate([entry["question"], *entry.get("similar_questions", [])]):
            name = f"{entry['id']}#{number}"
            others = _others(entry, near, name)
            is_negative = _share(f"withheld {name}") < NEGATIVE and bool(others)
            shown = others if is_negative else _shuffled([*right, *others], name)
            place = 0 if is_negative else shown.index(right[0]) + 1
            yield {
                "id": name,
                "split": "validation" if _is_validation(entry) else "train",
                "is_negative": is_negative,
                "messages": _messages(wording, shown, place, today),
            }


def _others(entry: Entry, entries: Sequence[Entry], seed: str) -> list[Evidence]:
    """Return passages that do not answer: of other categories, and with other answers."""
    far = [
        other
        for other in entries
        if other["answer"] != entry["answer"]
        and other.get("category", other["id"]) != entry.get("category", entry["id"])
    ]
    return _evidence(sorted(far, key=lambda e: _share(f"other {seed} {e['id']}"))[:DISTRACTORS])


def _messages(wording: str, shown: Sequence[Evidence], place: int, today: str) -> list[Message]:
    """Return the chat; `place` is the right passage's number, 0 where none answers."""
    lang = language(wording)
    prompt = system_prompt(shown, lang, today, settings().company)
    reply = _cited(shown[place - 1].text, place) if place else _NOTHING[lang]
    return [
        {"role": "system", "content": mask(prompt)},
        {"role": "user", "content": mask(wording)},
        {"role": "assistant", "content": mask(reply)},
    ]


def _cited(answer: str, place: int) -> str:
    """Return the answer with its source marked in every sentence, before what ends it."""
    sentences, rest = split(answer)
    return "".join(_END.sub(rf"[{place}]\g<0>", part, count=1) for part in [*sentences, rest])


def _evidence(entries: Sequence[Entry]) -> list[Evidence]:
    """Return entries cleaned as the answer node cleans its hits."""
    hits = [{"kind": "faq", "score": 1.0, **entry} for entry in entries]
    return gather(cast(list[Passage], hits))


def _shuffled(evidence: Sequence[Evidence], seed: str) -> list[Evidence]:
    return sorted(evidence, key=lambda item: _share(f"place {seed} {item.id}"))


def _is_validation(entry: Entry) -> bool:
    return _share(entry["id"]) < VALIDATION


def _share(text: str) -> float:
    """Return a number in [0, 1) that depends on nothing but `text`."""
    return int.from_bytes(sha256(text.encode()).digest()[:6]) / 2**48
