"""Preset replies (预设话术): what Kefu says without a model, by language."""

from datetime import time
from functools import cache
from importlib.resources import files
from string import Template
from typing import NamedTuple

from tools.text.yaml_file import read_yaml


class Company(NamedTuple):
    """What preset replies and the prompt say about the company."""

    name: str = "本公司"
    hotline: str = ""  # number and hours; "" = none
    people_from: time = time(9)  # when people answer, company time
    people_to: time = time(21)  # earlier than people_from: after midnight; the same: never closed

    def has_people_at(self, at: time) -> bool:
        """Say whether people answer at this time of day."""
        if self.people_from < self.people_to:
            return self.people_from <= at < self.people_to
        return at >= self.people_from or at < self.people_to

    @property
    def hours(self) -> str:
        """When people answer, e.g. "9:00-21:00"."""
        return "-".join(f"{at.hour}:{at:%M}" for at in (self.people_from, self.people_to))


COMPANY = Company()


@cache
def _texts(locale: str) -> dict[str, str]:
    path = files(__name__).joinpath(f"{locale}.yaml")
    texts: dict[str, str] = read_yaml(path)
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


def urgent(locale: str, name: str, hotline: str, **values: str) -> str:
    """Return preset reply `name`, with whom to call if there is a hotline."""
    call = say(locale, "call", hotline=hotline) if hotline else ""
    return say(locale, name, **values) + (f" {call}" if call and locale == "en" else call)
