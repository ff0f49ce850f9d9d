"""What a follow-up wants: as heard with what it leans on, and by itself."""

import re

from tools.classify import Classification

SURELY_ASIDE = 0.8  # chance from which a follow-up heard by itself is small talk or a complaint
SURELY_CASE = 0.5  # chance below which a person is offered, not called
PARCELS = ("logistics", "order_status")  # tools after which goods may no longer be wanted
_UNWANTED = re.compile("(?:不想?|不打算)要了|不要了吧?$|don'?t want it any ?more", re.IGNORECASE)


def is_unwanted(said: str, told: str) -> bool:
    """Say whether the goods of which the shop's tool `told` are no longer wanted."""
    return told in PARCELS and _UNWANTED.search(said) is not None


def is_aside(alone: Classification) -> bool:
    """Say whether a follow-up, heard by itself, is small talk or a complaint for sure."""
    return alone.route in ("chat", "offer") and alone.confidence >= SURELY_ASIDE


def of_both(joined: Classification, alone: Classification, *, is_at_shop: bool) -> Classification:
    """Return what a follow-up wants.

    Thanks and anger are heard in the message itself. A question about how things are done stays
    one, though it leans on an order. What makes a case for a person only by what it leans on, and
    barely, makes an offer.
    """
    if is_aside(alone):
        return alone
    if joined.route == "account" and alone.route == "knowledge" and not is_at_shop:
        return alone
    if joined.route == "handoff" != alone.route and joined.confidence < SURELY_CASE:
        return joined._replace(intent="dissatisfied", route="offer")
    return joined
