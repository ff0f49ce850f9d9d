"""A small server that behaves as vLLM 0.32 was recorded to (`make test-vllm` asks the real one).

In tests: `with FakeVLLM() as fake: ... fake.url`. As a stub with a fixed time for load tests:

    python -m tests.fakes.vllm --port 8101 --total-ms 100
    curl -X POST 127.0.0.1:8101/_fake -d '{"status": 503}'      # every switch works over HTTP too
"""

import argparse
import asyncio
import contextlib
import json
import socket
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.fakes.reply import Answer, compose, instance

KEPT_REQUESTS = 1000
HANGING_S = 0.02  # between looks whether it still hangs


@dataclass
class Switches:
    """What goes wrong, and what is said."""

    delay_s: float = 0.0  # before the first token
    token_delay_s: float = 0.0  # before every later token
    total_s: float = 0.0  # instead of both: half before the first token, the rest spread evenly
    status: int = 200  # anything else is answered to every chat request
    cut_after: int | None = None  # tokens after which the connection drops
    is_hanging: bool = False  # accepts the request and never answers
    is_empty: bool = False  # finishes without a word
    is_unfinished: bool = False  # ends in good order, but without a finish_reason
    finish: str = ""  # another finish_reason than the answer's own
    is_dropped: bool = False  # the connection drops after the finish_reason, before [DONE]
    is_only_thinking: bool = False  # all words come as reasoning, none as content
    retry_after_s: int | None = None  # header beside `status`
    is_unbound: bool = False  # ignores json_schema and choice, as servers without grammars do
    odd_chunk: str = ""  # sent as it is before all others
    replies: list[str] = field(default_factory=list)  # used up first; then composed ones


