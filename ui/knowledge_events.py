"""What happens on the knowledge page: find, change, upload, look at the index."""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, cast

import gradio as gr

from graph.app import Kefu
from graph.context import Context
from tools.errors import BadEntry, EntryChanged, KefuError, TransientError
from tools.ingest.editions import as_written, key
from tools.ingest.editor import Editor
from tools.ingest.report import Report
from tools.search.passage import Hit, passage
from tools.search.types import Entry
from tools.text.pii import find
from ui import knowledge_views as views
from ui.health import policy_note
from ui.knowledge_page import KnowledgePage, brand_html, which
from ui.knowledge_report import report
from ui.knowledge_search import Scope, find_passages
from ui.page import UNCHANGED, Update, regions
from ui.sidebar import browser_language
from ui.words import Locale, words
from ui.words.knowledge import KnowledgeWords, knowledge_words

logger = logging.getLogger(__name__)

UNRANKED = Hit(0, 0.0, 0.0, 0.0)  # of an entry that was asked for by its id


class KnowledgeEvents:
    """The handlers. Each returns the components it changes, with their new values."""

    def __init__(self, kefu: Kefu, editor: Editor, page: KnowledgePage) -> None:
        self._kefu = kefu
        self._editor = editor
        self._page = page

    async def visit(self, memory: str, request: gr.Request) -> Update:
        """Start a visit in the language chosen last time, or the browser's."""
        page, default = self._page, browser_language(request, self._kefu.settings.locale)
        locale: Locale = "en" if memory == "en" else "zh" if memory == "zh" else default
        return self.translate(locale, None, request) | {page.language: locale, page.memory: locale}

    def translate(self, locale: Locale, opened: Entry | None, request: gr.Request) -> Update:
        """Show the page in another language."""
        page, w = self._page, knowledge_words(locale)
        update = page.translated(w)
        update[page.brand] = gr.update(value=brand_html(w, request.username or ""))
        update[page.region] |= {"choices": regions(words(locale))}
        update[page.which] = which(w, opened["id"] if opened else None)
        return update | {page.memory: locale, page.note: ""}

    async def find(self, text: str, scope: Scope, region: str, locale: Locale) -> Update:
        """List what the search finds, and the entry with that very id first of all."""
        page, w = self._page, knowledge_words(locale)
        if not (question := text.strip()):
            return {page.hits: views.quiet(w["start"])}
        started = time.monotonic()
        try:
            result = await find_passages(
                self._kefu,
                question,
                scope,
                Context(tenant=self._kefu.settings.tenant, region=region),
            )
            took_ms = (time.monotonic() - started) * 1000
            entries = {p["id"]: await self._editor.get(p["id"]) for p in result.passages}
            exact = await self._editor.get(question)
        except TransientError:
            logger.warning("knowledge page: search down", exc_info=True)
            return {page.hits: views.note(w["search_down"])}
        known = {entry_id: entry for entry_id, entry in entries.items() if entry}
        if exact is not None and exact["id"] not in known:
            result.passages.insert(0, passage(exact, [], UNRANKED, 0.0))
            known[exact["id"]] = exact
        return {page.hits: views.hits(w, result, known, self._today(), took_ms)}

    async def open(self, event: gr.EventData, locale: Locale) -> Update:
        """Show an entry whole."""
        return await self._open(self._editor.get(str(event.id)), locale)

    async def take_version(
        self, event: gr.EventData, shown_id: str, opened: Entry | None, locale: Locale
    ) -> Update:
        """Put an earlier version into the form."""
        w = knowledge_words(locale)
        edits = await self._editor.history((opened or {}).get("id") or shown_id)
        versions = views.versions(w, edits, self._kefu.services.now().tzinfo)
        number = int(event.version)
        if number >= len(versions):
            return UNCHANGED
        return self._filled(versions[number][1]) | {self._page.note: views.note(w["version_taken"])}

    def new(self, locale: Locale) -> Update:
        """Empty the form."""
        page, w = self._page, knowledge_words(locale)
        return self._filled(None) | {
            page.opened: None,
            page.which: which(w, None),
            page.note: "",
            page.history: "",
        }

    async def save(
        self, opened: Entry | None, locale: Locale, request: gr.Request, *values: str
    ) -> Update:
        """Store the form."""
        w = knowledge_words(locale)
        entry = form_entry(dict(zip(self._page.fields, values, strict=True)), opened)
        if not entry.get("id"):
            entry["id"] = f"page-{self._today().replace('-', '')}-{secrets.token_hex(3)}"
        if opened is not None and key(entry) != key(opened):
            opened = None  # another id makes another entry, another version another edition
        if self._kefu.report is None:
            return self._said(w["indexing"])
        try:
            stored = await self._editor.save(entry, before=opened, by=request.username or "")
        except BadEntry as bad:
            return self._said(refusal(w, bad))
        except KefuError as exc:
            return self._failed(w, exc, "" if opened else w["taken"].format(id=entry["id"]))
        if stored == opened:
            return self._said(w["same"])
        text = w["edit"] if opened else w["added"]
        return await self._open(self._editor.held(stored), locale, views.note(text, is_good=True))

    async def retire(self, opened: Entry | None, locale: Locale, request: gr.Request) -> Update:
        """Hide the open entry from customers from now on."""
        w = knowledge_words(locale)
        if opened is None or self._kefu.report is None:
            return self._said(w["indexing"] if opened else w["open_first"])
        try:
            ended = await self._editor.retire(opened, by=request.username or "")
        except BadEntry:
            return self._said(w["not_begun"])
        except KefuError as exc:
            return self._failed(w, exc)
        done = views.note(w["retire_done"], is_good=True)
        return await self._open(self._editor.held(ended), locale, done)

    async def delete(self, opened: Entry | None, locale: Locale, request: gr.Request) -> Update:
        """Take the open entry out of the index; the form keeps it."""
        page, w = self._page, knowledge_words(locale)
        if opened is None or self._kefu.report is None:
            return self._said(w["indexing"] if opened else w["open_first"])
        try:
            held = await self._editor.held(opened)
            await self._editor.delete(opened, by=request.username or "")
            edits = await self._editor.history(opened["id"])
        except KefuError as exc:
            return self._failed(w, exc)
        return {
            page.opened: None,
            page.which: which(w, None),
            page.note: views.note(w["delete_done"], is_good=True)
            + (views.quiet(w["others_stay"]) if held and "edition" in held else ""),
            page.history: views.history(w, edits, self._kefu.services.now().tzinfo),
        }

    async def upload(self, paths: list[str] | None, locale: Locale, request: gr.Request) -> Update:
        """Take in documents, one after the other."""
        page, w = self._page, knowledge_words(locale)
        if not paths:
            return {page.report: views.note(w["no_file"])}
        if self._kefu.report is None:
            return {page.report: views.note(w["indexing"])}
        reports: dict[str, Report] = {}
        trouble = ""
        given = [Path(path) for path in dict.fromkeys(paths)]  # twice the same is one
        several = Counter(path.name for path in given)
        for path in given:
            if several[path.name] > 1:  # each would take the place of the one before
                twin = BadEntry(path.name, w["same_name"])
                reports[path.name] = Report(rejected=[twin])
                path.unlink(missing_ok=True)
                continue
            try:
                reports[path.name] = await self._editor.upload(path, by=request.username or "")
            except KefuError:
                logger.warning("upload not finished", exc_info=True)
                trouble = views.note(w["failed"])
                break
            finally:
                path.unlink(missing_ok=True)
        return {page.report: trouble + report(locale, reports), page.files: None}

    async def look(self, locale: Locale) -> Update:
        """Show what the index holds and what was changed last."""
        page, w = self._page, knowledge_words(locale)
        try:
            index = await self._kefu.services.search.health()
            edits = await self._editor.history(limit=100_000)
        except TransientError:
            logger.warning("knowledge page: no health", exc_info=True)
            return {page.facts: views.note(w["search_down"]), page.recent: ""}
        more = {
            "tenant": self._kefu.settings.tenant,
            "files": self._kefu.settings.kb.name,
            "edits": len({edit["id"] for edit in edits}),
        }
        zone = self._kefu.services.now().tzinfo
        return {
            page.facts: views.note(await policy_note(self._kefu, locale))
            + views.facts(w, index, more),
            page.recent: views.recent(w, edits[:20], zone),
        }

    async def _open(
        self, reading: Awaitable[Entry | None], locale: Locale, note: str = ""
    ) -> Update:
        page, w = self._page, knowledge_words(locale)
        try:
            held = await reading
            entry = as_written(held) if held else None
            edits = await self._editor.history(entry["id"]) if entry else []
        except KefuError as exc:
            return self._failed(w, exc)
        if held is None or entry is None:
            return self._said(w["gone"])
        if not note and "ended" in views.badges(held, self._today()):
            note = views.note(w["retired_hint"])
        note += views.edition(w, held, self._today())
        if entry.get("audience") != "internal" and find(f"{entry['question']}\n{entry['answer']}"):
            note += views.note(w["has_personal"])
        return self._filled(entry) | {
            page.opened: entry,
            page.which: which(w, entry["id"]),
            page.note: note,
            page.history: views.history(w, edits, self._kefu.services.now().tzinfo),
        }

    def _filled(self, entry: Entry | None) -> Update:
        texts = form_texts(entry)
        return {part: texts[name] for name, part in self._page.fields.items()}

    def _said(self, text: str) -> Update:
        return {self._page.note: views.note(text)}

    def _failed(self, w: KnowledgeWords, exc: KefuError, changed: str = "") -> Update:
        """Say why nothing was done; `changed` where the entry is not what was opened."""
        if isinstance(exc, EntryChanged):
            return self._said(changed or w["changed"])
        logger.warning("knowledge page: not finished", exc_info=True)
        return self._said(w["failed"])

    def _today(self) -> str:
        return self._kefu.services.now().date().isoformat()


def form_texts(entry: Entry | None) -> dict[str, str]:
    """Return what the form shows of an entry, by field; empty texts for none."""
    texts = dict.fromkeys(knowledge_words("zh")["fields"], "")
    for name, value in (entry or {}).items():
        if name in texts:
            texts[name] = "\n".join(value) if isinstance(value, list) else str(value)
    for name, default in (("kind", "faq"), ("audience", "public")):
        texts[name] = "" if texts[name] == default else texts[name]
    return texts


def form_entry(texts: Mapping[str, str], opened: Entry | None) -> Entry:
    """Return the entry that the form describes; what was not touched stays as it was."""
    was = form_texts(opened)
    entry: Any = dict(opened or {})
    for name, text in texts.items():
        if (text or "") != was[name]:
            lines = [line.strip() for line in (text or "").splitlines()]
            entry[name] = [x for x in lines if x] if name == "similar_questions" else text or ""
    return cast(Entry, entry)


def refusal(w: KnowledgeWords, bad: BadEntry) -> str:
    """Return which field can't be used and what it should be, in the page's words."""
    name = bad.reason.partition(":")[0]
    hint = w["hints"].get(name) or w["hints"]["other"]
    return w["bad_field"].format(field=w["fields"].get(name, name), hint=hint)
