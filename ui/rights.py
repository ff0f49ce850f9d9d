"""Customers' rights: see what is remembered of them, have everything erased, and not kept long."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from langchain_core.runnables import RunnableConfig

from graph.app import PROFILES
from graph.context import saved_as
from graph.parts import open_saver
from graph.saver import ThreadSaver
from graph.settings import Settings
from tools.desk.desk import Desk, utc_now
from tools.profiles import Profiles
from ui.spool import SPOOL, Spool


async def known(user_id: str, config: Settings, *, tenant: str) -> Mapping[str, Any]:
    """Return the customer's profile, {} for none.

    Raises:
        ConfigError: if the store can't be used.
        StoreUnavailable: if it is locked.
    """
    async with _profiles(config) as profiles:
        return await profiles.read(user_id, tenant=tenant)


async def export(user_id: str, config: Settings, *, tenant: str) -> dict[str, Any]:
    """Return all that `forget` would erase: profile, conversations, and the desk's rows by table.

    Raises:
        ConfigError: if a store can't be used.
        StoreUnavailable: if one is locked.
    """
    async with _opened(config) as (desk, saver):
        threads = await desk.threads_of(user_id, tenant=tenant)
        said = {thread_id: await _said(saver, thread_id, tenant=tenant) for thread_id in threads}
        rows = await desk.held(user_id, tenant=tenant)
    return {
        "profile": await known(user_id, config, tenant=tenant),
        "conversations": {thread_id: talk for thread_id, talk in said.items() if talk},
        **rows,
    }


async def export_thread(thread_id: str, config: Settings, *, tenant: str) -> dict[str, Any]:
    """Return all that `forget_thread` would erase; raises as `export`."""
    async with _opened(config) as (desk, saver):
        talk = await _said(saver, thread_id, tenant=tenant)
        rows = await desk.held_of_thread(thread_id, tenant=tenant)
    return {"conversations": {thread_id: talk} if talk else {}, **rows}


async def _said(saver: ThreadSaver, thread_id: str, *, tenant: str) -> dict[str, Any]:
    """Return what is saved of a conversation, {} for none."""
    saved: RunnableConfig = {"configurable": {"thread_id": saved_as(tenant, thread_id)}}
    found = await saver.aget_tuple(saved)
    if found is None:
        return {}
    values = found.checkpoint["channel_values"]
    messages = values.get("messages", [])  # none where the first turn broke off
    said = [{"by": message.type, "text": message.text} for message in messages]
    return {"summary": values.get("summary", ""), "messages": said}


async def forget(user_id: str, config: Settings, *, tenant: str) -> dict[str, int]:
    """Erase a customer and return what was erased, by kind; in SQLite files the bytes too.

    Kefu may go on serving meanwhile. The desk comes last: it knows whose the conversations are,
    so that a call that failed can be made again.

    Raises:
        ConfigError: if a store can't be used.
        StoreUnavailable: if one is locked.
    """
    async with _opened(config) as (desk, saver), _profiles(config) as profiles:
        threads = await desk.threads_of(user_id, tenant=tenant)
        await _erase(saver, threads, tenant=tenant)
        is_profile = await profiles.forget(user_id, tenant=tenant)
        erased = await desk.forget(user_id, tenant=tenant)
    return {"profile": int(is_profile), "conversations": len(threads), **erased}


async def forget_thread(thread_id: str, config: Settings, *, tenant: str) -> dict[str, int]:
    """Erase one conversation, as a visitor who is not signed in may ask; returns what was erased.

    Raises:
        ConfigError: if a store can't be used.
        StoreUnavailable: if one is locked.
    """
    async with _opened(config) as (desk, saver):
        return await erased(thread_id, desk, saver, Spool(config.var / SPOOL), tenant=tenant)


async def erased(
    thread_id: str, desk: Desk, saver: ThreadSaver, spool: Spool, *, tenant: str
) -> dict[str, int]:
    """Erase one conversation from stores that are open; returns what was erased.

    Raises:
        StoreUnavailable: if one is locked.
    """
    await spool.empty_into(desk)
    saved: RunnableConfig = {"configurable": {"thread_id": saved_as(tenant, thread_id)}}
    found = await saver.aget_tuple(saved)  # the desk may know nothing of it
    await _erase(saver, [thread_id], tenant=tenant)
    rows = await desk.forget_thread(thread_id, tenant=tenant)
    return {"conversations": int(found is not None), **rows}


async def purge(days: int, config: Settings, *, tenant: str) -> dict[str, int]:
    """Erase what is older than so many days and settled, of everybody; returns what was erased.

    Waiting messages and unclosed tickets stay with their conversations, and so do profiles. The
    desk comes last: a conversation that it no longer knows would be anybody's.

    Raises:
        ConfigError: if a store can't be used.
        StoreUnavailable: if one is locked.
    """
    async with _opened(config) as (desk, saver):
        before = utc_now() - timedelta(days=days)
        threads = await desk.threads_before(before, tenant=tenant)
        await _erase(saver, threads, tenant=tenant)
        erased = await desk.purge(before, tenant=tenant)
    return {"conversations": len(threads), **erased}


@asynccontextmanager
async def _opened(config: Settings) -> AsyncIterator[tuple[Desk, ThreadSaver]]:
    """Open the stores; what was spooled comes to the desk first, else it would come back later."""
    async with AsyncExitStack() as stack:
        desk = await Desk.open(config.desk_address)
        stack.push_async_callback(desk.close)
        saver = await open_saver(config, stack)
        await Spool(config.var / SPOOL).empty_into(desk)
        yield desk, saver


@asynccontextmanager
async def _profiles(config: Settings) -> AsyncIterator[Profiles]:
    profiles = await Profiles.open(config.var / PROFILES)
    try:
        yield profiles
    finally:
        await profiles.close()


async def _erase(saver: ThreadSaver, threads: Sequence[str], *, tenant: str) -> None:
    for thread_id in threads:
        await saver.adelete_thread(saved_as(tenant, thread_id))
    await saver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
