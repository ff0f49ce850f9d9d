"""Numbers are read in a time that grows with the text, not with its square."""

import time

from nodes.rules.checking.sums import equations
from nodes.rules.wording.numerals import arabic


def test_a_number_of_any_length_is_read_in_no_time() -> None:
    begun = time.process_time()

    assert arabic("9" * 10_000) == "9" * 10_000
    assert list(equations("9" * 10_000)) == []

    assert time.process_time() - begun < 2  # 20 s where each digit looks at all that follow
