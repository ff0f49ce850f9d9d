"""Where a classifier is unsure, as its predictions on examples not fitted on tell."""

import numpy as np

from tools.linear import Fitted, Gold, Rows, log_loss

MAX_WRONG = 0.03  # share of wrong routes above the band in which the model is asked
LOST = 0.2  # share below the band whose right route is not among the choices
CHOICES = 3  # routes the model may choose from


def measured(fit: Fitted, gold: Gold, routes: Gold) -> dict[str, float]:
    """Return what 5-fold predictions tell: how good the head is and where it is unsure.

    Args:
        fit: the head and its predictions.
        gold: right label of every example, (n,).
        routes: number of the route of every label, (labels,).
    """
    by_route = np.stack(
        [fit.held_out[:, routes == r].sum(axis=1) for r in range(routes.max() + 1)], 1
    )
    ranked = np.argsort(-by_route, axis=1)
    place = (ranked == routes[gold][:, None]).argmax(axis=1)  # of the right route
    lost_at, sure_at = unsure_band(by_route.max(axis=1), place)
    found = {
        "accuracy": float((fit.held_out.argmax(axis=1) == gold).mean()),
        "log_loss": log_loss(fit.held_out, gold),
        "lost_at": lost_at,
        "sure_at": sure_at,
    }
    return {name: round(value, 4) for name, value in found.items()}


def unsure_band(confidence: Rows, place: Gold) -> tuple[float, float]:
    """Return the edges between which a second opinion pays.

    From the upper edge on, no more than MAX_WRONG are wrong; below the lower one, the right
    route is among the CHOICES best too seldom (LOST) to be worth a question. The edges are
    (1, 1) where nothing is ever sure, and then everything above the lower one is asked about.

    Args:
        confidence: of the best route of every example, 0..1, (n,).
        place: of the right route among all, 0 = best, (n,).
    """
    order = np.argsort(-confidence)
    wrong = np.cumsum(place[order] > 0) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(wrong <= MAX_WRONG)
    sure_at = float(confidence[order[good[-1]]]) if len(good) else 1.0
    rising = order[::-1]
    missed = np.cumsum(place[rising] >= CHOICES) / np.arange(1, len(rising) + 1)
    lost = np.flatnonzero(missed > LOST)
    lost_at = float(confidence[rising[lost[-1]]]) if len(lost) else 0.0
    return min(lost_at, sure_at), sure_at
