"""The desk page: who gets in, what it shows, and what a person does there."""

import html
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import gradio as gr
import httpx
import pytest

from graph.app import Kefu
from graph.context import Context
from graph.settings import Settings
from tests.fakes.desk_page import Colleague
from tools.desk.desk import Desk
from tools.desk.records import Ticket
from tools.desk.tickets import Tenants
from tools.errors import StoreUnavailable
from ui.agents import Agent, who
from ui.desk_page import REPLY_CHARS
from ui.desk_views import Lists, lists, wait
from ui.runner import Runner
from ui.web import create_app
from ui.words.desk import desk_words

ANNA, LIN = ("anna", "geheim-123"), ("小林", "geheim-456")
SITE = "http://kefu.test"
JOIN = "/desk/gradio_api/queue/join"
EVIL = "<img src=x onerror=alert(1)> [x](javascript:alert(1))"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
async def web(kefu: Kefu, runner: Runner) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(runner, kefu, dict([ANNA]), dict([LIN]))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


@pytest.mark.parametrize("path", ["", "config", "gradio_api/info", "theme.css"])
async def test_only_the_desks_own_people_get_in(web: httpx.AsyncClient, path: str) -> None:
    wrong = (LIN[0], "wrong")
    strangers = [await web.get(f"/desk/{path}", auth=name) for name in (None, ANNA, wrong)]
    own = await web.get(f"/desk/{path}", auth=LIN)

    assert [answer.status_code for answer in strangers] == [401] * 3
    assert own.status_code == 200


async def test_its_data_is_refused_as_well_as_the_page(web: httpx.AsyncClient) -> None:
    call = {"data": [{}, {}], "fn_index": 0, "session_hash": "s"}

    stranger = await web.post(JOIN, json=call)
    editor = await web.post(JOIN, json=call, auth=ANNA)
    elsewhere = await web.post(JOIN, json=call, auth=LIN, headers={"Origin": "http://evil.test"})
    stream = await web.get("/desk/gradio_api/queue/data", params={"session_hash": "s"})

    answers = [stranger, editor, elsewhere, stream]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 401]


async def test_an_agent_is_no_editor(web: httpx.AsyncClient) -> None:
    assert (await web.get("/knowledge/", auth=LIN)).status_code == 401


def test_a_handler_does_nothing_for_nobody() -> None:
    with pytest.raises(PermissionError):
        who(cast(gr.Request, SimpleNamespace(username=None)), Settings())


async def wished(runner: Runner, *texts: str, thread_id: str = "th1") -> None:
    for text in texts or ("转人工",):
        await runner.ask(text, thread_id=thread_id, context=Context(user_id="u001"))


async def test_takes_answers_and_hands_back(runner: Runner, kefu: Kefu) -> None:
    await wished(runner, "退款多久到账？", "转人工")
    lin = Colleague(runner, kefu)

    await lin.opens()
    read, could = lin.shown["talk"], lin.can()
    await lin.does("take")
    offered = lin.shown["answers"]
    await lin.says("您好")
    box, mine = lin.shown["box"], lin.can()
    await wished(runner, "还有个问题")
    await lin.looks()
    seen = lin.shown["talk"]
    await lin.does("end")

    assert "退款多久到账？" in read
    assert "资料中有明确答案" in read
    assert (could, mine, lin.can()) == ({"take"}, {"work"}, set())
    assert "data-id" in offered
    assert box == ""
    assert seen.index("您好") < seen.index("还有个问题")
    assert "客户已收到通知" in lin.shown["note"]
    assert (await runner.state("th1"))["owner"] == "bot"


async def test_the_second_is_told_who_was_first(runner: Runner, kefu: Kefu) -> None:
    await wished(runner)
    lin, zhou = Colleague(runner, kefu), Colleague(runner, kefu, "小周")
    await lin.opens()
    await zhou.opens()

    await lin.does("take")
    await zhou.does("take")

    assert "已由 小林 接待" in zhou.shown["note"]
    assert zhou.can() == {"take_over"}


async def test_only_the_colleague_whom_the_button_names_is_relieved(
    runner: Runner, kefu: Kefu
) -> None:
    await wished(runner)
    lin, zhou, wang = (Colleague(runner, kefu, name) for name in ("小林", "小周", "小王"))
    await lin.opens()
    await lin.does("take")
    await zhou.opens()
    await wang.opens()

    await zhou.does("take_over")
    await wang.does("take_over")
    await lin.says("还在输入的话")

    assert "已由 小周 接待" in wang.shown["note"]
    assert "由 小周 接待" in lin.shown["note"]
    assert lin.shown["box"] == "还在输入的话"


async def test_a_closed_ticket_can_be_read_and_not_written(runner: Runner, kefu: Kefu) -> None:
    await wished(runner)
    lin = Colleague(runner, kefu)
    await lin.opens()
    await lin.does("take")
    await lin.does("end")

    await lin.says("补充一句")
    await lin.does("take")

    assert "已经结束" in lin.shown["note"]
    assert lin.shown["box"] == "补充一句"
    assert lin.can() == set()


