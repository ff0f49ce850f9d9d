"""A mistyped English word finds what is meant, on every engine that ranks words."""

from tests.fakes.search import Ask, entry

REFUND = entry("refund", "When does the refund arrive?", "Soon.")
PASSWORD = entry("password", "Reset the password", "In the app.")


async def test_a_word_with_one_wrong_letter_finds_the_entry(ask_terms: Ask) -> None:
    await ask_terms.holds(PASSWORD, REFUND)

    for typed in ("refnud", "refud", "refundd", "refumd", "rEFUMDS"):
        assert await ask_terms.ids(typed) == ["refund"], typed


async def test_an_ending_does_not_hide_the_word(ask_terms: Ask) -> None:
    await ask_terms.holds(PASSWORD, entry("shipping", "Shipping", "Free."))

    assert await ask_terms.ids("shiping") == ["shipping"]


async def test_a_word_that_is_held_finds_only_itself(ask_terms: Ask) -> None:
    await ask_terms.holds(entry("quiet", "quiet mode"), entry("quite", "quite loud"))

    assert await ask_terms.ids("quite") == ["quite"]


async def test_a_word_is_mistyped_only_until_an_entry_holds_it(ask_terms: Ask) -> None:
    await ask_terms.holds(REFUND)
    assert await ask_terms.ids("Refundo") == ["refund"]

    await ask_terms.holds(entry("brand", "What is Refundo?"))

    assert await ask_terms.ids("Refundo") == ["brand"]


async def test_a_word_as_typed_counts_more_than_a_corrected_one(ask_terms: Ask) -> None:
    await ask_terms.holds(REFUND, entry("password", "When does the password arrive?", "Soon."))

    assert await ask_terms.ids("refnud password") == ["password", "refund"]


async def test_digits_are_never_corrected(ask_terms: Ask) -> None:
    await ask_terms.holds(entry("other", "model12345"), entry("number", "20241122"))

    assert await ask_terms.ids("20241123") == []
    assert await ask_terms.ids("model12346") == []


async def test_a_correction_never_shows_another_tenants_entries(ask_terms: Ask) -> None:
    await ask_terms.holds(REFUND, tenant="theirs")
    await ask_terms.holds(PASSWORD)

    assert await ask_terms.ids("refnud") == []
