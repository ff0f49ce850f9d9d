import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tools.business.demo import DemoShop
from tools.business.shop import SHOP_TZ, NotAllowed, Order, Shop
from tools.errors import ConfigError, ShopUnavailable

RECORDS = Path(__file__).parents[3] / "data" / "business"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHOP_TZ)


def now() -> datetime:
    return NOW


@pytest.fixture
def db_path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "shop.sqlite"


@pytest.fixture
async def shop(db_path: Path) -> AsyncIterator[DemoShop]:
    shop = await DemoShop.open(db_path, RECORDS, clock=now)
    yield shop
    await shop.close()


async def an_order(shop: Shop, user_id: str, status: str, *skus: str) -> Order:
    """Return the customer's newest order of that status, with those goods if any are named."""
    for order in await shop.orders(user_id, limit=100):
        if order["status"] == status and set(skus) <= {item["sku"] for item in order["items"]}:
            return order
    raise AssertionError(f"{user_id} has no order {status} {skus}")


async def refusal(write: Awaitable[object]) -> str:
    with pytest.raises(NotAllowed) as refused:
        await write
    return refused.value.reason


async def test_orders_come_newest_first_and_at_most_as_many_as_asked(shop: DemoShop) -> None:
    orders = await shop.orders("u001", limit=3)

    assert len(orders) == 3
    assert [o["created_at"] for o in orders] == sorted(
        (o["created_at"] for o in orders), reverse=True
    )
    assert {o["user_id"] for o in orders} == {"u001"}


async def test_another_customers_order_looks_like_none(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "已签收"))["order_id"]

    assert await shop.order("u001", order_id) is not None
    assert await shop.order("u002", order_id) is None
    assert await shop.logistics("u002", order_id) == []
    assert await shop.invoice("u002", order_id) is None
    assert await refusal(shop.request_refund("u002", order_id, "不想要", key="a")) == (
        "no_such_order"
    )


async def test_a_key_of_another_customer_reveals_nothing(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "待付款"))["order_id"]
    await shop.cancel_order("u001", order_id, key="same")

    assert await refusal(shop.cancel_order("u002", order_id, key="same")) == "no_such_order"


async def test_an_order_id_is_never_read_as_sql(shop: DemoShop) -> None:
    assert await shop.order("u001", "' OR '1'='1") is None


async def test_a_parcels_stops_come_oldest_first(shop: DemoShop) -> None:
    traces = await shop.logistics("u001", (await an_order(shop, "u001", "已签收"))["order_id"])

    assert [t["time"] for t in traces] == sorted(t["time"] for t in traces)
    assert "签收" in traces[-1]["text"]


async def test_an_order_not_shipped_has_no_stops_and_no_invoice(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "待发货"))["order_id"]

    assert await shop.logistics("u001", order_id) == []
    assert await shop.invoice("u001", order_id) is None


async def test_a_signed_order_has_an_invoice_over_its_amount(shop: DemoShop) -> None:
    order = await an_order(shop, "u001", "已签收")

    invoice = await shop.invoice("u001", order["order_id"])

    assert invoice is not None
    assert invoice["amount"] == order["amount"]


async def test_an_account_shows_level_points_and_subscription_but_no_phone(
    shop: DemoShop,
) -> None:
    account = await shop.account("u003")

    assert account is not None
    assert account["level"] == "金卡"
    assert account["subscription"]["plan"] == "月付"
    assert "phone" not in account
    assert await shop.account("u999") is None


async def test_a_refund_is_opened_once_however_often_it_is_asked_for(shop: DemoShop) -> None:
    order = await an_order(shop, "u001", "已签收", "V8")

    tickets = await asyncio.gather(
        *(shop.request_refund("u001", order["order_id"], "噪音大", key="k1") for _ in range(5))
    )

    assert all(ticket == tickets[0] for ticket in tickets)
    assert tickets[0]["amount"] == order["amount"]
    changed = await shop.order("u001", order["order_id"])
    assert changed is not None
    assert changed["status"] == "退款中"
    assert changed["refund"] == tickets[0]
    again = shop.request_refund("u001", order["order_id"], "噪音大", key="k2")
    assert await refusal(again) == "refund_open"


async def test_a_parcel_under_way_can_be_refused(shop: DemoShop) -> None:
    order = await an_order(shop, "u001", "已发货")

    ticket = await shop.request_refund("u001", order["order_id"], "拒收", key="k")

    assert (ticket["status"], ticket["payment"]) == ("处理中", order["payment"])
    assert ticket["requested_at"] == "2026-11-22T10:00:00+08:00"


