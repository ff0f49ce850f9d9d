"""What follows from the sample shop's orders: parcels and invoices."""

import random
from datetime import datetime, time, timedelta

from sample import AS_OF, TODAY, TZ, Place, Record


def make_parcel(rng: random.Random, order: Record, place: Place) -> Record:
    """Return the stops of a shipped order up to now."""
    shipped = datetime.fromisoformat(order["shipped_at"])
    left = shipped + timedelta(minutes=rng.randrange(90, 240))
    stops = [
        (shipped, place.warehouse, f"包裹已出库，交给{order['courier']}快递"),
        (left, place.warehouse.replace("仓", "转运中心"), "已发出"),
    ]
    if order["note"]:
        stops.append((left + timedelta(days=1), f"{place.city}转运中心", "包裹滞留，正在核实"))
    elif order["signed_at"]:
        signed = datetime.fromisoformat(order["signed_at"])
        door = "送货上楼，本人签收" if order["courier"] == "北辰" else "已签收，签收人：本人"
        morning = datetime.combine(signed.date(), time(6), TZ)
        stops += [
            (morning, f"{place.city}转运中心", "已到达"),
            (morning + timedelta(minutes=rng.randrange(90, 170)), place.city, "正在派送"),
            (signed, place.city, door),
        ]
    elif left.date() < TODAY:
        stops.append(
            (datetime.combine(TODAY, time(6), TZ), "干线运输", f"运输途中，发往{place.city}")
        )
    return {
        "order_id": order["order_id"],
        "user_id": order["user_id"],
        "courier": order["courier"],
        "tracking_no": order["tracking_no"],
        "traces": [
            {"time": when.isoformat(), "place": where, "text": text}
            for when, where, text in stops
            if when <= AS_OF
        ],
    }


def make_invoices(rng: random.Random, orders: list[Record]) -> list[Record]:
    """Return the invoices issued by now; every tenth user is a company.

    What a gift card pays for has its invoice when the card is bought, so not again.
    """
    invoices: list[Record] = []
    for order in orders:
        if not order["signed_at"] or order["payment"] == "暖舟礼品卡":
            continue
        number = int(order["user_id"][1:])
        is_company = number % 10 == 5
        is_special = is_company and rng.random() < 0.5
        signed = datetime.fromisoformat(order["signed_at"])
        issued = signed + timedelta(hours=168 if is_special else 0, minutes=rng.randrange(60, 1380))
        if issued > AS_OF:
            continue
        invoices.append(
            {
                "invoice_no": f"2699{len(invoices) + 1:016d}",
                "order_id": order["order_id"],
                "user_id": order["user_id"],
                "kind": "增值税专用发票" if is_special else "电子普通发票",
                "title": f"宁州示例{number}号贸易有限公司" if is_company else order["receiver"],
                "tax_no": f"91999999MA{number:08d}" if is_company else None,
                "amount": order["amount"],
                "status": "已红冲" if order["status"] == "已退款" else "已开具",
                "issued_at": issued.isoformat(),
                "reissued": rng.random() < 0.05,
            }
        )
    return invoices
