"""Work the shop's tools: reads run at once, writes only after the customer's yes.

What is said here comes from the shop; citations belong to a question beside the errand. A write's
result is told only after the shop has done it.
"""

import logging
from collections.abc import Callable

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Citation, Pending, State
from nodes.one_by_one import (
    RECENT_ORDERS,
    and_next,
    begun,
    declined,
    without_given_up,
    without_kept,
)
from nodes.replies import say
from nodes.rules.deciding.evidence import gather
from nodes.rules.deciding.parts import quoted
from nodes.rules.errands import order_texts as texts
from nodes.rules.errands import outcomes
from nodes.rules.errands.errands import (
    READS,
    WRITES,
    is_beyond,
    is_unsent,
    likely,
    listed,
    wants_more,
)
from nodes.rules.errands.order_tails import denies_order
from nodes.rules.errands.orders import find, is_other, order_numbers, wrong_number
from nodes.rules.errands.outcomes import Errand, Outcome
from nodes.rules.errands.pending import BEYOND, OF_ERRAND, agrees
from nodes.rules.errands.turns import told_order
from nodes.rules.errands.wishes import (
    decided,
    part_about,
    wanted_part,
    wants_another,
    without_beside,
)
from nodes.rules.hearing.asked import asks_promise
from nodes.speech import elapsed_ms, message, note, show
from tools.business.shop import NotAllowed, Order, Shop
from tools.errors import ShopUnavailable

logger = logging.getLogger(__name__)

CONFIRM_WITHIN_S = 30 * 60  # a yes that comes later is asked for again


async def act(
    state: State, runtime: Runtime[Context], *, shop: Shop | None, now_s: Callable[[], float]
) -> State:
    """Run the errand, or ask for what it lacks; offer a person for what can't be done here.

    Without a shop that is all of them, whoever is signed in.
    """
    pending = state.get("pending") or Pending()
    errand = Errand(
        tool=pending.get("tool", state["tool"]),
        args=pending.get("args", {}),
        said=state["said"],
        locale=state["locale"],
        user_id=runtime.context.user_id,
        turn_id=state["turn_id"],
        now_s=now_s(),
        about=told_order(state["messages"]),
    )
    try:
        if shop is None:
            outcome = outcomes.without_shop(errand)
            text = outcome.text
        else:
            outcome = await _run(errand, shop, state["intent"], pending)
            text = await without_given_up(outcome, state.get("let_be", Pending()), errand, shop)
    except ShopUnavailable:
        logger.warning("shop down", exc_info=True, extra={"tool": errand.tool})
        outcome = outcomes.down(errand, pending if state["intent"] == "confirms" else Pending())
        text = outcome.text
    is_begun = outcome.pending.get("kind") in OF_ERRAND and pending.get("kind") not in OF_ERRAND
    citations: list[Citation] = []
    told = ""
    if state.get("beside") and (shop is None or outcome.pending.get("kind") != "offer"):
        told, citations = quoted(state, {"": gather(state["passages"][:1])})
    if told:
        text = f"{told}\n\n{text}"
        if outcome.pending.get("kind") == "confirm":  # 好的 may be about what was told
            outcome = outcomes.only_plainly(outcome, Pending())
    elif is_begun and wants_another(errand.said, errand.tool):
        text = f"{say(errand.locale, 'act_one_first')}\n{text}"
    show(runtime, text)
    note(runtime, "act", tool=errand.tool, order=outcome.order, outcome=outcome.reason or "done")
    return {
        "messages": [message(state, text)],
        "decision": {
            **state["decision"],
            "reason": outcome.reason or state["decision"]["reason"],
            "options": outcome.pending.get("options", []),
        },
        "pending": outcome.pending,
        "is_offered": state.get("is_offered", False) or outcome.pending.get("kind") == "offer",
        "citations": citations,
        "level": max(state["level"], outcome.level),
        "first_token_ms": elapsed_ms(state, now_s()),
    }


async def _run(errand: Errand, shop: Shop, intent: str, asked: Pending) -> Outcome:
    pending = asked.get("kind", "")
    if not errand.user_id:
        return outcomes.offer(errand, say(errand.locale, "act_sign_in"), "needs_sign_in")
    if intent == "declines":
        return await declined(errand, shop)
    if pending == "confirm":
        return await _confirmed(errand, shop, intent, asked)
    if intent == BEYOND:
        return outcomes.ask_again(errand, asked)
    if pending != "slot" and is_beyond(errand.tool, without_beside(errand.said)):
        return outcomes.unsupported(errand)
    if errand.tool == "account_info":
        return await _account(errand, shop)
    if errand.tool not in (*READS, *WRITES):
        return outcomes.unsupported(errand)
    order = await _which(errand, shop)
    if isinstance(order, Outcome):
        return order
    if errand.tool in WRITES:
        return await begun(errand, order, shop)
    return await _read(errand, shop, order)


async def _account(errand: Errand, shop: Shop) -> Outcome:
    account = await shop.account(errand.user_id)
    text = texts.account_text(errand.locale, account, errand.said) if account else ""
    return Outcome(text) if text else outcomes.unsupported(errand)


