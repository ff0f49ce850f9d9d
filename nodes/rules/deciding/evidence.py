"""What an answer may rest on: passages without orders to the model, numbered for citation."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from graph.state import Citation
from nodes.replies import say
from nodes.rules.injection import detect, speaks_to_assistant, strip_orders
from tools.search.types import Passage

MAX_PASSAGES = 4
NEAR = 0.5  # share of the best fused score that further evidence must reach
_MARK = re.compile(r"\[(\d{1,2})\]")


class Evidence(NamedTuple):
    """One passage as it may be quoted."""

    id: str
    kind: Literal["faq", "doc"]
    title: str
    text: str
    section: str = ""  # the text with what stands around it, for the model only

    @property
    def read(self) -> str:
        """What the model reads, and its answer may rest on."""
        return self.section or self.text


def gather(passages: Sequence[Passage], limit: int = MAX_PASSAGES) -> list[Evidence]:
    """Return the best passages, cleaned; a passage of which nothing is left is dropped."""
    best = passages[0]["score"] if passages else 0.0
    near = [p for p in passages[:limit] if p["score"] >= NEAR * best]
    cleaned = [
        Evidence(
            p["id"],
            p["kind"],
            _title(p["question"]),
            strip_orders(p["answer"]),
            strip_orders(p.get("section", "")),
        )
        for p in near
    ]
    return [item for item in cleaned if item.text.strip()]


@lru_cache(maxsize=1024)
def _title(question: str) -> str:
    """Return a title without orders; one that merely asks about such words stays."""
    return strip_orders(question) if detect(question) or speaks_to_assistant(question) else question


def format_evidence(evidence: Sequence[Evidence]) -> str:
    """Return the tagged blocks of the prompt; tags inside a text can't close its block."""
    blocks = []
    for number, item in enumerate(evidence, start=1):
        text = _untagged(f"{item.title}\n{item.read}")
        blocks.append(f'<资料 编号="{number}">\n{text}\n</资料>')
    return "\n".join(blocks)


def format_summary(summary: str) -> str:
    """Return the tagged block of what was said before, "" for nothing."""
    return f"\n\n<摘要>\n{_untagged(summary)}\n</摘要>" if summary else ""


def _untagged(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞")


def cited(text: str, evidence: Sequence[Evidence]) -> list[Citation]:
    """Return the passages that `text` marks, in order; without any valid mark, the best one."""
    numbers = dict.fromkeys(int(n) for n in _MARK.findall(text) if 1 <= int(n) <= len(evidence))
    return [
        Citation(id=item.id, title=item.title, quote=item.read)
        for item in (evidence[n - 1] for n in numbers or [1])
    ]


def quote(item: Evidence, locale: str) -> str:
    """Return a passage as the reply itself; a document is introduced by its title."""
    if item.kind == "faq":
        return item.text
    return f"{say(locale, 'from_document', title=item.title)}\n{item.text}"
