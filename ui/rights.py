"""Customers' rights: see what is remembered of them, and have everything erased."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from graph.app import PROFILES, open_saver
from graph.context import saved_as
from graph.settings import Settings
from tools.desk.desk import Desk
from tools.profiles import Profiles
from ui.spool import SPOOL, Spool


async def known(user_id: str, config: Settings, *, tenant: str) -> Mapping[str, Any]:
    """Return the customer's profile, {} for none.

    Raises:
        ConfigError: if the store can't be used.
        StoreUnavailable: if it is locked.
    """
    profiles = await Profiles.open(config.var / PROFILES)
    try:
        return await profiles.read(user_id, tenant=tenant)
    finally:
        await profiles.close()


async def forget(user_id: str, config: Settings, *, tenant: str) -> dict[str, int]:
    """Erase a customer and return what was erased, by kind; in SQLite files the bytes too.

    Kefu may go on serving meanwhile. The desk comes last: it knows whose the conversations are,
    so that a call that failed can be made again.

    Raises:
        ConfigError: if a store can't be used.
        StoreUnavailable: if one is locked.
    """
    async with AsyncExitStack() as stack:
        desk = await Desk.open(config.desk_address)
        stack.push_async_callback(desk.close)
        profiles = await Profiles.open(config.var / PROFILES)
        stack.push_async_callback(profiles.close)
        saver = await open_saver(config, stack)
        await Spool(config.var / SPOOL).empty_into(desk)  # else it would come back
        threads = await desk.threads_of(user_id, tenant=tenant)
        for thread_id in threads:
            await saver.adelete_thread(saved_as(tenant, thread_id))
        await saver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_profile = await profiles.forget(user_id, tenant=tenant)
        erased = await desk.forget(user_id, tenant=tenant)
    return {"profile": int(is_profile), "conversations": len(threads), **erased}
