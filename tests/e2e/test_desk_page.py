"""The desk page in a real browser, beside the chat page of the customer who is answered there."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.browser import CHROMIUM, Browser, Watched, browsing
from tests.e2e.servers import Running, free_port, running
from ui.words.desk import desk_words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
LIN, ZHOU = ("小林", "geheim-123"), ("小周", "geheim-456")
EVIL = "<img src=x onerror=\"document.title='pwned'\"> [点我](javascript:alert(1))"
SAID = [
    *("转人工", "小林 已接入", "您好，请问订单号？", "20261122001", "在订单页点"),
    "智能客服继续为您服务",
]
KEPT = "text => Object.values(localStorage).includes(text)"
QUESTION = "信用卡退款多久到账？"
ENTRIES = [
    {"id": "r1", "question": QUESTION, "answer": "信用卡退款 5-10 个工作日到账。"},
    {"id": "r2", "question": "怎么申请发票？", "answer": "在订单页点“申请发票”。"},
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("kefu"), free_port()
    lines = [json.dumps(entry, ensure_ascii=False) for entry in ENTRIES]
    (folder / "kb.jsonl").write_text("\n".join(lines), encoding="utf-8")
    settings = {
        "KEFU_PORT": str(port),
        "KEFU_VAR": str(folder / "var"),
        "KEFU_KB": str(folder / "kb.jsonl"),
        "KEFU_AGENTS": json.dumps(dict([LIN, ZHOU])),
    }
    with running("ui", "serve", port=port, env=settings) as server:
        yield server


def desk(browser: Browser, site: Running, **kind: object) -> Iterator[Watched]:
    options = {"locale": "zh-CN", "signs_in": LIN, **kind}
    return Watched.visit(browser, f"{site.url}desk/", **options)  # type: ignore[arg-type, return-value]


def chat_of(browser: Browser, site: Running, **kind: object) -> Iterator[Watched]:
    return Watched.visit(browser, site.url, locale="zh-CN", **kind)  # type: ignore[arg-type, return-value]


def opened(page: Watched, text: str) -> None:
    """Open the ticket whose line says this."""
    page.page.locator("#kefu-queue button", has_text=text).first.click()
    page.page.locator("#kefu-talk .kefu-talk", has_text=text).wait_for()


def handed_back(page: Watched, chat: Watched) -> None:
    """End the open ticket; once more if a look under way had brought the one before back."""
    page.page.locator("#kefu-end").click()
    switched, ended = desk_words("zh")["switched"], desk_words("zh")["ended_note"]
    page.page.locator("#kefu-note").filter(has_text=re.compile(f"{switched}|{ended}")).wait_for()
    if page.page.locator("#kefu-note", has_text=switched).count():
        page.page.locator("#kefu-end").click()
    chat.page.get_by_text("智能客服继续为您服务").wait_for()


def told(page: Watched, text: str) -> None:
    """Send this to the customer."""
    page.page.locator("#kefu-answer textarea").fill(text)
    page.page.locator("#kefu-send").click()
    page.page.locator("#kefu-talk .kefu-agent", has_text=text).wait_for()


def order_of(chat: Watched, *said: str) -> list[str]:
    """Return these words in the order in which they stand on the page."""
    text = chat.page.locator("#kefu-chat").inner_text()
    assert [each for each in said if each not in text] == []
    return sorted(said, key=text.index)


def test_from_the_wish_for_a_person_to_the_bots_next_answer(
    browser: Browser, site: Running
) -> None:
    with chat_of(browser, site) as chat, desk(browser, site) as page:
        chat.ask(QUESTION)
        chat.ask("转人工")
        opened(page, "转人工")
        seen = page.page.locator("#kefu-talk").inner_text()
        page.page.locator("#kefu-take").click()
        chat.page.get_by_text("小林 已接入").wait_for()
        told(page, "您好，请问订单号？")
        chat.page.get_by_text("您好，请问订单号？").wait_for()
        chat.ask("20261122001，怎么申请发票？")
        silent = "申请发票”" not in chat.last_reply()
        page.page.locator("#kefu-talk .kefu-customer", has_text="20261122001").wait_for()
        page.page.locator("#kefu-answers button", has_text="怎么申请发票").click()
        page.page.wait_for_function(
            "document.querySelector('#kefu-answer textarea').value.includes('申请发票')"
        )
        page.page.locator("#kefu-send").click()
        chat.page.get_by_text("在订单页点").wait_for()
        page.page.locator("#kefu-end").click()
        chat.page.get_by_text("智能客服继续为您服务").wait_for()
        chat.ask(QUESTION)
        answer = chat.last_reply()
        order = order_of(chat, *SAID)
        chat.open()
        chat.page.get_by_text("智能客服继续为您服务").wait_for()
        after = order_of(chat, *SAID)

    assert QUESTION in seen
    assert "5-10 个工作日" in seen
    assert silent
    assert "5-10 个工作日" in answer
    assert order == after == SAID


def test_two_persons_can_not_take_the_same_customer(browser: Browser, site: Running) -> None:
    with chat_of(browser, site) as chat:
        chat.ask("转人工")
        chat.ask("两个人抢的这单")
        with desk(browser, site) as first, desk(browser, site, signs_in=ZHOU) as second:
            for page in (first, second):
                opened(page, "两个人抢的这单")
            first.page.locator("#kefu-take").click()
            second.page.locator("#kefu-take").click()
            second.page.locator("#kefu-note", has_text="接待").wait_for()
            first.page.locator("#kefu-note", has_text="接待").wait_for()
            notes = {page.page.locator("#kefu-note").inner_text() for page in (first, second)}
            for page in (first, second):
                if page.page.locator("#kefu-end").is_visible():
                    page.page.locator("#kefu-end").click()
                    page.page.locator("#kefu-note", has_text="已结束").wait_for()

    assert len([note for note in notes if "客户已收到通知" in note]) == 1
    assert len([note for note in notes if "已由 小" in note]) == 1


@pytest.mark.parametrize(("width", "locale"), [(390, "en-US"), (1280, "zh-CN")])
def test_runs_nothing_of_what_is_said_and_fits_the_window(
    browser: Browser, site: Running, width: int, locale: str
) -> None:
    with chat_of(browser, site) as chat:
        chat.ask("转人工")
        chat.ask(EVIL)
        with desk(browser, site, width=width, locale=locale) as page:
            opened(page, "onerror")
            page.page.locator("#kefu-take").click()
            told(page, EVIL)
            chat.page.locator(".kefu-agent").wait_for()
            page.drawn(300)
            pages = (page.page, chat.page)
            links = [each.locator("[href^=javascript], img[src=x]").count() for each in pages]
            titles = [each.title() for each in pages]
            wide = page.page.evaluate("document.documentElement.scrollWidth")
            page.page.locator("#kefu-end").click()
            page.page.locator("#kefu-note .kefu-good").wait_for()

    assert links == [0, 0]
    assert [title for title in titles if "pwned" in title] == []
    assert wide <= width


def draft_in(page: Watched, text: str) -> None:
    """Wait until this, and nothing else, stands in the box."""
    page.page.wait_for_function(
        "text => document.querySelector('#kefu-answer textarea')?.value === text", arg=text
    )


def kept(page: Watched) -> list[str]:
    """Return the drafts that the browser keeps."""
    found: list[str] = page.page.evaluate(
        "Object.entries(localStorage).filter(([key]) => key.startsWith('kefu-draft/'))"
        ".map(([_, text]) => text)"
    )
    return found


def test_what_is_being_written_outlives_a_reload_and_is_dropped_when_sent_or_done_with(
    browser: Browser, site: Running
) -> None:
    with (
        chat_of(browser, site) as one,
        chat_of(browser, site) as two,
        desk(browser, site) as page,
    ):
        for chat, text in ((one, "第一位要草稿"), (two, "第二位要草稿")):
            chat.ask("转人工")
            chat.ask(text)
            opened(page, text)
            page.page.locator("#kefu-take").click()
            page.page.locator("#kefu-answer textarea").wait_for()
            page.page.locator("#kefu-answer textarea").press_sequentially(f"给{text}")
            page.page.wait_for_function(KEPT, arg=f"给{text}")
        page.open()
        draft_in(page, "给第二位要草稿")
        opened(page, "第一位要草稿")
        draft_in(page, "给第一位要草稿")
        page.page.locator("#kefu-send").click()
        one.page.locator(".kefu-agent").wait_for()
        draft_in(page, "")
        page.page.wait_for_function(
            "Object.keys(localStorage).join().match(/kefu-draft/g).length === 1"
        )
        after_sending = kept(page)
        opened(page, "第二位要草稿")
        draft_in(page, "给第二位要草稿")
        handed_back(page, two)
        page.page.wait_for_function("!Object.keys(localStorage).join().includes('kefu-draft')")
        opened(page, "第一位要草稿")
        handed_back(page, one)
        heard = two.page.locator("#kefu-chat").inner_text()

    assert after_sending == ["给第二位要草稿"]
    assert "给第二位要草稿" not in heard


def test_a_reload_shows_the_open_ticket_again_and_no_colleagues_draft(
    browser: Browser, site: Running
) -> None:
    with chat_of(browser, site) as chat, desk(browser, site) as page:
        chat.ask("转人工")
        chat.ask("重新载入之后还在")
        opened(page, "重新载入之后还在")
        page.page.locator("#kefu-take").click()
        told(page, "在的")
        chat.page.locator(".kefu-agent").wait_for()
        page.page.evaluate(
            "name => { const {ticket} = document.querySelector('#kefu-talk [data-ticket]').dataset;"
            "localStorage.setItem(`kefu-draft/${name}/${ticket}`, '同事的草稿'); }",
            ZHOU[0],
        )

        page.open()
        page.page.locator("#kefu-talk .kefu-agent", has_text="在的").wait_for()
        draft_in(page, "")
        page.page.locator("#kefu-answer textarea").press_sequentially("自己的")
        page.page.wait_for_function(KEPT, arg="自己的")
        drafts = page.page.evaluate(
            "Object.fromEntries(Object.entries(localStorage).map(([key, text]) => [key.split('/'), "
            "text]).filter(([[prefix]]) => prefix === 'kefu-draft').map(([[_, name], text]) => "
            "[name, text]))"
        )
        page.page.locator("#kefu-end").click()
        chat.page.get_by_text("智能客服继续为您服务").wait_for()

    assert drafts == {ZHOU[0]: "同事的草稿", LIN[0]: "自己的"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, site: Running, scheme: str) -> None:
    with chat_of(browser, site) as chat, desk(browser, site, color_scheme=scheme) as page:
        chat.ask("转人工")
        chat.ask(f"没有人理我 {scheme}")
        opened(page, f"没有人理我 {scheme}")
        assert page.faint() == []
        page.page.locator("#kefu-take").click()
        told(page, "您好，请问订单号？")

        assert page.faint() == []
        handed_back(page, chat)
