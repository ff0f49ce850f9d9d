"""The page where a company's editors keep its knowledge."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from graph.app import Kefu
from tools.ingest.editor import UPLOAD_BYTES, Editor
from tools.ingest.edits import Edits
from ui.chat import name_parts, theme
from ui.editors import KNOWLEDGE_PATH
from ui.knowledge_compare import Comparison
from ui.knowledge_events import KnowledgeEvents
from ui.knowledge_page import lay_out
from ui.mount import WAITING, mount_for_staff
from ui.words.knowledge import knowledge_words

STYLE = (Path(__file__).with_name("chat.css"), Path(__file__).with_name("knowledge.css"))
CONCURRENCY = 8
WEIGHTS = {0.0, 0.25, 0.5, 0.75, 1.0}  # shares of the vectors to choose from
HOUR_S = 3600

SHOW_FORM_ON_PHONES = """() => {
    if (window.innerWidth < 768) document.querySelector('#kefu-which').scrollIntoView();
}"""


def mount_knowledge(app: FastAPI, kefu: Kefu, editors: Mapping[str, str]) -> None:
    """Put the page under KNOWLEDGE_PATH, for those who know one of the names and its password."""
    mount_for_staff(
        app,
        KNOWLEDGE_PATH,
        lambda: knowledge_page(kefu),
        editors,
        theme=theme(),
        css_paths=list(STYLE),
        max_file_size=UPLOAD_BYTES,
    )


def knowledge_page(kefu: Kefu) -> gr.Blocks:
    """Return the page; `theme()` and STYLE go to whoever mounts it."""
    locale, serving = kefu.settings.locale, kefu.settings.search.dense_weight
    made = Editor(
        kefu.services.search,
        Edits(kefu.settings.edits),
        tenant=kefu.settings.tenant,
        clock=kefu.services.now,
    )
    blocks: gr.Blocks
    with gr.Blocks(
        title=knowledge_words(locale)["title"],
        analytics_enabled=False,
        delete_cache=(HOUR_S, HOUR_S),  # uploads that were never taken in
    ) as blocks:
        page = lay_out(
            locale,
            sorted(WEIGHTS | {serving}),
            serving,
            has_two_engines=kefu.services.beside is not None,
        )
        _wire(blocks, page, KnowledgeEvents(kefu, made, page), Comparison(kefu, page))
        name_parts(blocks, page.language, lambda locale: knowledge_words(locale)["title"])
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING)
    return blocks


def _wire(
    blocks: gr.Blocks,
    page: Any,  # noqa: ANN401 its parts
    events: KnowledgeEvents,
    comparison: Comparison,
) -> None:
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    form = [page.opened, page.note, page.which, page.history, *page.fields.values()]
    change = {**quiet, "outputs": form}
    search: dict[str, Any] = {
        "fn": events.find,
        "inputs": [page.ask, page.scope, page.region, page.language],
        "outputs": [page.hits],
        **quiet,
    }
    gr.on([page.ask.submit, page.scope.input, page.region.input], **search)
    page.hits.click(events.open, [page.language], **change).then(None, js=SHOW_FORM_ON_PHONES)
    page.history.click(
        events.take_version, [page.fields["id"], page.opened, page.language], **change
    )
    page.new.click(events.new, [page.language], **change)
    inputs = [page.opened, page.language]
    page.save.click(events.save, [*inputs, *page.fields.values()], **change).then(**search)
    page.retire.click(events.retire, inputs, **change).then(**search)
    page.delete.click(events.delete, inputs, **change).then(**search)
    page.take_in.click(
        events.upload,
        [page.files, page.language],
        [page.report, page.files],
        api_visibility="private",
    )
    gr.on(
        [page.compare.click, page.question.submit],
        comparison.compare,
        [page.question, page.region, page.left, page.right, page.language, *page.engines],
        [page.sides],
        **quiet,
    )
    gr.on(
        [page.tab_index.select, page.refresh.click],
        events.look,
        [page.language],
        [page.facts, page.recent],
        **quiet,
    )
    said = [*page.texts, page.memory, page.language, page.note]
    page.language.input(events.translate, inputs[::-1], said, **quiet).then(**search)
    blocks.load(events.visit, [page.memory], said, **quiet)
