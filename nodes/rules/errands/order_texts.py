"""Put the shop's records into sentences, with personal data half hidden."""

import re
from collections.abc import Sequence

from nodes.replies import say
from nodes.rules.errands.order_words import (
    about,
    hidden_address,
    hidden_name,
    hidden_phone,
    moment,
    money,
    paid,
    word,
)
from tools.business.shop import Account, Invoice, Order, RefundTicket, Trace
from tools.text.normalise import fold

STOPS_SHOWN = 3
_TOPICS = {
    "points": re.compile(r"积分|points?"),
    "level": re.compile(r"等级|会员|[银金]卡|钻石|消费满|消费了|level|tier|member"),
    "plan": re.compile(
        r"订阅|续费|管家|会员什么时候|会员.{0,3}到期|试用|subscri|renew|trial|which plan|my plan"
    ),
    "devices": re.compile(r"(?:绑|几台|多少台).{0,6}设备|设备.{0,6}(?:绑|几台)|几台设备|devices?"),
}
_ALL_TOPICS = re.compile(
    r"账[户号](?:的)?(?:信息|情况|资料)|我的(?:信息|资料|账[户号])$|my (?:account|profile)"
)


def order_text(locale: str, order: Order) -> str:
    """Return status, times, payment and, masked, the receiver."""
    status = word(locale, order["status"])
    created, amount = moment(order["created_at"]), money(locale, order["amount"])
    lines = [
        say(locale, "act_order", **about(locale, order), status=status),
        say(locale, "act_ordered", created=created, amount=amount),
    ]
    if order["payment"]:
        lines[1] += say(locale, "act_paid", payment=word(locale, order["payment"]))
    if order["courier"] and order["tracking_no"] and order["shipped_at"]:
        parcel = {"courier": word(locale, order["courier"]), "tracking": order["tracking_no"]}
        lines.append(say(locale, "act_shipped", **parcel, shipped=moment(order["shipped_at"])))
    if order["signed_at"]:
        lines.append(say(locale, "act_signed", signed=moment(order["signed_at"])))
    if order["status"] in ("待付款", "待发货", "已发货"):
        lines.append(_receiver_line(locale, order))
    if order["refund"]:
        lines.append(_refund_line(locale, order["refund"]))
    if order["note"]:
        lines.append(say(locale, "act_note", note=order["note"]))
    return "\n".join(lines)


def _receiver_line(locale: str, order: Order) -> str:
    """Return who gets the parcel and where, masked."""
    name, phone = hidden_name(order["receiver"]), hidden_phone(order["phone"])
    address = hidden_address(order["address"])
    return say(locale, "act_receiver", name=name, phone=phone, address=address)


def parcel_text(locale: str, order: Order, traces: Sequence[Trace]) -> str:
    """Return where the parcel is, its newest stops first."""
    if not order["courier"] or not order["tracking_no"]:
        status = word(locale, order["status"])
        text = say(locale, "act_parcel_none", **about(locale, order), status=status)
        return text + ("\n" + say(locale, "act_note", note=order["note"]) if order["note"] else "")
    parcel = {"courier": word(locale, order["courier"]), "tracking": order["tracking_no"]}
    head = say(locale, "act_parcel", **about(locale, order), **parcel)
    newest = list(reversed(traces))[:STOPS_SHOWN]
    stops = [f"{moment(t['time'])} {t['place']} {word(locale, t['text'])}" for t in newest]
    return "\n".join([head, *(stops or [say(locale, "act_parcel_waits")])])


def refund_text(locale: str, order: Order) -> str:
    """Return how the order's refund stands, or that it has none."""
    head = say(locale, "act_refund_of", **about(locale, order))
    if order["refund"] is None:
        status = word(locale, order["status"])
        return head + say(locale, "act_refund_none_yet", status=status)
    return head + _refund_line(locale, order["refund"])


def _refund_line(locale: str, refund: RefundTicket) -> str:
    text = say(
        locale,
        "act_refund",
        ticket=refund["ticket_id"],
        **paid(locale, refund["amount"], refund["payment"]),
        status=word(locale, refund["status"]),
        requested=moment(refund["requested_at"]),
    )
    if refund["refunded_at"]:
        text += say(locale, "act_refunded", at=moment(refund["refunded_at"]))
    return text


def invoice_text(locale: str, order: Order, invoice: Invoice | None) -> str:
    """Return kind, title, amount and state of the invoice, or that there is none yet."""
    if invoice is None:
        status = word(locale, order["status"])
        return say(locale, "act_invoice_none", **about(locale, order), status=status)
    is_private = invoice["tax_no"] is None
    return say(
        locale,
        "act_invoice",
        **about(locale, order),
        kind=word(locale, invoice["kind"]),
        number=invoice["invoice_no"],
        title=hidden_name(invoice["title"]) if is_private else invoice["title"],
        amount=money(locale, invoice["amount"]),
        issued=moment(invoice["issued_at"]),
        status=word(locale, invoice["status"]),
    )


def account_text(locale: str, account: Account, said: str) -> str:
    """Return what was asked about the account; "" if it is nothing the shop tells."""
    return "\n".join(_topic(locale, topic, account) for topic in account_topics(said))


def account_topics(said: str) -> list[str]:
    """Return what a message asks of the account, among what the shop tells."""
    folded = fold(said)
    topics = [name for name, pattern in _TOPICS.items() if pattern.search(folded)]
    if not topics and _ALL_TOPICS.search(folded):
        topics = list(_TOPICS)
    return topics


def _topic(locale: str, topic: str, account: Account) -> str:
    plan = account["subscription"]
    match topic:
        case "points":
            return say(locale, "act_points", points=str(account["points"]))
        case "level":
            level, spent = word(locale, account["level"]), money(locale, account["spent_year"])
            return say(locale, "act_level", level=level, spent=spent)
        case "devices":
            return say(locale, "act_devices", devices=str(plan["devices"]))
    if plan["expires_on"] is None:
        return say(locale, "act_plan_free", plan=word(locale, plan["plan"]))
    name = "act_plan_renews" if plan["auto_renew"] else "act_plan_ends"
    return say(locale, name, plan=word(locale, plan["plan"]), expires=plan["expires_on"])
