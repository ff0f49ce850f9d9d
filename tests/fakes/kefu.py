"""A whole Kefu on a small knowledge: real stores in a folder, no downloaded weights."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from graph.app import Kefu, opened
from graph.setting_groups import EmbedSettings
from graph.settings import ROOT, Settings
from nodes.rules.deciding.chances import Policy
from nodes.suits import mark
from tests.fakes.embed import HashEmbedder
from tools.business.demo import DemoShop
from tools.business.shop import SHOP_TZ
from tools.desk.desk import Desk
from tools.ingest.index import ingest
from tools.llm import ChatModel
from tools.search.sqlite import SqliteSearch

SHIPPED = json.loads((ROOT / "data" / "policy.json").read_text("utf-8"))
BUSINESS = ROOT / "data" / "business"
KNOWLEDGE = Path(__file__).with_name("knowledge.jsonl")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHOP_TZ)  # a Sunday in opening hours
WEIGHTS = {"overlap": 20.0}
# Simple on purpose: what the tests ask does not move when the real policy is fitted anew.
POLICY = Policy(
    bias=-10.0,
    weights=WEIGHTS,
    words_bias=-10.0,
    words_weights=WEIGHTS,
    answer_at=0.5,
    clarify_at=0.1,
    clear_at=0.999,
)

_made: dict[str, bytes] = {}  # file -> its content, made once in a process


def small_settings(var: Path, **changes: object) -> Settings:
    """Return settings that need no weights, no network and no environment."""
    values: dict[str, object] = {
        "var": var,
        "kb": KNOWLEDGE,
        "business": BUSINESS,
        "embed": EmbedSettings(kind="none"),
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def small_kefu(
    var: Path,
    *,
    model: ChatModel | None = None,
    now: datetime = NOW,
    has_vectors: bool = True,
    **changes: object,
) -> AsyncIterator[Kefu]:
    """Open Kefu as the entry points do, then put in a model, HashEmbedder and a plain policy."""
    settings = small_settings(var, **changes)
    await _prepare(settings)
    async with opened(settings, now=lambda: now) as kefu:
        kefu = kefu.with_services(policy=lambda: POLICY, model=model or kefu.services.model)
        if not has_vectors:
            yield kefu
            return
        search = await SqliteSearch.open(var / "hashed", HashEmbedder())
        await ingest([kefu.settings.kb], search, tenant=kefu.settings.tenant)
        yield kefu.with_services(embedder=HashEmbedder(), search=search)
        await search.close()


async def _prepare(settings: Settings) -> None:
    """Put an empty desk and a fresh shop where none are: making them is half of the opening."""
    settings.var.mkdir(parents=True, exist_ok=True)
    for name, content in (await _stores()).items():
        path = settings.var / name
        if not path.exists():
            path.write_bytes(content)


async def _stores() -> dict[str, bytes]:
    """Return what is in the files of an empty desk and of the sample company's shop."""
    if not _made:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            desk = await Desk.open(f"sqlite+aiosqlite:///{folder}/desk.db")
            shop = await DemoShop.open(folder / "shop.db", BUSINESS, clock=lambda: NOW)
            await desk.close()
            await shop.close()
            _made.update(await asyncio.to_thread(_files, folder))
    return _made


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


BAR = 0.4  # from which the small knowledge is answered where no model reads it


async def fitted_here(tmp_path: Path, **fitted_on: object) -> Path:
    """Write the shipped policy as if it had been fitted on the small knowledge."""
    async with small_kefu(tmp_path / "first", has_vectors=False) as kefu:
        marks = await mark(kefu.services.search, tenant=kefu.settings.tenant)
    path = tmp_path / "policy.json"
    on = {"kb": KNOWLEDGE.name, "embedder": "", "knowledge": [marks], **fitted_on}
    own = {"bars": {"0/small": BAR}, "scales": {"0/small": [0.0, 1.0]}, "fitted_on": on}
    path.write_text(json.dumps({**SHIPPED, **own}), "utf-8")
    return path
