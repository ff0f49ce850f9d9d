"""Whose customers the people at the desk answer, and whose nobody does."""

from typing import TYPE_CHECKING, NamedTuple

from graph.settings import Settings
from ui.loopback import is_loopback

if TYPE_CHECKING:
    import gradio as gr


class Agent(NamedTuple):
    """Who signed in on the desk page, and the tenants whose tickets they see."""

    name: str
    tenants: frozenset[str]


def who(request: "gr.Request", config: Settings) -> Agent:
    """Return who signed in.

    Raises:
        PermissionError: if nobody did; the page itself is behind a guard.
    """
    if not request.username:
        raise PermissionError("the desk is for who signed in")
    return Agent(request.username, _tenants(request.username, config))


def served(config: Settings) -> frozenset[str]:
    """Return the tenants that somebody at the desk serves."""
    if config.agents:
        return frozenset[str]().union(*(_tenants(name, config) for name in config.agents))
    return frozenset([config.tenant] if is_loopback(config.host) else [])  # see ui.editors


def unserved(config: Settings) -> list[str]:
    """Return the tenants whose customers may ask for a person, but whom nobody would answer."""
    apps = config.api.keys.values()
    asking = {config.tenant, *(app.tenant or config.tenant for app in apps)}
    return sorted(asking - served(config))


def _tenants(name: str, config: Settings) -> frozenset[str]:
    login = config.agents.get(name)
    return frozenset(login.tenants if login else ()) or frozenset([config.tenant])
