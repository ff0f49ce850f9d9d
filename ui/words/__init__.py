"""What the chat page itself says, by language; what Kefu says lives in nodes/replies."""

from functools import cache
from importlib.resources import files
from typing import Literal, TypedDict, cast

from tools.text.yaml_file import read_yaml

Locale = Literal["zh", "en"]


class Words(TypedDict):
    """All labels of the page in one language; `{name}` in a text is filled by its user."""

    colon: str
    title: str
    tagline: str
    new: str
    earlier: str
    none_earlier: str
    customer: str
    guest: str
    region: str
    anywhere: str
    language: str
    ask: str
    unseen: dict[str, str]
    greeting: str
    examples: list[str]
    levels: dict[int, str]
    owners: dict[str, str]
    person: str
    quoted: str
    sources: str
    working: str
    worked: str
    confidence: str
    steps: dict[str, str]
    details: dict[str, str]
    actions: dict[str, str]
    intents: dict[str, str]
    reasons: dict[str, str]
    signals: dict[str, str]
    outcomes: dict[str, str]
    legs: dict[str, str]
    quick: dict[str, list[str]]
    thanks_vote: str
    vote_lost: str
    ask_why: str
    why: dict[str, str]
    comment: str
    comment_hint: str
    submit: str
    thread_gone: str
    member_levels: dict[str, str]
    regions: dict[str, str]
    stale: dict[str, str]
    stale_mend: str


@cache
def words(locale: Locale) -> Words:
    """Return the page's labels in one language."""
    path = files(__name__).joinpath(f"{locale}.yaml")
    return cast(Words, read_yaml(path))
