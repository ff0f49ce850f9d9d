"""Public data sets as knowledge and labelled queries, from files that you bring.

python -m eval retrieval --dataset insqa --data FOLDER
python -m eval retrieval --dataset insqa --data FOLDER --filter contract
python -m eval retrieval --dataset tau2 --data FOLDER
python -m eval retrieval --dataset banking77 --data FOLDER
python -m eval retrieval --dataset policies --data FOLDER
"""

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from graph.settings import ROOT
from tools.errors import ConfigError
from tools.json_lines import read_lines

Dataset = Literal["insqa", "tau2", "banking77", "policies"]
Filter = Literal["contract"]

FAQ_WORDINGS = 5  # of each intent of BANKING77 become its FAQ entry
FAQ_QUERIES = 8  # of each intent are asked
TITLE_CHARS = 40
POLICY_QUERIES = ROOT / "data" / "eval" / "policies.jsonl"

_NUMBER = re.compile(r"^(?:第[一二三四五六七八九十百零]+条|[（(]?[\d.]+[)）]?\s*[、.]?)\s*")
_HEADING = re.compile(r"^#{1,3} +(.+)$", re.M)
_TITLE = re.compile(r"[^\s：:，,。；;]+")


class Made(NamedTuple):
    """What a data set became: files as `--kb` and `--queries` take them."""

    kb: Path
    queries: Path


def convert(name: Dataset, data: Path, out: Path, *, by: Filter | None = None) -> Made:
    """Write the data set in `data` as knowledge and queries below `out`, and say where.

    Raises:
        ConfigError: if a file of the set is missing or broken, or `by` does not go with it.
    """
    if by and name != "insqa":
        raise ConfigError(f"--filter {by}: only insqa has contracts, {name} has none")
    place = out / f"{name}-{by}" if by else out / name
    try:
        entries, queries = _CONVERTERS[name](data, by)
    except (KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(f"{data}: not the files of {name} ({type(exc).__name__}: {exc})") from exc
    made = Made(place / "kb.jsonl", place / "queries.jsonl")
    place.mkdir(parents=True, exist_ok=True)
    for path, rows in zip(made, (entries, queries), strict=True):
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return made


Rows = list[dict[str, Any]]


def _insqa(data: Path, by: Filter | None) -> tuple[Rows, Rows]:
    """Return insurance clauses, and customers' questions about them.

    Filtered by contract, a contract's clauses are for its customers only: each contract is a
    channel, which is a filter that both legs obey. Else a clause that several contracts share is
    one entry.
    """
    entries: dict[str, dict[str, Any]] = {}
    queries: Rows = []
    for raw in _lines(data / "objective_dev.jsonl"):
        # A name may read as several: 附加现金、首饰盗抢保险条款.
        channel = sha256(raw["contract"].encode()).hexdigest()[:16] if by else ""
        clause_id = sha256(f"{channel}\0{raw['clause']}".encode()).hexdigest()[:16]
        entries[clause_id] = {
            "id": clause_id,
            "kind": "doc",
            "question": _title(raw["clause"]),
            "answer": raw["clause"],
            "channel": channel,
        }
        queries.append(_query(f"insqa-{raw['id']}", raw["question"], [clause_id], channel))
    return list(entries.values()), queries


def _title(clause: str) -> str:
    """Return how a clause begins, without its number: "失踪处理", "酒后驾驶"."""
    text = _NUMBER.sub("", clause)
    found = _TITLE.search(text)
    return (found[0] if found else clause)[:TITLE_CHARS]


def _tau2(data: Path, _: Filter | None) -> tuple[Rows, Rows]:
    """Return a bank's documents, and what customers are to do with the documents that takes.

    A query is the whole instruction of the simulated customer; all required documents are wanted.
    """
    entries = [
        {"id": raw["id"], "kind": "doc", "question": raw["title"], "answer": raw["content"]}
        for raw in _lines(data / "banking_documents.jsonl")
    ]
    queries = [
        _query(raw["id"], raw["user_scenario"]["instructions"], raw["required_documents"])
        for raw in _lines(data / "banking_tasks_dev.jsonl")
    ]
    return entries, queries


def _banking77(data: Path, _: Filter | None) -> tuple[Rows, Rows]:
    """Return one FAQ entry an intent, and other questions of the same intents."""
    asked: dict[str, list[str]] = {}
    for raw in _lines(data / "train.jsonl"):
        asked.setdefault(raw["intent"], []).append(raw["text"])
    entries = [
        {
            "id": intent,
            "question": texts[0],
            "similar_questions": texts[1:FAQ_WORDINGS],
            "answer": intent.replace("_", " "),
        }
        for intent, texts in asked.items()
    ]
    queries = [
        _query(f"{intent}-{number}", text, [intent])
        for intent, texts in asked.items()
        for number, text in enumerate(texts[FAQ_WORDINGS:][:FAQ_QUERIES])
    ]
    return entries, queries


def _policies(data: Path, _: Filter | None) -> tuple[Rows, Rows]:
    """Return the sections of English policy pages, and questions of ours about the pages.

    Every section of a page that answers counts as right.
    """
    entries: Rows = []
    sections: dict[str, list[str]] = {}
    for raw in _lines(data / "docs.jsonl"):
        page = f"{raw['repo']}/{raw['path']}"
        before, *parts = _HEADING.split(raw["markdown"])
        titled = [*zip(parts[::2], parts[1::2], strict=True)] or [(page, before)]
        for number, (title, text) in enumerate(titled):
            if text.strip():
                own = f"{page}#{number}"
                sections.setdefault(page, []).append(own)
                entries.append({"id": own, "kind": "doc", "question": title, "answer": text})
    queries = [
        _query(
            raw["qid"],
            raw["query"],
            [own for page in raw["relevant_ids"] for own in sections[page]],
        )
        for raw in _lines(POLICY_QUERIES)
    ]
    return entries, queries


def _query(qid: str, text: str, relevant: Sequence[str], channel: str = "") -> dict[str, Any]:
    return {
        "qid": qid,
        "query": text,
        "relevant_ids": relevant,
        "label": "answerable",
        "channel": channel,
    }


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; --data names the folder of the data set")
    return read_lines(path, "record", dict)


_CONVERTERS = {
    "insqa": _insqa,
    "tau2": _tau2,
    "banking77": _banking77,
    "policies": _policies,
}
