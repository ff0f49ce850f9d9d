"""The demo shop's tables, and the JSONL records that fill them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from tools.business.shop import Account, Invoice, Order, Trace
from tools.errors import ConfigError
from tools.json_lines import numbered


class UserRecord(Account):
    """A line of users.jsonl."""

    phone: str
    email: str
    province: str
    city: str
    address: str
    id_no: str | None


class ParcelRecord(TypedDict):
    """A line of logistics.jsonl; `traces` are oldest first."""

    order_id: str
    user_id: str
    courier: str
    tracking_no: str
    traces: list[Trace]


SCHEMA_VERSION = 1  # kept in PRAGMA user_version, where 0 means a new file
SCHEMA = (
    "CREATE TABLE users (user_id TEXT PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE orders (order_id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,"
    " created_at TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE INDEX orders_by_user ON orders (user_id, created_at)",
    "CREATE TABLE parcels (order_id TEXT PRIMARY KEY REFERENCES orders, record TEXT NOT NULL)",
    "CREATE TABLE invoices (order_id TEXT PRIMARY KEY REFERENCES orders, record TEXT NOT NULL)",
    "CREATE TABLE writes (user_id TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL,"
    " result TEXT NOT NULL, done_at TEXT NOT NULL, PRIMARY KEY (user_id, key))",
)

_USERS = TypeAdapter(UserRecord)
_ORDERS = TypeAdapter(Order)
_PARCELS = TypeAdapter(ParcelRecord)
_INVOICES = TypeAdapter(Invoice)

Record = TypeVar("Record")


def read_records(path: Path, shape: TypeAdapter[Record]) -> Iterator[Record]:
    """Yield every record of a JSONL file in order.

    Raises:
        ConfigError: if the file is missing, or a line does not have the shape; names file and line.
    """
    for number, line in numbered(path):
        try:
            yield shape.validate_json(line, strict=True)
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            field = ".".join(map(str, first["loc"])) or "line"
            raise ConfigError(f"{path}:{number}: {field}: {first['msg']}") from exc


def load(folder: Path) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return an INSERT and its rows for each table of records, parents first."""
    users = read_records(folder / "users.jsonl", _USERS)
    orders = read_records(folder / "orders.jsonl", _ORDERS)
    parcels = read_records(folder / "logistics.jsonl", _PARCELS)
    invoices = read_records(folder / "invoices.jsonl", _INVOICES)
    return [
        ("INSERT INTO users VALUES (?, ?)", [(r["user_id"], _dump(r)) for r in users]),
        (
            "INSERT INTO orders VALUES (?, ?, ?, ?)",
            [(r["order_id"], r["user_id"], r["created_at"], _dump(r)) for r in orders],
        ),
        ("INSERT INTO parcels VALUES (?, ?)", [(r["order_id"], _dump(r)) for r in parcels]),
        ("INSERT INTO invoices VALUES (?, ?)", [(r["order_id"], _dump(r)) for r in invoices]),
    ]


def _dump(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False)
