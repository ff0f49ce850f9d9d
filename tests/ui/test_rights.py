"""Erasing one conversation, and what is old."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.app import PROFILES
from graph.context import Context
from tests.fakes.kefu import small_kefu, small_settings
from tools.desk.desk import Desk
from tools.desk.records import InboxMessage
from tools.profiles import Profiles
from ui.__main__ import main
from ui.rights import export, export_thread, forget, forget_thread, purge
from ui.runner import Runner
from ui.spool import SPOOL, Spool

SECRET = "水星图书馆"
LONG_AGO = datetime.now(UTC) - timedelta(days=40)


def traces(folder: Path) -> list[str]:
    files = (each for each in folder.glob("*.*") if each.is_file())
    return sorted(each.name for each in files if SECRET.encode() in each.read_bytes())


async def talk(var: Path, *threads: str, text: str = f"{SECRET}的退款多久到账？") -> None:
    """Let visitors who are not signed in say something."""
    async with small_kefu(var) as kefu:
        for thread_id in threads:
            await Runner(kefu).ask(text, thread_id=thread_id, context=Context())


async def told(var: Path, thread_id: str) -> int:
    """Return how many messages a conversation has."""
    async with small_kefu(var) as kefu:
        return len(await Runner(kefu).messages(thread_id, context=Context()))


async def long_ago(var: Path, *threads: str) -> None:
    """Let what was said in them have been said 40 days ago."""
    desk = await Desk.open(small_settings(var).desk_address, clock=lambda: LONG_AGO)
    for thread_id in threads:
        await desk.touch_thread(thread_id, tenant="default", owner="bot")
    await desk.close()


async def test_a_visitors_conversation_is_erased_from_every_file_and_others_stay(
    tmp_path: Path,
) -> None:
    await talk(tmp_path, "mine")
    await talk(tmp_path, "other", text="退款多久到账？")
    waiting = {"turn_id": "t9", "tenant": "default", "thread_id": "mine", "user_id": ""}
    said = {"channel": "web", "text": SECRET, "locale": "zh", "region": ""}
    Spool(tmp_path / SPOOL).keep(InboxMessage(**waiting, **said))  # type: ignore[typeddict-item]
    before = traces(tmp_path)

    erased = await forget_thread("mine", small_settings(tmp_path), tenant="default")

    assert {"desk.db", "threads.db", SPOOL} <= set(before)
    assert (erased["conversations"], erased["turns"], erased["inbox"]) == (1, 1, 2)
    assert erased["threads"] == 1
    assert traces(tmp_path) == []
    assert await told(tmp_path, "other") == 2


async def test_a_conversation_that_the_desk_does_not_know_is_erased_and_counted(
    tmp_path: Path,
) -> None:
    await talk(tmp_path, "mine")
    desk = await Desk.open(small_settings(tmp_path).desk_address)
    await desk.forget_thread("mine", tenant="default")
    await desk.close()

    erased = await forget_thread("mine", small_settings(tmp_path), tenant="default")

    assert (erased["conversations"], erased["threads"]) == (1, 0)
    assert await told(tmp_path, "mine") == 0


async def test_what_is_old_is_erased_with_its_conversation(tmp_path: Path) -> None:
    await talk(tmp_path, "old")
    await long_ago(tmp_path, "old")
    await talk(tmp_path, "new", text="退款多久到账？")

    erased = await purge(30, small_settings(tmp_path), tenant="default")

    assert (erased["conversations"], erased["threads"]) == (1, 1)
    assert "threads.db" not in traces(tmp_path)
    assert (await told(tmp_path, "old"), await told(tmp_path, "new")) == (0, 2)


async def test_a_conversation_that_waits_for_a_person_is_not_old(tmp_path: Path) -> None:
    await talk(tmp_path, "waits", text="转人工")
    await long_ago(tmp_path, "waits")

    erased = await purge(30, small_settings(tmp_path), tenant="default")

    assert (erased["conversations"], erased["threads"], erased["tickets"]) == (0, 0, 0)
    assert await told(tmp_path, "waits") == 2


async def test_a_conversation_is_not_old_while_a_message_for_it_is_kept_beside_the_desk(
    tmp_path: Path,
) -> None:
    await talk(tmp_path, "old")
    await long_ago(tmp_path, "old")
    kept = {"turn_id": "t9", "tenant": "default", "thread_id": "old", "user_id": ""}
    said = {"channel": "web", "text": "运费怎么算？", "locale": "zh", "region": ""}
    Spool(tmp_path / SPOOL).keep(InboxMessage(**kept, **said))  # type: ignore[typeddict-item]

    erased = await purge(30, small_settings(tmp_path), tenant="default")

    assert (erased["conversations"], erased["threads"]) == (0, 0)
    assert await told(tmp_path, "old") == 2


async def test_what_is_told_of_a_conversation_is_what_would_be_erased(tmp_path: Path) -> None:
    await talk(tmp_path, "mine")
    await talk(tmp_path, "other", text="退款多久到账？")
    config = small_settings(tmp_path)

    kept = await export_thread("mine", config, tenant="default")

    (asked, answered) = kept["conversations"]["mine"]["messages"]
    assert (asked["by"], answered["by"]) == ("human", "ai")
    assert SECRET in asked["text"]
    assert "other" not in json.dumps(kept, default=str)
    erased = await forget_thread("mine", config, tenant="default")
    assert {name: len(rows) for name, rows in kept.items()} == erased
    after = await export_thread("mine", config, tenant="default")
    assert not any(after.values())


async def test_what_is_told_of_a_customer_is_what_would_be_erased(tmp_path: Path) -> None:
    async with small_kefu(tmp_path) as kefu:
        runner = Runner(kefu)
        for text in ("转人工", "快一点"):
            await runner.ask(text, thread_id="mine", context=Context(user_id="u001"))
        await runner.ask("转人工", thread_id="theirs", context=Context(user_id="u002"))
    profiles = await Profiles.open(tmp_path / PROFILES)
    await profiles.write("u001", {"consent": "yes", "region": "新疆"}, tenant="default")
    await profiles.close()
    config = small_settings(tmp_path)

    kept = await export("u001", config, tenant="default")

    assert kept["profile"]["region"] == "新疆"
    assert [row["thread_id"] for row in kept["tickets"]] == ["mine"]
    assert "快一点" in [row["text"] for row in kept["desk_messages"]]
    erased = await forget("u001", config, tenant="default")
    assert erased.pop("profile") == 1
    assert {name: len(rows) for name, rows in kept.items() if name != "profile"} == erased


@pytest.mark.parametrize("said", ["export", "forget"])
@pytest.mark.parametrize("whose", [["u999"], ["--thread", "u999"]], ids=" ".join)
def test_of_whom_nothing_was_kept_is_told(
    said: str,
    whose: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ui.__main__.settings", lambda: small_settings(tmp_path))

    code = main([said, *whose])

    told = capsys.readouterr()
    assert (code, told.err) == (0, "nothing was kept of 'u999'\n")
    assert not any(json.loads(told.out).values())


@pytest.mark.parametrize(
    "argv",
    [
        ["forget"],
        ["export"],
        ["forget", "u001", "--thread", "a"],
        ["forget", "u001", "--tenant", "a/b"],
        ["purge", "0"],
        ["purge", "x"],
        ["purge"],
    ],
    ids=" ".join,
)
def test_what_to_erase_must_be_said_plainly(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(argv)

    err = capsys.readouterr().err
    assert len(err) < 500
    assert "_days" not in err
