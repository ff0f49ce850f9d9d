"""What simulated customers want, drawn from the sample company, and whether they got it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from eval.dialogue import Dialogue
from eval.queries import Query
from eval.script import Script
from graph.state import Reply
from tools.business.rules import NO_DELIVERY, REFUND_LIMIT_YUAN, REMOTE
from tools.business.shop import Order, Shop
from tools.errors import ConfigError
from tools.json_lines import read_lines, text
from tools.search.types import Entry

BEFORE_SHIPPING = ("待付款", "待发货")
RETURN_FROM = "2026-11-16"  # signed for since then: may still be returned on the simulated day


class Check(NamedTuple):
    """What a reply, or the shop after it, must show; any of `values` will do.

    cites     an answer that cites one of these entries
    says      a reply that contains this
    reason    a reply for this reason
    shop      the order's field has this value now
    declines  anything but an answer from the knowledge
    person    the conversation waits for a person
    chosen    an answer to the option that was chosen
    """

    kind: Literal["cites", "says", "reason", "shop", "declines", "person", "chosen"]
    values: Sequence[str] = ()
    field: str = ""


@dataclass
class Goal:
    """One customer's wish."""

    name: str
    asks: list[str]  # the question, then other wordings of it
    check: Check
    before: list[str] = field(default_factory=list)  # earlier messages of the conversation
    user_id: str = ""
    region: str = ""
    order: str = ""
    address: str = ""  # the new one
    titles: set[str] = field(default_factory=set)  # options that mean this
    aside: str = ""  # another question, to jump to
    is_wish: bool = False  # an explicit wish for a person

    def drop(self) -> None:
        """Want nothing to be done any more."""
        self.check = Check("reason", ["declined"])

    def is_met(
        self, reply: Reply, text: str, owner: str, orders: Mapping[str, Order], cited: Sequence[str]
    ) -> bool:
        """Say whether the last turn has brought what was wanted; `cited` are cited titles."""
        check = self.check
        match check.kind:
            case "cites":
                ids = {citation["id"].removesuffix("-en") for citation in reply["citations"]}
                return reply["action"] == "answer" and bool(ids & set(check.values))
            case "says":
                return any(value in text for value in check.values)
            case "reason":
                return reply["reason"] in check.values
            case "shop":
                now: Mapping[str, object] = orders.get(self.order) or {}
                return _plain(str(now.get(check.field, ""))) in map(_plain, check.values)
            case "declines":
                return reply["action"] in ("fallback", "clarify", "handoff")
            case "person":
                return owner != "bot"
        return reply["action"] == "answer" and bool(self.titles & set(cited))


def _plain(text: str) -> str:
    return "".join(text.split())


