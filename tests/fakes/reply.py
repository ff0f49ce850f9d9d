"""What the fake model says: grounded-looking text, or the least JSON that fits a schema."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

PASSAGE = re.compile(r"<资料 编号[^>]*>(.*?)</资料>", re.DOTALL)
SENTENCE = re.compile(r"[^。!?!?\n]+[。!?!?]?")
ANSWER_LABEL = re.compile(r"^(?:回答|答案|答)\s*[::]\s*")
GREETING = "您好,请问有什么可以帮您?"
THOUGHT = "用户在问一个问题,先看资料。"
CHARS_PER_TOKEN = 2


def compose(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the first statement of the first passage in the last prompt that has one, cited."""
    for message in reversed(messages):
        if found := PASSAGE.search(str(message["content"])):
            sentences = [s.strip() for s in SENTENCE.findall(found[1]) if s.strip()]
            statements = [s for s in sentences if s.endswith(("。", "!", "!"))]
            if first := (statements or sentences)[:1]:
                return f"{ANSWER_LABEL.sub('', first[0])}[1]"
    return GREETING


def instance(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 JSON
    """Return the smallest value that fits a plain JSON schema; patterns are not looked at."""
    root = root or schema
    if ref := schema.get("$ref"):
        return instance(root["$defs"][ref.rsplit("/", 1)[1]], root)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return instance(choices[0], root)
    if values := schema.get("enum"):
        return values[0]
    match schema.get("type"):
        case "object":
            return {k: instance(v, root) for k, v in schema.get("properties", {}).items()}
        case "array":
            return [instance(schema["items"], root)] * schema.get("minItems", 0)
        case "string":
            return "好" * schema.get("minLength", 0)
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
    return schema.get("const")


@dataclass
class Answer:
    """One reply in tokens."""

    thought: list[str]
    words: list[str]
    finish: str
    prompt_tokens: int

    @classmethod
    def of(
        cls, text: str, *, is_thinking: bool, max_tokens: int | None, prompt_tokens: int
    ) -> Self:
        """Cut a text into tokens; a thought comes first and uses up `max_tokens` too."""
        thought, words = (_tokens(THOUGHT) if is_thinking else []), _tokens(text)
        limit = max_tokens or len(thought) + len(words)
        return cls(
            thought=thought[:limit],
            words=words[: max(0, limit - len(thought))],
            finish="length" if len(thought) + len(words) > limit else "stop",
            prompt_tokens=prompt_tokens,
        )

    def deltas(self) -> list[dict[str, str]]:
        """Return what a stream sends, one token each."""
        return [{"reasoning": t} for t in self.thought] + [{"content": w} for w in self.words]

    def usage(self) -> dict[str, int]:
        """Return the counts that end a reply."""
        completion = len(self.thought) + len(self.words)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        }

    def completion(self, model: str) -> dict[str, Any]:
        """Return a reply that is not streamed.

        vLLM calls the thought `reasoning`; content is null when the thought took all tokens.
        """
        message = {
            "role": "assistant",
            "content": "".join(self.words) or None,
            "reasoning": "".join(self.thought) or None,
        }
        return {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
            "usage": self.usage(),
        }


def _tokens(text: str) -> list[str]:
    return [text[i : i + CHARS_PER_TOKEN] for i in range(0, len(text), CHARS_PER_TOKEN)]
