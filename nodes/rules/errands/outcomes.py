"""What can come of an errand at the shop: an answer, a question back, a refusal, an offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graph.state import Pending
from nodes.replies import say
from nodes.rules.errands import order_words as words
from nodes.rules.errands.errands import (
    OFFER_AFTER,
    WRITES,
    is_unsent,
    new_address,
    refused_at_once,
    wants_recipient,
)
from nodes.rules.errands.goods import of_a_part
from nodes.rules.errands.order_texts import refund_text
from nodes.rules.errands.orders import wants_all
from tools.business.shop import Order, RefundTicket, Refusal
from tools.text.pii import mask

MAX_OPTIONS = 4
REASON_CHARS = 200
SHOP_DOWN_LEVEL = 3  # as on the ladder: a preset text, and a person is offered


@dataclass(frozen=True)
class Errand:
    """What the customer wants done at the shop."""

    tool: str
    args: Mapping[str, Any]  # known from earlier messages
    said: str
    locale: str
    user_id: str
    turn_id: str
    now_s: float
    about: str = ""  # number of the order that was just told of


class Outcome(NamedTuple):
    """What came of it."""

    text: str
    reason: str = ""  # "" = as decided
    pending: Pending = Pending()
    order: str = ""  # order number
    level: int = 0


def offer(errand: Errand, text: str, reason: str, order: str = "", level: int = 0) -> Outcome:
    """Offer a person after `text`."""
    space = " " if errand.locale == "en" else ""
    text = text + space + say(errand.locale, "act_offer")
    return Outcome(text, reason, Pending(kind="offer", question=mask(errand.said)), order, level)


def unsupported(errand: Errand) -> Outcome:
    """Say that no tool can do it."""
    return offer(errand, say(errand.locale, "act_unsupported"), "unsupported")


def without_shop(errand: Errand) -> Outcome:
    """Say that nothing of the customer's own is known or done here."""
    return offer(errand, say(errand.locale, "act_no_shop"), "unsupported")


def refused(errand: Errand, refusal: Refusal, order_id: str) -> Outcome:
    """Explain the shop's refusal; offer a person where one may still find a way."""
    text, reason = say(errand.locale, f"act_refused_{refusal}"), f"refused_{refusal}"
    if refusal in OFFER_AFTER:
        return offer(errand, text, reason, order_id)
    return Outcome(text, reason, order=order_id)


def down(errand: Errand, unsure: Pending) -> Outcome:
    """Say that the shop does not answer; a write that may have run can be tried again safely."""
    if unsure:
        text = say(errand.locale, "act_write_down")
        order_id = unsure["args"]["order_id"]
        return Outcome(text, "shop_down", unsure, order_id, SHOP_DOWN_LEVEL)
    text = say(errand.locale, "act_down")
    return offer(errand, text, "shop_down", level=SHOP_DOWN_LEVEL)


def ask_which(errand: Errand, orders: Sequence[Order], lead: str = "") -> Outcome:
    """Ask which of the orders is meant; what is changed is changed one by one."""
    if not lead and errand.tool in WRITES and wants_all(errand.said):
        lead = say(errand.locale, "act_one_by_one")
    options = [words.option(errand.locale, order) for order in orders[:MAX_OPTIONS]]
    lines = [lead] if lead else []
    lines.append(say(errand.locale, "act_which"))
    lines += [f"{n}. {option}" for n, option in enumerate(options, start=1)]
    pending = _slot(errand, "order_id", _known(errand), options)
    return Outcome("\n".join(lines), "needs_order", pending)


def ask_again(errand: Errand, pending: Pending) -> Outcome:
    """Say which numbers there are to pick from, and ask once more which order is meant."""
    options = pending["options"]
    lines = [say(errand.locale, "no_such_option", count=str(len(options)))]
    lines += [f"{n}. {option}" for n, option in enumerate(options, start=1)]
    return Outcome("\n".join(lines), "needs_order", pending)


def ask_yes_again(errand: Errand, order: Order, pending: Pending) -> Outcome:
    """Keep what the customer tells instead of a yes, and ask for it again.

    The shop gets it with a refund; its other errands take no reason. What was told may have been
    something else than why, so that only a plain yes counts after it.
    """
    args, locale = dict(errand.args), errand.locale
    whys = pending.get("whys", 0) + 1
    lead = "act_reason" if whys == 1 else "act_reason_too"
    if errand.tool == "refund_request":
        whole = f"{args.get('said', '')} {mask(errand.said)}".strip()
        args["said"], lead = whole[:REASON_CHARS], f"{lead}_kept"
    outcome = ask_yes(errand, order, errand.tool, args, say(locale, lead))
    return only_plainly(outcome, {**pending, "whys": whys})


