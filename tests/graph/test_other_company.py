"""A company of another trade (a chain of gyms), without a shop: nothing of the sample's is told."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from graph.app import Kefu
from graph.context import Context
from graph.settings import ROOT
from tests.fakes.kefu import BUSINESS, small_kefu, small_settings
from tools.business.demo import DemoShop
from tools.business.goods import read_goods
from ui.chat_events import ChatEvents
from ui.page import lay_out
from ui.runner import Runner

GYM = ROOT / "tests" / "data" / "gym.csv"
OWN = [  # what a customer wants done, or to know of their own
    "我的年卡还有几天到期",
    "帮我停卡",
    "我要退款",
    "退款到哪了",
    "我的积分有多少",
    "帮我查下订单",
    "NZ261121003121 到哪了",
    "帮我取消订单",
    "改一下地址",
    "我的快递到哪了",
    "帮我开张发票",
    "扫地机器人不要了，退掉",
    "where is my refund",
    "cancel my membership",
]
SHOP = ["订单", "快递", "登录", "order", "sign in", "NZ26", "XD65", "暖舟", "1368", "沈一帆"]


@pytest.fixture
async def gym(tmp_path: Path) -> AsyncIterator[Kefu]:
    async with small_kefu(tmp_path, kb=GYM, business=None) as kefu:
        yield kefu


@pytest.mark.parametrize("user_id", ["", "u001"])
async def test_nobody_is_told_of_orders_or_asked_for_one(gym: Kefu, user_id: str) -> None:
    runner, context = Runner(gym), Context(user_id=user_id)
    goods = [good.name for good in read_goods(BUSINESS)]

    texts = [
        (await runner.ask(said, thread_id=str(number), context=context))["text"]
        for number, said in enumerate(OWN)
    ]
    await runner.close()

    told = {
        said: [w for w in SHOP + goods if w in text] for said, text in zip(OWN, texts, strict=True)
    }
    assert {said: words for said, words in told.items() if words} == {}


async def test_how_an_errand_is_done_is_told_and_a_person_is_offered(gym: Kefu) -> None:
    runner = Runner(gym)

    done = await runner.ask("帮我取消自动续费", thread_id="one", context=Context(user_id="u001"))
    await runner.close()

    assert (done["reply"]["action"], done["reply"]["reason"]) == ("act", "unsupported")
    assert [citation["id"] for citation in done["reply"]["citations"]] == ["g07"]
    assert done["text"].endswith("要为您转接人工客服吗？")


async def test_the_chat_page_shows_neither_customers_nor_questions_of_the_sample(
    gym: Kefu,
) -> None:
    page, shown = await visited(gym)

    assert shown[page.chat]["examples"] == []
    assert shown[page.customer]["visible"] is False


async def test_the_chat_page_shows_the_questions_of_the_settings(tmp_path: Path) -> None:
    own = {"zh": ["年卡多少钱？"]}
    async with small_kefu(tmp_path, kb=GYM, business=None, examples=own) as gym:
        page, shown = await visited(gym)

    assert shown[page.chat]["examples"] == [{"text": "年卡多少钱？"}]


async def test_a_company_may_bring_the_demo_shop_along(tmp_path: Path) -> None:
    async with small_kefu(tmp_path, kb=GYM, business=BUSINESS) as gym:
        page, shown = await visited(gym)

        assert isinstance(gym.services.shop, DemoShop)
        assert shown[page.customer]["visible"] is True
        assert shown[page.chat]["examples"] == []


async def visited(kefu: Kefu) -> tuple[Any, dict[Any, Any]]:
    with gr.Blocks():
        page = lay_out("zh")
    runner = Runner(kefu)
    request = gr.Request(headers={"accept-language": "zh"})
    shown = await ChatEvents(runner, kefu, page).visit({}, request)
    await runner.close()
    return page, shown


def test_a_copy_of_the_samples_knowledge_is_the_sample_and_a_file_of_that_name_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faq = tmp_path / "faq.jsonl"
    shutil.copy(ROOT / "data" / "kb" / "faq.jsonl", faq)
    served = small_settings(tmp_path / "var", kb=tmp_path, business=None)

    is_copy = served.is_sample
    monkeypatch.setattr("graph.settings.ROOT", tmp_path / "without data")
    is_sample_deleted = served.shop_records is None
    monkeypatch.undo()
    faq.write_text('{"id": "1", "question": "怎么约课？", "answer": "在小程序上约。"}', "utf-8")

    assert (is_copy, is_sample_deleted, served.is_sample) == (True, True, False)
