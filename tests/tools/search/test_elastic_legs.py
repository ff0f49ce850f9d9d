"""Two legs asked of a server that is slow, without one: what is asked, and what is left running."""

import asyncio
from collections.abc import Sequence
from typing import Any

from elasticsearch import ConnectionTimeout

from tools.errors import SearchUnavailable
from tools.search.elastic_legs import LegAsker

BODIES: Any = {"words": [{"query": "words"}], "dense": [{"query": "dense"}]}


class Slow:
    """A client that times out for both legs at once; alone, `slow` never answer."""

    def __init__(self, *slow: str) -> None:
        self.slow = slow
        self.running = 0

    async def msearch(self, *, searches: Sequence[str | bytes]) -> dict[str, Any]:
        asked = [leg for leg in BODIES if f'"query":"{leg}"' in f"{searches!r}".replace(" ", "")]
        if len(asked) > 1:
            raise ConnectionTimeout("slow")
        self.running += 1
        try:
            await asyncio.sleep(3600 if asked[0] in self.slow else 0)
        finally:
            for _ in range(20):  # a connection takes a while to close
                await asyncio.sleep(0)
            self.running -= 1
        return {"took": 1, "responses": [{"hits": asked[0]}]}


async def test_a_leg_that_goes_on_being_slow_is_not_left_running() -> None:
    for slow, quick in (("words", "dense"), ("dense", "words")):
        client: Any = Slow(slow)

        answers = await LegAsker(client, "http://es", failures=5, reset_s=1).ask("kb", BODIES)

        assert answers.of[quick] == [{"hits": quick}], slow  # type: ignore[index]
        assert isinstance(answers.of[slow], SearchUnavailable), slow  # type: ignore[index]
        assert client.running == 0, slow
