"""What counts how much in a ranking, beside the settings; `python -m eval tune` measures it."""

from typing import NamedTuple

from tools.search.fusion import DOCUMENTS
from tools.search.homophones import TOGETHER
from tools.search.matrix import HUB_WEIGHT
from tools.search.meant import SHARE
from tools.search.reread import READ
from tools.search.typos import WEIGHT


class Weights(NamedTuple):
    """Numbers of the embedded engine; the others rank with the same, by their constants."""

    reading: float | None = None  # what was read token by token; None = as the reader says
    read: int = READ  # best hits that are read, at least
    names: float = SHARE  # of the question with the names that the knowledge uses, in its vector
    hubness: float = HUB_WEIGHT
    documents: float = DOCUMENTS  # the vector of a document's passage, beside an FAQ entry's
    typos: float = WEIGHT  # a word one letter away, beside one asked
    sounds: float = TOGETHER  # how sure a character is that takes the place of another


MEASURED = Weights()
