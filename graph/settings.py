"""Everything a deployment may change: the only module that reads the environment.

python -m graph.settings > docs/settings.md
"""

import filecmp
import sys
from datetime import time
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from graph.setting_groups import (
    AgentLogin,
    ApiSettings,
    CacheSettings,
    EmbedSettings,
    LimitSettings,
    LLMSettings,
    ProfileSettings,
    RerankSettings,
    SearchSettings,
)
from graph.setting_values import Name, Sent, Zone

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything a deployment may change, under the `KEFU_` prefix, groups joined by `__`."""

    model_config = SettingsConfigDict(
        env_prefix="KEFU_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    var: Path = Field(default=ROOT / "var", description="where databases and indexes are kept")
    kb: Path = Field(default=ROOT / "data" / "kb", description="knowledge file or folder to serve")
    index: Path | None = Field(default=None, description="index folder; empty = one per kb in var")
    vectors: Path | None = Field(default=None, description="vector cache file; empty = in var")
    policy: Path = Field(
        default=ROOT / "data" / "policy.json",
        description="decision policy, as `python -m eval calibrate` writes it",
    )
    business: Path | None = Field(
        default=None,
        description="the demo shop's records; empty = the sample company's beside its knowledge, "
        "with other knowledge no shop",
    )
    examples: dict[Literal["zh", "en"], list[str]] = Field(
        default={},
        description='questions that the chat page shows to begin with, {"zh": ["…"], "en": ["…"]}; '
        "none = the sample company's beside its knowledge, else no such questions",
    )
    company: str = Field(default="本公司", description="the company's name in the prompt")
    hotline: str = Field(default="", description="number for urgent cases in replies; empty = none")
    timezone: Zone = Field(
        default=ZoneInfo("Asia/Shanghai"),
        description="where the company is, e.g. Europe/Berlin: its date and hours count",
    )
    people_from: time = Field(default=time(9), description="when people start to answer, HH:MM")
    people_to: time = Field(
        default=time(21),
        description="when they stop; earlier = after midnight, the same = round the clock",
    )
    tenant: str = Field(
        default="default",
        pattern=r"^[^/]+$",  # graph.context says why
        description="tenant of the console and the demo; any name without a slash",
    )
    locale: Literal["zh", "en"] = Field(
        default="zh",
        description="language of the console, and of pages where the browser asks for neither",
    )
    desk_url: str = Field(
        default="",
        description="the desk's database, postgresql+asyncpg://user@host/kefu (extra postgres); "
        "empty = SQLite file under var",
    )
    host: str = Field(default="127.0.0.1", description="address the chat page listens on")
    port: int = Field(default=7860, ge=0, lt=65536, description="its port; 0 = any free one")
    editors: dict[Name, Annotated[SecretStr, Field(min_length=8)]] = Field(
        default={},
        description='who may use the knowledge page, {"name": "password"}, 8 characters or more; '
        "none = on loopback one password a start, shown where Kefu was started, else no page",
    )
    agents: dict[Name, AgentLogin] = Field(
        default={},
        description="who answers customers on the desk page, as `KEFU_EDITORS` for the knowledge "
        'page, or {"name": {"password": "…", "tenants": ["…"]}} where not those of `KEFU_TENANT` '
        "alone; customers read the name",
    )
    metrics_key: Sent = Field(
        default=SecretStr(""),
        description="what Prometheus sends as bearer token for /metrics; "
        "empty = served on loopback only",
    )
    llm: LLMSettings = LLMSettings()
    embed: EmbedSettings = EmbedSettings()
    search: SearchSettings = SearchSettings()
    rerank: RerankSettings = RerankSettings()
    cache: CacheSettings = CacheSettings()
    profile: ProfileSettings = ProfileSettings()
    limit: LimitSettings = LimitSettings()
    api: ApiSettings = ApiSettings()

    @property
    def desk_address(self) -> str:
        """SQLAlchemy's URL of the desk's database."""
        return self.desk_url or f"sqlite+aiosqlite:///{self.var / 'desk.db'}"

    @property
    def shop_records(self) -> Path | None:
        """The demo shop's records, or None: a company of other knowledge has other customers."""
        return self.business or (ROOT / "data" / "business" if self.is_sample else None)

    @property
    def is_sample(self) -> bool:
        """Say whether the sample company's knowledge is served, or a copy of it (a mount)."""
        sample = ROOT / "data" / "kb"
        if self.kb.resolve().is_relative_to(sample):
            return True
        try:
            return filecmp.cmp(self.kb / "faq.jsonl", sample / "faq.jsonl", shallow=False)
        except OSError:  # one has none, or the sample is deleted
            return False

    @property
    def vector_cache(self) -> Path:
        """The file that keeps vectors by content."""
        return self.vectors or self.var / "vectors.db"

    @property
    def index_folder(self) -> Path:
        """The index of the knowledge served: one folder for each `kb`, so that none are mixed."""
        if self.index is not None:
            return self.index
        digest = sha256(str(self.kb.resolve()).encode()).hexdigest()[:8]
        return self.var / "index" / f"{self.kb.stem}-{digest}"

    @property
    def edits(self) -> Path:
        """The journal of what editors changed by hand in the knowledge served."""
        return self.var / "edits" / f"{self.index_folder.name}.jsonl"


@cache
def settings() -> Settings:
    """Return the process's settings, read once from the environment and .env; entry points only.

    Raises:
        SettingsError: names each variable that can't be used and what it may be, never its value,
            which may be a password.
    """
    try:
        return Settings(_env_file=ROOT / ".env")  # type: ignore[call-arg] # only its plugin knows
    except ValidationError as exc:
        found = (f"KEFU_{'__'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in exc.errors())
        raise SettingsError("; ".join(found)) from None
    except SettingsError as exc:
        raise SettingsError(f"KEFU_ settings: expected JSON as in .env.example: {exc}") from None


if __name__ == "__main__":
    from graph.settings_table import table

    sys.stdout.write(table())
