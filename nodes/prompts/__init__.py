"""Prompts as files; the same ones serve, train and score."""

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from tools.errors import ConfigError

PLACEHOLDERS = {  # what each prompt is given
    "answer": {"passages", "today", "summary", "language", "company"},
    "retry": {"sentence", "faults"},
    "intent": {"choices"},
    "judge": {"passages"},
    "rewrite": {"talk"},
}


@cache
def _template(name: str) -> Template:
    return Template(files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8"))


def render(name: str, /, **values: str) -> str:
    """Return prompt `name` with every `$placeholder` filled.

    Raises:
        ValueError: if `values` does not match the placeholders exactly.
    """
    template = _template(name)
    if mismatch := set(template.get_identifiers()) ^ set(values):
        raise ValueError(f"prompt {name!r}: placeholders do not match: {sorted(mismatch)}")
    return template.substitute(values)


def check(folder: Traversable | None = None) -> None:
    """Read every prompt once, so that a damaged one stops the start and no customer's turn.

    Raises:
        ConfigError: if a prompt is missing, or has not exactly the placeholders that it is given.
    """
    for name, given in PLACEHOLDERS.items():
        path = (folder or files(__name__)).joinpath(f"{name}.md")
        try:
            template = Template(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"{path}: expected a prompt, got {exc}") from exc
        found = set(template.get_identifiers())
        if found != given or not template.is_valid():
            raise ConfigError(
                f"{path}: expected ${', $'.join(sorted(given))}, got"
                f" ${', $'.join(sorted(found))}; a dollar sign itself is written $$"
            )


def lines(name: str) -> list[str]:
    """Return what prompt `name` itself says, without placeholders, numbers and blank lines."""
    parts = re.split(r"\$\w+|\n", _template(name).template)
    return [text for part in parts if (text := re.sub(r"^\s*\d+\.\s*", "", part).strip())]


def digest(name: str) -> str:
    """Return the first 12 hex digits of the prompt's hash, for traces."""
    return sha256(_template(name).template.encode()).hexdigest()[:12]
