"""Several processes on one index, and a process killed in the middle of a load."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask, entry
from tests.tools.search.conftest import Open
from tools.search.sqlite import SqliteSearch

PATIENCE_S = 120.0
ROOT = Path(__file__).parents[3]
QUESTION = "退款多久到账"
READER = """
import asyncio, sys
from pathlib import Path
from tests.fakes.embed import HashEmbedder
from tests.fakes.search import Ask
from tools.search.sqlite import SqliteSearch
async def main():
    embedder = HashEmbedder()
    ask = Ask(await SqliteSearch.open(Path(sys.argv[1]), embedder), embedder, sys.argv[2])
    print("ready", flush=True)
    for line in sys.stdin:
        print(",".join(sorted(await ask.ids(line.strip()))), flush=True)
asyncio.run(main())
"""
LOADER = """
import asyncio, sys
from pathlib import Path
from tests.fakes.embed import HashEmbedder
from tools.search.sqlite import SqliteSearch
async def main():
    search = await SqliteSearch.open(Path(sys.argv[1]), HashEmbedder())
    many = [{"id": str(n), "question": f"问题 {n}", "answer": "答" * 50} for n in range(2000)]
    def told(n, _):
        print(n, flush=True)
        if n > 1000:
            sys.stdin.read()  # whoever is to be killed does not come to its end before
    await search.upsert(many, tenant="default", progress=told)
asyncio.run(main())
"""


async def start(program: str, *args: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *args,
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdin=PIPE, stdout=PIPE,
    )  # fmt: skip


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode().strip()


async def asked(process: Process, question: str) -> str:
    assert process.stdin is not None
    process.stdin.write(f"{question}\n".encode())
    return await line(process)


async def test_other_processes_see_writes_and_removals_at_their_next_query(
    opened: Open, tmp_path: Path
) -> None:
    search = await opened()
    await search.upsert([entry("x", QUESTION)], tenant="default")
    readers = [await start(READER, str(tmp_path), leg) for leg in ("words", "dense")]
    for reader in readers:
        assert await line(reader) == "ready"
        assert await asked(reader, QUESTION) == "x"

    await search.upsert([entry("y", QUESTION)], tenant="default")
    assert [await asked(reader, QUESTION) for reader in readers] == ["x,y", "x,y"]
    await search.delete(["x"], tenant="default")
    assert [await asked(reader, QUESTION) for reader in readers] == ["y", "y"]

    for reader in readers:
        await asyncio.wait_for(reader.communicate(b""), PATIENCE_S)  # else its input stays open
        assert reader.returncode == 0


async def test_a_killed_load_keeps_what_it_reported_and_a_second_one_completes(
    tmp_path: Path,
) -> None:
    loader = await start(LOADER, str(tmp_path))
    reported = 0
    while reported < 200:
        reported = int(await line(loader))
    loader.send_signal(signal.SIGKILL)
    await asyncio.wait_for(loader.communicate(), PATIENCE_S)

    search = await SqliteSearch.open(tmp_path, HashEmbedder())
    kept = await search.ids(tenant="default")
    assert {str(n) for n in range(reported)} <= kept
    assert len(kept) < 2000  # it was killed in the middle
    assert len(kept) % 32 == 0  # whole batches only
    health = await search.health()
    assert health.vectors == 2 * health.entries

    second = await start(LOADER, str(tmp_path))
    await asyncio.wait_for(second.communicate(b""), PATIENCE_S)

    assert second.returncode == 0
    assert len(await search.ids(tenant="default")) == 2000
    assert (await search.health()).vectors == 4000
    assert (await Ask(search, HashEmbedder(), "words").ids("1999"))[0] == "1999"
    await search.close()
