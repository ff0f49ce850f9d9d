"""Put the best hits in order by what they say token by token. Pure."""

from collections.abc import Sequence

from tools.reading import Agreement
from tools.search.passage import Hit

READ = 12  # best hits, at least, whose tokens are looked at; 20 rank no better


def reread(hits: Sequence[Hit], read: Sequence[Agreement | None], *, weight: float) -> list[Hit]:
    """Return the hits in order by their scores and what was `read` in each, which has `weight`.

    Each loses as much as it touches less of the question than the one that touches most, so that
    scores stay on the scale of an engine that reads no tokens. One that was not read yet stands
    where the others do on average.
    """
    touched = [each.touched for each in read if each]
    if not touched:
        return list(hits)
    most, unread = max(touched), sum(touched) / len(touched)
    scored = [
        (hit.score - weight * (most - (each.touched if each else unread)), hit, each)
        for hit, each in zip(hits, read, strict=True)
    ]
    scored.sort(key=lambda one: -one[0])
    return [hit._replace(score=max(score, 0.0), agreement=each) for score, hit, each in scored]
