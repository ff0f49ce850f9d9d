"""Whatever a customer types or an editor stores, a search returns, in every backend."""

import pytest

from tests.fakes.search import Ask, entry
from tools.search.types import Filters

ODD = {
    "empty": "",
    "spaces": " \n\t ",
    "punctuation": "？！。，、……",
    "emoji": "😀👨‍👩‍👧🙏",
    "control": "\x00\x01\x1b[31m\x7f",
    "surrogate": "退款\ud83d",
    "right to left": "\u202e退款\u202c",
    "zero width": "退\u200b款",
    "long": "退款多久到账" * 3334,
    "all different": "".join(chr(0x4E00 + n) for n in range(20_000)),
    "long words": "refund " * 3000,
    "other scripts": "возврат денег 払い戻し 환불 استرداد",
}
SPECIAL = [
    '"', '""', "'", "*", "退款*", "^退款", "a AND", "AND OR NOT", "NEAR(退款 到账, 2)", "(((", ")",
    "terms:退款", "-退款", "退款 + 到账", "{terms} : x", "x' OR '1'='1", "%_\\",
    "; DROP TABLE words", "{\"query\": {\"match_all\": {}}}", "$where",
    "[1 TO 5]", "/.*/", "退款~2", "\\u0000",
]  # fmt: skip


NO_WORDS = ["empty", "spaces", "punctuation", "emoji", "control"]
WITH_WORDS = ["surrogate", "right to left", "zero width", "long"]


async def test_odd_questions_return(ask: Ask) -> None:
    await ask.holds(entry("refund", "退款多久到账"), entry("other", "发票抬头"))

    counts = {name: len(await ask.ids(question)) for name, question in ODD.items()}

    assert {name: count for name, count in counts.items() if count > 2} == {}


async def test_any_number_of_passages_may_be_asked_for(ask: Ask) -> None:
    await ask.holds(entry("refund", "退款多久到账"), entry("other", "发票抬头"))

    first = {k: (await ask.ids("退款多久到账", k=k))[:1] for k in (-1, 0, 1, 100_000)}

    assert first == {-1: [], 0: [], 1: ["refund"], 100_000: ["refund"]}


async def test_query_languages_are_plain_text(ask: Ask) -> None:
    await ask.holds(entry("refund", "退款多久到账"), entry("other", "发票抬头"))

    for question in SPECIAL:
        assert len(await ask.ids(question)) <= 2, question
        assert (await ask.ids("退款多久到账"))[0] == "refund", question


async def test_words_find_nothing_where_there_are_none(ask_words: Ask) -> None:
    await ask_words.holds(entry("refund", "退款多久到账？"))

    for name in NO_WORDS:
        found = await ask_words.search.search(ODD[name], None, k=5, filters=Filters())
        assert found.passages == [], name


async def test_words_are_found_among_the_odd(ask_words: Ask) -> None:
    await ask_words.holds(entry("refund", "退款多久到账"), entry("other", "发票抬头"))

    found = {name: (await ask_words.ids(ODD[name]))[:1] for name in WITH_WORDS}

    assert found == {name: ["refund"] for name in WITH_WORDS}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_odd_entries_are_stored_known_again_and_removed(ask: Ask, text: str) -> None:
    odd = entry("odd", f"退款 {text}", text, similar_questions=[text])
    await ask.holds(odd)

    assert await ask.ids("退款") == ["odd"]
    assert (await ask.search.upsert([odd], tenant="default")).unchanged == 1
    assert await ask.search.delete(["odd"], tenant="default") == 1


@pytest.mark.parametrize("entry_id", ["问题 1", "a/b?c=d#e", "it's", "%", "x" * 300, "A", "a"])
async def test_ids_may_be_any_text(ask: Ask, entry_id: str) -> None:
    await ask.holds(entry(entry_id, "退款"), entry("another", "发票"))

    assert (await ask.search.get(entry_id, tenant="default") or {})["id"] == entry_id
    assert await ask.search.delete([entry_id], tenant="default") == 1
    assert await ask.search.ids(tenant="default") == {"another"}
