"""What stands on the chat page, and how it changes its language."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ui.words import Locale, Words, words

Update = dict[Any, Any]  # component -> its new properties, as Gradio takes them

UNCHANGED: Update = gr.skip()  # what a handler returns that changes nothing; {} is an error
FEEDBACK_CHARS = 500
LISTEN_S = 3.0  # between two looks at what people at the desk have said
STORAGE = "kefu-chat"  # name and key of what the browser keeps: its own conversations' ids
LANGUAGES = [("中文", "zh"), ("English", "en")]


class Page:
    """The page's components."""

    memory: gr.BrowserState
    session: gr.State
    pulse: gr.Timer
    menu: gr.Sidebar
    brand: gr.HTML
    new: gr.Button
    threads: gr.Radio
    customer: gr.Dropdown
    region: gr.Dropdown
    language: gr.Radio
    banner: gr.HTML
    chat: gr.Chatbot
    why: gr.Group
    reason: gr.Radio
    comment: gr.Textbox
    submit: gr.Button
    box: gr.Textbox

    @property
    def seen(self) -> list[Any]:
        """Return every component but the memory: Gradio's "no change" would overwrite that."""
        return [component for component in vars(self).values() if component is not self.memory]


def lay_out(locale: Locale) -> Page:
    """Put the components on the page that is open."""
    w = words(locale)
    page = Page()
    page.memory = gr.BrowserState({}, storage_key=STORAGE, secret=STORAGE)
    page.session = gr.State(None)
    page.pulse = gr.Timer(LISTEN_S, active=False)
    with gr.Sidebar(width=288, elem_id="kefu-menu") as page.menu:
        page.brand = gr.HTML(brand_html(w), elem_id="kefu-brand")
        page.new = gr.Button(w["new"], variant="primary", size="md", elem_id="kefu-new")
        page.threads = gr.Radio(
            [], label=w["earlier"], info=w["none_earlier"], elem_id="kefu-threads"
        )
        with gr.Group(elem_id="kefu-settings"):
            page.customer = gr.Dropdown(
                [(w["guest"], "")],
                value="",
                label=w["customer"],
                visible=False,  # until a visit finds a shop whose customer one may be
                elem_id="kefu-customer",
            )
            page.region = gr.Dropdown(
                regions(w), value="", label=w["region"], elem_id="kefu-region", filterable=True
            )
            page.language = gr.Radio(
                LANGUAGES, value=locale, label=w["language"], elem_id="kefu-language"
            )
    with gr.Column(elem_id="kefu-main"):
        page.banner = gr.HTML("", visible=False, elem_id="kefu-banner")
        page.chat = gr.Chatbot(
            show_label=False,
            height=None,
            buttons=[],
            latex_delimiters=[],
            allow_tags=False,
            layout="bubble",
            elem_id="kefu-chat",
            placeholder=greeting(w),
        )
        with gr.Group(visible=False, elem_id="kefu-why") as page.why:
            page.reason = gr.Radio(whys(w), label=w["ask_why"], elem_id="kefu-reason")
            with gr.Row(elem_id="kefu-why-row"):
                page.comment = gr.Textbox(
                    label=comment_hint(w),
                    show_label=False,
                    placeholder=comment_hint(w),
                    max_length=FEEDBACK_CHARS,
                    scale=4,
                    container=False,
                    elem_id="kefu-comment",
                )
                page.submit = gr.Button(w["submit"], scale=1, min_width=96, elem_id="kefu-submit")
        page.box = gr.Textbox(
            label=w["ask"],  # hidden, but read out
            show_label=False,
            placeholder=w["ask"],
            submit_btn=True,
            max_lines=6,
            container=False,
            elem_id="kefu-box",
        )
    return page


def translated(page: Page, w: Words, examples: Sequence[str]) -> Update:
    """Return the updates that show the page in another language; the examples are in it."""
    questions = [{"text": text} for text in examples]
    return {
        page.brand: gr.update(value=brand_html(w)),
        page.new: gr.update(value=w["new"]),
        page.threads: gr.update(label=w["earlier"]),
        page.customer: gr.update(label=w["customer"]),
        page.region: gr.update(label=w["region"], choices=regions(w)),
        page.chat: gr.update(placeholder=greeting(w), examples=questions),
        page.reason: gr.update(label=w["ask_why"], choices=whys(w)),
        page.comment: gr.update(label=comment_hint(w), placeholder=comment_hint(w)),
        page.submit: gr.update(value=w["submit"]),
        page.box: gr.update(label=w["ask"], placeholder=w["ask"]),
    }


def brand_html(w: Words) -> str:
    """Return the page's name."""
    return f"<strong>{w['title']}</strong><span>{w['tagline']}</span>"


def greeting(w: Words) -> str:
    """Return what an empty conversation shows."""
    return f"## {w['greeting']}"


def regions(w: Words) -> list[tuple[str, str]]:
    """Return label and value of every region; the value is the knowledge's own name."""
    return [(w["anywhere"], ""), *((label, name) for name, label in w["regions"].items())]


def whys(w: Words) -> list[tuple[str, str]]:
    """Return label and value of every reason for a dislike."""
    return [(label, name) for name, label in w["why"].items()]


def comment_hint(w: Words) -> str:
    """Return what stands in the empty comment."""
    return f"{w['comment']} · {w['comment_hint']}"
