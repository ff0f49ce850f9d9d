"""One message, several questions: each gets its answer."""

from pathlib import Path

from graph.app import Kefu
from graph.context import Context
from tests.fakes.chat import ScriptedChat
from tests.fakes.kefu import small_kefu
from ui.runner import Done, Runner

BOTH = "退款多久到账？退货运费谁承担？"


async def ask(kefu: Kefu, text: str) -> Done:
    return await Runner(kefu).ask(text, thread_id="th1", context=Context())


def cited(done: Done) -> list[str]:
    return [citation["id"] for citation in done["reply"]["citations"]]


async def test_each_question_is_answered_under_its_heading(kefu: Kefu) -> None:
    done = await ask(kefu, BOTH)

    assert cited(done) == ["refund-time", "return-freight"]
    assert done["text"].index("关于“退款多久到账？”") < done["text"].index("1-3 个工作日")
    assert done["text"].index("关于“退货运费谁承担？”") < done["text"].index("运费由我们承担")
    assert done["reply"]["reason"] == "several"


async def test_a_question_that_leans_is_named_as_it_was_asked(kefu: Kefu) -> None:
    done = await ask(kefu, "退款多久到账？可以开什么发票？那它多久能拿到？")

    assert "那它多久能拿到？”：" in done["text"]


async def test_what_can_not_be_answered_is_said_of_that_part(kefu: Kefu) -> None:
    done = await ask(kefu, "退款多久到账？你们老板喜欢吃什么？")

    assert cited(done) == ["refund-time"]
    assert "关于“你们老板喜欢吃什么？”，我手上的资料里没有找到答案" in done["text"]


async def test_small_talk_beside_a_question_is_no_question(kefu: Kefu) -> None:
    done = await ask(kefu, "你好，在吗？退款多久到账？")

    assert "关于“" not in done["text"]
    assert cited(done) == ["refund-time"]


async def test_a_wish_for_a_person_is_the_whole_turns(kefu: Kefu) -> None:
    done = await ask(kefu, "退款多久到账？能帮我转人工客服吗？")

    assert done["reply"]["action"] == "handoff"


async def test_where_no_part_can_be_answered_it_falls_back_once(kefu: Kefu) -> None:
    done = await ask(kefu, "你们老板喜欢吃什么？他几岁了？")

    assert done["reply"]["action"] in ("fallback", "clarify")
    assert done["text"].count("资料里没有") <= 1


async def test_the_model_reads_the_passages_of_all_parts_in_one_call(tmp_path: Path) -> None:
    answer = "支付宝 1-3 个工作日到账[1]。质量问题的退货运费由我们承担[2]。"
    model = ScriptedChat([answer])
    async with small_kefu(tmp_path, model=model) as kefu:
        done = await ask(kefu, "支付宝的退款钱多久？质量问题退货运费谁承担呢？")

    [prompt] = model.prompts
    assert "1-3 个工作日" in prompt[0].text
    assert "运费由我们承担" in prompt[0].text
    assert (done["text"], done["reply"]["llm_calls"]) == (answer, 1)


async def test_the_next_turn_has_one_question_again(kefu: Kefu) -> None:
    await ask(kefu, BOTH)

    done = await ask(kefu, "可以开什么发票？")

    assert cited(done) == ["invoice-kind"]
    assert "关于“" not in done["text"]
