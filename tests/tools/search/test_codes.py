"""Terms as numbers."""

import numpy as np

from tools.search.codes import Codes, holds


def codes(*numbers: int) -> Codes:
    return np.array(numbers, np.uint32)


def test_says_which_terms_an_entry_holds() -> None:
    assert holds(codes(2, 5, 9), codes(9, 1, 5, 10, 5)).tolist() == [True, False, True, False, True]


def test_an_entry_without_terms_holds_none() -> None:
    assert holds(codes(), codes(1, 2)).tolist() == [False, False]