class Goals:
    """Draws goals; orders are taken as the shop has them at that moment."""

    def __init__(
        self,
        script: Script,
        queries: Sequence[Query],
        dialogues: Sequence[Dialogue],
        entries: Mapping[str, Entry],
        users: Sequence[str],
        shop: Shop,
    ) -> None:
        self._script, self._entries, self._users, self._shop = script, entries, users, shop
        self._dialogues = [d for d in dialogues if d["history"]]
        self._queries = queries
        weights = {name: wording.weight for name, wording in script.goals.items()}
        self._names, self._weights = list(weights), list(weights.values())

    async def draw(self, random: Random) -> Goal:
        """Return a goal; one that no order in the shop fits any more is drawn again."""
        while True:
            name = random.choices(self._names, self._weights)[0]
            goal = await self._made(name, random)
            if goal is not None:
                goal.aside = random.choice(self._labelled("answerable"))["query"]
                return goal

    def _labelled(self, *labels: str) -> list[Query]:
        return [query for query in self._queries if query["label"] in labels]

    async def _made(self, name: str, random: Random) -> Goal | None:
        match name:
            case "known":
                query = random.choice(self._labelled("answerable"))
                return self._known(name, query["query"], query["relevant_ids"])
            case "follow_up":
                talk = random.choice(self._dialogues)
                goal = self._known(name, talk["query"], talk["relevant_ids"])
                goal.before = [t.content for t in talk["history"] if t.role == "user"]
                return goal
            case "unknown":
                asked = random.choice(self._labelled("indomain_no_answer", "offdomain"))["query"]
                return Goal(name, [asked], Check("declines"))
            case "vague":
                asked = random.choice(self._labelled("ambiguous"))["query"]
                return Goal(name, [asked], Check("chosen"))
            case "person":
                wish = random.choice(self._script.phrases["wish"])
                other = random.choice(self._labelled("handoff"))["query"]
                is_wish = random.random() < 0.5  # the others are to be understood as such
                asked = wish if is_wish else other
                return Goal(name, [asked], Check("person"), is_wish=is_wish)
        return await self._errand(name, random)

    def _known(self, name: str, asked: str, ids: Sequence[str]) -> Goal:
        entries = [self._entries[i] for i in ids if i in self._entries]
        others = [entry["question"] for entry in entries]
        others += [text for entry in entries for text in entry.get("similar_questions", [])]
        region = entries[0].get("region", "") if entries else ""
        titles = {entry["question"] for entry in entries}
        return Goal(name, [asked, *others], Check("cites", ids), region=region, titles=titles)

    async def _errand(self, name: str, random: Random) -> Goal | None:
        asks = self._script.goals[name].asks
        address = random.choice(self._script.new_addresses)
        if name == "signed_out":
            return Goal(name, [random.choice(asks)], Check("reason", ["needs_sign_in"]))
        user, order = await self._find(_FITS[name], random)
        if order is None:
            return None
        check = await self._wanted(name, user, order, address)
        if check is None:
            return None
        words = {"order": order["order_id"], "address": address}
        texts = [ask.format_map(words) for ask in random.sample(asks, len(asks))]
        return Goal(name, texts, check, user_id=user, order=order["order_id"], address=address)

    async def _find(
        self, fits: Callable[[Order], bool], random: Random
    ) -> tuple[str, Order | None]:
        for user in random.sample(self._users, len(self._users)):
            orders = [o for o in await self._shop.orders(user, limit=20) if fits(o)]
            if orders:
                return user, random.choice(orders)
        return "", None

    async def _wanted(self, name: str, user: str, order: Order, address: str) -> Check | None:
        match name:
            case "order_status":
                return Check("says", [order["status"]])
            case "logistics":
                return Check("says", [order["tracking_no"] or order["status"]])
            case "refund_status":
                return Check("says", [order["refund"]["ticket_id"]]) if order["refund"] else None
            case "invoice":
                invoice = await self._shop.invoice(user, order["order_id"])
                return Check("says", [invoice["invoice_no"]]) if invoice else None
            case "points":
                account = await self._shop.account(user)
                return Check("says", [f"{account['points']} 积分"]) if account else None
            case "change_address":
                return Check("shop", [address], "address")
            case "cancel_order":
                return Check("shop", ["已取消"], "status")
            case "refund_request":
                return Check("shop", ["退款中"], "status")
        return Check("reason", ["refused_already_shipped", "refused_refund_open"])


def _returnable(order: Order) -> bool:
    is_small = order["amount"] <= REFUND_LIMIT_YUAN
    return order["status"] == "已签收" and (order["signed_at"] or "") >= RETURN_FROM and is_small


def _movable(order: Order) -> bool:
    is_fixed = order["address_changed"] or order["address"].startswith((*REMOTE, *NO_DELIVERY))
    return order["status"] in BEFORE_SHIPPING and not is_fixed


_FITS: Mapping[str, Callable[[Order], bool]] = {
    "order_status": lambda order: True,
    "points": lambda order: True,
    "logistics": lambda order: order["status"] == "已发货",
    "refund_status": lambda order: order["refund"] is not None,
    "invoice": lambda order: order["status"] == "已签收",
    "change_address": _movable,
    "cancel_order": lambda order: order["status"] in BEFORE_SHIPPING,
    "refund_request": _returnable,
    "refused": lambda order: order["status"] in ("已发货", "已签收"),
}
GOALS = ("known", "follow_up", "unknown", "vague", "person", "signed_out", *_FITS)


def check_goals(names: Iterable[str]) -> None:
    """Raise ConfigError if a goal of the script is none that can be drawn."""
    if unknown := set(names) - set(GOALS):
        raise ConfigError(f"goals: expected some of {', '.join(GOALS)}, got {sorted(unknown)}")


def read_users(folder: Path) -> list[str]:
    """Return the ids of the demo shop's customers.

    Raises:
        ConfigError: if the file is missing or damaged.
    """
    return read_lines(folder / "users.jsonl", "customer", lambda raw: text(raw, "user_id"))
