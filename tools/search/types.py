"""The shapes that knowledge has on its way from a file to an answer."""

import json
import re
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Literal, NotRequired

from typing_extensions import TypedDict  # pydantic takes typing.TypedDict only from Python 3.12

Leg = Literal["words", "dense"]
LegState = Literal["ok", "failed", "off"]

_NO_TEXT = re.compile("[\ud800-\udfff]")  # halves of a character, which JSON lets pass


class Edition(TypedDict):
    """What an entry of several editions says besides; ingestion sets it (tools/ingest/editions)."""

    of: str  # the id that all editions have where they are written
    versions: list[str]  # of the editions that the index holds, lowest first
    effective_to: str  # as it is written: the eve of the next edition may come first


class Entry(TypedDict, total=False):
    """One unit of knowledge. Only `id`, `question` and `answer` are required.

    An FAQ entry has a question people ask. A passage of a document has `kind="doc"`, its heading
    path as `question` and its text as `answer`.
    """

    id: str
    question: str
    similar_questions: list[str]
    answer: str
    kind: Literal["faq", "doc"]
    category: str
    product: str
    audience: Literal["public", "internal"]
    region: str  # "" = everywhere
    channel: str  # "" = every channel
    effective_from: str  # ISO date, inclusive; "" = always
    effective_to: str  # ISO date, inclusive; "" = for ever
    version: str  # entries of the same id and other versions are its editions
    document: str  # of a passage: the id that its page gives itself, and its editions go by
    source: str
    lang: str  # "zh" | "en"; guessed when absent
    edition: Edition  # in the index only, of entries of several editions


class Passage(TypedDict):
    """One search hit: an entry and why it was found. Plain values, fit for State."""

    id: str
    kind: Literal["faq", "doc"]
    question: str
    matched: str  # the question wording, own or similar, that came closest
    answer: str
    category: str
    product: str
    source: str
    score: float  # fused, comparable within one result only
    dense: float  # best cosine of question and entry, -1..1; 0 when the leg is off
    fit: float  # cosine less what the entry's neighbours have; comparable between questions
    words: float  # share of the question's terms that the entry holds, by rarity, 0..1
    meaning: float  # how much of the question the entry says, token by token, about 0..1
    aim: float  # how much of the closest wording the question says; both 0 where tokens are unread
    answers: NotRequired[float]  # logit of its answering the question; where both were read
    follows: NotRequired[float]  # the same and that of a follow-up's own words, added; of one only
    stranger: NotRequired[bool]  # the question names a company that no entry does
    section: NotRequired[str]  # with the parts before and after it, where it was cut from a section


@dataclass(frozen=True, slots=True)
class Filters:
    """What a customer may see. Applied to both legs, built in one place (`nodes/look_up.py`)."""

    tenant: str = "default"
    today: str = ""  # ISO date; "" switches the validity check off
    audience: Literal["public", "internal"] = "public"  # "internal" sees both
    region: str = ""  # "" sees only entries that name no region
    channel: str = ""  # "" sees only entries that name no channel
    lang: str = ""  # "" = any language

    def __post_init__(self) -> None:
        """Make every value one that can be stored and compared."""
        for one in fields(self):
            object.__setattr__(self, one.name, plain(getattr(self, one.name)))


def key(tenant: str, entry_id: str) -> str:
    """Return what an engine knows an entry by: short whatever the names, never another tenant's."""
    return sha256(json.dumps([tenant, entry_id]).encode()).hexdigest()[:40]


def clean(text: str) -> str:
    """Return `text` with halves of characters replaced by `?`."""
    return text.encode("utf-8", "replace").decode()


def plain(text: str) -> str:
    """Return `text` with halves of characters, which no engine stores, spelt out.

    Two different texts stay different: one tenant must not become another.
    """
    return text if text.isascii() else _NO_TEXT.sub(lambda half: f"\ufffd{ord(half[0]):x}", text)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages best first, and which legs answered."""

    passages: list[Passage]
    legs: dict[Leg, LegState]
    took_ms: int = field(default=0, compare=False)  # as its server says; 0 where there is none


@dataclass(slots=True)
class Changes:
    """What an upsert did, counted by entry."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    stale: int = 0  # not written because a newer write came first
    by_id: dict[str, Literal["added", "changed", "stale"]] = field(
        default_factory=dict, compare=False, repr=False
    )  # entries that are not unchanged

    def put(self, entry_id: str, *, is_new: bool) -> None:
        """Count an entry that is written."""
        self.added += is_new
        self.changed += not is_new
        self.by_id[entry_id] = "added" if is_new else "changed"


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """What an index holds and who answers for it."""

    backend: str  # "sqlite 3.40.1"
    entries: int
    vectors: int
    embedder: str  # "" when the index has words only
    dims: int
    version: int  # rises with every change
    legs: dict[Leg, LegState] = field(default_factory=dict)
    lacks: str = ""  # what it would have besides if it were made today; "" = nothing
