"""The weight of the legs: chosen as by hand, and judged on other queries than it was chosen on."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import HttpUrl

from eval.queries import Query
from eval.tune import FOLDS, SYNONYM_WEIGHTS, WEIGHTS, choose, fold_of, tune
from graph.settings import EmbedSettings, settings
from tests.eval.knowledge import Write
from tests.fakes.embeddings_server import embeddings_server
from tools.errors import ConfigError


def ranks(*of_query: dict[float, float], otherwise: float) -> np.ndarray:
    rows = [[one.get(weight, otherwise) for weight in WEIGHTS] for one in of_query]
    return np.array(rows)


def query(entry: str) -> Query:
    return {"qid": "", "query": "", "relevant_ids": [entry], "label": "answerable", "split": ""}


def test_takes_the_weight_that_is_better_on_every_query() -> None:
    found = ranks(*[{0.3: 1.0}] * 8, otherwise=4.0)

    assert WEIGHTS[choose(found)] == 0.3


def test_takes_the_middle_of_those_that_can_not_be_told_apart() -> None:
    found = ranks(*[{0.2: 1.0, 0.25: 1.0, 0.3: 1.0, 0.35: 1.0, 0.4: 1.0}] * 8, otherwise=9.0)

    assert WEIGHTS[choose(found)] == 0.3


def test_one_lucky_query_does_not_decide() -> None:
    plateau = {weight: 1.0 for weight in WEIGHTS if 0.4 <= weight <= 0.8}
    lucky = {weight: 2.0 for weight in plateau} | {0.4: 1.0}
    found = ranks(*[plateau] * 19, lucky, otherwise=9.0)

    assert WEIGHTS[choose(found)] == 0.6


def test_queries_about_one_entry_share_a_fold() -> None:
    folds = [fold_of(query(f"e{number}")) for number in range(200)]

    assert fold_of(query("e7")) == folds[7]
    assert set(folds) == set(range(FOLDS))


async def test_measures_every_weight_through_the_search(kb: Path, write: Write) -> None:
    pairs = [("退款多久到账", "refund"), ("电子发票怎么开", "invoice")] * 5
    queries = write(*((text, "answerable", entry) for text, entry in pairs))
    async with embeddings_server() as server:
        embed = EmbedSettings(kind="http", base_url=HttpUrl(server.base_url))
        result = await tune(kb, queries, settings().model_copy(update={"embed": embed}))

    assert result["n"] == 10
    assert [row["dense_weight"] for row in result["curve"]] == list(WEIGHTS)
    assert result["curve"][0]["mrr_at_10"] == 1.0  # words alone find both
    assert result["dense_weight"] in WEIGHTS
    assert [row["synonym_weight"] for row in result["synonym_curve"]] == list(SYNONYM_WEIGHTS)
    assert result["synonym_weight"] in SYNONYM_WEIGHTS
    assert 0 <= result["cv_mrr_at_10"] <= 1


async def test_few_queries_are_refused(kb: Path, write: Write) -> None:
    with pytest.raises(ConfigError, match="expected 10 answerable queries, got 1"):
        await tune(kb, write(("退款", "answerable", "refund")), settings())
