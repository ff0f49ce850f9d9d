import json
import re
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data"
SHOP = DATA / "business"
FILES = ("users.jsonl", "orders.jsonl", "logistics.jsonl", "invoices.jsonl")
TODAY = "2026-11-22"


def records(name: str) -> list[dict[str, Any]]:
    with (SHOP / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def users() -> list[dict[str, Any]]:
    return records("users.jsonl")


@pytest.fixture(scope="module")
def orders() -> list[dict[str, Any]]:
    return records("orders.jsonl")


def test_the_generator_reproduces_the_files_byte_for_byte(tmp_path: Path) -> None:
    script = SHOP / "generate.py"

    subprocess.run([sys.executable, "-B", str(script), "--out", str(tmp_path)], check=True)

    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SHOP / name).read_bytes(), name


def test_there_are_60_users_and_200_orders_with_ids_of_their_own(
    users: list[dict[str, Any]], orders: list[dict[str, Any]]
) -> None:
    assert len({user["user_id"] for user in users}) == len(users) == 60
    assert len({order["order_id"] for order in orders}) == len(orders) == 200


def test_every_status_occurs(orders: list[dict[str, Any]]) -> None:
    expected = {"待付款", "待发货", "已发货", "已签收", "退款中", "已退款", "已取消"}

    assert {order["status"] for order in orders} == expected


def test_order_ids_carry_their_date_and_pass_the_luhn_test(orders: list[dict[str, Any]]) -> None:
    doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    for order in orders:
        assert re.fullmatch(r"NZ\d{12}", order["order_id"])
        digits = [int(digit) for digit in order["order_id"][2:]]
        total = sum(digits[-1::-2]) + sum(doubled[digit] for digit in digits[-2::-2])
        assert total % 10 == 0, order["order_id"]
        day = datetime.fromisoformat(order["created_at"]).strftime("%y%m%d")
        assert order["order_id"][2:8] == day


def test_nobody_can_have_the_phones_and_mailboxes(users: list[dict[str, Any]]) -> None:
    assert all(re.fullmatch(r"1[3-9]\d0000\d{4}", user["phone"]) for user in users)
    assert len({user["phone"] for user in users}) == len(users)
    assert all(user["email"].endswith("@example.com") for user in users)


def test_nobody_can_have_the_id_numbers_yet_their_check_digits_are_right(
    users: list[dict[str, Any]],
) -> None:
    numbers = [user["id_no"] for user in users if user["id_no"]]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999

    assert len(set(numbers)) == 10
    for number in numbers:
        assert re.fullmatch(r"999999190\d[01]\d[0-3]\d{4}[\dX]", number)
        total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
        assert number[-1] == "10X98765432"[total % 11]


def test_amounts_add_up_from_the_prices_in_the_readme(orders: list[dict[str, Any]]) -> None:
    table = re.findall(r"^\| (\w+(?: Pro)?) \| .+? \| ([\d,]+) 元 \|", readme(), re.MULTILINE)
    prices = {sku: int(price.replace(",", "")) for sku, price in table}

    assert len(prices) == 12
    for order in orders:
        assert all(item["price"] == prices[item["sku"]] for item in order["items"])
        goods = sum(item["price"] * item["qty"] for item in order["items"])
        assert order["amount"] == goods + order["freight"] - order["discount"]


def test_times_run_forward_and_end_before_today(orders: list[dict[str, Any]]) -> None:
    for order in orders:
        names = ("created_at", "paid_at", "shipped_at", "signed_at")
        times = [order[name] for name in names if order[name]]
        assert all(before < after for before, after in pairwise(times)), order["order_id"]
        assert "2026-08-01" <= times[0] < TODAY
        assert times[-1] < TODAY


@pytest.mark.parametrize(
    ("status", "known"),
    [
        ("待付款", ()),
        ("待发货", ("paid_at", "payment")),
        ("已发货", ("paid_at", "payment", "shipped_at", "tracking_no")),
        ("已签收", ("paid_at", "payment", "shipped_at", "tracking_no", "signed_at")),
        ("退款中", ("paid_at", "payment", "shipped_at", "tracking_no", "signed_at", "refund")),
        ("已退款", ("paid_at", "payment", "shipped_at", "tracking_no", "signed_at", "refund")),
    ],
)
def test_an_order_knows_what_its_status_implies_and_no_more(
    orders: list[dict[str, Any]], status: str, known: tuple[str, ...]
) -> None:
    optional = ("paid_at", "payment", "shipped_at", "tracking_no", "signed_at", "refund")

    for order in (order for order in orders if order["status"] == status):
        assert tuple(sorted(name for name in optional if order[name])) == tuple(sorted(known))


def test_levels_follow_from_what_was_spent(users: list[dict[str, Any]]) -> None:
    for user in users:
        spent = user["spent_year"]
        level = ["普通", "银卡", "金卡", "钻石"][
            (spent >= 2000) + (spent >= 6000) + (spent >= 15000)
        ]
        assert user["level"] == level, user["user_id"]


def test_every_shipped_order_has_one_parcel_with_stops_in_order(
    orders: list[dict[str, Any]],
) -> None:
    parcels = {parcel["order_id"]: parcel for parcel in records("logistics.jsonl")}

    assert parcels.keys() == {order["order_id"] for order in orders if order["shipped_at"]}
    for parcel in parcels.values():
        times = [trace["time"] for trace in parcel["traces"]]
        assert times == sorted(times)
        assert times[-1] < TODAY


def test_invoices_belong_to_signed_orders_of_the_same_user_and_amount(
    orders: list[dict[str, Any]],
) -> None:
    by_id = {order["order_id"]: order for order in orders}

    for invoice in records("invoices.jsonl"):
        order = by_id[invoice["order_id"]]
        assert (invoice["user_id"], invoice["amount"]) == (order["user_id"], order["amount"])
        assert order["signed_at"] < invoice["issued_at"] < TODAY


def readme() -> str:
    return (DATA / "README.md").read_text(encoding="utf-8")