async def _which(errand: Errand, shop: Shop) -> Order | Outcome:
    """Return the order that is meant, or the question which one it is."""
    said = wanted_part(errand.said)
    about = part_about(said, errand.tool)
    numbers = order_numbers(about) or order_numbers(said)
    number = errand.args.get("order_id") or next(iter(numbers), "")
    if number and (order := await shop.order(errand.user_id, number)):
        return order
    orders = await shop.orders(errand.user_id, limit=RECENT_ORDERS)
    if not orders:
        return Outcome(say(errand.locale, "act_no_orders"), "no_orders")
    found = find(about, orders)
    found = found if found.is_named else find(said, orders)
    if found.is_named and len(found.orders) == 1:
        return found.orders[0]
    if errand.tool in WRITES and (several := listed(errand.tool, about, orders)):
        return several[0]
    if number := number or wrong_number(errand.said):
        lead = say(errand.locale, "act_no_such_order", number=number)
        return outcomes.ask_which(errand, orders, lead)
    if not found.orders:
        return outcomes.ask_which(errand, orders, say(errand.locale, "act_not_among"))
    told = [order for order in found.orders if order["order_id"] == errand.about]
    others = [order for order in found.orders if order not in told]
    is_away = bool(told) and (is_other(errand.said) or denies_order(errand.said))
    left = likely(errand.tool, errand.said, others if is_away and others else found.orders)
    is_sure = bool(told) and (told[0] in left or is_unsent(errand.tool, told[0]))
    if told and not is_away and (is_sure or decided(errand.said, errand.said)):
        return told[0]  # and a write asks for a yes that names it
    if not left:
        return Outcome(say(errand.locale, "act_refund_none"), "no_refund")
    return left[0] if len(left) == 1 else outcomes.ask_which(errand, left)


async def _read(errand: Errand, shop: Shop, order: Order) -> Outcome:
    """Say what the shop knows about the order; offer a person for what goes beyond that."""
    locale, order_id, more = errand.locale, order["order_id"], ""
    match errand.tool:
        case "logistics":
            traces = await shop.logistics(errand.user_id, order_id)
            text, more = texts.parcel_text(locale, order, traces), "act_parcel_person"
        case "invoice":
            invoice = await shop.invoice(errand.user_id, order_id)
            text, more = texts.invoice_text(locale, order, invoice), "act_invoice_change"
        case "refund_status":
            text = texts.refund_text(locale, order)
        case _:
            text = texts.order_text(locale, order)
    if asks_promise(errand.said):
        text = f"{say(locale, 'act_no_promise')}\n{text}"
    if not more or not wants_more(errand.tool, errand.args.get("said", errand.said)):
        return Outcome(text, order=order_id)
    return outcomes.offer(errand, f"{text}\n{say(locale, more)}", "needs_person", order_id)


async def _confirmed(errand: Errand, shop: Shop, intent: str, asked: Pending) -> Outcome:
    """Do what was confirmed; ask again if it is not a yes, unclear or late."""
    order_id = errand.args["order_id"]
    is_late = errand.now_s - errand.args["asked_at"] > CONFIRM_WITHIN_S
    if intent != "confirms" or is_late:
        order = await shop.order(errand.user_id, order_id)
        if order is None:
            return outcomes.refused(errand, "no_such_order", order_id)
        errand = await without_kept(errand, shop)
        if intent == "explains":
            return outcomes.ask_yes_again(errand, order, asked)
        is_cancel = errand.tool == "cancel_order"  # what else is done says itself what it is
        name = "act_expired" if is_late else "act_unclear" if is_cancel else ""
        name = "act_whole" if intent == "asks_whole" else name
        lead = say(errand.locale, name) if name else ""
        outcome = outcomes.ask_yes(errand, order, errand.tool, errand.args, lead)
        is_yes = intent == "confirms" or agrees(errand.said, errand.tool)  # now to this alone
        return outcome if is_yes else outcomes.only_plainly(outcome, asked)
    try:
        done = await _write(errand, shop)
    except NotAllowed as exc:
        if errand.args.get("next"):
            return await and_next(errand, say(errand.locale, f"act_refused_{exc.reason}"), shop)
        return outcomes.refused(errand, exc.reason, order_id)
    if not errand.args.get("next"):
        return Outcome(done, "written", order=order_id)
    return (await and_next(errand, done, shop))._replace(reason="written", order=order_id)


async def _write(errand: Errand, shop: Shop) -> str:
    """Change the shop's records, once per key, and return what was done."""
    user_id, args = errand.user_id, errand.args
    order_id, key = args["order_id"], args["key"]
    match errand.tool:
        case "refund_request":
            ticket = await shop.request_refund(user_id, order_id, args["said"], key=key)
            return outcomes.refund_requested(errand.locale, ticket)
        case "cancel_order":
            cancelled = await shop.cancel_order(user_id, order_id, key=key)
            return outcomes.order_cancelled(errand.locale, cancelled)
        case "change_address":
            moved = await shop.change_address(user_id, order_id, args["address"], key=key)
            return outcomes.address_changed(errand.locale, moved)
    raise ValueError(f"act: expected one of {WRITES}, got {errand.tool!r}")
