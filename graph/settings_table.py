"""Every setting as an operator writes it: docs/settings.md."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_settings import EnvSettingsSource

from graph.settings import ROOT, Settings

_HEAD = """<!-- made by `python -m graph.settings > docs/settings.md` -->
# Settings

Environment variables, or lines of a file `.env` beside the Makefile; the environment wins. An empty
value counts as none. `.env.example` explains the groups.

| variable | default | meaning |
|---|---|---|
"""

LIKE = 0.75  # similarity (difflib) from which a setting may be the one that was meant


class Variable(NamedTuple):
    """One setting as an operator writes it."""

    name: str
    default: str  # paths relative to the checkout; "" = none
    meaning: str


def variables(model: type[BaseModel] = Settings, prefix: str = "KEFU_") -> Iterator[Variable]:
    """Yield every setting in the order of its declaration, groups opened up."""
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from variables(type(default), f"{prefix}{name.upper()}__")
        else:
            meaning = field.description or ""
            if get_origin(field.annotation) is Literal:
                meaning += f" ({', '.join(get_args(field.annotation))})"
            yield Variable(f"{prefix}{name.upper()}", _written(default), meaning)


def _written(default: Any) -> str:  # noqa: ANN401 a default of any field
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        return default.relative_to(ROOT).as_posix()
    return "" if default is None else str(default)


def table() -> str:
    """Return docs/settings.md."""
    rows = [f"| `{v.name}` | {v.default and f'`{v.default}`'} | {v.meaning} |" for v in variables()]
    return _HEAD + "\n".join(rows) + "\n"


def misnamed(given: Iterable[str]) -> list[str]:
    """Return what to tell about the names that begin like a setting's and are none.

    Nothing reads them, and KEFU_LLM_BASE_URL for KEFU_LLM__BASE_URL looks like a model that is
    ignored. They are no error, since Kubernetes sets some for a service called kefu.
    """
    known = [variable.name for variable in variables()]
    groups = {name.partition("__")[0] for name in known}  # KEFU_LLM={"model": "m"} counts, too
    told = []
    for name in sorted(given):
        if not name.startswith("KEFU_") or name in known or name in groups:
            continue
        meant = next(iter(get_close_matches(name, known, 1, LIKE)), "")
        hint = f"; did you mean {meant}?" if meant else ""
        told.append(f"{name} is no setting and changes nothing{hint}")
    return told


def given_names() -> list[str]:
    """Return the names of all environment variables, in the capitals that settings have."""
    return [name.upper() for name in EnvSettingsSource(Settings).env_vars]
