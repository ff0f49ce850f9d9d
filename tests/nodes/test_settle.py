"""The model is asked only where the classifier is unsure, once, and may fail."""

import numpy as np
import pytest

from nodes.settle import settle
from tests.fakes.chat import ScriptedChat
from tools.classify import Classification, IntentClassifier
from tools.errors import ModelUnavailable
from tools.grams import BUCKETS, Encoder
from tools.linear import Head

LABELS = ["ask", "order", "parcel", "hello", "human"]
ROUTES = ["knowledge", "account", "account", "chat", "handoff"]
CHANCES = dict(zip(LABELS, [0.4, 0.1, 0.25, 0.2, 0.05], strict=True))


@pytest.fixture
def classifier() -> IntentClassifier:
    meta = {
        "embedder": "",
        "labels": LABELS,
        "routes": ROUTES,
        "tools": ["", "order_status", "logistics", "", ""],
        "wish": [label == "human" for label in LABELS],
        "descriptions": [f"about {label}" for label in LABELS],
        "fits": {"plain": {"lost_at": 0.3, "sure_at": 0.8}},
    }
    bias = np.log(np.array(list(CHANCES.values()), np.float32))
    head = Head(np.zeros((BUCKETS, 5), np.float32), np.zeros((0, 5), np.float32), bias)
    encoder = Encoder(np.zeros(BUCKETS, np.float32), np.zeros(0, np.float32))
    return IntentClassifier(meta, encoder, {"plain": head})


def unsure(classifier: IntentClassifier) -> Classification:
    found = classifier.classify("那个东西", None)
    assert found.is_unsure
    return found


async def test_an_unsure_message_is_put_to_the_model_with_the_likeliest_intents(
    classifier: IntentClassifier,
) -> None:
    chat = ScriptedChat(["parcel"])

    found, calls = await settle("我的手机13800138000呢", unsure(classifier), classifier, chat)

    (prompt,) = chat.prompts
    assert [line for line in prompt[0].text.splitlines() if line.startswith("- ")] == [
        "- ask：about ask",
        "- parcel：about parcel",
        "- hello：about hello",
    ]
    assert "13800138000" not in prompt[1].text
    assert (found.intent, found.route, found.tool, calls) == ("parcel", "account", "logistics", 1)


async def test_the_two_routes_change_their_chances_and_nothing_else(
    classifier: IntentClassifier,
) -> None:
    before = unsure(classifier)

    after, _ = await settle("那个东西", before, classifier, ScriptedChat(["parcel"]))

    was, now = classifier.by_route(before.probabilities), classifier.by_route(after.probabilities)
    assert now["account"] == pytest.approx(was["knowledge"])
    assert now["knowledge"] == pytest.approx(was["account"])
    assert (now["chat"], now["handoff"]) == (was["chat"], was["handoff"])
    assert after.confidence == pytest.approx(before.confidence)


@pytest.mark.parametrize("outcome", [ModelUnavailable("too slow"), "something else", "ask"])
async def test_a_model_that_fails_or_agrees_changes_nothing(
    outcome: str | Exception, classifier: IntentClassifier
) -> None:
    before = unsure(classifier)

    after, calls = await settle("那个东西", before, classifier, ScriptedChat([outcome]))

    assert after.probabilities == before.probabilities
    assert (after.intent, calls) == ("ask", 1)


async def test_a_model_that_is_away_is_not_asked(classifier: IntentClassifier) -> None:
    chat = ScriptedChat()
    chat.is_up = False
    before = unsure(classifier)

    assert await settle("那个东西", before, classifier, chat) == (before, 0)
    assert await settle("那个东西", before, classifier, None) == (before, 0)


@pytest.mark.parametrize(("lost_at", "sure_at"), [(0.5, 0.8), (0.1, 0.3)])
async def test_outside_the_band_nobody_is_asked(
    lost_at: float, sure_at: float, classifier: IntentClassifier
) -> None:
    classifier.meta["fits"]["plain"] = {"lost_at": lost_at, "sure_at": sure_at}
    found = classifier.classify("那个东西", None)

    assert not found.is_unsure
    assert await settle("那个东西", found, classifier, ScriptedChat()) == (found, 0)


@pytest.mark.parametrize("said", ["帮我转人工客服", "不用转人工，我自己看看"])
async def test_what_is_said_of_a_person_is_not_put_to_the_model(
    said: str, classifier: IntentClassifier
) -> None:
    classifier.meta["fits"]["plain"] = {"lost_at": 0.0, "sure_at": 1.1}

    assert not classifier.classify(said, None).is_unsure
