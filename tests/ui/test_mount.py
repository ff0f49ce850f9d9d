"""A page is one web application, made once."""

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from gradio.routes import App

from ui.mount import mount


def page() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Textbox(label="您好")
    return blocks.queue()


async def test_a_page_is_served_by_the_only_application_with_routes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[App] = []
    create = App.create_app

    def counted(page: gr.Blocks, **options: object) -> App:
        made.append(create(page, **options))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(App, "create_app", counted)
    app = FastAPI()

    mount(app, "/page", page)

    assert [app.routes[-1].app] == made  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        assert "您好" in (await client.get("/page/config")).text


async def test_pages_of_others_get_their_application_afterwards() -> None:
    mount(FastAPI(), "/page", page)

    assert any(getattr(route, "path", "") == "/config" for route in page().app.routes)
