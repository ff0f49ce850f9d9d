"""The intents a deployment tells apart, read from a page that people edit."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from tools.errors import ConfigError
from tools.text.normalise import fold

ROUTES = ("knowledge", "account", "handoff", "offer", "chat", "vague")


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing a message may want."""

    name: str
    description: str
    route: str
    examples: tuple[str, ...]
    tool: str = ""
    wish: bool = False  # an explicit wish for a person means this intent


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All intents a deployment tells apart."""

    intents: tuple[Intent, ...]

    @property
    def digest(self) -> str:
        """Return a hash that changes whenever a model must be trained anew."""
        listed = json.dumps([asdict(intent) for intent in self.intents], ensure_ascii=False)
        return sha256(listed.encode()).hexdigest()[:16]

    def sentences(self) -> list[str]:
        """Return all examples, intent by intent."""
        return list(chain.from_iterable(intent.examples for intent in self.intents))


def load_taxonomy(path: Path) -> Taxonomy:
    """Read a taxonomy.

    Raises:
        ConfigError: if the file is missing or malformed, a name occurs twice, a route is unknown,
            an intent has no examples, or an example belongs to two intents.
    """
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))["intents"]
        intents = tuple(_intent(row) for row in rows)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(f"{path}: expected a list `intents`, got {exc!r}") from exc
    owner: dict[str, str] = {}
    names: set[str] = set()
    for intent in intents:
        if intent.name in names:
            raise ConfigError(f"{path}: intent {intent.name!r} is listed twice")
        names.add(intent.name)
        if intent.route not in ROUTES:
            raise ConfigError(
                f"{path}: {intent.name!r}: expected a route of {ROUTES}, got {intent.route!r}"
            )
        if not intent.examples:
            raise ConfigError(f"{path}: intent {intent.name!r} has no examples")
        for example in intent.examples:
            other = owner.setdefault(fold(example), intent.name)
            if other != intent.name:
                raise ConfigError(
                    f"{path}: {example!r} is an example of both {other!r} and {intent.name!r}"
                )
    if len(names) < 2:
        raise ConfigError(f"{path}: expected at least 2 intents, got {len(names)}")
    return Taxonomy(intents)


def _intent(row: dict[str, Any]) -> Intent:
    listed = row.get("examples") or ""
    lines = listed.splitlines() if isinstance(listed, str) else map(str, listed)
    examples = tuple(line.strip() for line in lines if line.strip())
    return Intent(
        str(row["name"]),
        str(row.get("description", "")),
        str(row.get("route", "")),
        examples,
        str(row.get("tool", "")),
        bool(row.get("wish", False)),
    )
