"""What to search with: a question as it was asked, and as the knowledge would say it."""

import numpy as np

from tools.embed import Embedder
from tools.errors import KefuError
from tools.reading import Reading
from tools.search.base import Vector

SHARE = 0.65  # of the second; from 0.5 to 1 they rank alike (docs/weights.md)


async def meant(
    vector: Vector, question: str, said: str, embedder: Embedder, *, share: float = SHARE
) -> Vector:
    """Return the unit vector between `vector`, the question's, and that of what is `said` for it.

    It is the question's own if both are one, or if the model is gone since.
    """
    if said == question:
        return vector
    try:
        (other,) = await embedder.questions([said])
    except KefuError:
        return vector
    between = (1 - share) * vector + share * other
    return np.asarray(between / np.linalg.norm(between), np.float32)


async def read(said: str, embedder: Embedder) -> Reading | None:
    """Return the reading of what is `said`; None if no reader is there, or its model is gone."""
    if embedder.reader is None:
        return None
    try:
        return await embedder.reader.question(said)
    except KefuError:
        return None
