"""A conversation as the chat page shows it. Everything a customer or the knowledge says is data."""

import html
import re
from collections.abc import Sequence
from typing import Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from graph.state import Citation, Owner, Pending, Reply
from ui.handover import is_from_desk, person
from ui.notes import Note, notes_of, step_note
from ui.runner import Event
from ui.words import Words

SHOWN_CHARS = 20_000  # of a message of the customer

_PUNCTUATION = re.compile(r"([!-%'-/:;=?@\[-`{-~])")  # ASCII's, without & < > for HTML
_MARK = re.compile(r"\[(\d{1,2})\]")
_NUMBERED = re.compile(r"(?:\n\d\. [^\n]+)+\Z")


class Shown(TypedDict, total=False):
    """One message of Gradio's Chatbot."""

    role: str  # "user" | "assistant"
    content: str
    metadata: dict[str, Any]
    options: list[dict[str, str]]


class Standing(TypedDict):
    """What the banners are about."""

    level: int
    owner: Owner
    ticket_id: str


def safe(text: str) -> str:
    """Return Markdown without HTML, images that would be fetched, or a code fence left open."""
    text = html.escape(text, quote=False).replace("![", "!\\[")
    return text if text.count("```") % 2 == 0 else text.replace("```", "\\`\\`\\`")


def plain(text: str) -> str:
    """Return Markdown that shows `text` as it was typed."""
    return html.escape(_PUNCTUATION.sub(r"\\\1", text.strip()), quote=False)


def asked(text: str) -> Shown:
    """Return the customer's own message, of a very long one the start: a visit keeps it."""
    cut = text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]} …"
    return Shown(role="user", content=plain(cut))


class TurnView:
    """One turn as it grows: its notes, its text, and after the last event citations and buttons."""

    def __init__(self, words: Words, turn_id: str, now_s: float) -> None:
        self._words = words
        self._turn_id = turn_id
        self._started_s = self._last_s = now_s
        self._notes: list[Note] = []
        self._text = ""
        self._reply: Reply | None = None
        self._level = 0
        self._owner: Owner = "bot"
        self._ticket_id = ""

    def add(self, event: Event, now_s: float) -> None:
        """Take in the next event; `now_s` is a monotonic clock's."""
        match event["kind"]:
            case "text":
                self._text += event["text"]
            case "reset":
                self._text = ""
            case "step":
                step, detail = event["step"], event["detail"]
                self._notes.append(step_note(self._words, step, detail, now_s - self._last_s))
                self._last_s = now_s
            case "done":
                done = event
                self._text, self._reply = done["text"], done["reply"]
                self._level = done["reply"]["level"]
                self._owner, self._ticket_id = done["owner"], done["ticket_id"]

    def fail(self, text: str) -> None:
        """Show a preset text in place of what came so far: level 4."""
        self._text, self._level = text, 4

    def standing(self) -> Standing:
        """Return whose turn it is now and how well Kefu serves."""
        return {"level": self._level, "owner": self._owner, "ticket_id": self._ticket_id}

    def shown(self, now_s: float, *, is_over: bool = False) -> list[Shown]:
        """Return the turn's messages: the notes folded into one, then the reply.

        Of a message that reached a person nothing is left: there is nothing to read or to rate.
        """
        if is_over and is_silent(self._text, self._reply):
            return []
        notes = folded(
            self._words, self._turn_id, self._notes, now_s - self._started_s, is_over=is_over
        )
        return [*notes, *replied(self._words, self._text, self._reply)]


def is_silent(text: str, reply: Reply | None) -> bool:
    """Say whether a turn only brought a message to a person."""
    return not text and reply is not None and reply["action"] == "relay"


def folded(
    words: Words, turn_id: str, notes: Sequence[Note], took_s: float, *, is_over: bool = True
) -> list[Shown]:
    """Return the notes under one heading that is closed."""
    if not is_over and not notes:
        waiting = {"title": words["working"], "id": turn_id, "status": "pending"}
        return [Shown(role="assistant", content="", metadata=waiting)]
    if not notes:
        return []
    heading = words["worked"] if is_over else words["working"]
    summary = next((note.summary for note in reversed(notes) if note.summary), "")
    title = f"{heading} · {summary}" if summary else heading
    head = {"title": safe(title), "id": turn_id, "status": "done"}
    if is_over:
        head["duration"] = round(took_s, 2)  # type: ignore[assignment]
    children = [
        Shown(
            role="assistant",
            content=note.content,
            metadata={
                "title": note.title,
                "id": f"{turn_id}-{number}",
                "parent_id": turn_id,
                "status": "done",
                **({"duration": round(note.took_s, 2)} if note.took_s else {}),
            },
        )
        for number, note in enumerate(notes)
    ]
    return [Shown(role="assistant", content="", metadata=head), *children]


