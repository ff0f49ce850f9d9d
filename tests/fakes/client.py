"""VLLMChat with a test's arguments."""

from typing import Any

from pydantic import SecretStr

from tools import vllm
from tools.vllm import VLLMChat

LONG_S = 30.0  # for what must not happen
vllm.PROBE_TIMEOUT_S = LONG_S


def vllm_chat(url: str, **changes: object) -> VLLMChat:
    """Return a client whose breaker opens at the first failure and stays open."""
    arguments: dict[str, Any] = {
        "base_url": url,
        "model": "qwen3-14b",
        "api_key": SecretStr("EMPTY"),
        "timeout_s": 2 * LONG_S,
        "first_token_timeout_s": LONG_S,
        "max_tokens": 256,
        "temperature": 0.0,  # a random model then says the same every time
        "top_p": 0.8,
        "concurrency": 2,
        "breaker_failures": 1,
        "breaker_reset_s": 3600.0,
    }
    return VLLMChat(**(arguments | changes))
