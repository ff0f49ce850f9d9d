"""A question finds by vectors what the knowledge calls by another name, on engines with words."""

from tests.fakes.search import Ask, entry

GIVEN = entry("given", "什么是存储容量单位包SCU（Storage Capacity Unit）？", "一种资源包。")
KNOWLEDGE = [
    *(GIVEN, entry("price", "SCU计费", "按年。"), entry("refund", "SCU退订", "五天内。")),
    entry("disk", "云盘计费", "按月。"),
]
QUESTION = "存储容量单位包计费"


async def test_a_question_finds_what_uses_the_other_name(ask_names: Ask) -> None:
    await ask_names.holds(*KNOWLEDGE)
    await ask_names.ids(QUESTION)  # a server tells the names after a search

    assert (await ask_names.ids(QUESTION))[0] == "price"


async def test_another_tenants_names_change_nothing(ask_names: Ask) -> None:
    await ask_names.holds(*KNOWLEDGE[1:])
    await ask_names.holds(GIVEN, tenant="theirs")
    await ask_names.ids(QUESTION)

    assert (await ask_names.ids(QUESTION))[0] == "disk"


async def test_words_for_one_thing_find_what_uses_the_other(ask_things: Ask) -> None:
    about = [entry(str(n), f"实例{n}") for n in range(4)]
    await ask_things.holds(*about, entry("start", "实例重启"), entry("stop", "机灵重启"))
    await ask_things.ids("机器重启")  # a server tells how many entries hold them after a search

    assert (await ask_things.ids("机器重启"))[0] == "start"
