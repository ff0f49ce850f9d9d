"""A part of the site that is made when somebody first asks for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from ui.later import Later, Under


def visitor(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://kefu.test")


async def test_it_lives_from_its_first_request_to_the_end_of_the_server() -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        seen.append("begins")
        yield
        seen.append("ends")

    def make() -> FastAPI:
        seen.append("made")
        site = FastAPI(lifespan=life)
        site.get("/part/page")(lambda: "您好")
        return site

    app, later = FastAPI(), Later(make)
    app.router.routes.append(Under("/part", later))
    app.get("/{other:path}")(lambda: "其他")
    app.router.lifespan_context = later.around(app.router.lifespan_context)

    async with app.router.lifespan_context(app), visitor(app) as client:
        assert [(await client.get(path)).json() for path in ("/", "/partner")] == ["其他", "其他"]
        assert seen == []
        assert [(await client.get("/part/page")).json() for _ in range(2)] == ["您好", "您好"]
        assert seen == ["made", "begins"]
    assert seen == ["made", "begins", "ends"]


async def test_one_that_could_not_be_made_is_tried_again() -> None:
    sites = iter([RuntimeError("no room"), FastAPI()])

    def make() -> FastAPI:
        site = next(sites)
        if isinstance(site, Exception):
            raise site
        site.get("/part")(lambda: "您好")
        return site

    app = FastAPI()
    app.router.routes.append(Under("/part", Later(make)))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        assert [(await client.get("/part")).status_code for _ in range(2)] == [500, 200]
