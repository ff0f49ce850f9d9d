"""What a message shows besides its topic, and whether it gives the assistant orders."""

from graph.state import State
from nodes.rules.hearing.harm import ALARMS, alarms
from nodes.rules.hearing.smells import is_danger
from nodes.rules.injection import Injection, weighed
from tools.text.normalise import is_blank
from tools.text.pii import mask
from tools.text.signals import signals as read_signals


def noticed(text: str, max_chars: int) -> list[str]:
    """Return the signals of a message, before it is known whether it gives orders."""
    found = [str(signal) for signal in read_signals(text)]
    if is_blank(text):
        found.append("empty")
    if len(text) > max_chars:
        found.append("too_long")
    if mask(text) != text:
        found.append("personal_data")
    if is_danger(text[:max_chars]):
        found.append("danger")
    return found + alarms(text[:max_chars])


def with_orders(
    turn: State,
    vector: list[float],
    attempt: Injection | None,
    is_expected: bool,
    embedder: str,
) -> list[str]:
    """Return the signals with the last word on whether the message gives orders.

    A follow-up is judged by its own words, whose `vector` it is: what was said before was judged
    itself, and joined to it a plain question sounds like neither. A reply that was waited for, a
    wish for a person and an alarm give none because of how they sound. What no rule knows as an
    attempt is "unproven" as well: it may be asked by a customer.
    """
    others = [signal for signal in turn["signals"] if signal != "injection"]
    if is_expected or not {"wants_person", *ALARMS}.isdisjoint(others):
        gives_orders = attempt is not None and attempt.kind != "learnt"
    else:
        gives_orders = weighed(attempt, turn["own"] or turn["question"], vector, embedder)
    if not gives_orders:
        return others
    is_proven = attempt is not None and (attempt.kind != "learnt" or attempt.is_hidden)
    return [*others, "injection", *([] if is_proven else ["unproven"])]
