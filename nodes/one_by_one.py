"""Change the orders that one message names, 取消空气炸锅和A9: each waits for its own yes."""

from dataclasses import replace

from nodes.replies import say
from nodes.rules import outcomes
from nodes.rules.errands import listed
from nodes.rules.orders import wants_all
from nodes.rules.outcomes import Errand, Outcome
from nodes.rules.wishes import part_about, wanted_part
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
    kept = replace(errand, args={**errand.args, "next": others})
    outcome = outcomes.prepare(kept, order)
    lead = say(errand.locale, "act_several", count=str(len(others) + 1))
    return outcome._replace(text=f"{lead}\n{outcome.text}")


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
    args = {"said": errand.args.get("said", ""), "next": rest}
    outcome = outcomes.prepare(replace(errand, args=args), order)
    pending = outcome.pending
    if pending.get("kind") == "confirm":
        pending = {**pending, "put_off": 1}  # 好的 may be about the first: only 确认 counts
    text = f"{done}\n{say(errand.locale, 'act_next')}\n{outcome.text}"
    return outcome._replace(text=text, pending=pending)