@pytest.mark.parametrize(
    ("user_id", "status", "skus", "reason"),
    [
        ("u001", "待付款", (), "not_paid"),
        ("u001", "待发货", (), "not_shipped"),
        ("u001", "已签收", ("P7",), "too_late"),
        ("u001", "退款中", (), "refund_open"),
        ("u003", "已退款", (), "refund_open"),
        ("u004", "已取消", (), "cancelled"),
        ("u004", "已签收", ("A9",), "too_late"),  # 普通: 7 days
        ("u002", "已签收", ("S20 Pro", "D6"), "amount_limit"),
    ],
)
async def test_a_refund_is_refused_with_its_reason(
    shop: DemoShop, user_id: str, status: str, skus: tuple[str, ...], reason: str
) -> None:
    order = await an_order(shop, user_id, status, *skus)

    assert await refusal(shop.request_refund(user_id, order["order_id"], "不要", key="k")) == reason
    assert await shop.order(user_id, order["order_id"]) == order


async def test_gold_members_have_15_days(shop: DemoShop) -> None:
    order = await an_order(shop, "u003", "已签收", "W4")

    assert await shop.request_refund("u003", order["order_id"], "不合适", key="k")


@pytest.mark.parametrize(("seconds", "is_open"), [(0, True), (1, False)])
async def test_the_return_window_ends_with_its_last_day_in_the_shops_time(
    tmp_path: Path, seconds: int, is_open: bool
) -> None:
    last_moment = datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC)  # u001 signed for V8 on 11-18
    at = last_moment + timedelta(seconds=seconds)
    shop = await DemoShop.open(tmp_path / "shop.sqlite", RECORDS, clock=lambda: at)
    order = await an_order(shop, "u001", "已签收", "V8")

    asked = shop.request_refund("u001", order["order_id"], "不要", key="k")

    if is_open:
        assert await asked
    else:
        assert await refusal(asked) == "too_late"
    await shop.close()


async def test_cancelling_a_paid_order_opens_its_refund(shop: DemoShop) -> None:
    order = await an_order(shop, "u001", "待发货")

    cancelled = await shop.cancel_order("u001", order["order_id"], key="k")

    assert cancelled["status"] == "已取消"
    assert cancelled["refund"] is not None
    assert cancelled["refund"]["amount"] == order["amount"]
    assert await shop.order("u001", order["order_id"]) == cancelled


async def test_cancelling_an_unpaid_order_refunds_nothing(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "待付款"))["order_id"]

    assert (await shop.cancel_order("u001", order_id, key="k"))["refund"] is None


@pytest.mark.parametrize(
    ("user_id", "status", "reason"),
    [
        ("u001", "已发货", "already_shipped"),
        ("u001", "已签收", "already_shipped"),
        ("u001", "退款中", "refund_open"),
        ("u004", "已取消", "cancelled"),
    ],
)
async def test_neither_cancel_nor_address_change_once_the_order_is_past_that(
    shop: DemoShop, user_id: str, status: str, reason: str
) -> None:
    order_id = (await an_order(shop, user_id, status))["order_id"]

    assert await refusal(shop.cancel_order(user_id, order_id, key="a")) == reason
    assert await refusal(shop.change_address(user_id, order_id, "上海市", key="b")) == reason


async def test_the_address_changes_once(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "待付款"))["order_id"]

    first = await shop.change_address("u001", order_id, " 上海市听潮街 1 号 ", key="a")
    replay = await shop.change_address("u001", order_id, " 上海市听潮街 1 号 ", key="a")

    assert first == replay
    assert first["address"] == "上海市听潮街 1 号"
    again = shop.change_address("u001", order_id, "上海市听潮街 2 号", key="b")
    assert await refusal(again) == "already_changed"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("  ", "bad_address"),
        ("香港特别行政区九龙", "no_delivery"),
        ("新疆维吾尔自治区昌吉市", "freight_changes"),
    ],
)
async def test_an_address_the_shop_cannot_serve_at_this_price_is_refused(
    shop: DemoShop, address: str, reason: str
) -> None:
    order_id = (await an_order(shop, "u001", "待付款"))["order_id"]

    assert await refusal(shop.change_address("u001", order_id, address, key="k")) == reason


async def test_a_key_serves_one_request_only(shop: DemoShop) -> None:
    paid = (await an_order(shop, "u001", "待发货"))["order_id"]
    unpaid = (await an_order(shop, "u001", "待付款"))["order_id"]
    await shop.cancel_order("u001", paid, key="k")

    assert await refusal(shop.cancel_order("u001", unpaid, key="k")) == "key_reused"


