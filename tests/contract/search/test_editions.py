"""Of an entry's editions every engine finds the one in force, on the day that is asked for."""

import json
from pathlib import Path

from tests.fakes.search import Ask, entry
from tools.ingest.index import ingest
from tools.search.sections import section

QUESTION = "运费怎么算？"
TODAY, EVE, DAY = "2026-11-22", "2026-11-30", "2026-12-01"
PAGE = """---
id: fees
version: {version}
effective_from: {begins}
---

# 费用

## 运费

{text}
"""


def file(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


async def load(ask: Ask, path: Path) -> None:
    await ingest([path], ask.search, tenant="default", count_tokens=len)


def line(version: str, **fields: str) -> str:
    return json.dumps(entry("x", QUESTION, f"第 {version} 版。", version=version, **fields))


async def answers(ask: Ask, today: str) -> list[str]:
    return [passage["answer"] for passage in (await ask(QUESTION, today=today)).passages]


async def test_a_future_edition_is_found_from_its_day_on_and_the_older_until_the_eve(
    ask: Ask, tmp_path: Path
) -> None:
    await load(ask, file(tmp_path / "kb" / "old.jsonl", line("2")))
    assert await answers(ask, TODAY) == ["第 2 版。"]

    await load(ask, file(tmp_path / "kb" / "new.jsonl", line("10", effective_from=DAY)))

    assert await answers(ask, TODAY) == ["第 2 版。"]
    assert await answers(ask, EVE) == ["第 2 版。"]
    assert await answers(ask, DAY) == ["第 10 版。"]
    assert await ask.ids(QUESTION, today=DAY) == ["x"]


async def test_all_passages_of_a_page_give_way_to_those_of_the_next(
    ask: Ask, tmp_path: Path
) -> None:
    rule = "运费怎么算？不满 99 元收 10 元运费。"
    old = PAGE.format(version="2026.9", begins="2026-01-01", text=rule * 40)
    new = PAGE.format(version="2026.10", begins=DAY, text=rule)
    await load(ask, file(tmp_path / "kb" / "old.md", old))
    before = set(await ask.ids(QUESTION, today=TODAY))

    await load(ask, file(tmp_path / "kb" / "new.md", new))

    now = set(await ask.ids(QUESTION, today=EVE))
    assert {"fees@2026.9" + one.removeprefix("fees") for one in before} == now
    assert len(now) > 1
    assert await ask.ids(QUESTION, today=DAY) == ["fees#运费"]
    whole = await section(ask.search, "fees@2026.9#运费~2", tenant="default")
    assert len(whole) > len(rule) * 30
    assert await section(ask.search, "fees#运费", tenant="default") == ""