def only_plainly(outcome: Outcome, before: Pending) -> Outcome:
    """Return the question for a yes, as one that only 确认 answers; 好的 may go with what was said.

    What stood in the way of a mere 好的 `before` still does.
    """
    pending: Pending = {**outcome.pending, "put_off": before.get("put_off", 0) + 1}
    if "whys" in before:
        pending["whys"] = before["whys"]
    return outcome._replace(pending=pending)


def prepare(errand: Errand, order: Order) -> Outcome:
    """Ask for the yes to a write, or for the address; refuse what the order's state rules out."""
    tool, lead, order_id = errand.tool, "", order["order_id"]
    if is_unsent(tool, order):
        name = "act_cancel_instead" if order["payment"] else "act_refused_not_paid"
        tool, lead = "cancel_order", say(errand.locale, name)
    if refusal := refused_at_once(tool, order):
        outcome = refused(errand, refusal, order_id)
        is_open = refusal == "refund_open" and order["refund"] is not None
        status = f"\n{refund_text(errand.locale, order)}" if is_open else ""
        return outcome._replace(text=outcome.text + status)
    args = {**_known(errand), "order_id": order_id}
    if tool == "change_address" and not args.get("address"):
        text = say(errand.locale, "act_ask_address", **words.about(errand.locale, order))
        return Outcome(text, "needs_address", _slot(errand, "address", args, []), order_id)
    names = " ".join(item["name"] for item in order["items"])
    if len(order["items"]) > 1 and of_a_part(errand.said, names):
        lead = "\n".join(filter(None, (lead, say(errand.locale, "act_whole"))))
        return only_plainly(ask_yes(errand, order, tool, args, lead), {})
    if tool == "change_address" and wants_recipient(f"{args.get('said', '')} {errand.said}"):
        lead = say(errand.locale, "act_address_only")
    return ask_yes(errand, order, tool, args, lead)


def ask_yes(errand: Errand, order: Order, tool: str, args: Mapping[str, Any], lead: str) -> Outcome:
    """Say exactly what will be done; the yes brings the arguments back."""
    locale = errand.locale
    about, paid = (
        words.about(locale, order),
        words.paid(locale, order["amount"], order["payment"] or ""),
    )
    match tool:
        case "change_address":
            text = say(locale, "act_confirm_address", **about, address=args["address"])
        case "cancel_order" if order["payment"]:
            text = say(locale, "act_confirm_cancel_paid", **about, **paid)
        case "cancel_order":
            text = say(locale, "act_confirm_cancel", **about)
        case _:
            text = say(locale, "act_confirm_refund", **about, **paid)
    pending = Pending(
        kind="confirm",
        tool=tool,
        args={"key": errand.turn_id, **args, "asked_at": errand.now_s},
        options=[say(locale, "act_yes"), say(locale, "act_no")],
    )
    lines = [line for line in (lead, text, say(locale, "act_confirm_how")) if line]
    return Outcome("\n".join(lines), "needs_confirmation", pending, order["order_id"])


def refund_requested(locale: str, ticket: RefundTicket) -> str:
    """Return the promise of a refund that the shop has opened."""
    return _done(locale, "act_done_refund", ticket)


def order_cancelled(locale: str, order: Order) -> str:
    """Return that the order is cancelled, and what is paid back."""
    if order["refund"] is None:
        return say(locale, "act_done_cancel", order=order["order_id"])
    return _done(locale, "act_done_cancel_paid", order["refund"])


def address_changed(locale: str, order: Order) -> str:
    """Return where the order goes now, masked."""
    address = words.hidden_address(order["address"])
    return say(locale, "act_done_address", order=order["order_id"], address=address)


def _done(locale: str, name: str, ticket: RefundTicket) -> str:
    paid = words.paid(locale, ticket["amount"], ticket["payment"])
    return say(locale, name, order=ticket["order_id"], ticket=ticket["ticket_id"], **paid)


def _known(errand: Errand) -> dict[str, Any]:
    """Return the arguments known so far: later messages will not repeat them."""
    known = {"said": mask(errand.said)[:REASON_CHARS], **errand.args}
    if errand.tool == "change_address" and "address" not in known:
        known["address"] = new_address(errand.said)
    return known


def _slot(errand: Errand, slot: str, args: dict[str, Any], options: list[str]) -> Pending:
    return Pending(kind="slot", tool=errand.tool, slot=slot, options=options, args=args)
