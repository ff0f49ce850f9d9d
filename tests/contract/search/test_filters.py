"""What a customer may not see is found through no leg, in every backend."""

import pytest

from tests.fakes.search import Ask, entry

QUESTION = "退款多久到账"
HOSTILE = {
    "sql": "' OR 1=1 --",
    "two statements": "x' ; DROP TABLE entries",
    "wildcard": "*",
    "like": "%",
    "chroma": "$ne",
    "json": '{"$ne": ""}',
    "cut short": "shop-a\x00",
    "other case": "SHOP-A",
    "with a space": "shop-a ",
    "full width": "ｓhop-a",
    "two names": "shop-a,shop-b",
    "two values": '["shop-a"]',
    "surrogate": "\ud83d",
    "long": "x" * 5000,
    "empty": "",
}


async def test_tenants_do_not_see_each_other(ask: Ask) -> None:
    await ask.holds(entry("a", QUESTION), tenant="shop-a")
    await ask.holds(entry("b", QUESTION), tenant="shop-b")

    assert await ask.ids(QUESTION, tenant="shop-a") == ["a"]
    assert await ask.ids(QUESTION, tenant="shop-b") == ["b"]
    assert await ask.ids(QUESTION, tenant="shop-c") == []


async def test_tenants_may_use_the_same_ids(ask: Ask) -> None:
    await ask.holds(entry("q1", QUESTION, "甲"), tenant="shop-a")
    await ask.holds(entry("q1", QUESTION, "乙"), tenant="shop-b")

    await ask.search.delete(["q1"], tenant="shop-a")

    assert await ask.ids(QUESTION, tenant="shop-a") == []
    assert (await ask(QUESTION, tenant="shop-b")).passages[0]["answer"] == "乙"


async def test_internal_entries_are_for_staff(ask: Ask) -> None:
    await ask.holds(entry("staff", QUESTION, audience="internal"), entry("all", QUESTION))

    assert await ask.ids(QUESTION) == ["all"]
    assert sorted(await ask.ids(QUESTION, audience="internal")) == ["all", "staff"]


@pytest.mark.parametrize("field", ["region", "channel"])
async def test_entries_of_a_place_are_for_that_place(ask: Ask, field: str) -> None:
    await ask.holds(entry("here", QUESTION, **{field: "x"}), entry("everywhere", QUESTION))

    assert sorted(await ask.ids(QUESTION, **{field: "x"})) == ["everywhere", "here"]
    assert await ask.ids(QUESTION, **{field: "y"}) == ["everywhere"]
    assert await ask.ids(QUESTION) == ["everywhere"]


async def test_entries_are_found_while_they_hold(ask: Ask) -> None:
    found_on = {
        "2026-05-31": ["old"],
        "2026-06-01": ["new", "old"],  # both days inclusive
        "2026-06-02": ["new"],
        "": ["new", "old"],
    }
    await ask.holds(
        entry("old", QUESTION, effective_to="2026-06-01"),
        entry("new", QUESTION, effective_from="2026-06-01"),
    )

    assert {day: sorted(await ask.ids(QUESTION, today=day)) for day in found_on} == found_on


async def test_the_language_is_guessed_where_the_entry_does_not_say(ask: Ask) -> None:
    await ask.holds(entry("zh", "V8 退款"), entry("en", "V8 refund", "Within 3 days."))

    assert await ask.ids("V8", lang="zh") == ["zh"]
    assert await ask.ids("V8", lang="en") == ["en"]
    assert sorted(await ask.ids("V8")) == ["en", "zh"]


async def test_the_language_an_entry_says_counts(ask: Ask) -> None:
    await ask.holds(entry("it", "V8 退款", lang="en"))

    assert await ask.ids("V8", lang="en") == ["it"]


async def test_hidden_entries_do_not_use_up_the_places(ask: Ask) -> None:
    await ask.holds(*(entry(f"staff{n}", QUESTION, audience="internal") for n in range(300)))
    await ask.holds(entry("all", QUESTION))

    assert await ask.ids(QUESTION, k=1) == ["all"]


async def test_no_value_of_a_filter_shows_what_is_not_the_customers(ask: Ask) -> None:
    await ask.holds(
        entry("secret", QUESTION, region="east", channel="app", audience="internal"),
        entry("east", QUESTION, region="east"),
        tenant="shop-a",
    )

    for name, value in HOSTILE.items():
        assert await ask.ids(QUESTION, tenant=value) == [], name
        assert await ask.ids(QUESTION, tenant="shop-a", region=value, channel=value) == [], name
        english = await ask.ids(QUESTION, tenant="shop-a", region="east", lang=value or "en")
        assert english == [], name
        assert await ask.search.ids(tenant=value) == set(), name
        assert await ask.search.get("secret", tenant=value) is None, name
        assert await ask.search.delete(["secret"], tenant=value) == 0, name
    assert await ask.ids(QUESTION, tenant="shop-a", region="east") == ["east"]


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_a_tenant_of_any_name_has_its_own_entries_only(ask: Ask, value: str) -> None:
    await ask.holds(entry("theirs", QUESTION), tenant="shop-a")
    await ask.holds(entry("own", QUESTION), tenant=value)

    assert await ask.ids(QUESTION, tenant=value) == ["own"]
    assert await ask.search.ids(tenant=value) == {"own"}


async def test_a_tenant_whose_name_is_no_text_is_none_of_the_others(ask: Ask) -> None:
    await ask.holds(entry("theirs", QUESTION), tenant="?")

    assert await ask.ids(QUESTION, tenant="\ud83d") == []
    assert await ask.search.ids(tenant="\ud83d") == set()
    assert await ask.search.delete(["theirs"], tenant="\ud83d") == 0
