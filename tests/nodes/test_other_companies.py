from collections.abc import Sequence

from nodes.other_companies import marked
from nodes.rules.deciding.features import features
from tests.fakes.turn import passage
from tools.errors import SearchUnavailable
from tools.search.types import Passage, SearchResult

BIND = passage("在控制台绑定。", question="怎么绑定域名？")


class Asked:
    """Finds the same entries for every name."""

    def __init__(self, *known: Passage) -> None:
        self.names: list[str] = []
        self._known = list(known)

    async def __call__(self, readings: Sequence[tuple[str, list[float]]]) -> SearchResult:
        self.names += [text for text, _ in readings]
        return SearchResult(self._known, {})


async def test_a_company_that_no_entry_mentions_makes_the_best_hit_amiss() -> None:
    ask = Asked(BIND)

    best, *_ = await marked("七牛云怎么绑定域名", [BIND], ask)

    assert best["stranger"]
    assert ask.names == ["七牛"]
    assert features("七牛云怎么绑定域名", [best], {})["amiss"] == 1
    assert features("七牛云怎么绑定域名", [BIND], {})["amiss"] == 0


async def test_a_company_that_stands_somewhere_in_the_knowledge_is_none_of_others() -> None:
    own = passage("七牛云的账号可以注销。", question="怎么注销？")

    assert await marked("七牛云怎么绑定域名", [BIND], Asked(own)) == [BIND]


async def test_nothing_is_looked_up_for_a_name_that_a_hit_mentions_or_none() -> None:
    ask, own = Asked(), passage("七牛云的账号可以注销。", question="怎么注销？")

    await marked("七牛云怎么绑定域名", [BIND, own], ask)
    await marked("怎么绑定域名", [BIND], ask)
    await marked("七牛云怎么绑定域名", [], ask)

    assert not ask.names


async def test_an_entry_on_others_answers_whatever_the_name() -> None:
    others = passage("其他平台的域名先解锁。", question="怎么转入？")

    assert await marked("GoDaddy的域名怎么转进来", [others], Asked()) == [others]


async def test_a_name_that_cannot_be_looked_up_is_taken_for_known() -> None:
    async def broken(_: Sequence[tuple[str, list[float]]]) -> SearchResult:
        raise SearchUnavailable("no leg answered")

    assert await marked("七牛云怎么绑定域名", [BIND], broken) == [BIND]
