"""Write the sample shop's records: users, orders, logistics and invoices, all invented.

    python data/business/generate.py
    python data/business/generate.py --out /tmp/shop

The same seed gives the same bytes. The records stand as at the end of 2026-11-21.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from papers import make_invoices, make_parcel
from people import make_users, settle
from sample import (
    AS_OF,
    BULKY,
    CUTOFF,
    KINDS,
    NOTES,
    PAYMENTS,
    PLACES,
    PRODUCTS,
    REASONS,
    SHOWCASE,
    SMALL,
    TODAY,
    TZ,
    YEAR_BEFORE,
    Kind,
    Place,
    Record,
)

SEED = 20261122


def luhn(digits: str) -> str:
    """Return the check digit that makes `digits` pass the Luhn test."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def at(rng: random.Random, day: date, first_hour: int, last_hour: int) -> datetime:
    """Return a random moment of `day` between two full hours."""
    seconds = rng.randrange(first_hour * 3600, last_hour * 3600)
    return datetime.combine(day, time(), TZ) + timedelta(seconds=seconds)


def course(rng: random.Random, place: Place, day: date) -> tuple[datetime, ...]:
    """Return when an order of `day` is created, paid, shipped and signed for, if all goes well."""
    created = at(rng, day, 8, 23)
    paid = created + timedelta(seconds=rng.randrange(20, 1200))
    ships_on = paid.date() + timedelta(days=0 if paid.time() < CUTOFF else 1)
    shipped = at(rng, ships_on, 17, 21)
    signed = at(rng, ships_on + timedelta(days=rng.randint(*place.days)), 9, 19)
    return created, paid, shipped, signed


def fits(kind: Kind, name: str, paid: datetime, shipped: datetime, signed: datetime) -> bool:
    """Tell whether this course of events leaves the order as `kind` says."""
    if paid > AS_OF or (name == "待发货" and shipped <= AS_OF):
        return False
    if kind.status == "已发货" and shipped > AS_OF:
        return False
    return kind.age[0] <= (TODAY - signed.date()).days <= kind.age[1]


def draft(rng: random.Random, users: list[Record], name: str, models: list[str]) -> Record:
    """Return an order of the kind `name`; one of `users` has it."""
    kind = KINDS[name]
    while True:
        user = rng.choice(users)
        place = next(p for p in PLACES if p.city == user["city"])
        day = kind.first + timedelta(days=rng.randrange((kind.last - kind.first).days + 1))
        created, paid, shipped, signed = course(rng, place, day)
        if fits(kind, name, paid, shipped, signed):
            break
    status = kind.status
    is_paid = status != "待付款" and not (status == "已取消" and rng.random() < 0.6)
    is_shipped = status not in ("待付款", "待发货", "已取消")
    is_signed = status in ("已签收", "退款中", "已退款")
    courier = "北辰" if BULKY & set(models) else "迅达"
    prefix = "BC" if courier == "北辰" else "XD"
    return {
        "order_id": "",
        "user_id": user["user_id"],
        "status": status,
        "items": [
            {"sku": m, "name": PRODUCTS[m][0], "qty": models.count(m), "price": PRODUCTS[m][1]}
            for m in dict.fromkeys(models)
        ],
        "freight": 0,
        "discount": 0,
        "amount": 0,
        "payment": rng.choice(PAYMENTS) if is_paid else None,
        "receiver": user["name"],
        "phone": user["phone"],
        "address": user["address"],
        "address_changed": name == "待发货" and rng.random() < 0.2,
        "created_at": created.isoformat(),
        "paid_at": paid.isoformat() if is_paid else None,
        "shipped_at": shipped.isoformat() if is_shipped else None,
        "signed_at": signed.isoformat() if is_signed else None,
        "courier": courier if is_shipped else None,
        "tracking_no": f"{prefix}{rng.randrange(10**12):012d}" if is_shipped else None,
        "refund": None,
        "note": NOTES.get(name, ""),
    }


def price(order: Record, place: Place, *, is_first: bool) -> None:
    """Fill in discount, freight and amount."""
    goods = sum(item["qty"] * item["price"] for item in order["items"])
    order["discount"] = 30 if is_first and goods >= 300 else 0
    if place.remote:
        bulky = any(item["sku"] in BULKY for item in order["items"])
        order["freight"] = (0 if goods >= 299 else 20) + (50 if bulky else 0)
    order["amount"] = goods + order["freight"] - order["discount"]


def refund(rng: random.Random, order: Record) -> Record | None:
    """Return the refund of an order that was paid and came back, or was cancelled."""
    if order["payment"] is None or order["status"] not in ("退款中", "已退款", "已取消"):
        return None
    is_cancelled = order["status"] == "已取消"
    since = datetime.fromisoformat(order["paid_at" if is_cancelled else "signed_at"])
    asked = since + timedelta(minutes=rng.randrange(*((5, 60) if is_cancelled else (600, 1440))))
    done = asked + timedelta(days=2 if is_cancelled else 7, minutes=rng.randrange(600))
    is_done = order["status"] != "退款中" and done <= AS_OF
    return {
        "ticket_id": "RF" + order["order_id"][2:],
        "order_id": order["order_id"],
        "reason": "取消订单" if is_cancelled else rng.choice(REASONS),
        "amount": order["amount"],
        "payment": order["payment"],
        "status": "已到账" if is_done else "处理中",
        "requested_at": asked.isoformat(),
        "refunded_at": done.isoformat() if is_done else None,
    }


def make_orders(rng: random.Random, users: list[Record]) -> list[Record]:
    """Return the orders, oldest first, numbered and priced."""
    orders = [draft(rng, [users[n - 1]], name, models) for n, name, models in SHOWCASE]
    for name, kind in KINDS.items():
        for _ in range(kind.orders):
            first = "S20 Pro" if name == "预售" else rng.choice(sorted(PRODUCTS))
            more = [rng.choice(SMALL)] if rng.random() < 0.2 else []
            orders.append(draft(rng, users[len(YEAR_BEFORE) :], name, [first, *more]))
    orders.sort(key=lambda order: order["created_at"])
    sequence: Counter[str] = Counter()
    seen: set[str] = set()
    by_id = {user["user_id"]: user for user in users}
    for order in orders:
        user = by_id[order["user_id"]]
        place = next(p for p in PLACES if p.city == user["city"])
        day = datetime.fromisoformat(order["created_at"]).strftime("%y%m%d")
        sequence[day] += rng.randrange(1, 400)
        digits = f"{day}{sequence[day]:05d}"
        order["order_id"] = f"NZ{digits}{luhn(digits)}"
        price(order, place, is_first=user["spent_year"] == 0 and user["user_id"] not in seen)
        order["refund"] = refund(rng, order)
        seen.add(user["user_id"])
    return orders


def write(path: Path, records: Iterable[Record]) -> None:
    """Write one JSON object a line."""
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def main(out: Path) -> None:
    """Write the four files into `out`."""
    rng = random.Random(SEED)
    users = make_users(rng)
    orders = make_orders(rng, users)
    places = {user["user_id"]: user["city"] for user in users}
    parcels = [
        make_parcel(rng, order, next(p for p in PLACES if p.city == places[order["user_id"]]))
        for order in orders
        if order["shipped_at"]
    ]
    invoices = make_invoices(rng, orders)
    settle(rng, users, orders)
    out.mkdir(parents=True, exist_ok=True)
    write(out / "users.jsonl", users)
    write(out / "orders.jsonl", orders)
    write(out / "logistics.jsonl", parcels)
    write(out / "invoices.jsonl", invoices)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the sample shop's records.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    main(parser.parse_args().out)
