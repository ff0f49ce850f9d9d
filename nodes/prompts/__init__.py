"""Prompts as files; the same ones serve, train and score."""

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template


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


def lines(name: str) -> list[str]:
    """Return what prompt `name` itself says, without placeholders, numbers and blank lines."""
    parts = re.split(r"\$\w+|\n", _template(name).template)
    return [text for part in parts if (text := re.sub(r"^\s*\d+\.\s*", "", part).strip())]


def digest(name: str) -> str:
    """Return the first 12 hex digits of the prompt's hash, for traces."""
    return sha256(_template(name).template.encode()).hexdigest()[:12]
