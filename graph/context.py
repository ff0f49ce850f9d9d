"""Per-run knobs: who is asking, through which channel, and how far the turn may go."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import ArgsKwargs

NO_SLASH = r"^[^/]*$"  # of a tenant: "a/b" and its thread "c" would be saved as thread "b/c" of "a"


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Context:
    """Serialisable knobs of one run. Collaborators are bound in graph/build.py instead.

    An app sends them as JSON: a value of the wrong type fails the run at its start, not where it
    is first used. None is what was not given.
    """

    tenant: Annotated[str, Field(pattern=NO_SLASH)] = "default"
    channel: str = "web"
    user_id: str = ""  # "" = not signed in; account questions then ask to sign in
    locale: Literal["zh", "en"] = "zh"
    region: str = ""  # province or area whose rules apply; "" = only rules that hold everywhere
    top_k: int = 8  # passages kept for decide and answer
    max_clarify: int = 2  # questions asked back in a row before a person is offered
    max_message_chars: int = (
        4000  # longer messages are kept, but the customer is asked for the point
    )
    history_tokens: int = 3000  # saved history beyond this is summarised

    @model_validator(mode="before")
    @classmethod
    def _without_none(cls, given: ArgsKwargs) -> ArgsKwargs:
        values = given.kwargs or {}
        return ArgsKwargs(
            given.args, {key: value for key, value in values.items() if value is not None}
        )


def saved_as(tenant: str, thread_id: str) -> str:
    """Return the name a thread is saved under: tenants can't meet in each other's threads."""
    return f"{tenant}/{thread_id}"
