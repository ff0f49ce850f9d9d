"""Set the sides of an English sentence apart: A takes 3 days and B 5, which Chinese has commas for.

The second side gets back what it left out: the unit, and what stands before the first one's figure.
"""

import re

_FIGURE = re.compile(
    r"(?<![a-z0-9])(?P<n>\d[\d.:-]*)"
    r"(?P<unit>[ -]?(?:°C|%|元|美元|(?:working |business )?[a-z]+s?\b)?)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|while|but|whereas|instead of|rather than)\s", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:[^,;:!?\n.]|[.:](?=\S))+")
_WORD = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_PREPOSITION = re.compile(r"(?:to|for|in|with|at|on|from)(?=\s)", re.IGNORECASE)
_SUBJECT = re.compile(r"^\s*(?:(?:the|an?|our|your)\s)?(?:\S+\s+){0,2}", re.IGNORECASE)
_LATIN = re.compile("[a-z]{3}", re.IGNORECASE)


def apart_sides(text: str) -> str:
    """Return folded `text` with a comma between two sides that have a figure each."""
    if not _LATIN.search(text) or not _AND.search(text):
        return text
    return _CLAUSE.sub(_set_apart, text)


def _set_apart(match: re.Match[str]) -> str:
    clause = match.group()
    first = _FIGURE.search(clause)
    if not first or not first["unit"].strip():
        return clause
    for word in _AND.finditer(clause, first.end()):
        second = _FIGURE.search(clause, word.end())
        if not second:
            break
        between = clause[word.end() : second.start()]
        if not (_WORD.search(clause, first.end(), word.start()) or _WORD.search(between)):
            continue  # between 9 and 10
        left, right = clause[: word.start()], clause[word.end() : second.end("n")]
        unit = "" if second["unit"].strip() else first["unit"]
        shared = _shared(clause[: first.start()], right, is_bare=not _WORD.search(between))
        return f"{left}, {shared} {right}{unit}{clause[second.end('n') :]}"
    return clause


def _shared(lead: str, right: str, *, is_bare: bool) -> str:
    """Return what stands before the first side's figure and is said of the second as well.

    All of it where the second begins with its figure; what stands before 'to' where that begins
    with another 'to'; else all but the subject, taken for an article and two words.
    """
    if is_bare:
        return lead.strip()
    if preposition := _PREPOSITION.match(right):
        return lead.partition(f" {preposition[0]} ")[0].strip()
    return _SUBJECT.sub("", lead, count=1).strip()
