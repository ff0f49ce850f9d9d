"""The section around a passage."""

import pytest

from tests.fakes.search import MemorySearch
from tools.ingest.split import split_page
from tools.search.section import whole_section
from tools.search.types import Entry

ROWS = "\n".join(f"| 第{n}项 | {n} 元 |" for n in range(12))
SECTIONS = {
    "prose": "\n\n".join(f"这是第{n}段的开头，接着讲一讲。这是第{n}段的结尾。" for n in range(9)),
    "table": f"| 项目 | 价格 |\n| --- | --- |\n{ROWS}",
    "both": f"先看说明。\n\n| 项目 | 价格 |\n| --- | --- |\n{ROWS}\n\n以上为准。",
}


def entries(body: str) -> list[Entry]:
    page = f"# 说明\n\n## 价格\n\n{body}\n\n## 价格\n\n另一节。\n"
    parts = split_page(page, doc_id="d~1", title="", count_tokens=len, max_tokens=90)
    return [Entry(id=p.id, question=p.title, answer=p.text, kind="doc") for p in parts]


@pytest.mark.parametrize("body", SECTIONS.values(), ids=SECTIONS)
async def test_every_part_leads_to_the_section_as_it_was_written(body: str) -> None:
    parts = entries(body)
    search = MemorySearch(parts)

    wholes = [await whole_section(part, search, tenant="default") for part in parts]

    assert len(parts) > 3
    assert wholes == [body] * (len(parts) - 1) + ["另一节。"]


async def test_an_faq_entry_is_its_own_section() -> None:
    entry = Entry(id="q~2", question="?", answer="!")

    assert await whole_section(entry, MemorySearch([entry]), tenant="default") == "!"


async def test_sections_of_other_tenants_are_not_read() -> None:
    parts = entries(SECTIONS["prose"])
    search = MemorySearch(parts, tenant="other")

    assert await whole_section(parts[0], search, tenant="default") == parts[0]["answer"]
