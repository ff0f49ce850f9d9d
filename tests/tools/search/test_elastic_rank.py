"""How Elasticsearch's candidates are scored."""

import numpy as np

from tools.search.elastic_index import pack
from tools.search.elastic_rank import ANCHORS, FEW, anchors


def test_a_small_index_is_judged_by_all_its_questions_a_large_one_by_a_sample() -> None:
    packed = pack(np.eye(2, dtype=np.float32))  # one wording, and the whole
    hits = [{"fields": {"packed": [packed]}}] * FEW

    assert len(anchors(hits, 2, entries=FEW)) == FEW
    assert len(anchors(hits, 2, entries=FEW + 1)) == ANCHORS
