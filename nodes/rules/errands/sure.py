"""Tell what is surely an errand at the shop, whatever a message is classified as."""

from collections.abc import Sequence

from langchain_core.messages import AnyMessage

from graph.state import State
from nodes.rules.errands.heard import PARCELS, is_unwanted
from nodes.rules.errands.orders import asks_whereabouts, names_goods
from nodes.rules.errands.turns import asked_of_shop, told_at_shop
from nodes.rules.errands.wishes import decided, gives_number, urges, wished
from nodes.rules.hearing.asked import asks_promise

REFUND, ORDER = "refund_request", "order_status"


def sure_errand(asked: str, turn: State, messages: Sequence[AnyMessage], user_id: str) -> str:
    """Return the tool for what is surely an errand, whatever it is classified as; "" for the rest.

    The goods just told of, or named, are unwanted, or asked after, an order's number is all that
    is said, or a question is now asked of one's own order.
    """
    told = told_at_shop(messages)
    if is_unwanted(asked, turn["signals"], told):
        return REFUND
    if told in PARCELS and (urges(asked) or asks_promise(asked)):
        return PARCELS[0]
    if user_id and asks_whereabouts(asked):
        return PARCELS[0]
    about = asked_of_shop(messages) if names_goods(asked) else ""
    if gives_number(asked, told):
        return about or ORDER
    wish = wished(asked) or decided(asked, turn["question"]) if user_id else ""
    return wish or (about if user_id else "")
