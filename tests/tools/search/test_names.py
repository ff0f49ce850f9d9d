"""Names of one thing: what an entry gives, and how a question is said with the usual one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embed import HashEmbedder, ReadingEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.embed_base import Vector2D
from tools.errors import SearchUnavailable
from tools.search.meant import meant
from tools.search.names import Name, Names, name_terms, names, said

GIVEN = entry("given", "什么是存储容量单位包SCU（Storage Capacity Unit）？", "一种资源包。")
PRICE = entry("price", "SCU计费", "按年。")
KNOWLEDGE = [GIVEN, PRICE, entry("refund", "SCU退订", "五天内。"), entry("disk", "云盘计费", "")]
QUESTION = "存储容量单位包计费"


def known(*given: tuple[str, str], tenant: str = "default") -> Names:
    found = Names()
    for num, name in enumerate(given):
        found.put(num, tenant, [Name(*name)])
    return found


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("推送到负载均衡（SLB）", ("推送到负载均衡", "SLB")),
        ("授权确认信 (以下简称FOA)", ("授权确认信", "FOA")),
        ("证书请求文件（Certificate Signing Request，简称 CSR）", ("证书请求文件", "CSR")),
        ("自带许可（Bring Your Own License，BYOL）", ("自带许可", "BYOL")),
        ("云服务器ECS（Elastic Compute Service）", ("云服务器", "ECS")),
    ],
)
def test_an_entry_gives_names_in_brackets(text: str, given: tuple[str, str]) -> None:
    assert names(entry("a", "问", f"请看，{text}。")) == {given}


def test_an_entry_gives_the_names_of_its_product() -> None:
    assert names({**entry("a", "问"), "product": "云服务器 ECS"}) == {("云服务器", "ECS")}


@pytest.mark.parametrize(
    "text", ["登录ECS实例", "大件（S20 Pro）", "地址（例如ECS）", "数字（0-9）", "最低（TCO 低）"]
)
def test_what_stands_beside_a_short_form_is_no_name(text: str) -> None:
    assert names(entry("a", text)) == set()


def test_the_end_of_a_long_form_is_enough() -> None:
    found = known(("推送到负载均衡", "SLB"))

    assert found.others("负载均衡怎么用", "default") == {"负载均衡": "SLB"}


def test_a_short_form_stands_for_what_all_its_long_forms_end_in() -> None:
    found = known(("推送到负载均衡", "SLB"), ("部署到负载均衡", "SLB"))

    assert found.others("slb报502", "default") == {"slb": "到负载均衡"}


def test_a_question_with_both_forms_keeps_both() -> None:
    assert known(("云服务器", "ECS")).others("云服务器ecs", "default") == {}


def test_an_end_of_several_names_is_none() -> None:
    found = known(("参数服务器", "PS"), ("云服务器", "ECS"))

    assert found.others("服务器", "default") == {}
    assert found.others("云服务器", "default") == {"云服务器": "ECS"}


def test_a_short_form_that_mostly_means_another_thing_is_no_name() -> None:
    found = known(*[("云服务器", "ECS")] * 9, ("天无理由退款说明", "ECS"))

    assert found.others("退款说明", "default") == {}


def test_names_of_one_tenant_are_not_anothers() -> None:
    assert known(("云服务器", "ECS"), tenant="theirs").others("云服务器", "default") == {}


def test_a_name_goes_with_the_last_entry_that_gives_it() -> None:
    found = known(("云服务器", "ECS"), ("云服务器", "ECS"))

    found.drop(0)
    assert found.others("云服务器", "default") == {"云服务器": "ECS"}
    found.drop(1)
    found.drop(1)
    assert found.others("云服务器", "default") == found.others("ECS", "default") == {}


def test_the_form_is_taken_that_more_entries_hold() -> None:
    others = {"服务器": "ECS", "SLB": "负载均衡"}
    held = {"服务": 9, "务器": 5, "ecs": 6, "slb": 3, "负载": 4, "载均": 2, "均衡": 4}

    assert name_terms(others) == held.keys()
    assert said("服务器的SLB", others, held) == "ECS的SLB"


async def test_a_question_finds_what_uses_the_other_name(opened: Open) -> None:
    ask = Ask(await opened(), HashEmbedder(), "hybrid")
    await ask.holds(*KNOWLEDGE)

    assert (await ask.ids(QUESTION))[0] == "price"


async def test_the_best_hits_are_read_for_the_usual_name(opened: Open) -> None:
    ask = Ask(await opened(embedder := ReadingEmbedder()), embedder, "hybrid")
    await ask.holds(*KNOWLEDGE)

    (best, *_) = (await ask(QUESTION)).passages

    assert best["id"] == "price"
    assert best["meaning"] == pytest.approx(1, abs=0.02)


async def test_a_deleted_entry_gives_no_names_any_more(opened: Open) -> None:
    ask = Ask(await opened(), embedder := HashEmbedder(), "hybrid")
    writer = await opened(embedder)
    await ask.holds(*KNOWLEDGE)
    await ask.ids(QUESTION)

    await writer.delete(["given"], tenant="default")
    await ask.ids("存储容量单位包")

    assert embedder.asked[-1] == "存储容量单位包"


async def test_names_of_a_file_from_before_are_looked_for_when_it_is_opened(
    opened: Open, tmp_path: Path
) -> None:
    await Ask(await opened(), HashEmbedder(), "hybrid").holds(*KNOWLEDGE)
    with closing(sqlite3.connect(tmp_path / "index.db")) as db, db:
        db.executescript("DROP TABLE names; DELETE FROM meta WHERE key = 'names'")

    again = Ask(await opened(), HashEmbedder(), "hybrid")

    assert (await again.ids(QUESTION))[0] == "price"


async def test_the_vector_lies_between_both_and_nearer_to_the_usual_name() -> None:
    embedder = HashEmbedder()
    own, usual = await embedder.questions(["服务器怎么付款", "ECS怎么付款"])

    vector = await meant(own, "服务器怎么付款", "ECS怎么付款", embedder)

    assert np.linalg.norm(vector) == pytest.approx(1)
    assert own @ usual < vector @ own < vector @ usual


async def test_without_the_model_the_question_s_own_vector_stands() -> None:
    class Gone(HashEmbedder):
        async def questions(self, texts: object) -> Vector2D:
            raise SearchUnavailable("gone")

    own = np.ones(64, np.float32) / 8

    assert (await meant(own, "服务器", "ECS", Gone()) == own).all()
