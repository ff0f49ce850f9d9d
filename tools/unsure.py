"""Where a classifier is unsure, as its predictions on examples not fitted on tell."""

import numpy as np

from tools.linear import Fitted, Gold, Rows, log_loss

MAX_WRONG = 0.03  # share of wrong routes above the band in which the model is asked
LOST = 0.05  # share in the band whose right route is not among the choices
MAX_ASKED = 0.5  # share in the band above which nobody is asked: most turns would wait twice
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

    From the upper edge on, no more than MAX_WRONG are wrong; the lower one is as low as it can
    be without the right route missing from the CHOICES best in more than LOST of the band. The
    upper edge is 1 where nothing is sure enough. Of a head that is unsure of more than MAX_ASKED
    the band is empty.

    Args:
        confidence: of the best route of every example, 0..1, (n,).
        place: of the right route among all, 0 = best, (n,).
    """
    order = np.argsort(-confidence)
    confidence, place = confidence[order], place[order]
    wrong = np.cumsum(place > 0) / np.arange(1, len(place) + 1)
    sure = int(np.max(np.flatnonzero(wrong <= MAX_WRONG), initial=-1)) + 1
    sure_at = float(confidence[sure - 1]) if sure else 1.0
    missed = np.cumsum(place[sure:] >= CHOICES) / np.arange(1, len(place) - sure + 1)
    kept = np.flatnonzero(missed <= LOST)
    if not len(kept) or kept[-1] + 1 > MAX_ASKED * len(place):
        return sure_at, sure_at
    return float(confidence[sure + kept[-1]]), sure_at
