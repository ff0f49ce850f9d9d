"""Which apps may use the API, told apart by their keys."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from graph.settings import Settings
from ui.loopback import is_loopback

LOCAL = "local"  # the app that goes with a key made at the start


@dataclass(frozen=True)
class App:
    """Who calls: an app, and the tenant whose customers it serves."""

    name: str
    tenant: str


class Apps:
    """Finds an app by its key, and keeps no key."""

    def __init__(self, keys: Mapping[str, tuple[str, str]], shown: str = "") -> None:
        """`keys` are key and tenant by name; `shown` is the key that whoever starts Kefu reads."""
        self._apps = [(_digest(key), App(name, tenant)) for name, (key, tenant) in keys.items()]
        self.shown = shown

    def __bool__(self) -> bool:
        return bool(self._apps)

    def find(self, key: str) -> App | None:
        """Return whose key it is; how long that takes tells nothing about the keys."""
        given, found = _digest(key), None
        for digest, app in self._apps:
            if secrets.compare_digest(digest, given):
                found = app
        return found


def apps_of(config: Settings) -> Apps:
    """Return the apps of the settings.

    Where these name none: one key for this start if only this machine can reach the server, else
    no app at all.
    """
    if config.api.keys:
        named = config.api.keys.items()
        return Apps(
            {name: (app.key.get_secret_value(), app.tenant or config.tenant) for name, app in named}
        )
    if not is_loopback(config.host):
        return Apps({})
    key = secrets.token_urlsafe(24)
    return Apps({LOCAL: (key, config.tenant)}, shown=key)


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "replace")).digest()
