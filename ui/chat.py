"""The chat page in the browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from graph.app import Kefu
from ui.chat_events import ChatEvents
from ui.listening import Listening
from ui.mount import WAITING
from ui.page import lay_out
from ui.runner import Runner
from ui.votes import Votes
from ui.words import Locale, words

CONCURRENCY = 32  # turns that one process shows at once; Gradio's own default is 1
FONTS = ("PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif")
STYLE = Path(__file__).with_name("chat.css")
CLOSE_MENU_ON_PHONES = """() => {  // up to this width Gradio lays it over all of the page
    const menu = document.querySelector('.sidebar.open .toggle-button');
    if (menu && window.innerWidth <= 768) menu.click();
}"""

UNNAMED = {  # parts that Gradio names in English or not at all
    "#kefu-menu .toggle-button": "menu",
    "#kefu-chat [role=log]": "talk",
    "#kefu-box .submit-button": "send",
    "#kefu-ask .submit-button": "find",
}
NAME_PARTS = """language => {
    const waiting = document.title.match(/^\\(\\d+\\) /)?.[0] ?? '';
    document.title = waiting + %s[language];
    document.documentElement.lang = language;
    for (const [part, name] of Object.entries(%s[language]))
        document.querySelector(part)?.setAttribute('aria-label', name);
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
        closes_menu = [blocks.load, page.new.click, page.threads.input]
        gr.on(closes_menu, None, js=CLOSE_MENU_ON_PHONES)
        name_parts(blocks, page.language, lambda locale: words(locale)["title"])
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING)
    return blocks


def name_parts(blocks: gr.Blocks, language: gr.Radio, title: Callable[[Locale], str]) -> None:
    """Put the page's title, and what only screen readers say, into the page's language."""
    locales = get_args(Locale)
    titles = {locale: title(locale) for locale in locales}
    names = {
        locale: {part: words(locale)["unseen"][name] for part, name in UNNAMED.items()}
        for locale in locales
    }
    js = NAME_PARTS % (json.dumps(titles), json.dumps(names))
    gr.on([blocks.load, language.change], None, [language], js=js)


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
        body_text_color_subdued="*neutral_500",  # the default, 400, is too pale to read on white
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        color_accent="*primary_700",
        link_text_color="*primary_700",
        link_text_color_hover="*primary_800",
        link_text_color_dark="*primary_300",
        checkbox_border_color="*neutral_500",
        checkbox_border_color_dark="*neutral_400",
        checkbox_label_background_fill="transparent",
        checkbox_label_background_fill_dark="transparent",
        checkbox_background_color_selected="*primary_700",
    )
