"""What the desk page says, by language."""

from functools import cache
from importlib.resources import files
from typing import TypedDict, cast

from tools.text.yaml_file import read_yaml
from ui.words import Locale


class DeskWords(TypedDict):
    """All labels of the desk page in one language; `{name}` is filled by its user."""

    title: str
    to_chat: str
    signed_in: str
    lists: dict[str, str]
    none: dict[str, str]
    more: str
    start: str
    guest: str
    waits: dict[str, str]
    waiting_for: str
    unanswered: str
    has_it: str
    ended_by: str
    nobody: str
    urgent: str
    summary: str
    summary_hint: str
    conversation: str
    who: dict[str, str]
    cites: str
    joined: str
    closed: str
    answers: str
    take: str
    take_over: str
    box: str
    box_hint: str
    send: str
    end: str
    took: str
    ended_note: str
    taken_by: str
    closed_already: str
    not_yours: str
    not_sent_closed: str
    switched: str
    not_sent_switched: str
    too_long: str
    failed: str
    down: str
    gone: str
    close: str
    astray: str
    closed_now: str


@cache
def desk_words(locale: Locale) -> DeskWords:
    """Return the page's labels in one language."""
    path = files("ui.words").joinpath(f"desk_{locale}.yaml")
    return cast(DeskWords, read_yaml(path))
