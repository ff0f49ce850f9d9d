"""What is stored, counted, replaced and removed, in every backend."""

import asyncio

from tests.fakes.search import Ask, entry

QUESTION = "退款多久到账"


async def test_new_changed_and_unchanged_entries_are_counted_apart(ask: Ask) -> None:
    await ask.holds(entry("same", "一"), entry("other", "二"))

    changes = await ask.search.upsert(
        [entry("same", "一"), entry("other", "二", "新"), entry("new", "三")], tenant="default"
    )

    assert (changes.added, changes.changed, changes.unchanged) == (1, 1, 1)
    assert changes.by_id == {"other": "changed", "new": "added"}


async def test_nothing_to_store_is_no_change(ask: Ask) -> None:
    changes = await ask.search.upsert([], tenant="default")

    assert (changes.added, changes.changed, changes.unchanged) == (0, 0, 0)


async def test_of_one_id_twice_the_last_counts(ask: Ask) -> None:
    changes = await ask.search.upsert(
        [entry("x", QUESTION, "旧"), entry("x", QUESTION, "新")], tenant="default"
    )

    assert (changes.added, changes.changed) == (1, 1)
    assert [p["answer"] for p in (await ask(QUESTION)).passages] == ["新"]


async def test_the_order_of_fields_is_no_change(ask: Ask) -> None:
    await ask.holds({"id": "x", "question": "问", "answer": "答"})

    changes = await ask.search.upsert(
        [{"answer": "答", "question": "问", "id": "x"}], tenant="default"
    )

    assert changes.unchanged == 1


async def test_a_stored_entry_is_found_by_the_next_query(ask: Ask) -> None:
    assert await ask.ids(QUESTION) == []

    await ask.holds(entry("x", QUESTION))

    assert await ask.ids(QUESTION) == ["x"]


async def test_a_changed_entry_is_found_by_its_new_wording(ask: Ask) -> None:
    await ask.holds(entry("x", "积分规则"), entry("y", "发票抬头"))
    await ask("积分规则")

    await ask.holds(entry("x", QUESTION, "三天。"))

    found = (await ask(QUESTION)).passages[0]
    assert (found["id"], found["question"], found["answer"]) == ("x", QUESTION, "三天。")


async def test_a_deleted_entry_is_gone_with_the_next_query(ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION), entry("y", QUESTION))
    await ask(QUESTION)

    assert await ask.search.delete(["x"], tenant="default") == 1

    assert await ask.ids(QUESTION) == ["y"]


async def test_unknown_ids_are_not_counted_as_deleted(ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION))

    assert await ask.search.delete(["x", "x", "nobody"], tenant="default") == 1
    assert await ask.search.delete([], tenant="default") == 0


async def test_a_deleted_entry_can_come_back(ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION))
    await ask.search.delete(["x"], tenant="default")

    changes = await ask.search.upsert([entry("x", QUESTION)], tenant="default")

    assert changes.added == 1
    assert await ask.ids(QUESTION) == ["x"]


async def test_an_entry_is_read_back_whole(ask: Ask) -> None:
    whole = entry(
        "x", QUESTION, similar_questions=["钱呢"], region="east", effective_from="2026-01-01"
    )
    await ask.holds(whole)

    assert await ask.search.get("x", tenant="default") == whole


async def test_an_unknown_id_reads_back_as_none(ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION), tenant="shop-a")

    assert await ask.search.get("x", tenant="shop-b") is None
    assert await ask.search.get("y", tenant="shop-a") is None


async def test_several_entries_are_read_back_whole_each_once(ask: Ask) -> None:
    held = [entry(f"x{n}", f"{QUESTION} {n}", region="east") for n in range(600)]
    await ask.holds(*held[:3], tenant="shop-b")
    await ask.holds(*held)
    await ask.search.delete(["x1"], tenant="default")

    found = await ask.search.get_all(
        ["x0", "x0", "y", "x1", *(e["id"] for e in held[2:])], tenant="default"
    )

    assert sorted(found, key=lambda e: int(e["id"][1:])) == [held[0], *held[2:]]
    assert await ask.search.get_all([], tenant="default") == []


async def test_ids_are_of_one_tenant(ask: Ask) -> None:
    await ask.holds(entry("a", QUESTION), tenant="shop-a")
    await ask.holds(entry("b", QUESTION), tenant="shop-b")

    assert await ask.search.ids(tenant="shop-a") == {"a"}
    assert await ask.search.ids(tenant="shop-c") == set()


async def test_progress_ends_at_the_total(ask: Ask) -> None:
    seen: list[tuple[int, int]] = []

    await ask.search.upsert(
        [entry(str(n), f"问题 {n}") for n in range(70)],
        tenant="default",
        progress=lambda done, total: seen.append((done, total)),
    )

    assert seen[-1] == (70, 70)
    assert seen == sorted(seen)


async def test_health_counts_entries_of_all_tenants(ask: Ask) -> None:
    await ask.holds(entry("a", QUESTION), tenant="shop-a")
    await ask.holds(entry("a", QUESTION), entry("b", QUESTION), tenant="shop-b")

    health = await ask.search.health()

    assert health.entries == 3
    assert health.legs["words"] == ("ok" if ask.ranks_words else "off")
    assert health.backend


async def test_the_version_rises_with_every_change_and_only_then(ask: Ask) -> None:
    versions = [(await ask.search.health()).version]
    for write in ("add", "change", "delete"):
        if write == "delete":
            await ask.search.delete(["x"], tenant="default")
        else:
            await ask.holds(entry("x", QUESTION, write))
        versions.append((await ask.search.health()).version)
    await ask.search.delete(["x"], tenant="default")

    assert versions == sorted(set(versions))
    assert (await ask.search.health()).version == versions[-1]


async def test_unchanged_entries_leave_the_version_alone(ask: Ask) -> None:
    await ask.holds(entry("x", QUESTION))
    before = (await ask.search.health()).version

    await ask.holds(entry("x", QUESTION))

    assert (await ask.search.health()).version == before


async def test_searches_during_a_load_see_whole_entries(ask: Ask) -> None:
    await ask.holds(entry("first", QUESTION))
    load = asyncio.create_task(
        ask.search.upsert([entry(str(n), f"{QUESTION} {n}") for n in range(120)], tenant="default")
    )

    counts = [len(await ask.ids(QUESTION, k=500)) for _ in range(20)]
    await load

    assert counts == sorted(counts)
    assert counts[0] >= 1
    assert len(await ask.ids(QUESTION, k=500)) == 121


async def test_many_searches_at_once_agree(ask: Ask) -> None:
    await ask.holds(*(entry(str(n), f"退款问题 {n}") for n in range(20)))

    answers = await asyncio.gather(*(ask.ids("退款问题 7") for _ in range(24)))

    assert all(found == answers[0] for found in answers)
