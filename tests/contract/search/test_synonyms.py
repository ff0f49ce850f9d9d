"""Words that stand for one another find what holds the other, on every engine that ranks words."""

from tests.fakes.search import Ask, entry

PRICE = entry("price", "V8 价格", "1,299 元。")
CLEAN = entry("clean", "V8 清洗", "用清水。")


async def test_a_synonym_finds_the_entry(ask_synonyms: Ask) -> None:
    await ask_synonyms.holds(CLEAN, PRICE, entry("other", "V8 充电"))

    assert (await ask_synonyms.ids("V8 多少钱"))[0] == "price"


async def test_the_word_asked_counts_more_than_its_synonym(ask_synonyms: Ask) -> None:
    await ask_synonyms.holds(PRICE, CLEAN, entry("own", "V8 多少钱", "1,299 元。"))

    assert (await ask_synonyms.ids("V8 多少钱"))[0] == "own"
    assert (await ask_synonyms.ids("V8 价格"))[0] == "price"


async def test_english_words_match_with_their_endings(ask_synonyms: Ask) -> None:
    await ask_synonyms.holds(
        entry("en", "Where do I enter a coupon?", "At the end."),
        entry("login", "How do I sign in?", "With your number."),
    )

    assert (await ask_synonyms.ids("discounts"))[:1] == ["en"]


async def test_a_synonym_does_not_count_as_a_word_of_the_question(ask_synonyms: Ask) -> None:
    await ask_synonyms.holds(PRICE)

    (found,) = (await ask_synonyms("V8 多少钱")).passages

    assert found["words"] < 0.5


async def test_synonyms_never_show_another_tenants_entries(ask_synonyms: Ask) -> None:
    await ask_synonyms.holds(PRICE, tenant="theirs")
    await ask_synonyms.holds(CLEAN)

    assert "price" not in await ask_synonyms.ids("多少钱")
