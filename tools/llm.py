"""What the chat model must do; tests/contract holds every implementation to it.

The real one is tools.vllm.VLLMChat, apart because its client takes seconds to import.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol, TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


class ChatModel(Protocol):
    """One chat model behind one address.

    Every call makes at most one request. Raised by all calls but `is_available` and `close`:
        ModelUnavailable: no connection, 5xx, too slow, cut short, empty, or the breaker is open
            (then at once, without a request).
        BadReply: the server refused this very request (too long), or the reply has another form.
        ConfigError: the server refuses every request (model name, key, address).
    """

    name: str

    def is_available(self) -> bool:
        """Return whether a call would be tried now; costs nothing and asks nobody."""
        ...

    def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the answer's text piece by piece; no piece is empty.

        An error may come after some pieces: CutShort where the text ended at `max_tokens` (or the
        model's own most), so that who reads on to the end knows that the model ended by itself.
        Whoever may stop reading early wraps it in `contextlib.aclosing`, which ends the request.
        """
        ...

    async def choose(self, messages: Sequence[BaseMessage], options: Sequence[str]) -> str:
        """Return the one of `options` the model picks."""
        ...

    async def structured(self, messages: Sequence[BaseMessage], schema: type[T]) -> T:
        """Return the model's answer in the form of `schema`.

        Bound every string and list in it (`max_length`), or a weak model fills them for ever.
        """
        ...

    async def probe(self) -> list[str]:
        """Return the names of the models served; asks the server even if the breaker is open."""
        ...

    async def close(self) -> None:
        """Release the connections; the model is unusable afterwards."""
        ...
