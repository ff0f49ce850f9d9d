"""How many messages the chat page takes in."""

from collections.abc import Iterator

import pytest

from graph.setting_groups import LimitSettings
from ui import pace
from ui.pace import Gate, Pace, household


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Iterator[Clock]:
    return Clock()


def gate(clock: Clock, *, customer: int = 3, address: int = 5) -> Gate:
    limit = LimitSettings(customer_per_minute=customer, address_per_minute=address)
    return Gate(limit, now_s=clock)


def taken(gate: Gate, times: int, customer: str = "u001", address: str = "192.0.2.1") -> int:
    waits = [gate.wait_s(customer, address, is_to_person=False) for _ in range(times)]
    return waits.count(0)


def test_a_minutes_worth_may_come_at_once_and_then_one_at_a_time(clock: Clock) -> None:
    limited = gate(clock)

    assert taken(limited, 10) == 3
    assert limited.wait_s("u001", "192.0.2.1", is_to_person=False) == pytest.approx(20)
    clock.now_s += 20
    assert taken(limited, 10) == 1
    clock.now_s += 3600
    assert taken(limited, 10) == 3


def test_one_customer_does_not_use_up_what_others_have(clock: Clock) -> None:
    limited = gate(clock, address=100)

    assert taken(limited, 10) == 3
    assert taken(limited, 10, customer="u002") == 3


def test_new_names_from_one_address_do_not_help(clock: Clock) -> None:
    limited = gate(clock)

    assert sum(taken(limited, 1, customer=f"guest{n}") for n in range(50)) == 5


def test_a_message_that_was_not_taken_does_not_make_the_wait_longer(clock: Clock) -> None:
    limited = gate(clock)
    taken(limited, 50)
    clock.now_s += 20.1

    assert taken(limited, 1) == 1


def test_who_talks_to_a_person_is_held_to_the_address_only(clock: Clock) -> None:
    limited = gate(clock)
    taken(limited, 3)

    waits = [limited.wait_s("u001", "192.0.2.1", is_to_person=True) for _ in range(3)]

    assert waits[:2] == [0, 0]
    assert waits[2] > 0


def test_zero_means_any_number(clock: Clock) -> None:
    assert taken(gate(clock, customer=0, address=0), 1000) == 1000


def test_an_address_nobody_knows_is_not_held_to_account(clock: Clock) -> None:
    assert sum(taken(gate(clock), 1, f"g{n}", address="") for n in range(50)) == 50


def test_names_that_are_made_up_fill_no_memory(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "REMEMBERED", 3)
    counted = Pace(1, now_s=clock)
    for who in "abcd":
        counted.count(who)

    assert [counted.wait_s(who) > 0 for who in "abcd"] == [False, True, True, True]


def test_who_goes_on_is_not_forgotten_for_those_who_come_later(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "REMEMBERED", 2)
    counted = Pace(1, now_s=clock)
    for who in "abac":
        counted.count(who)

    assert [counted.wait_s(who) > 0 for who in "abc"] == [True, False, True]


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_the_addresses_of_one_household_are_one(address: str, stands_for: str) -> None:
    assert household(address) == stands_for
