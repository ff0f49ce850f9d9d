"""How often one may do something: so many times a minute, and not more."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from graph.setting_groups import LimitSettings

if TYPE_CHECKING:
    import gradio as gr

MINUTE_S = 60.0
REMEMBERED = 10_000  # who did it last; an attacker with more names than that has other means
HOUSEHOLD_BITS = 64  # of an IPv6 address: who has one has all that begin like it


class Pace:
    """Counts for each of many; a minute's worth may come at once, then one at a time."""

    def __init__(self, per_minute: int, *, now_s: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` 0 means as often as one likes."""
        self._between_s = MINUTE_S / per_minute if per_minute else 0.0
        self._now_s = now_s
        self._used_until: OrderedDict[str, float] = OrderedDict()  # the later, the more was done

    def wait_s(self, who: str) -> float:
        """Return how long `who` must wait to do it once more; 0 for not at all."""
        if not self._between_s:
            return 0.0
        now_s = self._now_s()
        used_s = max(self._used_until.get(who, now_s), now_s) - now_s
        return max(used_s + self._between_s - MINUTE_S - 1e-6, 0.0)

    def count(self, who: str) -> None:
        """Note that `who` did it."""
        if not self._between_s:
            return
        now_s = self._now_s()
        self._used_until[who] = max(self._used_until.get(who, now_s), now_s) + self._between_s
        self._used_until.move_to_end(who)
        if len(self._used_until) > REMEMBERED:
            self._used_until.popitem(last=False)


class Gate:
    """Which messages are taken in: so many a minute of each customer, and from each address."""

    def __init__(
        self, limit: LimitSettings, *, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._customers = Pace(limit.customer_per_minute, now_s=now_s)
        self._addresses = Pace(limit.address_per_minute, now_s=now_s)

    def wait_s(self, customer: str, address: str, *, is_to_person: bool) -> float:
        """Return 0 and count the message, or how long to wait before it is taken in.

        What is said to a person counts for the address only: nobody is cut short while the desk
        listens.
        """
        home = household(address)
        wait_s = self._addresses.wait_s(home) if home else 0.0
        if not is_to_person:
            wait_s = max(wait_s, self._customers.wait_s(customer))
        if not wait_s:
            if home:
                self._addresses.count(home)
            if not is_to_person:
                self._customers.count(customer)
        return wait_s


def address_of(request: "gr.Request | None") -> str:
    """Return where a visitor of a page calls from; "" if nobody knows."""
    return str(request.client.host) if request is not None and request.client else ""


def household(address: str) -> str:
    """Return what stands for everybody behind an address: of IPv6 its first half."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), HOUSEHOLD_BITS), strict=False))
