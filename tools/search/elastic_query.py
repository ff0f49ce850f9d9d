"""Search bodies for Elasticsearch, and the one place where a customer's filters become clauses."""

from collections.abc import Mapping, Sequence
from typing import Any

from tools.search.asked import Asked
from tools.search.base import Vector
from tools.search.types import Filters
from tools.text.normalise import fold

CANDIDATES = 30  # of each leg, scored exactly; 50 found no more on five sets (docs/scale.md)
WORD_HITS = 200  # scores of the word leg, as in the embedded engine
FAR = 8  # entries farthest from the question: the lower end of the dense scores
MOST = 4000  # passages; of twice as many candidates it gives no more than 10,000
MAX_TOKENS = 256  # of a question; Elasticsearch refuses queries of too many clauses

Body = dict[str, Any]


def visible(filters: Filters) -> list[Body]:
    """Return the clauses for what a customer may see; both legs take them."""
    clauses: list[Body] = [
        {"term": {"is_live": True}},
        {"term": {"tenant": filters.tenant}},
        {"terms": {"region": ["", filters.region]}},
        {"terms": {"channel": ["", filters.channel]}},
    ]
    if filters.audience == "public":
        clauses.append({"term": {"audience": "public"}})
    if filters.today:
        clauses.append({"range": {"effective_from": {"lte": filters.today}}})
        clauses.append({"range": {"effective_to": {"gte": filters.today}}})
    if filters.lang:
        clauses.append({"term": {"lang": filters.lang}})
    return clauses


def by_words(
    question: str,
    wanted: Asked,
    filters: Filters,
    *,
    analyzer: str,
    size: int,
    timeout_s: float,
) -> Body:
    """Return the BM25 search, which also counts all entries, and those with each token."""
    if analyzer == "terms":
        match: Body = {"match": {"terms": {"query": " ".join(wanted.tokens)}}}
    else:
        fields = ["text", "text.characters^0.2"]
        match = {"multi_match": {"query": fold(question), "fields": fields, "type": "most_fields"}}
    # Whoever cut the texts, `terms` holds them in our own terms too.
    others = [
        {"match": {"terms": {"query": " ".join(terms), "boost": weight}}}
        for weight, terms in _by_weight(wanted.others).items()
    ]
    counts = {str(at): {"term": {"terms": token}} for at, token in enumerate(wanted.tokens)}
    live: Body = {"filter": {"term": {"is_live": True}}}
    if counts:
        live["aggs"] = {"with_token": {"filters": {"filters": counts}}}
    query = {
        "bool": {
            "should": [match, *others],
            "minimum_should_match": 1,
            "filter": visible(filters),
        }
    }
    return _hits(max(WORD_HITS, size), timeout_s) | {
        "query": query,
        "aggs": {"all": {"global": {}, "aggs": {"live": live}}},
    }


def _by_weight(others: Mapping[str, float]) -> dict[float, list[str]]:
    groups: dict[float, list[str]] = {}
    for term, weight in others.items():
        groups.setdefault(weight, []).append(term)
    return groups


def by_vector(vector: Vector, filters: Filters, *, size: int, timeout_s: float) -> Body:
    """Return the search for the entries whose best wording or whole is nearest."""
    return {
        **_hits(size, timeout_s),
        "knn": {
            "field": "vectors.v",
            "query_vector": vector,
            "k": size,
            "num_candidates": max(100, 2 * size),
            "filter": visible(filters),
        },
    }


def farthest(vector: Vector, filters: Filters, *, timeout_s: float) -> Body:
    """Return the search for the entries farthest from the question."""
    return by_vector(-vector, filters, size=FAR, timeout_s=timeout_s)


def whole_entries(ids: Sequence[str], filters: Filters) -> Body:
    """Return the search for whole entries; a customer sees none that changed out of sight."""
    return {
        "size": len(ids),
        "track_total_hits": False,
        "_source": ["id", "stamp", "body"],
        "docvalue_fields": ["packed"],
        "query": {"bool": {"filter": [{"terms": {"id": ids}}, *visible(filters)]}},
    }


def readings(ids: Sequence[str], filters: Filters) -> Body:
    """Return the search for the readings of entries, with the same filters once more."""
    return {
        "size": len(ids),
        "track_total_hits": False,
        "stored_fields": ["reading"],
        "docvalue_fields": ["id", "stamp"],
        "query": {"bool": {"filter": [{"terms": {"id": ids}}, *visible(filters)]}},
    }


def sample(size: int) -> Body:
    """Return the search for a sample of all entries that every process draws alike."""
    return {
        "size": size,
        "stored_fields": "_none_",
        "track_total_hits": True,
        "docvalue_fields": ["packed"],
        "query": {"term": {"is_live": True}},
        "sort": ["lot"],
    }


def _hits(size: int, timeout_s: float) -> Body:
    """Return what all searches share: id and version of the hits, and no more."""
    return {
        "size": size,
        "timeout": f"{int(timeout_s * 1000)}ms",
        "track_total_hits": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["id", "stamp"],
    }
