"""The names that knowledge itself gives one thing: 云服务器 ECS, 负载均衡（SLB）.

A customer says one of them and the entry that answers another. Pure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from tools.search.types import Entry
from tools.text.normalise import HAN
from tools.text.segment import terms

NAMES = "1"  # of what is looked for here; an index made with another value is looked through anew
SHORTEST, LONGEST = 3, 16  # Chinese characters of a long form
MOSTLY = 0.8  # of the places that give a name mean one thing by it, or it is none of that

_LONG = rf"(?P<long>[{HAN}]{{{SHORTEST},{LONGEST}}})\ ?"
_SHORT = r"(?P<short>[A-Z]{1,8}[a-z]?[A-Z][A-Z0-9]{0,8})"
_FULL = r"[A-Za-z]{2,}(?:[ \-][A-Za-z]{2,})+"  # Elastic Compute Service
_PRODUCT = re.compile(_LONG + _SHORT)
_FORM = re.compile(rf"[A-Za-z][A-Za-z0-9]+|[{HAN}]{{{SHORTEST},}}")
_GIVEN = [
    re.compile(
        rf"{_LONG}[（(]\s?(?:{_FULL}\s?[,，、;；]\s?)?(?:以下)?(?:简称)?为?\s?{_SHORT}\s?[）)]"
    ),
    re.compile(rf"{_LONG}{_SHORT}\s?[（(]\s?{_FULL}\s?[）)]"),
]

_Form = tuple[str, str]  # tenant, form


class Name(NamedTuple):
    """Two forms of one name, as one entry gives them."""

    long: str  # it ends so; where it starts can't be told: 推送到负载均衡（SLB）
    short: str


def names(entry: Entry) -> set[Name]:
    """Return the names that an entry gives: its product's, and those explained in brackets."""
    found: list[re.Match[str]] = []
    for text in (entry["question"], *entry.get("similar_questions", ()), entry["answer"]):
        if "(" in text or "（" in text:  # looking there costs
            found += [given for form in _GIVEN for given in form.finditer(text)]
    if product := _PRODUCT.fullmatch(entry.get("product", "")):
        found.append(product)
    return {Name(given["long"], given["short"]) for given in found}


class Names:
    """All names that the entries of each tenant give, kept up to date entry by entry."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[str, tuple[Name, ...]]] = {}  # by entry number
        # By tenant and form: in how many entries it stands for which other.
        self._shorts: dict[_Form, Counter[str]] = defaultdict(Counter)
        self._longs: dict[_Form, Counter[str]] = defaultdict(Counter)
        self._entries: Counter[_Form] = Counter()  # that give a short form

    def put(self, num: int, tenant: str, given: Iterable[Name]) -> None:
        """Add those of an entry."""
        self._of[num] = tenant, tuple(given)
        for name in self._of[num][1]:
            self.count(tenant, name, 1)

    def drop(self, num: int) -> None:
        """Remove those of an entry; one that gave none is ignored."""
        tenant, given = self._of.pop(num, ("", ()))
        for name in given:
            self.count(tenant, name, -1)

    def count(self, tenant: str, name: Name, entries: int) -> None:
        """Add a name that so many entries give."""
        self._entries[tenant, name.short] += entries
        for start in range(len(name.long) - SHORTEST + 1):
            end = name.long[start:]
            self._shorts[tenant, end][name.short] += entries
            self._longs[tenant, name.short][end] += entries

    def others(self, question: str, tenant: str) -> dict[str, str]:
        """Return the forms in a question that have another one, which it lacks, with that.

        The end of a long form is enough; of those that overlap, the longest counts.
        """
        found: dict[str, str] = {}
        for form in _FORM.findall(question):
            if form.isascii():
                found[form] = self._long(tenant, form.upper())
            else:
                found |= self._ends(tenant, form)
        folded = question.upper()
        return {form: other for form, other in found.items() if other and other not in folded}

    def _ends(self, tenant: str, text: str) -> Iterator[tuple[str, str]]:
        start = 0
        while start < len(text):
            for end in range(min(start + LONGEST, len(text)), start + SHORTEST - 1, -1):
                if short := self._short(tenant, text[start:end]):
                    yield text[start:end], short
                    start = end - 1
                    break
            start += 1

    def _short(self, tenant: str, end: str) -> str:
        """Return the one short form of what ends so, "" if there is none or several."""
        if not (shorts := self._shorts.get((tenant, end))):
            return ""
        short, entries = shorts.most_common(1)[0]
        is_one = entries >= MOSTLY * max(shorts.total(), self._entries[tenant, short])
        return short if entries and is_one else ""

    def _long(self, tenant: str, short: str) -> str:
        """Return the most that nearly all long forms of it end in, "" if they differ."""
        least = MOSTLY * self._entries[tenant, short]
        longs = self._longs.get((tenant, short), Counter())
        ends = [end for end, entries in longs.items() if entries and entries >= least]
        return max(ends, key=len, default="")


def said(question: str, others: Mapping[str, str], held: Mapping[str, int]) -> str:
    """Return the question with every name in the form that more entries hold.

    `others` is as Names gives it; `held` says of each of its `name_terms` how many entries hold it.
    """

    def often(form: str) -> int:
        return min(held.get(term, 0) for term in terms(form, "words"))

    better = {form: other for form, other in others.items() if often(other) >= often(form)}
    forms = sorted(better, key=len, reverse=True)
    return re.sub("|".join(forms), lambda form: better[form[0]], question) if forms else question


def name_terms(others: Mapping[str, str]) -> set[str]:
    """Return the search terms of all these forms."""
    return {term for form in chain(others, others.values()) for term in terms(form, "words")}
