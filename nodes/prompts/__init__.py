"""Prompts as files; the same ones serve, train and score."""

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


def digest(name: str) -> str:
    """Return the first 12 hex digits of the prompt's hash, for traces."""
    return sha256(_template(name).template.encode()).hexdigest()[:12]
