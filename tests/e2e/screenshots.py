"""Take the pictures in docs/screenshots from the real Kefu on the sample company.

python -m tests.e2e.screenshots                              # starts Kefu on a free port
python -m tests.e2e.screenshots --url http://127.0.0.1:7860/ # of one that runs already
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graph.settings import ROOT
from tests.e2e.browser import Browser, Watched, browsing
from tests.e2e.servers import free_port, running

OUT = ROOT / "docs" / "screenshots"
EDITOR = ("anna", "anna-2026")  # a running Kefu must know them for the pictures of their pages
AGENT = ("小林", "xiaolin-2026")


def answer(chat: Watched) -> None:
    """An answer with its citation open."""
    chat.ask("积分多久过期？")
    chat.page.locator(".kefu-source summary").click()


def steps(chat: Watched) -> None:
    """The steps of a turn unfolded."""
    chat.choose("#kefu-region", "新疆")
    chat.ask("新疆包邮吗？")
    chat.page.locator(".thought-group .title").first.click()
    for number in range(4):
        chat.page.locator(".thought-group .thought-group .title").nth(number).click()
    chat.page.locator("#kefu-chat .bubble-wrap").evaluate("element => element.scrollTop = 0")


def clarify(chat: Watched) -> None:
    """A question back, with buttons."""
    chat.ask("怎么清洗")


def order(chat: Watched) -> None:
    """A signed-in customer's orders to choose from."""
    chat.choose("#kefu-customer", "叶安 · 金卡")
    chat.ask("我的快递到哪了？")


def handoff(chat: Watched) -> None:
    """A person was asked for."""
    chat.ask("我买的空气炸锅冒烟了，我要投诉")
    chat.ask("昨天晚上用的时候冒的烟")


def dislike(chat: Watched) -> None:
    """The form behind a dislike, and an offer of a person."""
    chat.ask("你们老板的手机号是多少")
    chat.page.get_by_label("踩", exact=True).click()
    chat.page.locator("#kefu-why").get_by_text("没解决问题").click()


def start(chat: Watched) -> None:
    """The first look, without a model: level 2."""


def english(chat: Watched) -> None:
    """The English page."""
    chat.ask("Can I pay cash on delivery?")


def knowledge(page: Watched) -> None:
    """The editors' page: what a question finds, and one entry opened."""
    box = page.page.locator("#kefu-ask").get_by_role("textbox")
    box.fill("积分多久过期？")
    with page.event():
        box.press("Enter")
    with page.event():
        page.page.locator("#kefu-hits button").first.click()


def desk(page: Watched) -> None:
    """The desk: who waits, and a customer who is being answered."""
    browser, site = page.page.context.browser, page.page.url.removesuffix("desk/")
    for texts in (("转人工", "我的订单一直没发货"), ("空气炸锅冒烟了，我要投诉", "现在还能用吗")):
        with Watched.visit(browser, site, locale="zh-CN") as chat:
            for text in texts:
                chat.ask(text)
    page.page.locator("#kefu-queue button", has_text="现在还能用吗").first.click()
    page.page.locator("#kefu-take").click()
    page.page.locator("#kefu-answer textarea").fill("您好，请先不要再用了。方便发一下订单号吗？")
    page.page.locator("#kefu-send").click()
    page.page.locator("#kefu-talk .kefu-agent").wait_for()


PICTURES: dict[str, tuple[Callable[[Watched], None], dict[str, str | int]]] = {
    "level-2-start": (start, {}),
    "answer": (answer, {}),
    "steps": (steps, {}),
    "clarify": (clarify, {}),
    "order": (order, {}),
    "handoff": (handoff, {}),
    "dislike": (dislike, {}),
    "english": (english, {"locale": "en-US"}),
    "dark": (answer, {"color_scheme": "dark"}),
    "phone-answer": (answer, {"width": 390, "height": 844}),
    "knowledge": (knowledge, {}),
    "desk": (desk, {}),
    "phone-clarify": (clarify, {"width": 390, "height": 844}),
}

GUARDED = {"knowledge": ("knowledge/", EDITOR), "desk": ("desk/", AGENT)}


def take(browser: Browser, url: str, out: Path, only: Sequence[str] = ()) -> None:
    """Write every picture, or those named, into `out`."""
    for name, (play, kind) in PICTURES.items():
        if only and name not in only:
            continue
        visit: dict[str, Any] = {"locale": "zh-CN", "width": 1280, "height": 900, **kind}
        path, visit["signs_in"] = GUARDED.get(name, ("", None))
        address = f"{url}{path}"
        with Watched.visit(browser, address, **visit) as chat:
            play(chat)
            chat.page.mouse.move(0, 0)
            chat.page.wait_for_timeout(500)  # folding and scrolling are animated
            chat.page.screenshot(path=out / f"{name}.png")


@contextmanager
def _kefu(url: str) -> Iterator[str]:
    if url:
        yield url
        return
    port = free_port()
    settings = {
        "KEFU_PORT": str(port),
        "KEFU_EDITORS": json.dumps(dict([EDITOR])),
        "KEFU_AGENTS": json.dumps(dict([AGENT])),
    }
    with running("ui", "serve", port=port, env=settings) as server:
        yield server.url


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="a running Kefu")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="these pictures")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with _kefu(args.url) as url, browsing() as browser:
        take(browser, url, args.out, args.only)


if __name__ == "__main__":
    main()
