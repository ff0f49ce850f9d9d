"""The page where a company's people answer the customers whom Kefu hands over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from graph.app import Kefu
from ui.chat import name_parts, theme
from ui.desk_drafts import keep_drafts
from ui.desk_events import DeskEvents
from ui.desk_page import lay_out
from ui.editors import DESK_PATH
from ui.mount import WAITING, mount_for_staff
from ui.runner import Runner
from ui.words.desk import desk_words

STYLE = tuple(Path(__file__).with_name(f"{name}.css") for name in ("chat", "knowledge", "desk"))
CONCURRENCY = 8

SHOW_TICKET_ON_PHONES = """() => {
    if (window.innerWidth < 768) document.querySelector('#kefu-ticket').scrollIntoView();
}"""
COUNT_IN_TITLE = """() => {
    const waiting = document.querySelector('#kefu-queue [data-waiting]')?.dataset.waiting;
    const title = document.title.replace(/^\\(\\d+\\) /, '');
    document.title = waiting > 0 ? `(${waiting}) ${title}` : title;
}"""


def mount_desk(app: FastAPI, runner: Runner, kefu: Kefu, agents: Mapping[str, str]) -> None:
    """Put the page under DESK_PATH, for those who know one of the names and its password."""
    mount_for_staff(
        app,
        DESK_PATH,
        lambda: desk_page(runner, kefu),
        agents,
        realm="Kefu desk",
        theme=theme(),
        css_paths=list(STYLE),
        max_file_size=0,
    )


def desk_page(runner: Runner, kefu: Kefu) -> gr.Blocks:
    """Return the page; `theme()` and STYLE go to whoever mounts it."""
    locale = kefu.settings.locale
    blocks: gr.Blocks
    with gr.Blocks(title=desk_words(locale)["title"], analytics_enabled=False) as blocks:
        page = lay_out(locale)
        _wire(blocks, page, DeskEvents(runner, kefu, page))
        name_parts(blocks, page.language, lambda locale: desk_words(locale)["title"])
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING)
    return blocks


def _wire(blocks: gr.Blocks, page: Any, events: DeskEvents) -> None:  # noqa: ANN401 its parts
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    run = {**quiet, "outputs": [part for name, part in vars(page).items() if name != "memory"]}
    keep = {**quiet, "outputs": list(vars(page).values())}
    known = [page.memory, page.seen]
    looking = page.pulse.tick(events.look, known, trigger_mode="once", **run)
    # A look that is under way would bring the other ticket back for a moment.
    page.tickets.click(events.open, known, cancels=[looking], **keep).then(
        None, js=SHOW_TICKET_ON_PHONES
    )
    page.tickets.change(None, js=COUNT_IN_TITLE)
    page.take.click(events.take, known, **run)
    page.take_over.click(events.take_over, known, **run)
    gr.on([page.send.click, page.box.submit], events.reply, [page.box, *known], **run)
    gr.on([page.end.click, page.close.click], events.end, known, **run)
    inserted = page.answers.click(events.insert, [page.seen, page.box], **run)
    keep_drafts(blocks, page, inserted)
    page.language.input(events.translate, [page.language, page.memory], **keep)
    blocks.load(events.visit, [page.memory], **keep)
