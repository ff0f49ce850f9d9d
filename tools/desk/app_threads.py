"""The conversations that apps began: whose each is, also before anything was said in it."""

from typing import Any

from sqlalchemy import Select, func, select, update

from tools.desk.connection import Store
from tools.desk.records import AppThread
from tools.desk.schema import APP_THREADS, THREADS


class AppThreads(Store):
    """Each belongs to the app that began it, and to one customer once a customer is named."""

    async def add_app_thread(
        self, thread_id: str, *, tenant: str, app: str, user_id: str, metadata: dict[str, Any]
    ) -> bool:
        """Begin a conversation; False if the tenant has one of that name, whoever's it is."""
        statement = self._database.insert(APP_THREADS).values(
            thread_id=thread_id,
            tenant=tenant,
            app=app,
            user_id=user_id,
            metadata=metadata,
            created_at=self._clock(),
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement.on_conflict_do_nothing())).rowcount == 1

    async def claim_app_thread(self, thread_id: str, *, tenant: str, user_id: str) -> bool:
        """Make a conversation that is nobody's a customer's; False if it is another's."""
        thread = APP_THREADS.c
        statement = update(APP_THREADS).where(
            thread.tenant == tenant,
            thread.thread_id == thread_id,
            thread.user_id.in_(["", user_id]),
        )
        async with self._database.writing() as connection:
            claimed = await connection.execute(statement.values(user_id=user_id))
            return claimed.rowcount == 1

    async def app_thread(self, thread_id: str, *, tenant: str, app: str) -> AppThread | None:
        """Return a conversation of an app, or None."""
        query = _of(app, tenant).where(APP_THREADS.c.thread_id == thread_id)
        return await self._one(AppThread, query)

    async def app_threads(
        self, user_id: str, *, tenant: str, app: str, limit: int
    ) -> list[AppThread]:
        """Return a customer's conversations with an app, latest first; "" is all guests'."""
        query = _of(app, tenant).where(APP_THREADS.c.user_id == user_id)
        query = query.order_by(_UPDATED_AT.desc()).limit(limit)
        return await self._database.fetch(AppThread, query)


_UPDATED_AT = func.coalesce(THREADS.c.updated_at, APP_THREADS.c.created_at).label("updated_at")


def _of(app: str, tenant: str) -> Select[Any]:
    thread = APP_THREADS.c
    given = (thread.thread_id, thread.tenant, thread.user_id, thread.app, thread.metadata)
    owner = func.coalesce(THREADS.c.owner, "bot").label("owner")
    is_same = (THREADS.c.tenant == thread.tenant) & (THREADS.c.thread_id == thread.thread_id)
    return (
        select(*given, owner, thread.created_at, _UPDATED_AT)
        .select_from(APP_THREADS.outerjoin(THREADS, is_same))
        .where(thread.tenant == tenant, thread.app == app)
    )
