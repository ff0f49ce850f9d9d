import pytest

from nodes.rules.deciding.stale import SAMPLE, Mark, Why, likeness, served_by, staleness, suited
from tests.fakes.kefu import POLICY


def knowledge(first: int, last: int) -> dict[str, str]:
    """Return the mark of entries that are numbered in a fixed, mixed order."""
    every = {f"{number * 7919 % 10007:05}": "q" for number in range(first, last)}
    return dict(sorted(every.items())[:SAMPLE])


FITTED_ON = {"embedder": "e1", "knowledge": knowledge(0, 500)}


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (knowledge(0, 500), ""),
        (knowledge(0, 530), ""),  # a few entries more
        (knowledge(0, 1000), "changed_knowledge"),
        (knowledge(5000, 5500), "other_knowledge"),
        (dict.fromkeys(knowledge(0, 500), "another question"), "other_knowledge"),
        ({}, "other_knowledge"),
        (None, "away"),
    ],
)
def test_knowledge_is_told_by_a_sample_of_its_entries(served: Mark | None, why: Why) -> None:
    assert staleness(FITTED_ON, embedder="e1", knowledge=served) == why


def test_of_several_companies_the_one_most_alike_counts() -> None:
    fitted_on = {"embedder": "e1", "knowledge": [knowledge(5000, 5500), knowledge(0, 500)]}

    assert staleness(fitted_on, embedder="e1", knowledge=knowledge(0, 500)) == ""
    assert staleness(fitted_on, embedder="e1", knowledge=knowledge(8000, 8500)) == "other_knowledge"


def test_likeness_is_about_the_share_of_common_entries() -> None:
    assert likeness(knowledge(0, 1000), knowledge(0, 500)) == pytest.approx(0.5, abs=0.15)


def test_another_embedder_goes_before_other_knowledge() -> None:
    assert staleness(FITTED_ON, embedder="e2", knowledge={}) == "embedder"


def test_without_an_embedder_words_are_weighed_as_they_were_fitted() -> None:
    assert staleness(FITTED_ON, embedder="", knowledge=knowledge(0, 500)) == ""


@pytest.mark.parametrize(
    "fitted_on", [{}, {"embedder": "e1"}, {"knowledge": {}}, {"embedder": "e1", "knowledge": [1]}]
)
def test_a_policy_that_does_not_say_what_it_was_fitted_on_is_noticed(
    fitted_on: dict[str, object],
) -> None:
    assert staleness(fitted_on, embedder="e1", knowledge={}) == "unmarked"


@pytest.mark.parametrize("why", ["unmarked", "away", "other_knowledge"])
def test_knowledge_that_was_never_labelled_is_answered_more_carefully(why: Why) -> None:
    careful = suited(POLICY._replace(careful_at=0.7), why, knowledge(0, 500))

    assert (careful.answer_at, careful.clear_at) == (0.7, POLICY.clear_at)


def test_with_another_embedder_only_words_are_weighed() -> None:
    policy = POLICY._replace(
        weights={"dense": 60.0}, bias=-30.0, read_weights={"agreement": 9.0}, read_bias=-5.0
    )

    used = suited(policy, "embedder", knowledge(0, 500))

    assert (used.weights, used.bias) == (policy.words_weights, policy.words_bias)
    assert not used.read_weights


@pytest.mark.parametrize("why", ["", "changed_knowledge"])
def test_else_the_policy_stays_as_it_is(why: Why) -> None:
    assert suited(POLICY, why, knowledge(0, 500)) is POLICY


BARRED = POLICY._replace(
    clarify_at=0.05,
    answer_at=0.2,
    clear_at=0.5,
    bars={"0/shop": 0.3, "1/cloud": 0.6, "2/cloud": 0.4},
    scales={"0/shop": (0.5, 2.0), "1/cloud": (0.0, 1.0), "2/cloud": (-1.0, 1.0)},
    fitted_on={
        "embedder": "e1",
        "knowledge": [knowledge(5000, 5500), knowledge(0, 500), knowledge(0, 500)],
    },
)


@pytest.mark.parametrize("why", ["", "changed_knowledge"])
def test_each_company_is_answered_from_its_own_bar(why: Why) -> None:
    shop = suited(BARRED, why, knowledge(5000, 5530))

    assert (shop.clarify_at, shop.answer_at, shop.clear_at) == (0.15, 0.3, 0.5)


def test_of_several_for_the_same_knowledge_the_one_that_answers_least_counts() -> None:
    cloud = suited(BARRED, "", knowledge(0, 530))

    # 0.4 after a shift of -1 is what 0.65 is without
    assert (cloud.clarify_at, cloud.answer_at, cloud.clear_at) == (0.2, 0.4, 0.5)
    assert cloud.scale == (-1.0, 1.0)


def test_each_company_has_chances_of_its_own() -> None:
    shop = suited(BARRED, "", knowledge(5000, 5530))

    assert shop.scale == (0.5, 2.0)
    assert suited(shop, "", knowledge(5000, 5530)) is shop


def test_with_a_model_a_company_keeps_its_chances_at_the_bar_of_all() -> None:
    shop = suited(BARRED._replace(bars={}), "", knowledge(5000, 5530))

    assert (shop.answer_at, shop.scale) == (BARRED.answer_at, (0.5, 2.0))


def test_without_bars_the_same_company_counts_whatever_the_threshold_is() -> None:
    """By `answer_at`, which `--strict` sets after the choice, it would be now one, now another."""
    unbarred = BARRED._replace(
        bars={}, scales={"0/shop": (0.0, 1.0), "1/cloud": (0.0, 1.0), "2/cloud": (-0.5, 2.0)}
    )

    served = {
        suited(unbarred._replace(answer_at=at, clear_at=1.0), "", knowledge(0, 530)).scale
        for at in (0.05, 0.2, 0.99)
    }

    assert served == {(0.0, 1.0)}


def test_knowledge_like_no_companys_has_nobodys_chances() -> None:
    marks = [knowledge(5000, 5500), knowledge(0, 500), knowledge(0, 500)]

    assert served_by(BARRED, marks, knowledge(0, 400)) == "2/cloud"
    assert served_by(BARRED, marks, knowledge(9000, 9500)) == ""
