"""The shop's rules for writes, as pure functions; data/README.md is their source."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from tools.business.shop import (
    SHOP_TZ,
    MemberLevel,
    NotAllowed,
    Order,
    OrderStatus,
    RefundTicket,
    Refusal,
)

REFUND_LIMIT_YUAN = 5000  # above it a person decides
RETURN_DAYS: Mapping[MemberLevel, int] = MappingProxyType(
    {"普通": 7, "银卡": 7, "金卡": 15, "钻石": 15}
)
NO_DELIVERY = ("香港", "澳门", "台湾", "海外")
REMOTE = ("新疆", "西藏", "青海", "内蒙古", "宁夏", "甘肃")

_SHIPPED: Mapping[OrderStatus, Refusal] = MappingProxyType(
    {
        "已发货": "already_shipped",
        "已签收": "already_shipped",
        "退款中": "refund_open",
        "已退款": "refund_open",
        "已取消": "cancelled",
    }
)
_NOT_REFUNDABLE: Mapping[OrderStatus, Refusal] = MappingProxyType(
    {
        "待付款": "not_paid",
        "待发货": "not_shipped",
        "退款中": "refund_open",
        "已退款": "refund_open",
        "已取消": "cancelled",
    }
)


def cancelled(order: Order, now: datetime) -> Order:
    """Return the order cancelled; if it was paid, with its refund opened.

    Raises:
        NotAllowed: if it has shipped, or is cancelled or refunded already.
    """
    _check_before_shipping(order)
    refund = _refund(order, order["payment"], "取消订单", now) if order["payment"] else None
    return {**order, "status": "已取消", "refund": refund}


def readdressed(order: Order, address: str) -> Order:
    """Return the order with its new address, stripped.

    Raises:
        NotAllowed: with the first reason that holds.
    """
    _check_before_shipping(order)
    target = address.strip()
    if order["address_changed"]:
        raise NotAllowed("already_changed", order["order_id"])
    if not target:
        raise NotAllowed("bad_address", "expected an address, got none")
    if target.startswith(NO_DELIVERY):
        raise NotAllowed("no_delivery", order["order_id"])
    if target.startswith(REMOTE) and not order["address"].startswith(REMOTE):
        raise NotAllowed("freight_changes", order["order_id"])
    return {**order, "address": target, "address_changed": True}


def refunded(order: Order, level: MemberLevel, reason: str, now: datetime) -> Order:
    """Return the order with a refund opened: a parcel under way, or signed for not long ago.

    The return window starts the day after signing and ends with its last day, in the shop's time.

    Raises:
        NotAllowed: with the first reason that holds.
    """
    payment = order["payment"]
    if payment is None or order["status"] not in ("已发货", "已签收"):
        raise NotAllowed(
            _NOT_REFUNDABLE.get(order["status"], "not_paid"),
            f"{order['order_id']} is {order['status']}",
        )
    if order["signed_at"] is not None:
        signed_on = datetime.fromisoformat(order["signed_at"]).astimezone(SHOP_TZ).date()
        last_day = signed_on + timedelta(days=RETURN_DAYS[level])
        if now.astimezone(SHOP_TZ).date() > last_day:
            raise NotAllowed("too_late", f"{order['order_id']}: window ended {last_day}")
    if order["amount"] > REFUND_LIMIT_YUAN:
        raise NotAllowed(
            "amount_limit", f"{order['order_id']}: {order['amount']} > {REFUND_LIMIT_YUAN} yuan"
        )
    return {**order, "status": "退款中", "refund": _refund(order, payment, reason, now)}


def _check_before_shipping(order: Order) -> None:
    if reason := _SHIPPED.get(order["status"]):
        raise NotAllowed(reason, f"{order['order_id']} is {order['status']}")


def _refund(order: Order, payment: str, reason: str, now: datetime) -> RefundTicket:
    return {
        "ticket_id": "RF" + order["order_id"].removeprefix("NZ"),  # one order, one refund
        "order_id": order["order_id"],
        "reason": reason,
        "amount": order["amount"],
        "payment": payment,
        "status": "处理中",
        "requested_at": now.astimezone(SHOP_TZ).isoformat(timespec="seconds"),
        "refunded_at": None,
    }
