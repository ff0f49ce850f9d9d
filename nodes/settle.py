"""Ask the model what an unsure message wants: at most once, and only from the likeliest intents."""

import logging

from langchain_core.messages import HumanMessage, SystemMessage

from nodes.prompts import render
from tools.classify import Classification, IntentClassifier
from tools.errors import BadReply, ConfigError, ModelUnavailable
from tools.llm import ChatModel
from tools.text.pii import mask

logger = logging.getLogger(__name__)


async def settle(
    text: str, found: Classification, classifier: IntentClassifier, model: ChatModel | None
) -> tuple[Classification, int]:
    """Return what the message wants, and how many calls of the model that took.

    A model that is down or answers badly changes nothing.
    """
    if not found.is_unsure or model is None or not model.is_available():
        return found, 0
    choices = classifier.choices(found)
    listed = "\n".join(f"- {name}：{meaning}" for name, meaning in choices.items())
    prompt = [SystemMessage(render("intent", choices=listed)), HumanMessage(mask(text))]
    try:
        chosen = await model.choose(prompt, list(choices))
    except (ModelUnavailable, BadReply, ConfigError):
        logger.warning("model settled no intent, keeping the classifier's", exc_info=True)
        return found, 1
    return classifier.settled(found, chosen), 1
