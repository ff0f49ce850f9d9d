"""Editions of whole pages: Markdown files that give the same id and another version."""

from pathlib import Path

import pytest

from tests.tools.ingest.test_index_editions import DAY, EVE, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def test_all_passages_of_an_older_page_end_when_the_newer_begins(shop: Shop) -> None:
    shop.page("old.md", {"id": "p", "version": "1"}, "费用", "旧规则")
    new = shop.page("new.md", {"id": "p", "version": "2", "effective_from": DAY}, "费用", "新规则")
    await shop.load(shop.folder / "old.md")

    await shop.load(new)

    assert await shop.ids() == {"p@1#费用", "p@1#旧规则", "p#费用", "p#新规则"}
    assert await shop.answers(EVE) == ["运费怎么算？第 1 版。"] * 2
    assert await shop.answers(DAY) == ["运费怎么算？第 2 版。"] * 2


async def test_a_newer_page_without_a_date_leaves_nothing_of_the_older(shop: Shop) -> None:
    await shop.load(shop.page("p.md", {"id": "p", "version": "1"}, "费用", "旧规则"))

    report = await shop.load(shop.page("p.md", {"id": "p", "version": "2"}, "费用"))

    assert await shop.ids() == {"p#费用"}
    assert report.removed == 1


async def test_a_newer_page_beside_the_older_one_ends_what_the_index_has_of_it(
    shop: Shop,
) -> None:
    await shop.load(shop.page("old.md", {"id": "p", "version": "1"}, "费用", "旧规则"))
    shop.page("new.md", {"id": "p", "version": "2"}, "费用")

    await shop.load()

    assert await shop.ids() == {"p#费用"}


async def test_pages_of_one_name_without_an_id_are_not_editions(shop: Shop) -> None:
    for folder, version in (("a", "1"), ("b", "2")):
        (shop.folder / folder).mkdir()
        shop.page(f"{folder}/index.md", {"version": version}, f"只在{folder}")

    await shop.load()

    assert await shop.ids() == {"index#只在a", "index#只在b"}
    assert len(await shop.answers()) == 2
