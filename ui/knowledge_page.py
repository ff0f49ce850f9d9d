"""What stands on the knowledge page, and how it changes its language."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import gradio as gr

from tools.ingest.editor import UPLOAD_BYTES
from tools.ingest.listing import READABLE
from ui.knowledge_views import quiet, said
from ui.page import LANGUAGES, Update, regions
from ui.words import Locale, words
from ui.words.desk import DeskWords
from ui.words.knowledge import KnowledgeWords, knowledge_words

STORAGE = "kefu-knowledge"
PICK = """element.addEventListener('click', event => {
    const button = event.target.closest('button[data-id], button[data-version]');
    if (button) trigger('click', {...button.dataset});
});"""
LONG = {"question": 2, "similar_questions": 3, "answer": 8}  # fields with lines of their own
CHOSEN = ("kind", "audience", "lang")
ROWS = (
    ("kind", "category", "product"),
    ("audience", "region", "channel"),
    ("effective_from", "effective_to", "lang"),
    ("source", "version"),
)

Engine = Literal["serving", "embedded"]
Texts = Callable[[KnowledgeWords], dict[str, Any]]


@dataclass
class KnowledgePage:
    """The page's components, and what each of them says in a language."""

    locale: Locale
    weights: list[float]
    parts: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)  # of the form, by name
    texts: dict[Any, Texts] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 a component
        """Return the component of that name."""
        try:
            return self.__dict__["parts"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def engines(self) -> list[Any]:
        """The choice of the engine on the right; none where there is one engine only."""
        return [self.parts["engine"]] if "engine" in self.parts else []

    def put(self, name: str, kind: Callable[..., Any], texts: Texts, **fixed: object) -> Any:  # noqa: ANN401
        """Put a component on the open page, with its texts in the page's first language."""
        part = kind(**texts(knowledge_words(self.locale)), elem_id=f"kefu-{name}", **fixed)
        self.parts[name] = part
        self.texts[part] = texts
        return part

    def translated(self, w: KnowledgeWords) -> Update:
        """Return the updates that show the page in another language."""
        return {part: gr.update(**texts(w)) for part, texts in self.texts.items()}


def lay_out(
    locale: Locale, weights: list[float], serving: float, *, has_two_engines: bool = False
) -> KnowledgePage:
    """Put the components on the page that is open; `serving` is the weight in use."""
    page = KnowledgePage(locale, weights)
    page.parts["memory"] = gr.BrowserState("", storage_key=STORAGE, secret=STORAGE)
    page.parts["opened"] = gr.State(None)
    with gr.Row(elem_id="kefu-head"):
        page.put("brand", gr.HTML, lambda w: {"value": brand_html(w, "")})
        page.parts["language"] = gr.Radio(
            LANGUAGES, value=locale, show_label=False, container=False, elem_id="kefu-language"
        )
    with gr.Tabs(elem_id="kefu-tabs"):
        with page.put("tab_find", gr.Tab, lambda w: {"label": w["tabs"]["find"]}):
            _find(page)
        with page.put("tab_upload", gr.Tab, lambda w: {"label": w["tabs"]["upload"]}):
            _upload(page)
        with page.put("tab_compare", gr.Tab, lambda w: {"label": w["tabs"]["compare"]}):
            _compare(page, serving, has_two_engines=has_two_engines)
        with page.put("tab_index", gr.Tab, lambda w: {"label": w["tabs"]["index"]}):
            page.parts["facts"] = gr.HTML("", elem_id="kefu-index")
            page.put("refresh", gr.Button, lambda w: {"value": w["refresh"]}, size="sm")
            page.parts["recent"] = gr.HTML("", elem_id="kefu-recent")
    return page


def brand_html(w: KnowledgeWords | DeskWords, name: str) -> str:
    """Return the page's name, who signed in and the way to the chat."""
    who = f"<span>{said(w['signed_in'].format(name=name))}</span>" if name else ""
    return f'<strong>{said(w["title"])}</strong>{who}<a href="../">{said(w["to_chat"])}</a>'


def _find(page: KnowledgePage) -> None:
    with gr.Row(equal_height=False, elem_id="kefu-work"):
        with gr.Column(scale=6, min_width=340, elem_id="kefu-left"):
            page.put(
                "ask",
                gr.Textbox,
                lambda w: {"label": w["ask"], "placeholder": w["ask_hint"]},
                submit_btn=True,
            )
            with gr.Row(elem_id="kefu-view"):
                page.put(
                    "scope",
                    gr.Radio,
                    lambda w: {"label": w["scope"], "choices": _choices(w["scopes"])},
                    value="customer",
                )
                page.put(
                    "region",
                    gr.Dropdown,
                    lambda w: {"label": w["region"]},
                    choices=regions(words(page.locale)),
                    value="",
                )
            page.put("hits", gr.HTML, lambda w: {"value": quiet(w["start"])}, js_on_load=PICK)
        with gr.Column(scale=5, min_width=340, elem_id="kefu-right"):
            page.put("which", gr.HTML, lambda w: {"value": which(w, None)})
            _form(page)
            page.parts["note"] = gr.HTML("", elem_id="kefu-note")
            with gr.Row(elem_id="kefu-buttons"):
                for name, look in (
                    ("save", "primary"),
                    ("new", "secondary"),
                    ("retire", "secondary"),
                    ("delete", "stop"),
                ):
                    page.put(name, gr.Button, _value(name), variant=look, size="md", min_width=72)
            page.parts["history"] = gr.HTML("", js_on_load=PICK, elem_id="kefu-history")


def which(w: KnowledgeWords, entry_id: str | None) -> str:
    """Return the form's heading."""
    text = w["new_entry"] if entry_id is None else w["entry"].format(id=entry_id)
    return f"<h2>{said(text)}</h2>"


def _form(page: KnowledgePage) -> None:
    for name in ("id", *LONG):
        lines = LONG.get(name, 1)
        page.fields[name] = page.put(
            f"field-{name}", gr.Textbox, _label(name), lines=lines, max_lines=max(lines, 1) * 3
        )
    with page.put("more", gr.Accordion, lambda w: {"label": w["more"]}, open=False):
        for row in ROWS:
            with gr.Row():
                for name in row:
                    kind = gr.Dropdown if name in CHOSEN else gr.Textbox
                    fixed: dict[str, Any] = {"value": "", "min_width": 120}
                    page.fields[name] = page.put(f"field-{name}", kind, _label(name), **fixed)


def _label(name: str) -> Texts:
    lists = {"kind": "kinds", "audience": "audiences", "lang": "langs"}

    def texts(w: KnowledgeWords) -> dict[str, Any]:
        said_of: dict[str, Any] = {"label": w["fields"][name]}
        if name in lists:
            said_of["choices"] = _choices(w[lists[name]])  # type: ignore[literal-required]
        elif name.startswith("effective"):
            said_of["placeholder"] = "2026-11-22"
        elif name in ("region", "channel"):
            said_of["placeholder"] = w["anywhere"]
        return said_of

    return texts


def _value(name: str) -> Texts:
    return lambda w: {"value": w[name]}  # type: ignore[literal-required]


def _upload(page: KnowledgePage) -> None:
    suffixes = sorted(READABLE)

    def texts(w: KnowledgeWords) -> dict[str, Any]:
        mb = UPLOAD_BYTES >> 20
        return {"label": w["upload"].format(suffixes=" ".join(suffixes), mb=mb)}

    page.put("files", gr.File, texts, file_count="multiple", file_types=suffixes, height=180)
    page.put("take_in", gr.Button, lambda w: {"value": w["take_in"]}, variant="primary")
    page.parts["report"] = gr.HTML("", elem_id="kefu-report")


def _compare(page: KnowledgePage, serving: float, *, has_two_engines: bool) -> None:
    def choices(w: KnowledgeWords) -> list[tuple[str, float]]:
        mark = {serving: w["serving"]}
        return [(weight_name(w, weight) + mark.get(weight, ""), weight) for weight in page.weights]

    other = next((weight for weight in page.weights if weight != serving), serving)
    page.put(
        "question",
        gr.Textbox,
        lambda w: {"label": w["ask"], "placeholder": w["ask_hint"]},
    )
    with gr.Row():
        page.put(
            "left",
            gr.Dropdown,
            lambda w: {"label": w["left"], "choices": choices(w)},
            value=serving,
        )
        page.put(
            "right",
            gr.Dropdown,
            lambda w: {"label": w["right"], "choices": choices(w)},
            value=other,
        )
        if has_two_engines:
            page.put(
                "engine",
                gr.Dropdown,
                lambda w: {"label": w["engine"], "choices": _choices(w["engines"])},
                value="serving",
            )
    page.put("compare", gr.Button, lambda w: {"value": w["compare"]}, variant="primary")
    page.put("sides", gr.HTML, lambda w: {"value": quiet(w["compare_start"])})


def weight_name(w: KnowledgeWords, weight: float) -> str:
    """Return what a share of the vectors means."""
    named = {0.0: w["weights"]["words"], 1.0: w["weights"]["dense"]}
    return named.get(weight) or w["weights"]["both"].format(share=f"{weight * 100:.0f}")


def _choices(labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(label, value) for value, label in labels.items()]
