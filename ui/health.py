"""How well Kefu can serve right now."""

import asyncio
import shutil
import sqlite3
import time
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Any

from sqlalchemy import make_url

from graph.app import PROFILES, Kefu
from graph.parts import THREADS
from graph.settings import Settings
from tools.errors import SearchUnavailable, StoreUnavailable
from ui.agents import served, unserved
from ui.words import Locale, words

# Free on the disk. On a full one SQLite goes on in the log it has: a look fits into what is left
# there, a message and its conversation do not.
ROOM_BYTES = 4 << 20
FRESH_S = 1.0  # a look writes to the desk's database: those who ask more often share one


def standing_level(kefu: Kefu) -> int:
    """Return the level every answer has at best, without asking anybody: 2 without a model."""
    model = kefu.services.model
    if model is None or not model.is_available():
        return 2
    return 0 if kefu.services.embedder is not None else 1


async def policy_note(kefu: Kefu, locale: Locale | None = None) -> str:
    """Say why the decision policy does not suit what is served, and what mends it; "" if it does.

    In the language of the settings unless another is asked for.
    """
    why = await kefu.suits.why_not()
    if not why:
        return ""
    w = words(locale or kefu.settings.locale)
    return w["stale"][why] + " " + w["stale_mend"].format(command=_fit_anew(kefu))


def _fit_anew(kefu: Kefu) -> str:
    home, shipped = kefu.settings, Settings.model_fields["policy"].default
    is_shipped = home.policy == shipped  # which is left as it is
    own = quote(str(home.var / shipped.name if is_shipped else home.policy))
    fit = f"python -m eval calibrate --kb {quote(str(home.kb))} --queries QUERIES.jsonl --out {own}"
    return f"{fit}; KEFU_POLICY={own}" if is_shipped else fit


async def health(kefu: Kefu) -> dict[str, Any]:
    """Return the state of every part and the level of service they allow, 0 full … 4 nothing."""
    level = standing_level(kefu)
    model = kefu.services.model
    found: dict[str, Any] = {
        "model": {
            "name": model.name if model else "",
            "available": model is not None and model.is_available(),
        },
        "knowledge": kefu.knowledge.state,
        "policy": await _suiting(kefu),
    }
    try:
        index = await kefu.services.search.health()
        found["index"] = asdict(index)
        if any(state != "ok" for state in index.legs.values()):
            level = max(level, 1)
    except SearchUnavailable:
        found["index"], level = None, max(level, 3)
    try:
        found["desk"] = asdict(await kefu.services.desk.health())
        found["desk_page"] = await _nobodys(kefu)
    except StoreUnavailable:
        found["desk"], found["desk_page"], level = None, None, 4
    found["threads"] = {"writable": await _are_threads_writable(kefu)}
    if not found["threads"]["writable"]:
        level = 4
    return {"status": "ok" if level < 4 else "down", "level": level, **found}


async def _suiting(kefu: Kefu) -> dict[str, Any]:
    """Return why the policy does not suit; without files, since anybody may read it."""
    why = await kefu.suits.why_not()
    return {"suits": not why, "note": words(kefu.settings.locale)["stale"][why] if why else ""}


async def _nobodys(kefu: Kefu) -> dict[str, int]:
    """Count whom nobody on the desk page sees; the start says which tenants these are."""
    home = kefu.settings
    return {
        "unserved_tenants": len(unserved(home)),
        "unserved_tickets": await kefu.services.desk.unclosed_elsewhere(served(home)),
    }


async def _are_threads_writable(kefu: Kefu) -> bool:
    try:
        await kefu.saver.check_writable()
        free = (await asyncio.to_thread(shutil.disk_usage, kefu.settings.var)).free
    except (sqlite3.Error, OSError):
        return False
    return free >= ROOM_BYTES


class Pulse:
    """What `health` found a moment ago: however many ask, at most one look goes on at a time."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._files = Files(kefu)
        self._look: asyncio.Task[dict[str, Any]] | None = None
        self._began_s = 0.0

    async def feel(self) -> dict[str, Any]:
        """Return what a look found that began at most FRESH_S ago, or is going on."""
        now_s = time.monotonic()
        if self._look is None or (self._look.done() and now_s - self._began_s >= FRESH_S):
            self._look, self._began_s = asyncio.create_task(self._looked()), now_s
        return await asyncio.shield(self._look)  # who leaves does not end it for the others

    async def _looked(self) -> dict[str, Any]:
        found = await health(self._kefu)
        if replaced := await asyncio.to_thread(self._files.replaced):
            found |= {"status": "down", "level": 4}
        return found | {"replaced": replaced}


class Files:
    """The databases as they were when the pages were made.

    One that is deleted, or put in place of, is written on for as long as it is open: every message
    is said to be kept and every ticket opened, and with the process all of it is gone.
    """

    def __init__(self, kefu: Kefu) -> None:
        var, desk = kefu.settings.var, make_url(kefu.settings.desk_address)
        paths = [var / THREADS, var / PROFILES]
        if desk.get_backend_name() == "sqlite" and desk.database:
            paths.append(Path(desk.database))
        self._opened = {path: _identity(path) for path in paths}

    def replaced(self) -> list[str]:
        """Return the names of those that are another file now, or none; a new start mends it."""
        opened = self._opened.items()
        return [path.name for path, identity in opened if identity and _identity(path) != identity]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
