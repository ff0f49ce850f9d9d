"""Words for one thing are said as the knowledge says them, if it hardly knows the word asked."""

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.search.synonyms import read_synonyms
from tools.search.things import HARDLY, LEAST, Things
from tools.text.segment import terms

THINGS = Things([["服务器", "机器", "实例"], ["机器人"], ["密码", "口令", "passcode"]])


def said(question: str, **entries: int) -> str:
    """Say it to a knowledge of which so many entries hold these words."""

    def held(asked: Collection[str]) -> Mapping[str, int]:
        known = {term: count for word, count in entries.items() for term in terms(word, "words")}
        return {term: known[term] for term in asked if term in known}

    return THINGS.said(question, held)


def test_the_word_of_most_entries_takes_the_place_of_one_that_none_holds() -> None:
    assert said("老机器怎么升级", 实例=90, 服务器=40) == "老实例怎么升级"


def test_every_such_word_of_a_question_is_said_so() -> None:
    assert said("机器的口令和机器的价格", 实例=9, 密码=9) == "实例的密码和实例的价格"


@pytest.mark.parametrize("asked", [1, 5])
def test_a_word_that_the_knowledge_uses_itself_stays(asked: int) -> None:
    enough = LEAST + HARDLY * asked

    assert said("机器多少钱", 实例=enough - 1, 机器=asked) == "机器多少钱"
    assert said("机器多少钱", 实例=enough, 机器=asked) == "实例多少钱"


def test_a_word_inside_a_longer_one_that_is_named_stays() -> None:
    assert said("机器人能换吗", 实例=90) == "机器人能换吗"


def test_nothing_is_known_where_no_entry_holds_any() -> None:
    assert said("机器的口令") == "机器的口令"


def test_words_that_are_not_chinese_are_left_to_the_words_leg() -> None:
    assert said("passcode是什么", 密码=90) == "passcode是什么"


def test_no_words_change_nothing() -> None:
    assert Things().said("机器", lambda _: {}) == "机器"


def test_the_list_that_ships_holds_chinese_nouns_each_once() -> None:
    words = [word for group in read_synonyms(None, 0.4).things.groups for word in group]

    assert len(words) == len(set(words)) > 20


async def test_a_companys_own_words_name_things_too(opened: Open, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("- [小白盒, 智能网关]\n", "utf-8")
    near: list[float] = []
    for file in (None, own):
        search = await opened(synonyms=read_synonyms(file, 0.4))
        ask = Ask(search, HashEmbedder(), "hybrid")
        await ask.holds(*(entry(number, f"智能网关{number}") for number in "一二三四"))
        near += [p["dense"] for p in (await ask("小白盒三")).passages if p["id"] == "三"]

    assert near[1] > near[0] + 0.1
