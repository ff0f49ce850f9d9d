"""An English yes is no no."""

import pytest

from nodes.rules.sense.english import turned_english

FAMILY = (
    "Sharing\nOrdinary members can control devices but cannot delete them. Damage caused by water"
    " is not covered. If you do not cancel before it ends, it renews. We deliver only within China."
    " You have the right to appeal that decision."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Ordinary members can delete devices.",
        "Damage caused by water is covered[1].",
        "There is no way to appeal if we deny your request.",
    ],
)
def test_notices_the_opposite(sentence: str) -> None:
    assert turned_english(sentence, [FAMILY])


@pytest.mark.parametrize(
    "sentence",
    [
        "Members are able to control devices, but they can't delete them.",
        "Water damage isn't covered.",
        "You need to cancel before it ends.",
        "We can't deliver outside China.",
        "You can appeal.",
        "Can I delete devices?",
        "",
    ],
)
def test_lets_agreement_pass(sentence: str) -> None:
    assert turned_english(sentence, [FAMILY]) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        (
            "Flash-sale prices don't count for price protection.",
            "Price protection\nFlash-sale prices are excluded.",
        ),
        ("Upgrading won't restore older clips.", "Clips\nOlder clips are cleared within a day."),
        ("您把 Enable Bitcode 改成 NO 就行。", "把Enable Bitcode设为NO。"),
    ],
)
def test_a_denial_that_the_passage_does_not_affirm_passes(sentence: str, passage: str) -> None:
    assert turned_english(sentence, [passage]) == []
