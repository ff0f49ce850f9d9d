"""Two engines side by side, where there are two."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from graph.app import Kefu
from tests.fakes.kefu import small_kefu
from tests.fakes.search import MemorySearch, entry
from tools.errors import IndexMismatch
from tools.search.late import LateSearch, embedded_beside
from tools.search.sqlite import FILE
from tools.search.types import Filters, LegState, SearchResult
from ui.knowledge import knowledge_page
from ui.knowledge_compare import Comparison, what_counts
from ui.knowledge_page import Engine, KnowledgePage, lay_out
from ui.words.knowledge import knowledge_words

QUESTION = "退款多久到账"
W = knowledge_words("en")


@pytest.fixture
async def kefu(tmp_path: Path) -> AsyncIterator[Kefu]:
    async with small_kefu(tmp_path, has_vectors=False) as opened:
        yield opened


def with_engines(kefu: Kefu, serving: MemorySearch, beside: LateSearch | MemorySearch) -> Kefu:
    return replace(kefu, services=replace(kefu.services, search=serving, beside=beside))


def page() -> KnowledgePage:
    with gr.Blocks():
        return lay_out("en", [0.0, 0.75], 0.75, has_two_engines=True)


async def shown(kefu: Kefu, engine: Engine) -> str:
    laid = page()
    update = await Comparison(kefu, laid).compare(QUESTION, "", 0.75, 0.0, "en", engine)
    return str(update[laid.sides])


def engines(blocks: gr.Blocks) -> list[str]:
    return [part.elem_id for part in blocks.blocks.values() if part.elem_id == "kefu-engine"]


async def test_the_right_side_is_asked_of_the_second_engine(kefu: Kefu) -> None:
    two = with_engines(
        kefu,
        MemorySearch([entry("new", QUESTION)]),
        MemorySearch([entry("old", QUESTION), entry("older", "发票")]),
    )

    serving, _, embedded = (await shown(two, "embedded")).partition("</section>")

    assert "new" in serving
    assert "memory (1 entries)" in serving
    assert "old" in embedded
    assert "memory (2 entries)" in embedded
    assert "old" not in await shown(two, "serving")


async def test_a_second_engine_that_can_not_be_opened_is_told(kefu: Kefu) -> None:
    async def refused() -> MemorySearch:
        raise IndexMismatch("built with another embedder")

    two = with_engines(kefu, MemorySearch([entry("new", QUESTION)]), LateSearch(refused))

    said = await shown(two, "embedded")

    assert "can&#x27;t be opened" in said
    assert "built with another embedder" not in said
    assert "new" in await shown(two, "serving")


async def test_the_choice_is_there_only_where_there_are_two_engines(kefu: Kefu) -> None:
    two = with_engines(kefu, MemorySearch([]), MemorySearch([]))

    assert kefu.services.beside is None
    assert engines(knowledge_page(kefu)) == []
    assert engines(knowledge_page(two)) == ["kefu-engine"]


@pytest.mark.parametrize(
    ("kind", "url", "has_index", "is_offered"),
    [
        ("auto", "http://127.0.0.1:9", True, True),
        ("auto", "http://127.0.0.1:9", False, False),
        ("auto", "", True, False),
        ("sqlite", "http://127.0.0.1:9", True, False),
        ("chroma", "", True, True),
    ],
)
def test_the_embedded_index_is_offered_where_another_engine_serves_and_it_exists(
    tmp_path: Path, kind: str, url: str, has_index: bool, is_offered: bool
) -> None:
    if has_index:
        (tmp_path / FILE).touch()

    beside = embedded_beside(tmp_path, None, {"kind": kind, "url": url})

    assert (beside is not None) == is_offered


@pytest.mark.parametrize(
    ("words", "weight", "shown"),
    [("ok", 0.0, ["old"]), ("ok", 0.25, ["old", "far"]), ("off", 0.0, []), ("off", 1.0, ["old"])],
)
async def test_words_alone_show_only_what_the_words_found(
    words: LegState, weight: float, shown: list[str]
) -> None:
    search = MemorySearch([entry("old", QUESTION)])
    found = (await search.search(QUESTION, None, k=5, filters=Filters())).passages
    if words == "ok":  # as an engine that ranks words lists what holds none of them
        found.append({**found[0], "id": "far", "score": 0.0, "words": 0.0})

    kept = what_counts(SearchResult(found, {"words": words, "dense": "ok"}), weight)

    assert [passage["id"] for passage in kept.passages] == shown
