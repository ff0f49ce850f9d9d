"""Take the pictures in docs/screenshots from the real Kefu on the sample company.

python -m tests.e2e.screenshots                              # starts Kefu on a free port
python -m tests.e2e.screenshots --url http://127.0.0.1:7860/ # of one that runs already
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.settings import ROOT
from tests.e2e.browser import Browser, Watched, browsing
from tests.e2e.servers import free_port, running

OUT = ROOT / "docs" / "screenshots"


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
    chat.ask("保修多久")


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
    "phone-clarify": (clarify, {"width": 390, "height": 844}),
}


def take(browser: Browser, url: str, out: Path) -> None:
    """Write every picture into `out`."""
    for name, (play, kind) in PICTURES.items():
        visit = {"locale": "zh-CN", "width": 1280, "height": 900, **kind}
        with Watched.visit(browser, url, **visit) as chat:  # type: ignore[arg-type]
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
    with running("ui", "serve", port=port, env={"KEFU_PORT": str(port)}) as server:
        yield server.url


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="a running Kefu")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with _kefu(args.url) as url, browsing() as browser:
        take(browser, url, args.out)


if __name__ == "__main__":
    main()
