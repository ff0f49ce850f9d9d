"""What a customer's question finds, in every backend."""

import pytest

from tests.fakes.search import Ask, entry

REFUND = entry("refund", "怎么申请退货退款？", "在订单页点退货。")
PASSWORD = entry("password", "忘记登录密码怎么办", "用手机号重置密码。")
FREIGHT = entry("freight", "运费多少钱", "满 99 元包邮。")


async def test_the_entry_asked_for_comes_first(ask: Ask) -> None:
    await ask.holds(REFUND, PASSWORD, FREIGHT)

    assert (await ask.ids("忘记登录密码怎么办"))[0] == "password"


async def test_a_similar_question_finds_its_entry(ask: Ask) -> None:
    await ask.holds(
        REFUND, entry("points", "积分规则", similar_questions=["金币在哪兑换", "会员分怎么花"])
    )

    assert (await ask.ids("金币在哪兑换"))[0] == "points"


async def test_a_passage_says_which_wording_came_closest(ask_words: Ask) -> None:
    await ask_words.holds(
        entry("points", "积分规则", similar_questions=["金币在哪兑换", "会员分怎么花"])
    )

    found = [(await ask_words(q)).passages[0] for q in ("金币在哪兑换", "会员分", "积分规则")]

    assert [p["matched"] for p in found] == ["金币在哪兑换", "会员分怎么花", "积分规则"]


async def test_an_entry_comes_once_however_many_wordings_match(ask: Ask) -> None:
    await ask.holds(entry("refund", "退款", similar_questions=["退款", "我要退款", "退款！"]))

    assert await ask.ids("退款") == ["refund"]


async def test_at_most_k_passages_come_back(ask: Ask) -> None:
    await ask.holds(*(entry(str(n), f"退款问题 {n}") for n in range(8)))

    assert len(await ask.ids("退款问题", k=3)) == 3


async def test_fewer_entries_than_k_all_come_back(ask: Ask) -> None:
    await ask.holds(REFUND, entry("late", "退款没到账"))

    assert sorted(await ask.ids("退款", k=10)) == ["late", "refund"]


async def test_passages_come_best_first(ask: Ask) -> None:
    await ask.holds(REFUND, PASSWORD, FREIGHT, entry("change", "修改登录密码"))

    scores = [p["score"] for p in (await ask("忘记登录密码怎么办")).passages]

    assert scores == sorted(scores, reverse=True)


async def test_equal_entries_keep_their_order_between_calls(ask: Ask) -> None:
    await ask.holds(*(entry(str(n), "退款多久到账") for n in range(12)))

    assert await ask.ids("退款多久到账", k=4) == await ask.ids("退款多久到账", k=4)


async def test_a_passage_carries_what_the_answer_needs(ask: Ask) -> None:
    await ask.holds(
        entry(
            "v8",
            "V8 怎么清洗",
            "用清水。",
            kind="doc",
            category="售后",
            product="V8",
            source="a.md",
        )
    )

    found = (await ask("V8 怎么清洗")).passages[0]

    assert [found["kind"], found["question"], found["answer"]] == ["doc", "V8 怎么清洗", "用清水。"]
    assert [found["category"], found["product"], found["source"]] == ["售后", "V8", "a.md"]


async def test_scores_are_within_their_documented_bounds(ask: Ask) -> None:
    await ask.holds(REFUND, PASSWORD, FREIGHT)

    for found in (await ask("退款")).passages:
        assert 0 <= found["score"] <= 1
        assert 0 <= found["words"] <= 1
        assert -1 <= found["dense"] <= 1


async def test_legs_say_who_answered(ask: Ask) -> None:
    await ask.holds(REFUND)

    legs = (await ask("退款")).legs

    assert legs["words"] == ("ok" if ask.ranks_words else "off")
    assert legs["dense"] == ("off" if ask.leg == "words" else "ok")


async def test_an_empty_index_finds_nothing(ask: Ask) -> None:
    assert await ask.ids("退款") == []


@pytest.mark.parametrize("question", ["退货", "密码", "运费"])
async def test_two_characters_are_enough(ask_words: Ask, question: str) -> None:
    await ask_words.holds(REFUND, PASSWORD, FREIGHT)

    (best, *_) = (await ask_words(question)).passages

    assert question in best["question"]


async def test_words_of_the_answer_find_the_entry(ask_words: Ask) -> None:
    await ask_words.holds(REFUND, PASSWORD, FREIGHT)

    assert (await ask_words.ids("包邮"))[0] == "freight"


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("退貨運費誰付", "退货运费谁付"),
        ("退货运费谁付", "退貨運費誰付"),
        ("Ｖ８ 充电器", "V8 充电器"),
        ("ERROR E03", "error e03"),
    ],
)
async def test_traditional_full_width_and_case_do_not_matter(
    ask_words: Ask, asked: str, stored: str
) -> None:
    await ask_words.holds(PASSWORD, FREIGHT, entry("it", stored))

    shares = {p["id"]: p["words"] for p in (await ask_words(asked)).passages}

    assert shares["it"] == 1
    assert all(share < 1 for name, share in shares.items() if name != "it")


@pytest.mark.parametrize("code", ["E03", "S20 Pro", "V8", "4.5L", "403"])
async def test_codes_and_model_names_find_their_entry(ask_words: Ask, code: str) -> None:
    await ask_words.holds(
        *(entry(other, f"{other} 怎么用") for other in ("E04", "S10 Pro", "V9", "3.5L", "404")),
        entry("it", f"{code} 怎么用"),
    )

    assert (await ask_words.ids(f"{code} 怎么用"))[0] == "it"


async def test_english_endings_do_not_matter_to_the_words(ask_words: Ask) -> None:
    await ask_words.holds(PASSWORD, entry("en", "How are refunds paid?", "To your card."))

    assert (await ask_words.ids("refund"))[0] == "en"


async def test_an_entry_of_another_topic_shares_less_of_the_question(ask_words: Ask) -> None:
    await ask_words.holds(REFUND, PASSWORD, FREIGHT)

    shares = {p["id"]: p["words"] for p in (await ask_words("忘记登录密码怎么办")).passages}

    assert shares["password"] == 1
    assert all(share < 0.5 for name, share in shares.items() if name != "password")
