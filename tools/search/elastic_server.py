"""The connection to Elasticsearch: client, what the server can do, and what its errors mean."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError
from elastic_transport.client_utils import DEFAULT
from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    AuthorizationException,
    OrjsonSerializer,
    UnsupportedProductError,
)

from tools.errors import ConfigError, KefuError, SearchUnavailable, StoreUnavailable
from tools.search.elastic_index import PROBES

CONNECTIONS = 32
WRITE_TIMEOUT_S = 30.0
OPEN_TIMEOUT_S = 10.0
_BUSY = (429, 502, 503, 504)
_KEY = "set KEFU_SEARCH__API_KEY to a key with read, write and manage rights on the index"


class Busy(SearchUnavailable):
    """The server said to come back later."""


@dataclass(frozen=True, slots=True)
class Server:
    """What answered, as found by asking it."""

    version: str
    licence: str  # "unknown" where the key may not ask
    cluster: str


def connect(
    url: str, *, api_key: str = "", ca_certs: Path | None = None, timeout_s: float = 1.5
) -> AsyncElasticsearch:
    """Return a client; nothing is sent yet.

    Raises:
        ConfigError: if the address or the certificate file can't be used.
    """
    try:
        return AsyncElasticsearch(
            url.rstrip("/"),
            api_key=api_key or None,
            ca_certs=str(ca_certs) if ca_certs else DEFAULT,
            serializer=OrjsonSerializer(),
            request_timeout=timeout_s,
            connections_per_node=CONNECTIONS,
            max_retries=1,
            retry_on_timeout=False,
        )
    except (ValueError, OSError) as exc:
        raise ConfigError(
            f"KEFU_SEARCH__URL {url!r}: expected http(s)://host:port ({exc})"
        ) from exc


async def greet(client: AsyncElasticsearch, url: str) -> Server:
    """Return who answers at `url`.

    Raises:
        SearchUnavailable: if nobody does.
        ConfigError: if it is no Elasticsearch, or refuses our key.
    """
    patient = client.options(request_timeout=OPEN_TIMEOUT_S)
    with translated(url):
        try:
            info = (await patient.info()).body
        except AuthorizationException:  # a key for the index alone may not ask about the cluster
            return Server("unknown version", "unknown", "unknown")
        try:
            licence = str((await patient.license.get())["license"]["type"])
        except ApiError:
            licence = "unknown"
    return Server(str(info["version"]["number"]), licence, str(info["cluster_name"]))


async def check_analyzer(client: AsyncElasticsearch, url: str, analyzer: str) -> None:
    """Do nothing if the server has the analyzer.

    Raises:
        ConfigError: if it does not.
    """
    if analyzer == "terms":
        return
    try:
        with translated(url):
            await client.indices.analyze(analyzer=PROBES[analyzer], text="重置密码")
    except ConfigError as exc:
        raise ConfigError(
            f"KEFU_SEARCH__ANALYZER={analyzer}: the server at {url} does not have it ({exc}); "
            "install the plugin on every node, or use 'terms' or 'cjk'"
        ) from exc


async def search_all(client: AsyncElasticsearch, **asked: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return what `client.search` does; a shard that is away is an error, not fewer hits."""
    found: Mapping[str, Any] = (
        await client.search(allow_partial_search_results=False, **asked)
    ).body
    return found


def on_shard(shard: int | None) -> str | None:
    """Return the preference that asks one shard alone; None asks all."""
    return None if shard is None else f"_shards:{shard}"


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the client's errors into ours, with what to do.

    Raises:
        SearchUnavailable: if the server gave no answer, or said to come back later.
        StoreUnavailable: if the index is read-only.
        ConfigError: if what we sent or where we sent it is wrong.
    """
    try:
        yield
    except (ApiError, TransportError, UnsupportedProductError) as exc:
        raise meaning(exc, url) from exc


def meaning(exc: Exception, url: str) -> KefuError:
    """Return our error for one of the client's."""
    match exc:
        case TlsError():
            return ConfigError(f"{url}: {exc}; set KEFU_SEARCH__CA_CERTS to the server's CA file")
        case ConnectionTimeout():
            return SearchUnavailable(f"{url}: no answer in time ({exc.message})")
        case NoConnection():
            return SearchUnavailable(
                f"{url}: nobody answers ({exc.message}); "
                "start Elasticsearch there, or correct KEFU_SEARCH__URL"
            )
        case UnsupportedProductError() | SerializationError():
            return ConfigError(f"KEFU_SEARCH__URL {url}: this is no Elasticsearch 8 or 9 ({exc})")
        case ApiError():
            return refusal(exc.meta.status, reason(exc.body), url)
        case _:
            return SearchUnavailable(f"{url}: {exc}")


def refusal(status: int, why: str, url: str) -> KefuError:
    """Return our error for an HTTP status of a request or of one item in it."""
    if "cluster_block_exception" in why:
        return StoreUnavailable(
            f"{url}: the index is read-only ({why}); free disk space, then lift the block: "
            'PUT INDEX/_settings {"index.blocks.read_only_allow_delete": null}'
        )
    if status == 401:
        return ConfigError(f"{url}: who we are was not accepted (401); {_KEY}")
    if status == 403:
        return ConfigError(f"{url}: not allowed (403: {why}); {_KEY}")
    if status in _BUSY:
        return Busy(f"{url}: busy ({status}: {why})")
    if status >= 500:
        return SearchUnavailable(f"{url}: the server is in trouble ({status}: {why})")
    return ConfigError(f"{url}: expected a request it takes, got {status}: {why}")


def is_busy(status: int) -> bool:
    """Say whether another try may help."""
    return status in _BUSY


def reason(body: Any) -> str:  # noqa: ANN401 whatever the server sent
    """Return type and reason of an error body in one line."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error)[:300]
    causes = [error, *error.get("root_cause", []), error.get("caused_by", {})]
    texts = [f"{c['type']}: {c.get('reason')}" for c in causes if "type" in c]
    return "; ".join(dict.fromkeys(texts))[:500]


def lines(items: Sequence[Any]) -> list[Any]:
    """Return the lines of a bulk or multi-search body; numpy rows become lists of numbers.

    Raises:
        ConfigError: if a text in it is no valid Unicode.
    """
    try:
        return [orjson.dumps(item, option=orjson.OPT_SERIALIZE_NUMPY) for item in items]
    except TypeError as exc:
        raise ConfigError(f"expected valid Unicode texts ({exc})") from exc
