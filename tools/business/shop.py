"""The port to the company's shop systems: what Kefu may read and write for one customer.

Every method takes the signed-in customer's `user_id`; nothing of another customer is ever
returned, and another customer's order looks exactly like one that does not exist.
Money is whole yuan. Times are ISO 8601 with the shop's offset, e.g. "2026-11-21T09:30:00+08:00".
"""

from datetime import datetime, timedelta, timezone
from typing import Literal, Protocol

from typing_extensions import TypedDict  # pydantic takes typing.TypedDict only from Python 3.12

from tools.errors import KefuError

SHOP_TZ = timezone(timedelta(hours=8), "Asia/Shanghai")

OrderStatus = Literal["待付款", "待发货", "已发货", "已签收", "退款中", "已退款", "已取消"]
MemberLevel = Literal["普通", "银卡", "金卡", "钻石"]
Refusal = Literal[
    "no_such_order",
    "already_shipped",  # too late to cancel or to change the address
    "already_changed",  # the address may be changed once
    "no_delivery",  # the new address is where the shop does not deliver
    "freight_changes",  # the new address would cost extra freight
    "bad_address",
    "not_paid",
    "not_shipped",  # nothing to send back yet: cancel instead
    "too_late",  # the return window is over
    "refund_open",  # a refund is under way or done
    "cancelled",
    "amount_limit",  # a person must do it
    "key_reused",  # the idempotency key belongs to another request
]


def shop_time() -> datetime:
    """Return the time it is now where the sample company is."""
    return datetime.now(SHOP_TZ)


class Item(TypedDict):
    """One line of an order; `price` is for one piece."""

    sku: str
    name: str
    qty: int
    price: int


class RefundTicket(TypedDict):
    """A refund under way or done, to the way of payment the order was paid with."""

    ticket_id: str
    order_id: str
    reason: str
    amount: int
    payment: str
    status: Literal["处理中", "已到账"]
    requested_at: str
    refunded_at: str | None


class Order(TypedDict):
    """One order. `amount` = items + freight - discount; the times after the status are None."""

    order_id: str
    user_id: str
    status: OrderStatus
    items: list[Item]
    freight: int
    discount: int
    amount: int
    payment: str | None  # None until paid
    receiver: str
    phone: str
    address: str
    address_changed: bool
    created_at: str
    paid_at: str | None
    shipped_at: str | None
    signed_at: str | None
    courier: str | None
    tracking_no: str | None
    refund: RefundTicket | None
    note: str  # e.g. when a pre-sale ships; else ""


class Trace(TypedDict):
    """One stop of a parcel."""

    time: str
    place: str
    text: str


class Invoice(TypedDict):
    """One invoice; `tax_no` is None for a private person."""

    invoice_no: str
    order_id: str
    user_id: str
    kind: Literal["电子普通发票", "增值税专用发票"]
    title: str
    tax_no: str | None
    amount: int
    status: Literal["已开具", "已红冲"]
    issued_at: str
    reissued: bool  # a title may be changed once


class Subscription(TypedDict):
    """The App subscription 暖舟管家; the dates are None for 免费版."""

    plan: Literal["免费版", "试用", "月付", "年付"]
    started_on: str | None
    expires_on: str | None
    auto_renew: bool
    devices: int  # bound to the account


class Account(TypedDict):
    """What a customer may ask about the own account."""

    user_id: str
    name: str
    level: MemberLevel
    spent_year: int
    points: int
    subscription: Subscription


class NotAllowed(KefuError):
    """The shop's rules refuse a write; nothing was changed.

    Attributes:
        reason: machine-readable; the words for the customer live in nodes/replies.
    """

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Refusal = reason


class Shop(Protocol):
    """A shop's systems as seen by one signed-in customer.

    Every method raises ShopUnavailable when the shop does not answer. The writes raise NotAllowed,
    and are done once per `key`: the same call with the same key returns the first result again,
    also after a restart; a refused or failed call leaves its key free.
    """

    async def orders(self, user_id: str, *, limit: int = 5) -> list[Order]:
        """Return the customer's orders, newest first."""
        ...

    async def order(self, user_id: str, order_id: str) -> Order | None:
        """Return the order, or None if this customer has no such order."""
        ...

    async def logistics(self, user_id: str, order_id: str) -> list[Trace]:
        """Return the parcel's stops, oldest first; empty before shipping."""
        ...

    async def invoice(self, user_id: str, order_id: str) -> Invoice | None:
        """Return the order's invoice, or None if there is none yet."""
        ...

    async def account(self, user_id: str) -> Account | None:
        """Return level, points and subscription, or None for an unknown customer."""
        ...

    async def request_refund(
        self, user_id: str, order_id: str, reason: str, *, key: str
    ) -> RefundTicket:
        """Open a refund over the whole order and set it to 退款中."""
        ...

    async def cancel_order(self, user_id: str, order_id: str, *, key: str) -> Order:
        """Cancel an order that has not shipped; if it was paid, its `refund` is opened."""
        ...

    async def change_address(self, user_id: str, order_id: str, address: str, *, key: str) -> Order:
        """Send an order that has not shipped to another address, once."""
        ...