async def test_what_fails_is_told_and_the_text_stays(
    runner: Runner, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wished(runner)
    lin = Colleague(runner, kefu)
    await lin.opens()
    await lin.does("take")

    async def down(*_: object, **__: object) -> None:
        raise StoreUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "add_desk_message", down)
        await lin.says("您好")
        failed = lin.shown["note"], lin.shown["box"]
    with monkeypatch.context() as patch:
        patch.setattr(Desk, "tickets", down)
        await lin.looks()
        blind = lin.shown["note"]
    await lin.looks()
    back = lin.shown["note"]
    await lin.says("您好")

    assert "请再试一次" in failed[0]
    assert failed[1] == "您好"
    assert "正在重试" in blind
    assert (back, lin.shown["box"]) == ("", "")


@pytest.mark.parametrize("text", ["", "  \n", None, 5, "长" * (REPLY_CHARS + 1)])
async def test_what_can_not_be_sent_is_not(runner: Runner, kefu: Kefu, text: object) -> None:
    await wished(runner)
    lin = Colleague(runner, kefu)
    await lin.opens()
    await lin.does("take")

    await lin.does("reply", text)

    assert await kefu.services.desk.said_in("th1", tenant="default") == []


async def test_what_was_being_written_to_one_customer_is_never_in_the_box_for_another(
    runner: Runner, kefu: Kefu
) -> None:
    await wished(runner)
    await wished(runner, thread_id="th2")
    lin = Colleague(runner, kefu)
    await lin.visits()
    first, second = lin.listed()
    await lin.opens(first)
    lin.shown["box"] = "写给第一位"

    await lin.opens(first)
    still = lin.shown["box"]
    await lin.opens(second)

    assert (still, lin.shown["box"]) == ("写给第一位", "")


@pytest.mark.parametrize("number", ["7", "-1", "x", "<b>", "²"])
async def test_an_answer_that_is_not_offered_is_not_inserted(
    runner: Runner, kefu: Kefu, number: str
) -> None:
    await wished(runner, "退款多久到账？", "转人工")
    lin = Colleague(runner, kefu)
    await lin.opens()
    await lin.does("take")
    lin.shown["box"] = "您好，"

    lin.inserts(number)
    before = lin.shown["box"]
    lin.inserts("0")

    assert before == "您好，"
    assert lin.shown["box"].startswith("您好，\n")
    assert len(lin.shown["box"]) > len("您好，\n")


async def test_another_tenants_tickets_are_not_there(runner: Runner, kefu: Kefu) -> None:
    theirs = await kefu.services.desk.open_ticket(
        "th9", tenant="acme", user_id="u9", reason="human", summary="秘密"
    )
    lin = Colleague(runner, kefu)
    await lin.visits()

    await lin.opens(theirs["ticket_id"])
    await lin.does("take")
    await lin.does("end")

    assert lin.listed() == []
    assert "秘密" not in lin.shown["talk"]
    assert "没有这张工单" in lin.shown["note"]
    ticket = await kefu.services.desk.ticket(theirs["ticket_id"], tenant="acme")
    assert ticket is not None
    assert ticket["status"] == "open"


async def test_a_ticket_for_which_no_conversation_waits_can_only_be_closed(
    runner: Runner, kefu: Kefu
) -> None:
    await kefu.services.desk.open_ticket(
        "gone", tenant="default", user_id="", reason="human", summary=""
    )
    lin = Colleague(runner, kefu)

    await lin.opens()
    could = lin.can()
    await lin.does("end")

    assert could == {"close"}
    assert "工单已关闭" in lin.shown["note"]
    assert lin.can() == set()


