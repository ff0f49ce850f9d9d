"""What is remembered of customers, on an SQLite file and on LangGraph's store in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langgraph.store.memory import InMemoryStore

from tools.errors import ConfigError, StoreUnavailable
from tools.profiles import Profile, Profiles

XINJIANG = Profile(consent="yes", region="新疆", level="金卡会员")


@pytest.fixture(params=["sqlite", "memory"])
async def profiles(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Profiles]:
    if request.param == "memory":
        made = Profiles(InMemoryStore())
    else:
        made = await Profiles.open(tmp_path / "profiles.db")
    yield made
    await made.close()


def traces(folder: Path, secret: str) -> list[str]:
    return [file.name for file in folder.iterdir() if secret.encode() in file.read_bytes()]


async def test_keeps_a_profile(profiles: Profiles) -> None:
    await profiles.write("li", XINJIANG, tenant="acme")

    assert await profiles.read("li", tenant="acme") == XINJIANG


@pytest.mark.parametrize(
    ("tenant", "user_id"),
    [("globex", "li"), ("acme", "wang"), ("acme", ""), ("acme.li", "x"), ("ac", "me:li")],
)
async def test_nobody_else_has_it(profiles: Profiles, tenant: str, user_id: str) -> None:
    await profiles.write("li", XINJIANG, tenant="acme")

    assert await profiles.read(user_id, tenant=tenant) == {}


async def test_any_name_will_do(profiles: Profiles) -> None:
    for name in ("a.b", "a/b", "langgraph", "李 %2E", "a%2Eb", "'; --"):
        await profiles.write(name, Profile(consent="yes", topic=name), tenant=f"t.{name}")
        assert (await profiles.read(name, tenant=f"t.{name}"))["topic"] == name


@pytest.mark.parametrize(
    ("user_id", "profile"),
    [("", XINJIANG), ("li", Profile(region="新疆")), ("li", Profile(consent="no", region="新疆"))],
)
async def test_refuses_facts_without_consent_or_user(
    profiles: Profiles, user_id: str, profile: Profile
) -> None:
    with pytest.raises(ValueError, match="only with their consent"):
        await profiles.write(user_id, profile, tenant="acme")


async def test_forgetting_erases_one_profile_down_to_the_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    folder.mkdir()
    profiles = await Profiles.open(folder / "profiles.db")
    for level in ("secret-1", "secret-2"):
        await profiles.write("li", Profile(consent="yes", level=level), tenant="acme")
    await profiles.write("li", XINJIANG, tenant="globex")
    before = traces(folder, "secret-2")

    is_erased = await profiles.forget("li", tenant="acme")

    assert is_erased
    assert before
    assert traces(folder, "secret-") == traces(folder, ".acme:.li:") == []
    assert await profiles.read("li", tenant="globex") == XINJIANG
    assert not await profiles.forget("li", tenant="acme")
    await profiles.close()


async def test_no_thread_is_left_behind_by_a_file_that_does_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiosqlite's thread may answer a failed start after the event loop has ended."""
    (tmp_path / "profiles.db").mkdir()
    monkeypatch.delattr("aiosqlite.connect")

    with pytest.raises(ConfigError, match=r"profiles\.db: can't be used"):
        await Profiles.open(tmp_path / "profiles.db")


async def test_two_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    made = await asyncio.gather(*(Profiles.open(tmp_path / "profiles.db") for _ in range(2)))
    for profiles in made:
        await profiles.close()


async def test_says_which_file_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "profiles.db").write_bytes(b"no database at all, but some text" * 50)

    with pytest.raises(ConfigError, match=r"profiles\.db: can't be used.*from a backup"):
        await Profiles.open(tmp_path / "profiles.db")


async def test_a_store_that_is_gone_is_a_typed_failure(tmp_path: Path) -> None:
    profiles = await Profiles.open(tmp_path / "profiles.db")
    connection = profiles._connection
    assert connection is not None
    await connection.execute("DROP TABLE store")

    with pytest.raises(StoreUnavailable, match="can't be read"):
        await profiles.read("li", tenant="acme")
    await profiles.close()
