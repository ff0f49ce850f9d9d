"""The chat model on a vLLM server, through langchain-openai so that traces show every call."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any, cast

import httpx
import openai
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from pydantic import SecretStr, ValidationError

from tools.breaker import Breaker
from tools.errors import BadReply, ConfigError, CutShort, KefuError, ModelUnavailable
from tools.llm import T
from tools.vllm_chunks import UNFINISHED, PlainCompletions, check_end

TOP_K = 20  # Qwen3's advice, with and without thinking
PROBE_TIMEOUT_S = 2.0
REFUSED_REQUESTS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
PASSING_REFUSALS = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
NO_CHUNKS = (ValueError, LookupError, AttributeError, TypeError)  # no JSON, or of another form
# LangGraph's messages stream would show raw tokens, before they are checked
CONFIG = RunnableConfig(tags=["nostream"])


class VLLMChat:
    """A `ChatModel` with a limit of calls in flight, two timeouts and a circuit breaker.

    It belongs to the event loop of its first call.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: SecretStr,
        timeout_s: float,
        first_token_timeout_s: float,
        max_tokens: int,
        temperature: float,
        top_p: float,
        concurrency: int,
        breaker_failures: int,
        breaker_reset_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Build the client; nothing is sent.

        Both timeouts start with the call: waiting for one of the `concurrency` slots counts.
        A call that got no slot in time says nothing about the server, so the breaker ignores it.
        """
        self.name = model
        self._timeout_s = timeout_s
        self._first_token_timeout_s = min(first_token_timeout_s, timeout_s)
        self._slots = asyncio.Semaphore(concurrency)
        self._breaker = Breaker(
            f"chat model {model}",
            ModelUnavailable,
            failures=breaker_failures,
            reset_s=breaker_reset_s,
            clock=clock,
        )
        # our own client: langchain's default one is shared by address, so close() would hit others
        self._http = httpx.AsyncClient(
            timeout=timeout_s,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=concurrency),
        )
        self._model = ChatOpenAI(
            base_url=base_url,
            model=model,
            api_key=api_key,
            timeout=timeout_s,
            stream_chunk_timeout=None,  # ours are stricter
            max_retries=0,
            max_completion_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            stream_usage=True,  # off by default when base_url is set
            use_responses_api=False,
            http_async_client=self._http,
        )
        self._model.async_client = PlainCompletions(self._model.root_async_client)

    def is_available(self) -> bool:
        """Return whether a call would be tried now; costs nothing and asks nobody."""
        return not self._breaker.is_open

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the answer's text piece by piece; see `ChatModel.stream`."""
        limit = {} if max_tokens is None else {"max_tokens": max_tokens}
        async with aclosing(self._request(messages, self._timeout_s, {}, limit)) as deltas:
            async for delta in deltas:
                yield delta

    async def choose(self, messages: Sequence[BaseMessage], options: Sequence[str]) -> str:
        """Return the one of `options` the model picks.

        It stands before the first visible token, so the whole of it gets that token's time.
        """
        # today's vLLM answers the older `guided_choice` with free text and status 200
        choice = {"structured_outputs": {"choice": list(options)}}
        text = await self._text(messages, self._first_token_timeout_s, choice)
        if text not in options:
            raise BadReply(
                f"chat model {self.name}: expected one of {list(options)}, "
                f"got {len(text)} other characters"
            )
        return text

    async def structured(self, messages: Sequence[BaseMessage], schema: type[T]) -> T:
        """Return the model's answer in the form of `schema`; see `ChatModel.structured`."""
        # in extra_body: the client's own parser, which reads the argument, raises other errors
        form = {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": schema.__name__, "schema": schema.model_json_schema()},
            }
        }
        text = await self._text(messages, self._timeout_s, form)
        try:
            # lenient: vLLM's grammar lets raw control characters into strings (seen on 0.32)
            return schema.model_validate(json.loads(text, strict=False))
        except (JSONDecodeError, ValidationError) as exc:
            raise BadReply(
                f"chat model {self.name}: expected JSON of {schema.__name__}, "
                f"got {len(text)} characters: {type(exc).__name__}"
            ) from exc

    async def probe(self) -> list[str]:
        """Return the names of the models served; asks the server even if the breaker is open."""
        with self._typed_errors():
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                page = await self._model.root_async_client.models.list()
        return [model.id for model in page.data]

    async def close(self) -> None:
        """Release the connections; the model is unusable afterwards."""
        await self._http.aclose()

    async def _text(
        self, messages: Sequence[BaseMessage], timeout_s: float, extra: dict[str, Any]
    ) -> str:
        text = ""
        with suppress(CutShort):  # what came of it tells whether it has the asked form
            async for delta in self._request(messages, timeout_s, extra, {"temperature": 0.0}):
                text += delta
        return text

    async def _request(
        self,
        messages: Sequence[BaseMessage],
        timeout_s: float,
        extra: dict[str, Any],
        sampling: dict[str, Any],
    ) -> AsyncGenerator[str, None]:
        """Yield the deltas of one request; `extra` joins its body, `sampling` replaces defaults."""
        self._breaker.check()
        now_s = asyncio.get_running_loop().time()
        first_by_s, done_by_s = now_s + self._first_token_timeout_s, now_s + timeout_s
        body = {"chat_template_kwargs": {"enable_thinking": False}, "top_k": TOP_K, **extra}
        async with self._slot(first_by_s):
            with self._breaker.call(), self._typed_errors():
                chunks = self._model.astream(
                    list(messages), config=CONFIG, extra_body=body, **sampling
                )
                async with aclosing(cast(AsyncGenerator[AIMessageChunk, None], chunks)) as stream:
                    async for delta in self._deltas(stream, first_by_s, done_by_s):
                        yield delta

    async def _deltas(
        self, chunks: AsyncIterator[AIMessageChunk], first_by_s: float, done_by_s: float
    ) -> AsyncGenerator[str, None]:
        """Yield the text of the chunks; the times are of the event loop's clock."""
        finish, has_begun, has_words = None, False, False
        while True:
            try:
                # a timeout never spans a yield: it would cancel the reader, not the request
                async with asyncio.timeout_at(done_by_s if has_begun else first_by_s):
                    chunk = await anext(chunks, None)
            except (openai.APIConnectionError, httpx.HTTPError, TimeoutError):
                if finish in UNFINISHED:
                    raise
                chunk = None  # the answer was whole; only what comes after it is missing
            if chunk is None:
                break
            finish = chunk.response_metadata.get("finish_reason") or finish
            if text := chunk.text:
                has_begun, has_words = True, has_words or not text.isspace()
                yield text
        check_end(f"chat model {self.name}", finish, has_words=has_words)

    @asynccontextmanager
    async def _slot(self, by_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(by_s):
                await self._slots.acquire()
        except TimeoutError as exc:
            raise ModelUnavailable(
                f"chat model {self.name}: expected a free slot within "
                f"{self._first_token_timeout_s:g} s, got none"
            ) from exc
        try:
            yield
        finally:
            self._slots.release()

    @contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except openai.APIStatusError as exc:
            raise self._refusal(exc) from exc
        except (openai.OpenAIError, httpx.HTTPError, *NO_CHUNKS) as exc:
            raise ModelUnavailable(
                f"chat model {self.name}: expected an answer, got {type(exc).__name__}: {exc}"
            ) from exc
        except TimeoutError as exc:
            raise ModelUnavailable(
                f"chat model {self.name}: expected the first token within "
                f"{self._first_token_timeout_s:g} s and all within {self._timeout_s:g} s"
            ) from exc

    def _refusal(self, exc: openai.APIStatusError) -> KefuError:
        text = f"chat model {self.name}: expected an answer, got HTTP {exc.status_code}: "
        if exc.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or (
            exc.status_code in PASSING_REFUSALS
        ):
            return ModelUnavailable(text + exc.message)
        if exc.status_code in REFUSED_REQUESTS:
            return BadReply(text + exc.message)
        return ConfigError(text + f"{exc.message}; check its address, name and key")
