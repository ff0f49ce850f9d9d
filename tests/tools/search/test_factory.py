"""Which engine the settings open."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graph.setting_groups import SearchSettings
from tests.fakes.elastic import NO_SERVER, elastic_search, server_url
from tools.errors import ConfigError, SearchUnavailable
from tools.search.factory import open_search


async def test_without_an_address_the_engine_is_embedded(tmp_path: Path) -> None:
    search = await open_search(tmp_path, None, **dict(SearchSettings()))

    assert (await search.health()).backend.startswith("sqlite")
    await search.close()


async def test_with_an_address_nothing_is_embedded_instead(tmp_path: Path) -> None:
    with pytest.raises(SearchUnavailable, match="nobody answers"):
        await open_search(tmp_path, None, **dict(SearchSettings(url="http://127.0.0.1:9")))

    assert not (tmp_path / "index.db").exists()


@pytest.mark.skipif(not server_url(), reason=NO_SERVER)
async def test_with_a_server_the_engine_is_elasticsearch(tmp_path: Path) -> None:
    async with elastic_search(None) as own:
        config = SearchSettings(url=server_url(), index=own.alias)

        search = await open_search(tmp_path, None, **dict(config))

        assert (await search.health()).backend.startswith("elasticsearch")
        await search.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "localhost:9200"},
        {"index": "Kefu"},
        {"index": "*"},
        {"shards": "0"},
        {"replicas": "many"},
        {"vectors": "int2_hnsw"},
    ],
)
def test_a_value_that_can_not_be_used_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SearchSettings.model_validate(changes)


async def test_a_kind_that_is_named_counts_before_the_address(tmp_path: Path) -> None:
    config = SearchSettings(kind="sqlite", url="http://127.0.0.1:9")

    search = await open_search(tmp_path, None, **dict(config))

    assert (await search.health()).backend.startswith("sqlite")
    await search.close()


async def test_elasticsearch_without_address_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="KEFU_SEARCH__URL"):
        await open_search(tmp_path, None, **dict(SearchSettings(kind="elastic")))
