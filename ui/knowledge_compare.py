"""One question asked twice on the knowledge page: with two weights, or in two engines."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from graph.app import Kefu
from graph.context import Context
from tools.errors import KefuError, TransientError
from tools.search.base import SearchBackend
from tools.search.types import Passage, SearchResult
from ui.knowledge_page import Engine, KnowledgePage, weight_name
from ui.knowledge_search import find_passages
from ui.knowledge_views import note, quiet, said
from ui.page import Update
from ui.words import Locale
from ui.words.knowledge import KnowledgeWords, knowledge_words

logger = logging.getLogger(__name__)


class Comparison:
    """The handler of the tab."""

    def __init__(self, kefu: Kefu, page: KnowledgePage) -> None:
        self._kefu = kefu
        self._page = page

    async def compare(
        self,
        text: str,
        region: str,
        left: float,
        right: float,
        locale: Locale,
        engine: Engine = "serving",
    ) -> Update:
        """Ask the same question twice; `engine` is the one on the right, left is what serves."""
        page, w = self._page, knowledge_words(locale)
        if not (question := text.strip()):
            return {page.sides: quiet(w["compare_start"])}
        services = self._kefu.services
        other = services.beside if engine == "embedded" else None
        if other is not None and not await self._is_open(other):
            return {page.sides: note(w["engine_down"])}
        asker = Context(tenant=self._kefu.settings.tenant, region=region)
        sides = ((services.search, left), (other or services.search, right))
        try:
            results = [
                what_counts(
                    await find_passages(
                        self._kefu, question, "customer", asker, engine=side, dense_weight=weight
                    ),
                    weight,
                )
                for side, weight in sides
            ]
            titles = [weight_name(w, weight) for _, weight in sides]
            if other is not None:
                names = [await _named(w, side) for side, _ in sides]
                titles = [f"{name} · {title}" for name, title in zip(names, titles, strict=True)]
        except TransientError:
            logger.warning("knowledge page: search down", exc_info=True)
            return {page.sides: note(w["search_down"])}
        is_whole = all(result.legs.get("dense") == "ok" for result in results)
        warning = "" if is_whole else note(w["no_vector"])
        return {page.sides: warning + side_by_side(w, titles, results[0], results[1])}

    async def _is_open(self, engine: SearchBackend) -> bool:
        """Open the second engine, which may hold what another embedder made."""
        try:
            await engine.get("", tenant=self._kefu.settings.tenant)
        except KefuError:
            logger.warning("knowledge page: second engine not opened", exc_info=True)
            return False
        return True


def what_counts(result: SearchResult, weight: float) -> SearchResult:
    """Return what the words found where they alone are asked for, else `result`.

    Below it engines list entries that hold none of them, and Chroma ranks no words at all.
    """
    if weight > 0:
        return result
    has_words = result.legs.get("words") == "ok"
    kept = [p for p in result.passages if has_words and (p["score"] > 0 or p["words"] > 0)]
    return replace(result, passages=kept)


async def _named(w: KnowledgeWords, engine: SearchBackend) -> str:
    """Return an engine's name and how many entries it holds, since it may not hold the same."""
    health = await engine.health()
    name = health.backend.partition(" ")[0].rstrip(",")
    return w["engine_holds"].format(name=name, entries=f"{health.entries:,}")


def side_by_side(
    w: KnowledgeWords, titles: Sequence[str], left: SearchResult, right: SearchResult
) -> str:
    """Return two rankings next to each other; the right one tells what moved."""
    ranks = [
        {passage["id"]: rank for rank, passage in enumerate(result.passages)}
        for result in (left, right)
    ]
    lists = []
    for title, result, own, other in zip(
        titles, (left, right), ranks, reversed(ranks), strict=True
    ):
        is_right = own is ranks[1]
        lines = [
            _moved(w, passage, own[passage["id"]], other.get(passage["id"]), is_right=is_right)
            for passage in result.passages
        ]
        body = f"<ol>{''.join(lines)}</ol>" if lines else quiet(w["nothing"])
        lists.append(f"<section><h3>{said(title)}</h3>{body}</section>")
    return f'<div class="kefu-sides">{"".join(lists)}</div>'


def _moved(
    w: KnowledgeWords, passage: Passage, own: int, other: int | None, *, is_right: bool
) -> str:
    sign, kind, label = "", "same", w["moved"]["same"]
    if other is None:
        sign, kind = "✱", "new" if is_right else "gone"
        label = w["moved"][kind]
    elif is_right and own != other:
        kind = "up" if own < other else "down"
        sign = f"{'▲' if own < other else '▼'}{abs(own - other)}"
        label = w["moved"][kind].format(count=abs(own - other))
    mark = f'<span class="kefu-move" title="{said(label)}">{sign}</span>' if sign else ""
    return (
        f'<li class="kefu-{kind}"><span>{said(passage["question"])}{mark}</span>'
        f"<small>{said(passage['id'])} · {passage['score']:.3f}</small></li>"
    )
