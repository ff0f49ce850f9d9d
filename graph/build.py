"""The machine: every node and edge on one page.

START ─ owner is a person ─► relay ───────────────────────────────────┐
  └───► intent ─► retrieve ─► decide ─┬► answer ──┬───────────────────┤
           └────(no look-up)────┘     ├► act ─────┤ can't             │
                                      ├► clarify ─│───────────────────┤
                                      ├► handoff ◄┤ ──────────────────┤
                                      └► fallback◄┘ ──────────────────┴► remember ─► END
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

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
from nodes.retrieve import retrieve
from nodes.rules.policy import Policy
from tools.business.shop import Shop
from tools.classify import IntentClassifier
from tools.desk.desk import Desk
from tools.embed_base import Embedder
from tools.llm import ChatModel
from tools.search.base import SearchBackend

Graph = CompiledStateGraph[State, Context, Input, Output]


@dataclass(frozen=True, kw_only=True)
class Services:
    """The collaborators of the nodes."""

    classifier: IntentClassifier
    embedder: Embedder | None  # None: words only
    search: SearchBackend
    policy: Policy
    model: ChatModel | None  # None: level 2
    shop: Shop
    desk: Desk
    now: Callable[[], datetime] = datetime.now  # company time
    now_s: Callable[[], float] = time.time


def build(services: Services, saver: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Return the compiled graph; without a saver it remembers nothing between turns."""
    s = services
    graph = StateGraph(State, context_schema=Context, input_schema=Input, output_schema=Output)

    graph.add_node("relay", partial(relay, desk=s.desk, now_s=s.now_s))
    graph.add_node(
        "intent", partial(intent, classifier=s.classifier, embedder=s.embedder, now_s=s.now_s)
    )
    graph.add_node("retrieve", partial(retrieve, search=s.search, now=s.now))
    graph.add_node("decide", partial(decide, policy=s.policy))
    graph.add_node("answer", partial(answer, model=s.model, now=s.now))
    graph.add_node("act", partial(act, shop=s.shop, now_s=s.now_s))
    graph.add_node("clarify", partial(clarify, now_s=s.now_s))
    graph.add_node("handoff", partial(handoff, desk=s.desk, now=s.now))
    graph.add_node("fallback", partial(fallback, desk=s.desk, now_s=s.now_s))
    graph.add_node("remember", partial(remember, now_s=s.now_s))

    graph.add_conditional_edges(START, by_owner)
    graph.add_conditional_edges("intent", by_need)
    graph.add_edge("retrieve", "decide")
    graph.add_conditional_edges("decide", by_decision)
    graph.add_conditional_edges("answer", after_speaking)
    graph.add_conditional_edges("act", after_speaking)
    for speaker in ("clarify", "handoff", "fallback", "relay"):
        graph.add_edge(speaker, "remember")
    graph.add_edge("remember", END)
    return graph.compile(checkpointer=saver, name="kefu")