async def test_a_refused_call_leaves_its_key_free(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "待付款"))["order_id"]
    await refusal(shop.change_address("u001", order_id, "", key="k"))

    assert await shop.change_address("u001", order_id, "上海市听潮街 1 号", key="k")


async def test_writes_and_their_results_survive_reopening(db_path: Path) -> None:
    shop = await DemoShop.open(db_path, RECORDS, clock=now)
    order_id = (await an_order(shop, "u001", "待发货"))["order_id"]
    before = await shop.cancel_order("u001", order_id, key="k")
    await shop.close()

    later = await DemoShop.open(db_path, RECORDS, clock=lambda: NOW + timedelta(days=9))

    assert await later.cancel_order("u001", order_id, key="k") == before
    assert await later.order("u001", order_id) == before
    await later.close()


async def test_two_processes_opening_a_new_file_build_it_once(db_path: Path) -> None:
    shops = await asyncio.gather(*(DemoShop.open(db_path, RECORDS, clock=now) for _ in range(3)))

    for shop in shops:
        assert await shop.account("u001")
        await shop.close()


async def test_a_cancelled_call_does_not_block_the_next_write(shop: DemoShop) -> None:
    order_id = (await an_order(shop, "u001", "待付款"))["order_id"]
    task = asyncio.create_task(shop.change_address("u001", order_id, "上海市听潮街 1 号", key="a"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert (await shop.cancel_order("u001", order_id, key="b"))["status"] == "已取消"


@pytest.mark.parametrize(
    ("name", "spoil", "where"),
    [
        ("users.jsonl", lambda path: path.unlink(), "users.jsonl"),
        ("orders.jsonl", lambda path: spoil_line(path, 3, '{"order_id": "NZ'), "orders.jsonl:3"),
        ("orders.jsonl", lambda path: spoil_line(path, 7, "{}"), "orders.jsonl:7: order_id"),
        ("invoices.jsonl", lambda path: spoil_line(path, 2, ""), "invoices.jsonl:2"),
        ("users.jsonl", lambda path: spoil_line(path, 1, None), "contradict"),
    ],
    ids=["missing", "cut off", "empty object", "empty line", "user of an order missing"],
)
async def test_damaged_records_are_named_and_leave_nothing_half_built(
    tmp_path: Path, db_path: Path, name: str, spoil: Callable[[Path], Any], where: str
) -> None:
    folder = tmp_path / "records"
    shutil.copytree(RECORDS, folder)
    spoil(folder / name)

    with pytest.raises(ConfigError, match=where):
        await DemoShop.open(db_path, folder, clock=now)

    shop = await DemoShop.open(db_path, RECORDS, clock=now)
    assert await shop.account("u001")
    await shop.close()


async def test_a_file_of_another_schema_is_refused_with_the_mend(tmp_path: Path) -> None:
    db_path = tmp_path / "shop.sqlite"
    connection = sqlite3.connect(db_path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(ConfigError, match="delete the file"):
        await DemoShop.open(db_path, RECORDS, clock=now)


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    shutil.copy(RECORDS / "users.jsonl", tmp_path / "shop.sqlite")

    with pytest.raises(ShopUnavailable):
        await DemoShop.open(tmp_path / "shop.sqlite", RECORDS, clock=now)


async def test_a_path_that_is_a_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ShopUnavailable):
        await DemoShop.open(tmp_path, RECORDS, clock=now)


async def test_a_file_of_something_else_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"not a database at all" * 99)

    with pytest.raises(ShopUnavailable, match=r"shop\.db: .*move it away"):
        await DemoShop.open(tmp_path / "shop.db", RECORDS, clock=now)


async def test_no_thread_is_left_behind_by_a_file_that_does_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiosqlite's thread may answer a failed start after the event loop has ended."""
    (tmp_path / "shop.sqlite").mkdir()
    monkeypatch.delattr("aiosqlite.connect")

    with pytest.raises(ShopUnavailable, match="can't open the shop"):
        await DemoShop.open(tmp_path / "shop.sqlite", RECORDS, clock=now)


async def test_reads_of_a_broken_shop_are_unavailable(shop: DemoShop, db_path: Path) -> None:
    connection = sqlite3.connect(db_path)
    connection.execute("ALTER TABLE orders RENAME TO gone")
    connection.close()

    with pytest.raises(ShopUnavailable):
        await shop.orders("u001")
    with pytest.raises(ShopUnavailable):
        await shop.cancel_order("u001", "NZ261121012049", key="k")


def spoil_line(path: Path, number: int, text: str | None) -> None:
    """Replace a line (from 1), or drop it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number - 1 : number] = [] if text is None else [text]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
