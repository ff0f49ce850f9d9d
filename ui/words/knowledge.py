"""What the knowledge page says, by language."""

from functools import cache
from importlib.resources import files
from typing import TypedDict, cast

from tools.text.yaml_file import read_yaml
from ui.words import Locale


class KnowledgeWords(TypedDict):
    """All labels of the knowledge page in one language; `{name}` is filled by its user."""

    title: str
    to_chat: str
    language: str
    signed_in: str
    tabs: dict[str, str]
    ask: str
    ask_hint: str
    scope: str
    scopes: dict[str, str]
    region: str
    nothing: str
    start: str
    columns: dict[str, str]
    columns_help: str
    legs: dict[str, str]
    badges: dict[str, str]
    edition: str
    followed: str
    begins: str
    new_entry: str
    entry: str
    fields: dict[str, str]
    hints: dict[str, str]
    more: str
    kinds: dict[str, str]
    audiences: dict[str, str]
    langs: dict[str, str]
    anywhere: str
    save: str
    new: str
    retire: str
    delete: str
    added: str
    edit: str
    same: str
    retire_done: str
    not_begun: str
    delete_done: str
    others_stay: str
    retired_hint: str
    version_taken: str
    taken: str
    changed: str
    gone: str
    open_first: str
    bad_field: str
    failed: str
    search_down: str
    indexing: str
    has_personal: str
    history: str
    no_history: str
    original: str
    take: str
    actions: dict[str, str]
    nobody: str
    empty_value: str
    upload: str
    take_in: str
    report: dict[str, str]
    no_file: str
    same_name: str
    rejected: str
    place: str
    reason: str
    ignored: str
    more_rejected: str
    to_check: str
    same_as: str
    nearly_as: str
    superseded: str
    outranked: str
    left: str
    right: str
    weights: dict[str, str]
    serving: str
    engine: str
    engines: dict[str, str]
    engine_holds: str
    engine_down: str
    compare: str
    moved: dict[str, str]
    no_vector: str
    compare_start: str
    facts: dict[str, str]
    no_embedder: str
    refresh: str
    recent: str
    no_recent: str


@cache
def knowledge_words(locale: Locale) -> KnowledgeWords:
    """Return the page's labels in one language."""
    path = files("ui.words").joinpath(f"knowledge_{locale}.yaml")
    return cast(KnowledgeWords, read_yaml(path))


@cache
def refused(locale: Locale) -> dict[str, str]:
    """Return what to say instead of tools.ingest's English reasons, by patterns of these."""
    path = files("ui.words").joinpath(f"refused_{locale}.yaml")
    return cast(dict[str, str], read_yaml(path)) if path.is_file() else {}
