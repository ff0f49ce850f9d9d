"""What is decided by while nobody has seen the knowledge, and after."""

from nodes.suits import Suits, mark
from tests.fakes.kefu import POLICY
from tests.fakes.search import MemorySearch, entry
from tools.errors import SearchUnavailable
from tools.search.types import IndexHealth

TENANT = "default"
KNOWN = [entry(f"e{n}", f"第{n}个问题") for n in range(8)]


class AwaySearch(MemorySearch):
    """Does not answer until it is back."""

    is_back = False

    async def health(self) -> IndexHealth:
        if not self.is_back:
            raise SearchUnavailable("nobody answers")
        return await super().health()


async def suits(search: MemorySearch, *, embedder: str = "e5") -> Suits:
    """Return what looks at `search` with a policy fitted on KNOWN and vectors of e5."""
    marks = await mark(MemorySearch(KNOWN), tenant=TENANT)
    policy = POLICY._replace(
        words_bias=-9.0,
        answer_at=0.5,
        careful_at=0.9,
        fitted_on={"embedder": "e5", "knowledge": marks},
    )
    return Suits(policy, search, embedder=embedder, tenant=TENANT)


async def test_decides_carefully_until_the_knowledge_it_was_fitted_on_is_back() -> None:
    search = AwaySearch(KNOWN)
    looking = await suits(search)

    await looking.settle()
    away = looking.policy().answer_at
    search.is_back = True
    await looking.settle()

    assert (away, looking.policy().answer_at) == (0.9, 0.5)


async def test_stays_careful_where_other_knowledge_comes_back() -> None:
    looking = await suits(MemorySearch([entry("x", "别的问题")]))

    await looking.settle()

    assert looking.policy().answer_at == 0.9


async def test_another_embedder_needs_no_search_to_be_noticed() -> None:
    looking = await suits(AwaySearch(), embedder="bge")

    assert looking.policy().bias == -9.0


async def test_the_bar_is_that_of_the_company_that_is_served() -> None:
    marks = [await mark(MemorySearch(KNOWN), tenant=TENANT), {"another": "company"}]
    policy = POLICY._replace(
        answer_at=0.1,
        bars={"0/own": 0.3, "1/other": 0.2},
        scales={"0/own": (0.0, 1.0), "1/other": (0.0, 1.0)},
        fitted_on={"embedder": "e5", "knowledge": marks},
    )
    looking = Suits(policy, MemorySearch(KNOWN), embedder="e5", tenant=TENANT)

    await looking.settle()

    assert looking.policy().answer_at == 0.3
