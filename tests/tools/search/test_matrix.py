"""The matrix scores as the plain formula says, whatever was put in and taken out before."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tools.search import matrix as module
from tools.search.hubness import NEIGHBOURS
from tools.search.matrix import HUB_WEIGHT, QUESTION, WHOLE, Vector, VectorMatrix

DIMS = 8
Stored = dict[int, tuple[Vector, list[int]]]


def unit(seed: int, count: int) -> Vector:
    rows = np.random.default_rng(seed).normal(size=(count, DIMS)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def rows(seed: int, wordings: int) -> tuple[Vector, list[int]]:
    return unit(seed, wordings + 1), [QUESTION] * wordings + [WHOLE]


def filled(stored: Stored) -> VectorMatrix:
    matrix = VectorMatrix(DIMS)
    for number, (vectors, kinds) in stored.items():
        matrix.put(number, vectors, kinds)
    return matrix


def naive(stored: Stored, vector: Vector, size: int) -> tuple[Vector, Vector]:
    anchors = [
        row
        for vectors, kinds in stored.values()
        for row, kind in zip(vectors, kinds, strict=True)
        if kind == QUESTION
    ]
    score, best = np.full(size, -2.0), np.full(size, -1.0)
    near = min(NEIGHBOURS, len(anchors) - 1)
    for number, (vectors, kinds) in stored.items():
        by_kind: dict[int, list[float]] = {QUESTION: [], WHOLE: []}
        for row, kind in zip(vectors, kinds, strict=True):
            cosines = sorted((float(row @ anchor) for anchor in anchors), reverse=True)
            hubness = sum(cosines[1 : near + 1]) / near if near > 0 else 0.0
            by_kind[kind].append(float(row @ vector) - HUB_WEIGHT * hubness)
            best[number] = max(best[number], float(row @ vector))
        score[number] = sum(max(by_kind[kind]) for kind in by_kind) / 2
    return score.astype(np.float32), best.astype(np.float32)


@example(wordings=[1, 1, 1, 1, 1, 3, 1, 1, 2, 1, 1, 2, 1], seed=59419)  # a score below -1
@settings(max_examples=40, deadline=None)
@given(wordings=st.lists(st.integers(1, 4), min_size=1, max_size=40), seed=st.integers(0, 2**16))
def test_scores_equal_the_plain_formula(wordings: list[int], seed: int) -> None:
    stored = {n: rows(seed + n, count) for n, count in enumerate(wordings, start=1)}
    question = unit(seed, 1)[0]

    found = filled(stored).scores(question, len(wordings) + 1)

    expected = naive(stored, question, len(wordings) + 1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), max_size=60))
def test_the_best_cosine_follows_every_put_and_drop(steps: list[tuple[int, int]]) -> None:
    matrix, stored, question = VectorMatrix(DIMS), Stored(), unit(0, 1)[0]

    for seed, (number, wordings) in enumerate(steps):
        if wordings:
            stored[number] = rows(seed, wordings)
            matrix.put(number, *stored[number])
        else:
            stored.pop(number, None)
            matrix.drop([number])
        best = matrix.scores(question, 13)[1]
        expected = [max(stored[n][0] @ question) if n in stored else -1 for n in range(13)]
        np.testing.assert_allclose(best, expected, atol=1e-5)

    assert matrix.entries == len(stored)
    assert len(matrix) == sum(len(kinds) for _, kinds in stored.values())


def test_it_grows_beyond_its_first_size_and_keeps_all() -> None:
    stored = {n: rows(n, 2) for n in range(1, 101)}

    matrix = filled(stored)

    best = matrix.scores(stored[77][0][0], 101)[1]
    assert int(best.argmax()) == 77
    assert len(matrix) == 300


def test_places_of_dropped_entries_are_used_again() -> None:
    matrix = VectorMatrix(DIMS)

    for number in range(1, 2001):
        matrix.put(number, *rows(number, 2))
        matrix.drop([number])

    assert len(matrix) == 0
    assert matrix.capacity == 64


def test_an_entry_near_everything_scores_less_than_one_near_the_question_alone() -> None:
    crowd = np.eye(DIMS, dtype=np.float32)
    hub = np.asarray(crowd[:6].sum(axis=0) / np.sqrt(6), np.float32)
    alone = np.zeros(DIMS, np.float32)
    alone[[6, 7]] = [np.sqrt(1 / 6), np.sqrt(5 / 6)]
    stored: Stored = {n + 1: (crowd[[n, n]], [QUESTION, WHOLE]) for n in range(6)}
    stored |= {7: (np.stack([hub, hub]), [QUESTION, WHOLE])}
    stored |= {8: (np.stack([alone, alone]), [QUESTION, WHOLE])}
    question = np.asarray((crowd[0] + crowd[6]) / np.sqrt(2), np.float32)

    score, best = filled(stored).scores(question, 9)

    assert best[7] == pytest.approx(best[8], abs=1e-5)
    assert score[8] > score[7]


def test_of_few_entries_all_questions_make_the_hubness_and_of_many_a_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ANCHORS", 16)
    monkeypatch.setattr(module, "SMALL", 100)
    few = {n: rows(n, 2) for n in range(1, 100)}
    question = unit(0, 1)[0]

    matrix = filled(few)
    found = matrix.scores(question, 100)

    np.testing.assert_allclose(found[0], naive(few, question, 100)[0], atol=1e-5)
    for number in range(100, 140):
        matrix.put(number, *rows(number, 2))
    many = few | {n: rows(n, 2) for n in range(100, 140)}
    sampled, exact = matrix.scores(question, 140)[0], naive(many, question, 140)[0]
    assert np.abs(sampled - exact)[1:].max() > 0.01


def test_an_empty_matrix_scores_everything_lowest() -> None:
    score, best = VectorMatrix(DIMS).scores(unit(0, 1)[0], 3)

    assert score.tolist() == [-2, -2, -2]
    assert best.tolist() == [-1, -1, -1]


def test_a_sketch_and_16_bits_find_what_exact_comparison_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    dims, count = 128, 3000
    spectrum = 1 / np.sqrt(np.arange(1, dims + 1))
    topics = rng.normal(size=(60, dims)) * spectrum
    noise = rng.normal(size=(2 * count, dims)) * spectrum
    raw = topics[rng.integers(60, size=2 * count)] + noise
    vectors = np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)
    owners, kinds = np.repeat(np.arange(1, count + 1), 2), np.tile([QUESTION, WHOLE], count)
    exact, small = VectorMatrix(dims), VectorMatrix(dims)
    exact.extend(owners, vectors, kinds.astype(np.int8))
    exact.settle()
    monkeypatch.setattr(module, "EXACT_ROWS", 1000)
    small.extend(owners, vectors, kinds.astype(np.int8))

    recalls = []
    for question in vectors[:200:2]:
        score, best = exact.scores(question, count + 1)
        rough = small.sketched(question, count + 1)
        assert rough is not None
        candidates = np.argsort(-rough)[:300]
        wanted = np.argsort(-score)[:10]
        recalls.append(np.isin(wanted, candidates).mean())
        found = small.scores_of(wanted, question)
        np.testing.assert_allclose(found, (score[wanted], best[wanted]), atol=2e-4)

    assert np.mean(recalls) >= 0.98


def test_a_sketched_matrix_follows_puts_and_drops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT_ROWS", 20)
    stored = {n: rows(n, 2) for n in range(1, 101)}
    matrix = filled(stored)
    matrix.settle()

    matrix.drop([7, 8, 500])
    matrix.put(101, *rows(101, 1))
    wanted = np.array([7, 77, 101, 300])
    score, best = matrix.scores_of(wanted, rows(101, 1)[0][0])

    assert (score[0], best[0]) == (score[3], best[3]) == (-2, -1)
    assert best[2] == pytest.approx(1, abs=1e-4)
    assert (matrix.entries, len(matrix)) == (99, 98 * 3 + 2)
    rough = matrix.sketched(rows(101, 1)[0][0], 102)
    assert rough is not None
    assert rough[7] == -2
    assert rough[101] > -1


def grown(topics: list[int], monkeypatch: pytest.MonkeyPatch) -> tuple[VectorMatrix, Stored, int]:
    """Return a matrix of one entry a topic, often settled, and how many rows it compared."""
    monkeypatch.setattr(module, "SMALL", 50)
    monkeypatch.setattr(module, "ANCHORS", 40)
    compared: list[int] = []
    hubness = module.hubness

    def counted(vectors: Vector, anchors: Vector) -> Vector:
        compared.append(len(vectors))
        return hubness(vectors, anchors)

    monkeypatch.setattr(module, "hubness", counted)
    rng, middles = np.random.default_rng(5), unit(8, 2)
    stored: Stored = {}
    matrix = VectorMatrix(DIMS)
    for number, topic in enumerate(topics, start=1):
        raw = middles[topic] + 0.1 * rng.normal(size=(2, DIMS))
        vectors = np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)
        stored[number] = vectors, [QUESTION, WHOLE]
        matrix.put(number, *stored[number])
        if number in (100, 200, 300, 400):
            matrix.settle()
    matrix.settle()
    return matrix, stored, sum(compared)


def test_hubness_is_made_anew_when_what_was_added_is_about_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matrix, stored, _ = grown([0] * 100 + [1] * 500, monkeypatch)
    question = unit(3, 1)[0]

    found = matrix.scores(question, 601)

    np.testing.assert_allclose(found, filled(stored).scores(question, 601), atol=1e-5)


def test_more_of_the_same_costs_only_its_own_hubness(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, compared = grown([0, 1] * 300, monkeypatch)

    assert compared < 2 * 600 * 1.5
