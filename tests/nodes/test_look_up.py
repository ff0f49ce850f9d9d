import asyncio

import pytest

from nodes.look_up import AT_ONCE, look_up_each
from tests.fakes.search import MemorySearch, entry
from tools.errors import SearchUnavailable
from tools.search.types import Filters, Passage, SearchResult

PIECES = [f"第{number}件事" for number in range(10)]


class Counting(MemorySearch):
    """Lets others run before it answers, and notes what runs at the same time."""

    def __init__(self, *, fails: str = "") -> None:
        super().__init__([entry(str(at), text) for at, text in enumerate(PIECES)])
        self.running: list[str] = []
        self.beside: dict[str, int] = {}  # how many ran at most while this question was asked
        self.answered: list[str] = []
        self._fails = fails

    async def search(
        self, question: str, vector: object, *, k: int, filters: Filters, **rest: object
    ) -> SearchResult:
        self.running.append(question)
        for running in self.running:
            self.beside[running] = max(self.beside.get(running, 0), len(self.running))
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if question == self._fails:
                raise SearchUnavailable("gone")
            return await super().search(question, vector, k=k, filters=filters)
        finally:
            self.running.remove(question)
            self.answered.append(question)


async def ask(search: Counting) -> SearchResult:
    readings = [(text, None) for text in ("全文", *PIECES)]
    return await look_up_each(search, readings, k=20, filters=Filters(), lang="zh")


async def test_the_pieces_are_asked_side_by_side_and_the_whole_before_them() -> None:
    search = Counting()

    await ask(search)

    assert search.answered[0] == "全文"
    assert search.beside.pop("全文") == 1
    assert set(search.beside) == set(PIECES)
    assert max(search.beside.values()) == AT_ONCE


async def test_every_piece_brings_its_best_passage_whatever_was_asked_beside_it() -> None:
    found = {passage["id"]: passage["score"] for passage in (await ask(Counting())).passages}

    assert found == {str(at): 1.0 for at in range(len(PIECES))}


async def test_a_server_that_is_down_is_not_asked_for_the_pieces() -> None:
    search = Counting(fails="全文")

    with pytest.raises(SearchUnavailable):
        await ask(search)

    assert search.answered == ["全文"]


async def test_a_piece_that_fails_ends_the_others_and_tells_why() -> None:
    search = Counting(fails=PIECES[1])

    with pytest.raises(SearchUnavailable, match="gone"):
        await ask(search)

    assert search.running == []
    assert PIECES[-1] not in search.answered


class Bilingual(MemorySearch):
    """Says of each entry how well it fits."""

    def __init__(self, fits: dict[str, float]) -> None:
        self.fits = fits
        en, zh = fits
        english = entry(en, "How long does delivery take?", "Two days.", lang="en")
        super().__init__([english, entry(zh, "下单后几天能送到西藏？", "十天。", lang="zh")])

    async def search(
        self, question: str, vector: object, *, k: int, filters: Filters, **rest: object
    ) -> SearchResult:
        found = await super().search(question, vector, k=k, filters=filters)
        fitting: list[Passage] = [{**p, "fit": self.fits[p["id"]]} for p in found.passages]
        return SearchResult(fitting, found.legs)


@pytest.mark.parametrize(
    ("lang", "fits", "best"),
    [
        ("en", {"en": 0.46, "zh": 0.43}, "zh"),  # nearer only by its language
        ("en", {"en": 0.50, "zh": 0.40}, "en"),  # as a translation is further than what it says
        ("zh", {"en": 0.90, "zh": 0.40}, "zh"),
    ],
)
async def test_an_english_entry_answers_before_a_chinese_one_only_if_it_is_much_nearer(
    lang: str, fits: dict[str, float], best: str
) -> None:
    readings = [("how long 送到 delivery", None)]

    found = await look_up_each(Bilingual(fits), readings, k=5, filters=Filters(), lang=lang)

    assert [passage["id"] for passage in found.passages] == [best]


async def test_an_entry_that_leads_in_both_languages_answers_in_the_customer_s() -> None:
    search = Bilingual({"nz-1-en": 0.50, "nz-1": 0.46})
    readings = [("how long 送到 delivery", None)]

    found = await look_up_each(search, readings, k=5, filters=Filters(), lang="en")

    assert [passage["id"] for passage in found.passages] == ["nz-1-en"]


async def test_what_another_language_finds_is_shown_as_the_customer_s_has_it() -> None:
    search = Bilingual({"nz-1-en": 0.41, "nz-1": 0.46})
    await search.upsert(
        [entry("nz-2", "how long 送到 delivery", "三天。", lang="zh")], tenant="default"
    )
    search.fits["nz-2"] = 0.9

    found = await look_up_each(
        search, [("how long 送到 delivery", None)], k=5, filters=Filters(), lang="en"
    )

    assert [passage["id"] for passage in found.passages] == ["nz-2", "nz-1-en"]