async def test_a_ticket_that_ends_while_it_is_looked_at_is_not_one_for_which_nobody_waits(
    runner: Runner, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wished(runner)
    [ticket] = await kefu.services.desk.tickets(tenant="default")
    lin, zhou = Colleague(runner, kefu), Colleague(runner, kefu, "小周")
    await lin.opens()
    await lin.does("take")
    await zhou.opens()
    read = Desk.ticket

    async def read_before_the_end(desk: Desk, ticket_id: str, *, tenant: Tenants) -> Ticket | None:
        monkeypatch.setattr(Desk, "ticket", read)
        found = await read(desk, ticket_id, tenant=tenant)
        await runner.end(ticket, agent="小林")
        return found

    monkeypatch.setattr(Desk, "ticket", read_before_the_end)
    await zhou.looks()

    assert zhou.can() == set()


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_whatever_anybody_says_is_shown_as_text(
    runner: Runner, kefu: Kefu, locale: str
) -> None:
    await wished(runner, EVIL, "转人工", EVIL)
    lin = Colleague(runner, kefu, EVIL, locale)
    await lin.opens()
    await lin.does("take")
    await lin.says(EVIL)

    shown = "".join(str(lin.shown[name]) for name in ("brand", "tickets", "talk", "note"))
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert html.escape(EVIL, quote=True) in shown


async def test_what_was_said_to_the_bot_is_masked_as_the_log_keeps_it(
    runner: Runner, kefu: Kefu
) -> None:
    await wished(runner, "我的电话是 13800138000", "转人工")
    lin = Colleague(runner, kefu)

    await lin.opens()

    assert "13800138000" not in lin.shown["talk"] + lin.shown["tickets"]


@pytest.mark.parametrize("memory", [None, 5, {"ticket": 5, "locale": "xx"}, {"ticket": "\ud800"}])
async def test_a_forged_memory_is_taken_for_none(
    runner: Runner, kefu: Kefu, memory: object
) -> None:
    await wished(runner)
    lin = Colleague(runner, kefu)
    lin.shown["memory"] = memory

    await lin.visits()

    assert len(lin.listed()) == 1


def ticket(name: str, minutes: int, **changes: object) -> Ticket:
    made = {
        **{"ticket_id": name, "tenant": "default", "thread_id": name, "user_id": name},
        **{"reason": "human", "summary": "顾客：转人工", "status": "open", "agent": ""},
        **{"opened_at": NOW - timedelta(minutes=minutes), "taken_at": None, "closed_at": None},
    }
    return cast(Ticket, made | changes)


def test_the_list_says_how_long_each_waits_why_and_what_is_urgent() -> None:
    waiting = [ticket("a", 75), ticket("b", 2, reason="danger")]
    lin = Agent("小林", frozenset(["default"]))
    found = Lists(waiting, [], [], [], {}, {"waiting": 102}, lin)

    shown = lists("en", found, "b", NOW)

    assert shown.index("waiting: 1 h 15 min") < shown.index("waiting: 2 min")
    assert shown.count("Urgent") == 1
    assert "wants a person" in shown
    assert 'data-id="b" aria-current="true"' in shown
    assert 'data-waiting="102"' in shown
    assert "100 more" in shown


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(-5, "刚刚"), (0.5, "刚刚"), (59, "59 分钟"), (60, "1 小时 0 分"), (3000, "2 天")],
)
def test_a_span_of_time_is_said_to_the_minute(minutes: float, text: str) -> None:
    assert wait(desk_words("zh"), timedelta(minutes=minutes)) == text


@pytest.mark.parametrize("is_ended", [False, True])
async def test_who_loses_a_ticket_to_a_colleague_is_told_and_reads_nothing_that_is_no_longer_so(
    runner: Runner, kefu: Kefu, is_ended: bool
) -> None:
    await wished(runner)
    lin, zhou = Colleague(runner, kefu), Colleague(runner, kefu, "小周")
    await lin.opens()
    await lin.does("take")
    before = lin.shown["note"]
    await zhou.opens()
    await zhou.does("take_over")
    if is_ended:
        await zhou.does("end")

    await lin.looks()

    assert "客户已收到通知" in before
    assert "客户已收到通知" not in lin.shown["note"]
    assert ("已经结束" if is_ended else "已由 小周 接待") in lin.shown["note"]


async def test_what_was_not_sent_is_shown_with_the_reason_since_the_box_is_gone(
    runner: Runner, kefu: Kefu
) -> None:
    await wished(runner)
    lin, zhou = Colleague(runner, kefu), Colleague(runner, kefu, "小周")
    await lin.opens()
    await lin.does("take")
    await zhou.opens()
    await zhou.does("take_over")

    await lin.says(EVIL)

    assert "由 小周 接待" in lin.shown["note"]
    assert html.escape(EVIL) in lin.shown["note"]
    assert lin.can() == {"take_over"}


async def test_the_next_agent_reads_whose_words_each_were(runner: Runner, kefu: Kefu) -> None:
    await wished(runner)
    lin, zhou = Colleague(runner, kefu), Colleague(runner, kefu, "小周")
    await lin.opens()
    await lin.does("take")
    await lin.says("我查一下")
    await zhou.opens()
    await zhou.does("take_over")
    await zhou.says("查到了")

    talk = zhou.shown["talk"]
    assert talk.index("人工客服 · 小林") < talk.index("我查一下")
    assert talk.index("我查一下") < talk.index("人工客服 · 小周") < talk.index("查到了")


async def test_only_what_is_sent_tells_the_browser_to_drop_its_draft(
    runner: Runner, kefu: Kefu
) -> None:
    await wished(runner)
    lin = Colleague(runner, kefu)
    await lin.opens()
    await lin.does("take")
    [open_id] = lin.listed()

    await lin.says("一")
    first = lin.shown["note"]
    await lin.says("二")
    second = lin.shown["note"]
    await lin.says("长" * (REPLY_CHARS + 1))

    assert all(f'data-ticket="{open_id}" data-agent="小林"' in note for note in (first, second))
    assert first != second  # a page hears of a change only
    assert "data-ticket" not in lin.shown["note"]
