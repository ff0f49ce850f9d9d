"""The chat page in the browser."""

from pathlib import Path
from typing import Any

import gradio as gr

from graph.app import Kefu
from ui.chat_events import ChatEvents
from ui.listening import Listening
from ui.mount import WAITING
from ui.page import lay_out
from ui.runner import Runner
from ui.votes import Votes
from ui.words import words

CONCURRENCY = 32  # turns that one process shows at once; Gradio's own default is 1
FONTS = ("PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif")
STYLE = Path(__file__).with_name("chat.css")
CLOSE_MENU_ON_PHONES = """() => {
    const menu = document.querySelector('.sidebar.open .toggle-button');
    if (menu && window.innerWidth < 768) menu.click();
}"""


def chat_page(runner: Runner, kefu: Kefu) -> gr.Blocks:
    """Return the page; `theme()` and STYLE go to whoever mounts it."""
    locale = kefu.settings.locale
    title = words(locale)["title"]
    blocks: gr.Blocks
    with gr.Blocks(title=title, analytics_enabled=False, fill_height=True) as blocks:
        page = lay_out(locale)
        events, votes = ChatEvents(runner, kefu, page), Votes(kefu, page, runner.telemetry)
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "preprocess": False,  # it refuses what was put on the page before a restart
        }
        run = {**quiet, "outputs": page.seen}
        keep = {**quiet, "outputs": [*page.seen, page.memory]}
        choices = [page.customer, page.region, page.language]
        message = [page.session, page.memory, *choices, page.threads]

        sending = [
            page.box.submit(events.send, [page.box, *message], trigger_mode="once", **keep),
            page.chat.option_select(events.pick, message, trigger_mode="once", **keep),
            page.chat.example_select(events.pick, message, trigger_mode="once", **keep),
        ]
        leave = {**run, "cancels": sending}
        page.new.click(
            events.begin,
            [page.customer, page.memory, page.language],
            **{**leave, "outputs": [*page.seen, page.memory]},
        )
        page.threads.input(events.open_thread, [page.threads, *choices], **leave)
        page.customer.input(
            events.sign_in,
            [page.customer, page.session, page.memory, page.language, page.threads],
            **leave,
        )
        page.region.input(events.choose_region, [page.region, page.memory], **keep)
        page.language.input(events.translate, [page.language, page.session, page.memory], **keep)
        page.chat.like(votes.vote, [page.session, page.language], **run)
        gr.on(
            [page.submit.click, page.comment.submit],
            votes.explain,
            [page.reason, page.comment, page.session, page.language],
            **run,
        )
        listening = Listening(runner, kefu, page)
        page.pulse.tick(
            listening.listen,
            [page.session, page.customer, page.language, page.threads],
            trigger_mode="once",
            **run,
        )
        blocks.load(events.visit, [page.memory], **run)
        blocks.load(None, js=CLOSE_MENU_ON_PHONES)
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING)
    return blocks


def theme() -> gr.themes.Base:
    """Return calm colours and fonts of the reader's own machine: nothing is fetched."""
    return gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="slate",
        radius_size="lg",
        font=FONTS,
        font_mono=("ui-monospace", "Consolas", "monospace"),
    ).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        color_accent="*primary_700",
        link_text_color="*primary_700",
        link_text_color_hover="*primary_800",
        link_text_color_dark="*primary_300",
        checkbox_label_background_fill="transparent",
        checkbox_background_color_selected="*primary_700",
    )
