"""The model as a second reader: does a sentence say what the passages say?"""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage, SystemMessage

from nodes.prompts import render
from nodes.rules.deciding.evidence import Evidence, format_evidence
from tools.errors import BadReply
from tools.llm import ChatModel

VERDICTS = ("符合", "不符")


async def is_disputed(model: ChatModel, sentence: str, evidence: Sequence[Evidence]) -> bool:
    """Say whether the model finds the sentence false; a verdict in another form counts as none.

    Raises:
        ModelUnavailable: if it gives no answer.
    """
    prompt = render("judge", passages=format_evidence(evidence))
    try:
        verdict = await model.choose([SystemMessage(prompt), HumanMessage(sentence)], VERDICTS)
    except BadReply:
        return False
    return verdict == VERDICTS[1]
