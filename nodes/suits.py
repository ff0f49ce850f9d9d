"""Whether the decision policy was fitted for the knowledge and embedder that serve now."""

import logging
from hashlib import sha256

from nodes.rules.deciding.chances import Policy
from nodes.rules.deciding.stale import SAMPLE, Mark, Why, staleness, suited
from tools.errors import TransientError
from tools.search.base import SearchBackend
from tools.text.normalise import fold

logger = logging.getLogger(__name__)

DIGITS = 8


class Suits:
    """The policy as it suits what is served now; `settle` looks again after every change.

    Until the index has been looked at, decisions are as careful as for unknown knowledge.
    """

    def __init__(
        self, policy: Policy, search: SearchBackend, *, embedder: str, tenant: str
    ) -> None:
        self._policy = policy
        self._search = search
        self._embedder = embedder
        self._tenant = tenant
        self._seen: tuple[int, Mark] | None = None  # version of the index, and its mark then
        self._now = suited(policy, self._why_not(None), None)

    def policy(self) -> Policy:
        """Return what to decide by."""
        return self._now

    async def settle(self) -> None:
        """Look at what is served and adapt `policy` to it; log what does not suit."""
        if why := await self.why_not():
            level = logging.INFO if why in ("away", "other_knowledge") else logging.WARNING
            logger.log(level, "the policy is not for what is served: %s", why)
        self._now = suited(self._policy, why, self._seen[1] if self._seen else None)

    async def why_not(self) -> Why:
        """Say why it does not suit; "" when it does, "away" while the search does not answer."""
        try:
            version = (await self._search.health()).version
            if self._seen is None or self._seen[0] != version:
                self._seen = version, await mark(self._search, tenant=self._tenant)
        except TransientError:
            return self._why_not(None)
        return self._why_not(self._seen[1])

    def _why_not(self, knowledge: Mark | None) -> Why:
        return staleness(self._policy.fitted_on, embedder=self._embedder, knowledge=knowledge)


async def mark(search: SearchBackend, *, tenant: str) -> dict[str, str]:
    """Return what tells a tenant's knowledge from another: the entries with the smallest digests.

    The smallest ones of two sets are a fair sample of both together (Broder, "On the resemblance
    and containment of documents", 1997), so what is added or removed shows in it too.
    """
    ids = {_digest(entry_id): entry_id for entry_id in await search.ids(tenant=tenant)}
    found: dict[str, str] = {}
    for digest in sorted(ids)[:SAMPLE]:
        entry = await search.get(ids[digest], tenant=tenant)
        if entry is not None:  # else it was deleted meanwhile
            found[digest] = _digest(fold(entry["question"]))
    return found


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:DIGITS]