def replied(words: Words, text: str, reply: Reply | None) -> list[Shown]:
    """Return the reply with its citations; nothing if the bot stayed silent."""
    if not text:
        return []
    if reply is None:
        return [Shown(role="assistant", content=safe(text))]
    citations = reply["citations"]
    parts = [safe(_renumbered(text, len(citations)))]
    if citations:
        parts.append(sources(words, citations, is_quote=reply["level"] == 2))
    return [Shown(role="assistant", content="\n\n".join(parts))]


def from_desk(words: Words, message: AIMessage) -> list[Shown]:
    """Return what a person at the desk said, under their name, or what the desk told."""
    if not (name := person(message)):
        return replied(words, message.text, None)
    who = html.escape(words["person"].format(name=name))
    content = f'<p class="kefu-agent">{who}</p>\n\n{plain(message.text)}'
    return [Shown(role="assistant", content=content)]


def sources(words: Words, citations: Sequence[Citation], *, is_quote: bool) -> str:
    """Return the cited passages, each folded under its title, verbatim."""
    blocks = []
    for number, citation in enumerate(citations, start=1):
        title = html.escape(" ".join(citation["title"].split()))
        quote = safe(citation["quote"]).replace("~~~", "\\~~~").strip()
        blocks.append(
            f'<details class="kefu-source"><summary>{number}. {title}</summary>'
            f"\n\n{quote}\n\n</details>"
        )
    label = words["quoted"] if is_quote else words["sources"]
    return f'<p class="kefu-sources">{html.escape(label)}</p>\n\n' + "\n\n".join(blocks)


def with_options(shown: Sequence[Shown], options: Sequence[str]) -> list[Shown]:
    """Return the messages with buttons on the last one, which then need not list them as text."""
    if not shown or not options or shown[-1]["role"] != "assistant":
        return list(shown)
    last = shown[-1]
    text = _NUMBERED.sub("", last["content"])
    buttons = [{"value": option} for option in options]
    return [*shown[:-1], Shown(**{**last, "content": text, "options": buttons})]


def options_of(words: Words, pending: Pending) -> list[str]:
    """Return what the customer may click in answer to what the bot waits for."""
    return pending.get("options") or words["quick"].get(pending.get("kind", ""), [])


def restored(words: Words, messages: Sequence[AnyMessage]) -> tuple[list[Shown], list[str]]:
    """Return a saved conversation and the ids of its turns, from what the checkpoint kept."""
    shown: list[Shown] = []
    turn_ids: list[str] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            turn_ids.append(str(message.id))
            shown.append(asked(message.text))
        elif is_from_desk(message):
            shown += from_desk(words, message)
        elif isinstance(message, AIMessage):
            reply: Reply | None = message.additional_kwargs.get("kefu")
            if reply:
                took_s = reply["took_ms"] / 1000
                shown += folded(words, reply["turn_id"], notes_of(words, reply), took_s)
            shown += replied(words, message.text, reply)
    return shown, turn_ids


def banner(words: Words, level: int, owner: Owner, ticket_id: str) -> str:
    """Return the banners as HTML: a person is in charge, and what does not work; "" for none."""
    lines = []
    if owner != "bot":
        ticket = words["owners"]["ticket"].format(ticket=ticket_id) if ticket_id else ""
        lines.append(_line("person", "👤", words["owners"][owner], ticket))
    if level > 0:
        lines.append(_line(f"level-{level}", "ℹ️", words["levels"][level]))
    return "".join(lines)


def _line(kind: str, sign: str, text: str, tag: str = "") -> str:
    badge = f'<span class="kefu-tag">{html.escape(tag)}</span>' if tag else ""
    return (
        f'<div class="kefu-banner kefu-{kind}" role="status"><span aria-hidden="true">{sign}</span>'
        f"<span>{html.escape(text)}{badge}</span></div>"
    )


def _renumbered(text: str, count: int) -> str:
    """Number the marks [n] like the list of citations, which follows their order in the text."""
    marks = list(dict.fromkeys(_MARK.findall(text)))
    if len(marks) != count:
        return _MARK.sub("", text)
    return _MARK.sub(lambda hit: f"[{marks.index(hit[1]) + 1}]", text)
