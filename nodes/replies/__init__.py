"""Preset replies (预设话术): what Kefu says without a model, by language."""

from functools import cache
from importlib.resources import files
from string import Template

import yaml


@cache
def _texts(locale: str) -> dict[str, str]:
    path = files(__name__).joinpath(f"{locale}.yaml")
    texts: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts


def say(locale: str, name: str, /, **values: str) -> str:
    """Return preset reply `name` in `locale`, every `$placeholder` filled.

    Raises:
        ValueError: if there is no such reply, or `values` does not match its placeholders.
    """
    try:
        template = Template(_texts(locale)[name])
    except (KeyError, FileNotFoundError) as exc:
        raise ValueError(f"no preset reply {name!r} in {locale!r}") from exc
    if mismatch := set(template.get_identifiers()) ^ set(values):
        raise ValueError(f"reply {name!r}: placeholders do not match: {sorted(mismatch)}")
    return template.substitute(values)
