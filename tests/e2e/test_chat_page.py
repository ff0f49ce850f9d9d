"""The chat page in a real browser: scripted turns, and at the end the real Kefu."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, Browser, Watched, browsing
from tests.e2e.scripted import EVIL, TRACKER
from tests.e2e.servers import Running, free_port, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    """The page with scripted turns."""
    port = free_port()
    with running("tests.e2e.scripted", str(port), port=port) as server:
        yield server


@pytest.fixture
def chat(browser: Browser, site: Running) -> Iterator[Watched]:
    """A fresh visit of a Chinese browser; fails if the page logs an error or leaves loopback."""
    with Watched.visit(browser, site.url, locale="zh-CN") as visit:
        yield visit


def test_shows_the_answer_and_opens_the_quoted_passage(chat: Watched) -> None:
    chat.ask("退款多久")

    assert "信用卡退款 5-10 个工作日到账。[1]" in chat.last_reply()
    assert not chat.page.get_by_role("cell", name="支付宝").is_visible()
    chat.page.locator(".kefu-source summary").click()
    chat.page.get_by_role("cell", name="支付宝").wait_for()


def test_folds_the_steps_of_the_turn_into_the_conversation(chat: Watched) -> None:
    chat.ask("退款多久")

    chat.page.get_by_text("处理过程 · 直接回答 · 把握 93%").click()
    chat.page.get_by_text("理解问题：一般问题").click()
    chat.page.get_by_text("完整问题：退款多久").wait_for()
    chat.page.get_by_text("查找资料：找到 2 条").click()
    chat.page.get_by_role("cell", name="0.91").wait_for()
    chat.page.get_by_text("作出决定：直接回答").click()
    chat.page.get_by_text("原因：资料中有明确答案").wait_for()


def test_runs_no_html_of_knowledge_or_customer(chat: Watched) -> None:
    chat.ask(f"{EVIL} **粗** {TRACKER}")
    chat.ask("退款多久")
    chat.page.locator(".kefu-source summary").click()
    chat.drawn(300)

    assert chat.page.title() != "pwned"
    assert chat.page.locator("#kefu-chat img, #kefu-menu img").count() == 0
    assert f"{EVIL} **粗** {TRACKER}" in chat.page.locator("#kefu-chat .user").first.inner_text()


def test_a_clarify_button_sends_its_option(chat: Watched, site: Running) -> None:
    chat.ask("退款")

    chat.click(".option", "怎么申请退款？")

    assert "好的。" in chat.last_reply()
    assert site.get("_seen")["asked"][-1]["text"] == "怎么申请退款？"
    assert chat.page.locator(".option").count() == 0


def test_an_offered_person_is_one_click_away(chat: Watched) -> None:
    chat.ask("股价")
    assert chat.page.locator(".option").all_inner_texts() == ["转人工", "不用"]

    chat.click(".option", "转人工")

    assert "T20261122-ABCD2345" in chat.page.locator(".kefu-person").inner_text()


def test_says_when_there_is_no_model(chat: Watched) -> None:
    assert chat.page.locator(".kefu-banner").count() == 0

    chat.ask("没有模型")

    assert "未接入大模型" in chat.page.locator(".kefu-level-2").inner_text()


def test_a_like_reaches_the_desk_for_its_turn(chat: Watched, site: Running) -> None:
    chat.ask("退款多久")
    chat.ask("股价")

    chat.page.get_by_label("赞", exact=True).first.click()
    chat.page.get_by_text("谢谢您的反馈").wait_for()

    seen = site.get("_seen")
    vote = seen["feedback"][-1]
    assert (vote["turn_id"], vote["score"]) == (seen["turn_ids"][-2], 1)


def test_a_dislike_is_stored_with_its_reason_and_a_masked_comment(
    chat: Watched, site: Running
) -> None:
    chat.ask("退款多久")

    chat.page.get_by_label("踩", exact=True).click()
    chat.page.locator("#kefu-why").get_by_text("信息过时").click()
    chat.page.locator("#kefu-comment").get_by_role("textbox").fill("打我电话 13800138000")
    chat.page.locator("#kefu-submit").click()
    chat.page.get_by_text("谢谢您的反馈").wait_for()

    vote = site.get("_seen")["feedback"][-1]
    assert (vote["score"], vote["reason"]) == (-1, "outdated")
    assert "13800138000" not in vote["comment"]
    assert vote["comment"].startswith("打我电话")
    chat.page.locator("#kefu-why").wait_for(state="hidden")


def test_an_error_shows_a_preset_text(chat: Watched) -> None:
    chat.ask("故障")

    assert "系统暂时出了点问题" in chat.last_reply()
    assert "token=123" not in chat.page.content()


def test_an_earlier_conversation_opens_again_after_a_reload(chat: Watched) -> None:
    chat.ask("退款多久")
    chat.click("#kefu-new")
    chat.page.get_by_text("您好，请问有什么可以帮您？").wait_for()
    chat.ask("股价")

    chat.open()
    assert chat.page.locator("#kefu-threads label").all_inner_texts() == ["股价", "退款多久"]
    chat.click("#kefu-threads label", "退款多久")

    assert "[1]" in chat.last_reply()
    assert "处理过程 · 直接回答 · 把握 93%" in chat.last_reply()
    assert "退款到账时间" in chat.page.locator(".kefu-source summary").inner_text()
    chat.click("#kefu-threads label", "股价")
    assert chat.page.locator(".option").all_inner_texts() == ["转人工", "不用"]


def test_signing_in_keeps_a_guests_conversation_and_tells_the_graph(
    chat: Watched, site: Running
) -> None:
    chat.ask("退款多久")
    chat.choose("#kefu-customer", "沈一帆 · 金卡")
    chat.choose("#kefu-region", "新疆")
    chat.ask("股价")

    asked = site.get("_seen")["asked"][-1]
    assert (asked["user_id"], asked["region"]) == ("u001", "新疆")
    assert chat.page.locator("#kefu-chat .user").count() == 2
    chat.choose("#kefu-customer", "未登录")
    chat.page.get_by_text("您好，请问有什么可以帮您？").wait_for()


def test_an_example_is_one_click_away(chat: Watched, site: Running) -> None:
    chat.click("#kefu-chat .example", "新疆包邮吗？")

    assert "好的。" in chat.last_reply()
    assert site.get("_seen")["asked"][-1]["text"] == "新疆包邮吗？"


def test_speaks_english_to_an_english_browser_and_chinese_on_request(
    browser: Browser, site: Running
) -> None:
    with Watched.visit(browser, site.url, locale="en-US") as chat:
        chat.page.get_by_text("Hello, how can I help you?").wait_for()
        chat.ask("没有模型")
        assert "No language model" in chat.page.locator(".kefu-level-2").inner_text()
        assert site.get("_seen")["asked"][-1]["locale"] == "en"

        chat.click("#kefu-language label", "中文")
        chat.page.locator("#kefu-new", has_text="新对话").wait_for()
        chat.open()
        chat.page.locator("#kefu-new", has_text="新对话").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_of_the_window(browser: Browser, site: Running, width: int) -> None:
    with Watched.visit(browser, site.url, locale="zh-CN", width=width) as chat:
        chat.ask("退款多久")
        chat.page.locator(".kefu-source summary").click()
        chat.ask("退款")

        assert chat.page.evaluate("document.documentElement.scrollWidth") <= width
        for part in ("#kefu-box", "#kefu-chat"):
            box = chat.page.locator(part).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= chat.height


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, site: Running, scheme: str) -> None:
    with Watched.visit(browser, site.url, locale="zh-CN", color_scheme=scheme) as chat:
        assert chat.faint() == []
        chat.ask("没有模型")
        chat.ask("退款多久")
        chat.page.locator(".kefu-source summary").click()
        chat.ask("转人工")

        assert chat.faint() == []


@pytest.mark.parametrize("width", [390, 768])
def test_the_menu_of_a_small_window_closes_once_something_was_chosen(
    browser: Browser, site: Running, width: int
) -> None:
    with Watched.visit(browser, site.url, locale="zh-CN", width=width) as chat:
        opened = chat.page.locator(".sidebar.open")
        opened.wait_for(state="detached")
        chat.ask("退款多久")

        for choice in ("#kefu-new", "#kefu-threads label"):
            chat.page.get_by_role("button", name="菜单").click()
            opened.wait_for()
            chat.click(choice)
            opened.wait_for(state="detached")


def test_names_its_parts_for_screen_readers_in_the_pages_language(chat: Watched) -> None:
    for name in ("请输入您的问题，按回车发送", "发送", "菜单", "对话内容"):
        assert chat.page.get_by_label(name, exact=True).count() == 1, name

    chat.click("#kefu-language label", "English")

    for name in ("Type your question and press Enter", "Send", "Menu", "Conversation"):
        chat.page.get_by_label(name, exact=True).wait_for()
    assert (chat.page.title(), chat.page.locator("html[lang=en]").count()) == (
        "Customer support",
        1,
    )


def test_a_very_long_message_leaves_room_for_its_answer(chat: Watched) -> None:
    chat.ask("退货流程是什么样的 " * 2000)

    box = chat.page.locator("#kefu-chat .user.message").bounding_box()
    assert box is not None
    assert box["height"] <= chat.height / 2


def test_the_real_kefu_answers_hands_over_and_ends_quietly(
    browser: Browser, tmp_path: Path
) -> None:
    entries = [
        {
            "id": "r1",
            "question": "信用卡退款多久到账？",
            "answer": "信用卡退款 5-10 个工作日到账。",
        },
        {"id": "r2", "question": "怎么申请发票？", "answer": "在订单页点“申请发票”。"},
    ]
    knowledge = tmp_path / "kb.jsonl"
    lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
    knowledge.write_text("\n".join(lines), encoding="utf-8")
    port = free_port()
    settings = {"KEFU_PORT": str(port), "KEFU_VAR": str(tmp_path), "KEFU_KB": str(knowledge)}

    with running("ui", "serve", port=port, env=settings) as server:
        health = server.get("health")
        with Watched.visit(browser, server.url, locale="zh-CN") as chat:
            chat.ask("信用卡退款多久到账？")
            chat.page.locator(".kefu-source summary").click()
            quote = chat.page.locator(".kefu-source p").inner_text()
            chat.page.get_by_label("赞", exact=True).click()
            chat.page.get_by_text("谢谢您的反馈").wait_for()
            chat.ask("转人工")
            chat.open()
            banner = chat.page.locator("#kefu-banner").inner_text()
            restored = chat.last_reply()

    assert (health["status"], health["level"], health["index"]["entries"]) == ("ok", 2, 2)
    assert quote == "信用卡退款 5-10 个工作日到账。"
    assert "工单号 T" in banner
    assert "未接入大模型" in banner
    assert "工单号 T" in restored
    assert server.exit_code == 0
    assert f"http://127.0.0.1:{port}/" in server.said
    assert "Traceback" not in server.said
