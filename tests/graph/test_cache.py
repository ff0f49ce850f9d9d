"""A model's answer is given again only where it is the same for everybody, and still true."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.app import Kefu
from graph.context import Context
from graph.setting_groups import CacheSettings
from tests.fakes.chat import ScriptedChat
from tests.fakes.kefu import small_kefu
from tools.search.types import Entry
from ui.runner import Done, Runner

ASKED = "支付宝的退款钱多久"
ANSWERS = ["支付宝和微信支付要 1-3 个工作日[1]。", "支付宝退款 1-3 个工作日到账[1]。"]


class Shop:
    """A Kefu with a model that has two answers, asked in a new thread each time."""

    def __init__(self, kefu: Kefu, model: ScriptedChat) -> None:
        self.kefu, self.model, self.runner = kefu, model, Runner(kefu)
        self._threads = 0

    async def asks(self, text: str, **context: object) -> Done:
        self._threads += 1
        who = Context(**context)  # type: ignore[arg-type]
        return await self.runner.ask(text, thread_id=f"th{self._threads}", context=who)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    model = ScriptedChat(ANSWERS)
    async with small_kefu(tmp_path, model=model) as kefu:
        yield Shop(kefu, model)


async def test_the_same_question_costs_one_call(shop: Shop) -> None:
    first = await shop.asks(ASKED)
    second = await shop.asks(ASKED + "？")

    assert (first["reply"]["cached"], first["reply"]["llm_calls"]) == (False, 1)
    assert (second["reply"]["cached"], second["reply"]["llm_calls"]) == (True, 0)
    assert second["text"] == first["text"] == ANSWERS[0]
    assert second["reply"]["citations"] == first["reply"]["citations"]
    assert second["reply"]["level"] == 0


@pytest.mark.parametrize(
    ("again", "is_known"), [("支付宝的退款钱多久啊", True), ("微信的退款钱多久啊", False)]
)
async def test_another_wording_of_the_same_question_is_known(
    tmp_path: Path, again: str, is_known: bool
) -> None:
    model, near = ScriptedChat(ANSWERS), CacheSettings(near=0.6)
    async with small_kefu(tmp_path, model=model, cache=near) as kefu:
        shop = Shop(kefu, model)
        await shop.asks(ASKED)

        assert (await shop.asks(again))["reply"]["cached"] == is_known


async def test_an_edit_of_the_knowledge_takes_effect_at_once(shop: Shop) -> None:
    await shop.asks(ASKED)
    search = shop.kefu.services.search
    entry = await search.get("refund-time", tenant="default")
    assert entry is not None
    edited: Entry = {**entry, "answer": entry["answer"] + "节假日顺延。"}

    await search.upsert([edited], tenant="default")

    assert (await shop.asks(ASKED))["reply"]["cached"] is False


async def test_another_region_is_another_question(shop: Shop) -> None:
    await shop.asks(ASKED)

    assert (await shop.asks(ASKED, region="新疆"))["reply"]["cached"] is False


async def test_another_tenant_is_another_question(shop: Shop) -> None:
    search = shop.kefu.services.search
    entry = await search.get("refund-time", tenant="default")
    assert entry is not None
    for tenant in ("a", "b"):
        await search.upsert([entry], tenant=tenant)

    replies = [(await shop.asks(ASKED, tenant=tenant))["reply"] for tenant in ("a", "b")]

    assert [reply["cached"] for reply in replies] == [False, False]


@pytest.mark.parametrize("said", ["支付宝的退款钱今天多久", "支付宝的退款钱多久，电话13800138000"])
async def test_what_is_personal_or_of_today_is_never_kept(shop: Shop, said: str) -> None:
    replies = [(await shop.asks(said))["reply"] for _ in range(2)]

    assert [reply["cached"] for reply in replies] == [False, False]


async def test_an_answer_made_in_a_conversation_is_not_kept_for_others(shop: Shop) -> None:
    for text in ("你好", ASKED):
        await shop.runner.ask(text, thread_id="talk", context=Context())

    assert (await shop.asks(ASKED))["reply"]["cached"] is False


async def test_a_kept_answer_is_there_while_the_model_is_down(shop: Shop) -> None:
    await shop.asks(ASKED)
    shop.model.is_up = False

    done = await shop.asks(ASKED)

    assert (done["text"], done["reply"]["cached"], done["reply"]["level"]) == (ANSWERS[0], True, 0)


async def test_switched_off_every_answer_is_made_anew(tmp_path: Path) -> None:
    model = ScriptedChat(ANSWERS)
    async with small_kefu(tmp_path, model=model, cache=CacheSettings(size=0)) as kefu:
        shop = Shop(kefu, model)
        replies = [(await shop.asks(ASKED))["reply"] for _ in range(2)]

    assert [reply["llm_calls"] for reply in replies] == [1, 1]
