"""Composition root: Settings -> services -> compiled graph."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property, partial
from typing import Any, get_args

from starlette.applications import Starlette
from threadpoolctl import threadpool_limits

from graph.build import Graph, Services, build
from graph.one_step import build_in_one
from graph.parts import answer_cache, open_model, open_saver, usable_embedder, usable_rerank
from graph.saver import ThreadSaver
from graph.settings import ROOT, Settings, settings
from graph.state import Locale
from nodes import prompts
from nodes.replies import Company, say
from nodes.rules.deciding.chances import Policy
from nodes.rules.deciding.offers import Rule, load_offers
from nodes.rules.deciding.policy_file import load_policy
from nodes.suits import Suits
from tools.business.demo import DemoShop
from tools.business.goods import read_goods, selling
from tools.classify import IntentClassifier
from tools.desk.desk import Desk
from tools.errors import ConfigError
from tools.ingest.edits import Edits
from tools.ingest.index import ingest
from tools.ingest.loading import Loading
from tools.ingest.report import Report
from tools.profiles import Profiles
from tools.search.base import Progress
from tools.search.factory import open_search
from tools.search.late import LateSearch, embedded_beside
from tools.suspicion import suspicion
from tools.text.normalise import fold
from tools.text.tokens import count_tokens
from tools.traces import Traces

PROFILES = "profiles.db"


@dataclass(frozen=True, kw_only=True)
class Kefu:
    """A running Kefu: the graph and what stands behind it."""

    services: Services
    saver: ThreadSaver  # what keeps the threads
    settings: Settings
    knowledge: Loading  # goes on in the background where the index was away at start
    suits: Suits  # whether the policy is one for what is served
    traces: Traces | None = None  # None: no turn is traced

    @property
    def report(self) -> Report | None:
        """What indexing the knowledge did; None while it is not finished."""
        return self.knowledge.report

    @cached_property
    def graph(self) -> Graph:
        """What a turn goes through; built when it is first asked for."""
        return build(self.services, self.saver)

    @cached_property
    def unwatched(self) -> Graph:
        """The graph for a turn whose steps nobody traces or streams."""
        return build_in_one(self.services, self.saver) if self.traces is None else self.graph

    def with_services(self, **changes: Any) -> "Kefu":  # noqa: ANN401 values of any field
        """Return it with some other services, on the same threads."""
        return replace(self, services=replace(self.services, **changes))


@asynccontextmanager
async def opened(
    config: Settings, *, progress: Progress | None = None, now: Callable[[], datetime] | None = None
) -> AsyncIterator[Kefu]:
    """Open everything the settings name, index the knowledge, and close it all again.

    An index that does not answer stops nothing: it is tried again until it does, and turns are
    answered without knowledge (level 3) until then.

    Raises:
        ConfigError: if a file or setting can't be used; the message says what to change.
        StoreUnavailable: if a database is locked or read-only.
    """
    async with AsyncExitStack() as stack:
        clock = now or partial(datetime.now, config.timezone)
        services, knowledge, suits = await _services(config, stack, clock, progress)
        saver = await open_saver(config, stack)
        traces = _traces(stack)
        yield Kefu(
            services=services,
            saver=saver,
            settings=config,
            knowledge=knowledge,
            suits=suits,
            traces=traces,
        )


def _traces(stack: AsyncExitStack) -> Traces | None:
    traces = Traces.open()
    if traces is not None:
        stack.push_async_callback(asyncio.to_thread, traces.close)
    return traces


async def _services(
    config: Settings,
    stack: AsyncExitStack,
    clock: Callable[[], datetime],
    progress: Progress | None,
) -> tuple[Services, Loading, Suits]:
    try:
        await asyncio.to_thread(config.var.mkdir, parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"KEFU_VAR: expected a folder that can be written, got {exc}") from exc
    threadpool_limits(1, user_api="blas")  # else OpenBLAS spins 100 ms of CPU after each search
    classifier, policy, offers = await asyncio.to_thread(_read_files, config)
    embedder = await usable_embedder(config)
    if embedder is not None:
        stack.push_async_callback(embedder.close)
    folder = await asyncio.to_thread(lambda: config.index_folder)
    search = LateSearch(lambda: open_search(folder, embedder, **dict(config.search)))
    stack.push_async_callback(search.close)
    beside = await asyncio.to_thread(embedded_beside, folder, embedder, dict(config.search))
    if beside is not None:
        stack.push_async_callback(beside.close)
    name = embedder.name if embedder else ""
    model = await asyncio.to_thread(open_model, config.llm)
    if model is not None:
        stack.push_async_callback(model.close)
        policy = policy._replace(bars={})  # it reads the passages itself, and may find nothing
    suits = Suits(policy, search, embedder=name, tenant=config.tenant)
    knowledge = Loading(partial(_load, config, search, suits))
    stack.push_async_callback(knowledge.close)
    await knowledge.begin(progress)
    rerank = await usable_rerank(config.rerank)
    if rerank is not None:
        stack.push_async_callback(rerank.close)
    desk = await Desk.open(config.desk_address)
    stack.push_async_callback(desk.close)
    shop = await _shop(config, stack, clock)
    profiles = await Profiles.open(config.var / PROFILES)
    stack.push_async_callback(profiles.close)
    services = Services(
        classifier=classifier,
        embedder=embedder,
        search=search,
        beside=beside,
        rerank=rerank,
        policy=suits.policy,
        model=model,
        cache=answer_cache(config.cache, clock),
        shop=shop,
        desk=desk,
        profiles=profiles,
        is_asking_consent=config.profile.ask,
        offers=offers,
        is_judging=config.llm.judge,
        company=Company(config.company, config.hotline, config.people_from, config.people_to),
        now=clock,
    )
    return services, knowledge, suits


async def _shop(
    config: Settings, stack: AsyncExitStack, clock: Callable[[], datetime]
) -> DemoShop | None:
    records = await asyncio.to_thread(lambda: config.shop_records)
    if records and not await asyncio.to_thread((records / "users.jsonl").is_file):
        raise ConfigError(
            f"KEFU_BUSINESS {records}: expected a folder of the shop's records, users.jsonl among "
            "them; leave it empty for no shop of your own"
        )
    goods = await asyncio.to_thread(read_goods, records) if records else ()
    stack.enter_context(selling(goods))
    if records is None:
        return None
    shop = await DemoShop.open(config.var / "shop.db", records, clock=clock)
    stack.push_async_callback(shop.close)
    return shop


async def _load(
    config: Settings, search: LateSearch, suits: Suits, progress: Progress | None
) -> Report:
    await search.get("", tenant=config.tenant)  # nobody reads the files while the index is away
    edits = Edits(await asyncio.to_thread(lambda: config.edits))
    report = await ingest([config.kb], search, tenant=config.tenant, progress=progress, edits=edits)
    search.serve()
    await suits.settle()
    return report


def _read_files(config: Settings) -> tuple[IntentClassifier, Policy, tuple[Rule, ...]]:
    """Return what is read once; texts, prompts and vocabularies stay in their own caches.

    Nothing is left for the first customer to wait for, or for the event loop to be blocked by.
    """
    for locale in get_args(Locale):
        say(locale, "down")
    prompts.check()
    for prompt in prompts.PLACEHOLDERS:
        prompts.digest(prompt)
    fold("暖")
    suspicion()
    return classifier(), load_policy(config.policy), load_offers(ROOT / "data" / "offers.yaml")


@cache
def classifier() -> IntentClassifier:
    """Return the classifier of the intents, read once."""
    return IntentClassifier.load(ROOT / "data" / "intents.npz")


_stack = AsyncExitStack()
_graph: Graph | None = None
_opening = asyncio.Lock()


async def graph() -> Graph:
    """Return the graph for the LangGraph server, which brings its own checkpointer.

    The server asks for it on every request; it is built once in its process.
    """
    global _graph
    async with _opening:
        if _graph is None:
            config = await asyncio.to_thread(settings)
            _traces(_stack)
            clock = partial(datetime.now, config.timezone)
            services, _, _ = await _services(config, _stack, clock, progress=None)
            await asyncio.to_thread(count_tokens, "暖")
            _graph = build(services)
        return _graph


@asynccontextmanager
async def _serving(_: Starlette) -> AsyncIterator[None]:
    """Open everything before the LangGraph server says it is ready, and close it at its end."""
    global _graph
    try:
        await graph()
        yield
    finally:
        _graph = None
        await _stack.aclose()


server = Starlette(lifespan=_serving)
