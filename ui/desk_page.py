"""What stands on the desk page, and how it changes its language."""

import gradio as gr

from ui.knowledge_page import PICK, brand_html
from ui.knowledge_views import quiet
from ui.page import LANGUAGES, Update
from ui.words import Locale
from ui.words.desk import DeskWords, desk_words

STORAGE = "kefu-desk"
LOOK_S = 3.0  # between two looks at what waits and what was written
REPLY_CHARS = 4000


class DeskPage:
    """The page's components."""

    memory: gr.BrowserState  # language and open ticket: they outlive a reload and a restart
    seen: gr.State  # what the page shows, to be left alone while it is the same
    pulse: gr.Timer
    brand: gr.HTML
    language: gr.Radio
    tickets: gr.HTML
    note: gr.HTML
    talk: gr.HTML
    take: gr.Button
    take_over: gr.Button
    close: gr.Button
    work: gr.Column
    answers: gr.HTML
    box: gr.Textbox
    send: gr.Button
    end: gr.Button


def lay_out(locale: Locale) -> DeskPage:
    """Put the components on the page that is open."""
    w = desk_words(locale)
    page = DeskPage()
    page.memory = gr.BrowserState({}, storage_key=STORAGE, secret=STORAGE)
    page.seen, page.pulse = gr.State({}), gr.Timer(LOOK_S)
    with gr.Row(elem_id="kefu-head"):
        page.brand = gr.HTML(brand_html(w, ""), elem_id="kefu-brand")
        page.language = gr.Radio(
            LANGUAGES, value=locale, show_label=False, container=False, elem_id="kefu-language"
        )
    with gr.Row(equal_height=False, elem_id="kefu-work"):
        with gr.Column(scale=4, min_width=300):
            page.tickets = gr.HTML("", js_on_load=PICK, elem_id="kefu-queue")
        with gr.Column(scale=7, min_width=300, elem_id="kefu-ticket"):
            page.talk = gr.HTML(quiet(w["start"]), elem_id="kefu-talk")
            page.note = gr.HTML("", elem_id="kefu-note")
            page.take = gr.Button(w["take"], variant="primary", visible=False, elem_id="kefu-take")
            page.take_over = gr.Button("", visible=False, elem_id="kefu-over")
            page.close = gr.Button(w["close"], visible=False, elem_id="kefu-close")
            with gr.Column(visible=False, elem_id="kefu-reply") as page.work:
                page.box = gr.Textbox(
                    label=box_hint(w),
                    show_label=False,
                    placeholder=box_hint(w),
                    max_lines=8,
                    max_length=REPLY_CHARS,
                    container=False,
                    elem_id="kefu-answer",
                )
                with gr.Row(elem_id="kefu-buttons"):
                    page.send = gr.Button(w["send"], variant="primary", elem_id="kefu-send")
                    page.end = gr.Button(w["end"], variant="secondary", elem_id="kefu-end")
                page.answers = gr.HTML("", js_on_load=PICK, elem_id="kefu-answers")
    return page


def translated(page: DeskPage, locale: Locale, name: str) -> Update:
    """Return the updates that show the page's own texts in another language."""
    w = desk_words(locale)
    return {
        page.brand: brand_html(w, name),
        page.language: gr.update(value=locale),
        page.take: gr.update(value=w["take"]),
        page.box: gr.update(label=box_hint(w), placeholder=box_hint(w)),
        page.send: gr.update(value=w["send"]),
        page.end: gr.update(value=w["end"]),
        page.note: "",
    }


def box_hint(w: DeskWords) -> str:
    """Return what stands in the empty box."""
    return f"{w['box']} · {w['box_hint']}"
