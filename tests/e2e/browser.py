"""A browser for tests, that watches every request and error of a page."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest

from tests.e2e.servers import free_port
from ui.words import words

__all__ = ["CHROMIUM", "Browser", "Watched", "browsing", "free_port"]

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
Browser = sync_api.Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 120_000
SHOWN_MS = 150  # for the browser to draw what an event brought
WORKING = [words("zh")["working"], words("en")["working"]]
DRAWN = """shown => new Promise(
    done => setTimeout(() => requestIdleCallback(done, {timeout: 5000}), shown))"""
ALL_DONE = "before => window.joined > before && window.joined === window.completed"
ALL_DRAWN = """working => !Array.from(document.querySelectorAll('#kefu-chat .bot.message'))
    .some(one => working.some(text => one.innerText.includes(text)))"""
UPLOAD_NOISE = "Method not implemented."  # Gradio's client warns when an upload's progress ends
ENDS = ("/cancel", "/reset")  # which Gradio's client asks before it knows the event's id
FAINT = """() => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => colour.slice(0, 3).map(one => one / 255)
        .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const over = (below, [r, g, b], share) =>
        [r, g, b].map((one, at) => one * share + below[at] * (1 - share));
    const faint = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const part = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
        const {width, height} = part.getBoundingClientRect();
        if (!text || width < 3 || height < 3 || !part.checkVisibility({visibilityProperty: true}))
            continue;
        const around = [];
        for (let each = part; each; each = each.parentElement) around.push(getComputedStyle(each));
        let ground = [255, 255, 255];
        for (const {backgroundColor} of around.toReversed())
            ground = over(ground, numbers(backgroundColor), numbers(backgroundColor)[3] ?? 1);
        const colour = numbers(around[0].color);
        const share = around.reduce((all, one) => all * one.opacity, colour[3] ?? 1);
        const ink = light(over(ground, colour, share)) + 0.05, paper = light(ground) + 0.05;
        const contrast = Math.max(ink / paper, paper / ink);
        if (contrast < 4.5) faint.push(`${contrast.toFixed(1)} ${text}`);
    }
    return faint;
}"""
COUNT_EVENTS = """
window.joined = window.completed = 0;
const original = window.fetch;
window.fetch = async (...args) => {
    const address = String(args[0].url || args[0]);
    if (address.includes('/queue/join')) window.joined += 1;
    const response = await original(...args);
    if (address.includes('/queue/data')) listen(response.clone().body.getReader());
    return response;
};
async function listen(reader) {
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
        const {done, value} = await reader.read().catch(() => ({done: true}));
        if (done) return;
        const lines = (rest + decoder.decode(value, {stream: true})).split('\\n');
        rest = lines.pop();
        const ended = lines.filter(line => line.includes('"msg":"process_completed"'));
        window.completed += ended.length;
        if (ended.some(line => line.includes('"success":false'))) console.error('an event failed');
    }
}
"""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Yield a headless Chromium."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A visit to the chat page, all of whose requests and console errors are noted."""

    def __init__(self, context: sync_api.BrowserContext, url: str, height: int) -> None:
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(COUNT_EVENTS)
        self.page = context.new_page()
        self.height = height
        self.requested: list[str] = []
        self.errors: list[str] = []
        self._url = url
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)

    @classmethod
    @contextmanager
    def visit(
        cls,
        browser: Browser,
        url: str,
        *,
        locale: str,
        width: int = 1280,
        height: int = 844,
        color_scheme: str | None = None,
        signs_in: tuple[str, str] | None = None,
    ) -> Iterator[Self]:
        """Open the page with an empty memory; afterwards assert that all went well in it."""
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, locale=locale, color_scheme=color_scheme)
        if signs_in is not None:
            token = base64.b64encode(":".join(signs_in).encode()).decode()
            context.set_extra_http_headers({"Authorization": f"Basic {token}"})
        visit = cls(context, url, height)
        try:
            visit.open()
            yield visit
        finally:
            context.close()
        strangers = [address for address in visit.requested if not _is_local(address, url)]
        assert (strangers, visit.errors) == ([], []), (strangers, visit.errors)

    def open(self) -> None:
        """Load the page and wait until its first event has run."""
        self.page.goto(self._url)
        self.page.wait_for_function(ALL_DONE, arg=0)
        self.drawn()

    def drawn(self, shown_ms: int = SHOWN_MS) -> None:
        """Wait for so long by the page's own clock, and until it has nothing more to do."""
        self.page.evaluate(DRAWN, shown_ms)

    @contextmanager
    def event(self) -> Iterator[None]:
        """Wait until the page's events that are caused inside have run and are shown."""
        before = self.page.evaluate("window.joined || 0")
        yield
        self.page.wait_for_function(ALL_DONE, arg=before)
        self.page.wait_for_function(ALL_DRAWN, arg=WORKING)
        self.drawn()

    def ask(self, text: str) -> None:
        """Send a message and wait for the end of its turn."""
        box = self.page.locator("#kefu-box textarea")
        box.fill(text)
        with self.event():
            box.press("Enter")

    def click(self, selector: str, text: str = "") -> None:
        """Click what holds `text` and wait until its event has run."""
        with self.event():
            self.page.locator(selector, has_text=text).last.click()

    def choose(self, selector: str, label: str) -> None:
        """Choose an option of a drop-down list and wait until its event has run."""
        self.page.locator(f"{selector} input").click()
        with self.event():
            self.page.get_by_role("option", name=label, exact=True).click()

    def faint(self) -> list[str]:
        """Return the texts in sight whose contrast is below WCAG's 4.5, each behind its contrast.

        Colours are taken for sRGB: `rgb()` and `rgba()`, as Chromium computes ours.
        """
        return list(self.page.evaluate(FAINT))

    def last_reply(self) -> str:
        """Return the text of the bot's last message, with its notes and citations."""
        return str(self.page.locator("#kefu-chat .bot.message").last.inner_text())

    def _heard(self, message: sync_api.ConsoleMessage) -> None:
        is_early_end = "422" in message.text and message.location["url"].endswith(ENDS)
        if message.type in ("error", "warning") and message.text != UPLOAD_NOISE:
            self.errors += [] if is_early_end else [message.text]


def _is_local(address: str, url: str) -> bool:
    return address.startswith((url, "data:", "blob:"))
