"""Change the orders that one message names, 取消空气炸锅和A9: each waits for its own yes."""

from dataclasses import replace

from graph.state import Pending
from nodes.replies import say
from nodes.rules.errands import outcomes
from nodes.rules.errands.errands import WRITES, listed, new_address
from nodes.rules.errands.goods import kept
from nodes.rules.errands.order_words import about
from nodes.rules.errands.orders import find, wants_all
from nodes.rules.errands.outcomes import Errand, Outcome
from nodes.rules.errands.pending import OF_ERRAND
from nodes.rules.errands.wishes import part_about, wanted_part
from tools.business.shop import Order, Shop

RECENT_ORDERS = 20  # looked through for the one that is meant


async def declined(errand: Errand, shop: Shop) -> Outcome:
    """Leave the order as it is; go on with the next one where the message named several."""
    if errand.args.get("next") and not wants_all(errand.said):
        return await and_next(errand, say(errand.locale, "act_left"), shop)
    return Outcome(say(errand.locale, "act_declined"), "declined")


async def begun(errand: Errand, order: Order, shop: Shop) -> Outcome:
    """Ask for the yes to the first of the orders that one message names; keep the others."""
    others = [] if errand.args.get("order_id") else await _named_too(errand, order, shop)
    if not others:
        return outcomes.prepare(errand, order)
    for_all = new_address(errand.said) if errand.tool == "change_address" else ""
    kept = replace(errand, args={**errand.args, "next": others, "for_all": for_all})
    lead = say(errand.locale, "act_several", count=str(len(others) + 1))
    return await _first_that_can_be(kept, order, shop, lead)


async def without_kept(errand: Errand, shop: Shop) -> Errand:
    """Return the errand without the orders that a message lets be before their turn: A9不取消了."""
    if not errand.args.get("next") or not kept(errand.said):
        return errand
    orders = [await shop.order(errand.user_id, number) for number in errand.args["next"]]
    left_be = find(errand.said, [order for order in orders if order]).orders
    spared = [order["order_id"] for order in left_be]
    rest = [number for number in errand.args["next"] if number not in spared]
    return replace(errand, args={**errand.args, "next": rest})


async def _named_too(errand: Errand, first: Order, shop: Shop) -> list[str]:
    """Return the numbers of the other orders that the message lists, 取消空气炸锅和A9."""
    orders = await shop.orders(errand.user_id, limit=RECENT_ORDERS)
    every = listed(errand.tool, part_about(wanted_part(errand.said), errand.tool), orders)
    return [o["order_id"] for o in every if o != first] if first in every else []


async def and_next(errand: Errand, done: str, shop: Shop) -> Outcome:
    """Tell what was done, or not, and go on with the next order that the customer had named."""
    number, *rest = errand.args["next"]
    order = await shop.order(errand.user_id, number)
    if order is None:
        return outcomes.refused(errand, "no_such_order", number)
    for_all = errand.args.get("for_all", "")
    args = {"said": errand.args.get("said", ""), "next": rest, "for_all": for_all}
    args |= {"address": for_all} if for_all else {}
    lead = f"{done}\n{say(errand.locale, 'act_next')}"
    outcome = await _first_that_can_be(replace(errand, args=args), order, shop, lead)
    if outcome.pending.get("kind") != "confirm":
        return outcome
    return outcomes.only_plainly(outcome, {})  # 好的 may be about the first


async def without_given_up(outcome: Outcome, given_up: Pending, errand: Errand, shop: Shop) -> str:
    """Return the outcome's words, led by which of several orders were given up for it.

    Who only corrects which one is meant reads of the right one.

    Raises:
        ShopUnavailable: if the shop can't say what the orders are.
    """
    if errand.tool not in WRITES:
        return outcome.text
    args = outcome.pending.get("args", {})
    spoken_of = {outcome.order, args.get("order_id"), *args.get("next", [])}
    waited = given_up.get("args", {})
    numbers = [waited["order_id"], *waited["next"]] if "next" in waited else []
    left = [number for number in numbers if number not in spoken_of]
    orders = [o for number in left if (o := await shop.order(errand.user_id, number))]
    if not orders:
        return outcome.text
    named = [say(errand.locale, "act_named", **about(errand.locale, o)) for o in orders]
    every = (", " if errand.locale == "en" else "、").join(named)
    lead = say(errand.locale, f"act_kept_{given_up['tool']}", orders=every)
    return f"{lead}\n{outcome.text}"


async def _first_that_can_be(errand: Errand, order: Order, shop: Shop, lead: str) -> Outcome:
    """Ask about `order`; where the shop refuses it, say so and go on with the one after it."""
    outcome = outcomes.prepare(errand, order)
    if outcome.pending.get("kind") in OF_ERRAND or not errand.args["next"]:
        return outcome._replace(text=f"{lead}\n{outcome.text}")
    why = say(errand.locale, outcome.reason.replace("refused_", "act_refused_"))
    passed = say(errand.locale, "act_passed", **about(errand.locale, order), why=why)
    return await and_next(errand, f"{lead}\n{passed}", shop)