class FakeVLLM:
    """The server, its switches, and the requests it got."""

    def __init__(
        self, *, model: str = "qwen3-14b", max_model_len: int = 8192, port: int = 0
    ) -> None:
        self.model = model
        self.max_model_len = max_model_len
        self._socket = socket.create_server(("127.0.0.1", port))  # listens: early callers queue
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self.reset()
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/tokenize", self._tokenize, methods=["POST"]),
                Route("/metrics", self._metrics),
                Route("/health", self._health),
                Route("/_fake", self._switch, methods=["POST"]),
            ]
        )
        self.server = uvicorn.Server(
            uvicorn.Config(
                app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=0
            )
        )
        self._thread = threading.Thread(target=self.serve, daemon=True)

    def reset(self) -> None:
        """Turn every switch off and forget all requests."""
        self.switches = Switches()
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)  # bodies
        self.running = self.peak = self.finished = self.aborted = 0

    def serve(self) -> None:
        """Answer until `server.should_exit`."""
        asyncio.run(self.server.serve(sockets=[self._socket]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        if self.switches.status != 200:
            answer = _error(self.switches.status, "ServiceUnavailable", "switched off")
            if self.switches.retry_after_s is not None:
                answer.headers["Retry-After"] = str(self.switches.retry_after_s)
            return answer
        if body["model"] != self.model:
            return _error(404, "NotFoundError", f"The model `{body['model']}` does not exist.")
        prompt_tokens = sum(len(str(m["content"])) for m in body["messages"])
        if wrong := self._objection(body, prompt_tokens):
            return _error(400, "BadRequestError", wrong)
        answer = self._answer(body, prompt_tokens)
        if body.get("stream"):
            return StreamingResponse(self._events(body, answer), media_type="text/event-stream")
        async with contextlib.aclosing(self._tokens(answer)) as tokens:
            async for _ in tokens:
                pass
        return JSONResponse(answer.completion(self.model))

    def _objection(self, body: dict[str, Any], prompt_tokens: int) -> str:
        most = self.max_model_len
        if prompt_tokens > most:
            return (
                f"This model's maximum context length is {most} tokens. However, your prompt "
                f"contains at least {prompt_tokens} input tokens."
            )
        if (body.get("max_completion_tokens") or 0) > most:
            return f"max_completion_tokens cannot be greater than max_model_len={most}."
        if (body.get("structured_outputs") or {}).get("choice") == []:
            return "Choice '[]' cannot be an empty list"
        return ""

    def _answer(self, body: dict[str, Any], prompt_tokens: int) -> Answer:
        """Decide the whole reply; whatever else is in the body is ignored, as vLLM does."""
        text = compose(body["messages"])
        if not self.switches.is_unbound:
            if choice := (body.get("structured_outputs") or {}).get("choice"):
                text = choice[0]
            elif form := (body.get("response_format") or {}).get("json_schema"):
                text = json.dumps(instance(form["schema"]), ensure_ascii=False)
        if self.switches.replies:
            text = self.switches.replies.pop(0)
        return Answer.of(
            "" if self.switches.is_empty else text,
            is_thinking=(body.get("chat_template_kwargs") or {}).get("enable_thinking", True),
            max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
            prompt_tokens=prompt_tokens,
        )

    async def _tokens(self, answer: Answer) -> AsyncGenerator[dict[str, str], None]:
        """Yield the role, then one delta per token, as slowly as switched; keep the counts."""
        switches = self.switches
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            began_s = asyncio.get_running_loop().time()
            await asyncio.sleep(switches.delay_s)
            while switches.is_hanging:  # noqa: ASYNC110 a test switches it in another thread
                await asyncio.sleep(HANGING_S)
            yield {"role": "assistant", "content": ""}
            deltas = list(answer.deltas())
            for number, delta in enumerate(deltas):
                if number and switches.token_delay_s:
                    await asyncio.sleep(switches.token_delay_s)
                if switches.total_s:
                    share = 0.5 + 0.5 * number / max(len(deltas) - 1, 1)
                    due_s = began_s + share * switches.total_s
                    await asyncio.sleep(due_s - asyncio.get_running_loop().time())
                if number == switches.cut_after:
                    break
                yield delta
            if switches.cut_after is not None:
                raise ConnectionAbortedError("the switch cut_after drops the connection")
            self.finished += 1
        except (asyncio.CancelledError, GeneratorExit):
            self.aborted += 1
            raise
        finally:
            self.running -= 1

    async def _events(self, body: dict[str, Any], answer: Answer) -> AsyncIterator[str]:
        """Yield server-sent events; the usage comes as a last event without choices."""
        if self.switches.odd_chunk:
            yield f"data: {self.switches.odd_chunk}\n\n"
        async with contextlib.aclosing(self._tokens(answer)) as tokens:
            async for delta in tokens:
                if self.switches.is_only_thinking and "content" in delta:
                    delta = {"reasoning": delta["content"]}
                yield self._event([_choice(delta, None)])
        finish = self.switches.finish or answer.finish
        yield self._event([_choice({}, None if self.switches.is_unfinished else finish)])
        if self.switches.is_dropped:
            raise ConnectionAbortedError("the switch is_dropped drops the connection")
        if (body.get("stream_options") or {}).get("include_usage"):
            yield self._event([], answer.usage())
        yield "data: [DONE]\n\n"

    def _event(self, choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> str:
        chunk = {
            "id": "chatcmpl-fake",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": self.model,
            "choices": choices,
        }
        if usage:
            chunk["usage"] = usage
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"

    async def _models(self, request: Request) -> Response:
        model = {"id": self.model, "object": "model", "created": 0, "owned_by": "vllm"}
        data = [model | {"max_model_len": self.max_model_len}]
        return JSONResponse({"object": "list", "data": data})

    async def _tokenize(self, request: Request) -> Response:
        body = await request.json()
        text = body.get("prompt") or "".join(str(m["content"]) for m in body["messages"])
        tokens = [ord(c) for c in text]
        return JSONResponse(
            {"count": len(text), "max_model_len": self.max_model_len, "tokens": tokens}
        )

    async def _metrics(self, request: Request) -> Response:
        labels = f'{{engine="0",model_name="{self.model}"}}'
        values = {
            "vllm:num_requests_running": self.running,
            "vllm:num_requests_waiting": 0,
            "vllm:kv_cache_usage_perc": 0.0,
            "vllm:time_to_first_token_seconds_count": self.finished,
        }
        return PlainTextResponse("".join(f"{k}{labels} {v}\n" for k, v in values.items()))

    async def _health(self, request: Request) -> Response:
        return Response(status_code=200)

    async def _switch(self, request: Request) -> Response:
        for name, value in (await request.json()).items():
            if name not in {f.name for f in fields(Switches)}:
                return _error(400, "BadRequestError", f"no switch {name!r}")
            setattr(self.switches, name, value)
        return JSONResponse(asdict(self.switches))


def _choice(delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _error(status: int, kind: str, message: str) -> Response:
    error = {"message": message, "type": kind, "param": None, "code": status}
    return JSONResponse({"error": error}, status_code=status)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=8101)
    parser.add_argument("--model", default="qwen3-14b")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="before the first token")
    parser.add_argument("--token-delay-ms", type=float, default=0.0, help="before later tokens")
    parser.add_argument("--total-ms", type=float, default=0.0, help="instead: of a whole answer")
    args = parser.parse_args()
    fake = FakeVLLM(model=args.model, port=args.port)
    fake.switches.delay_s = args.delay_ms / 1000
    fake.switches.token_delay_s = args.token_delay_ms / 1000
    fake.switches.total_s = args.total_ms / 1000
    fake.serve()


if __name__ == "__main__":
    main()
