"""Find personal data in Chinese and English text, and mask it."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from tools.text import pii_patterns as patterns
from tools.text.addresses import addresses

Kind = Literal[
    "phone", "id_card", "bank_card", "email", "address", "plate", "passport", "chat_id", "name"
]


class Span(NamedTuple):
    """One piece of personal data; `text[start:end] == value`."""

    kind: Kind
    start: int
    end: int
    value: str


PLACEHOLDERS: dict[Kind, str] = {
    "phone": "<手机号>",
    "id_card": "<身份证号>",
    "bank_card": "<银行卡号>",
    "email": "<邮箱>",
    "address": "<地址>",
    "plate": "<车牌号>",
    "passport": "<护照号>",
    "chat_id": "<社交账号>",
    "name": "<姓名>",
}
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
_PROVINCE_CODES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
    "61 62 63 64 65 71 81 82 83 91"
)
_PROVINCES = frozenset(_PROVINCE_CODES.split())
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REACH_CHARS = 100  # from a sign of personal data to its beginning or end
_LABEL_CHARS = 24  # how far before a number its label may begin


def find(text: str) -> list[Span]:
    """Return the personal data of `text`, in order and without overlaps.

    Amounts, dates, versions, service hotlines and numbers labelled as order, tracking or serial
    numbers are not personal data.
    """
    plain = _FULL_WIDTH.sub(_half_width, text)  # one for one, so that positions stay true
    found = sorted(_candidates(plain), key=lambda span: (span[1], -span[2]))
    spans: list[Span] = []
    for kind, start, end in found:
        if not spans or start >= spans[-1].end:
            spans.append(Span(kind, start, end, text[start:end]))
    return spans


@lru_cache(maxsize=16)  # a turn masks its message for each that keeps it
def mask(text: str) -> str:
    """Return `text` with each piece of personal data replaced by its kind. Idempotent."""
    while spans := find(text):
        parts, at = [], 0
        for span in spans:
            parts += [text[at : span.start], PLACEHOLDERS[span.kind]]
            at = span.end
        text = "".join(parts) + text[at:]
    return text


def _half_width(match: re.Match[str]) -> str:
    return " " if match.group() == "\u3000" else chr(ord(match.group()) - 0xFEE0)


def _candidates(text: str) -> Iterator[tuple[Kind, int, int]]:
    lowered = text.lower()
    if len(lowered) != len(text):  # of İ, say, two characters come
        lowered = "".join(char.lower()[0] for char in text)
    for sign, rules in _RULES.items():
        if not sign.search(lowered):  # most texts: no generator is made
            continue
        for begin, stop in _around(sign, lowered):
            for kind, pattern, accepts in rules:
                for match in pattern.finditer(text, begin, stop):
                    group = match.lastgroup if match.lastgroup in _VALUE_GROUPS else 0
                    start, end = match.span(group or 0)
                    if accepts(text, start, end):
                        yield kind, start, end
    for start, end in addresses(text):
        if "<" not in text[start:end]:
            yield "address", start, end


def _around(sign: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the stretches of `text` close to a sign, apart from each other."""
    begin = end = 0
    for match in sign.finditer(text):
        if match.start() - _REACH_CHARS > end:
            if end:
                yield begin, end
            begin = match.start() - _REACH_CHARS
        end = match.end() + _REACH_CHARS
    if end:
        yield begin, end


def _any(text: str, start: int, end: int) -> bool:
    return True


def _is_phone(text: str, start: int, end: int) -> bool:
    number = text[start:end]
    if patterns.HOTLINE.fullmatch(_digits(number)) or patterns.TOLL_FREE.match(number):
        return False
    in_word = text[start - 1 : start].isascii() and text[start - 1 : start].isalnum()
    if in_word and (text[end : end + 1].isalnum() and text[end : end + 1].isascii()):
        return False  # inside an instance id or a hash
    label = patterns.BUSINESS_LABEL.search(_before(text, start))
    if label and re.fullmatch(r"(?:快递|物流)\s*", label.group()):
        return True  # `快递 138…` is the courier's phone, `快递单号 138…` a number of theirs
    return not _is_business_number(text, start, end)


def _is_id(text: str, start: int, end: int) -> bool:
    number = re.sub(r"[\s-]", "", text[start:end]).upper()
    if number[:2] not in _PROVINCES or _is_business_number(text, start, end):
        return False
    born = number[6:14] if len(number) == 18 else "19" + number[6:12]
    if not _is_date(born):
        return False
    if len(number) == 15 or patterns.ID_LABEL.search(_before(text, start)):
        return True  # a mistyped number beside its label is as private as a right one
    total = sum(w * int(d) for w, d in zip(_ID_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17]


def _is_card(text: str, start: int, end: int) -> bool:
    number = _digits(text[start:end])
    if not 13 <= len(number) <= 19 or _is_business_number(text, start, end):
        return False
    if len(number) >= 16 and patterns.CARD_LABEL.search(_before(text, start)):
        return True
    return bool(patterns.CARD_ISSUER.fullmatch(number)) and _passes_luhn(number)


def _is_iban(text: str, start: int, end: int) -> bool:
    number = text[start:end].replace(" ", "")
    if _is_business_number(text, start, end):
        return False
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def _is_plate(text: str, start: int, end: int) -> bool:
    """Say whether the part after the authority's letter has enough digits, at the right places."""
    tail = re.sub(r"[·•・.\s-]", "", text[start:end])[2:].upper()
    digits = sum(char.isdigit() for char in tail)
    if len(tail) == 6 and tail.isascii():
        return bool(re.fullmatch(r"[A-HJK][A-HJ-NP-Z0-9]\d{4}|\d{5}[A-HJK]", tail, re.ASCII))
    return digits >= 3


def _is_unlabelled(text: str, start: int, end: int) -> bool:
    return not _is_business_number(text, start, end)


def _is_business_number(text: str, start: int, end: int) -> bool:
    """Say whether a label before, or a unit behind, makes the number an order's or an amount's."""
    before = _before(text, start)
    if before.endswith(("¥", "￥", "$", "€")) or patterns.QUANTITY.match(text, end):
        return True
    return bool(patterns.BUSINESS_LABEL.search(before))


def _before(text: str, start: int) -> str:
    return text[max(0, start - _LABEL_CHARS) : start]


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isdigit())


def _is_date(yyyymmdd: str) -> bool:
    try:
        date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return False
    return True


def _passes_luhn(number: str) -> bool:
    doubled = [int(char) * 2 for char in number[-2::-2]]
    return (sum(map(int, number[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


# Signs in lower-case text: a pattern matches only close to its own; most texts hold none.
_AT = re.compile(r"@ ?[a-z0-9\u4e00-\u9fff-]{1,63} ?[.。点]", re.ASCII)
_AT_IN_WORDS = re.compile(r"[(\[{]\s?at\s?[)\]}]|艾特|圈a|\bat [a-z0-9-]{1,63} dot\b", re.ASCII)
_LONG_NUMBER = re.compile(r"\d(?:[\s.()—–_/、·,*-]{0,3}\d){6}", re.ASCII)
_COUNTRY_NUMBER = re.compile(r"[a-z]{2}\d{2}", re.ASCII)
_SPOKEN_DIGIT = "[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
_SPOKEN = re.compile(rf"[1一幺壹](?:[\s-]?{_SPOKEN_DIGIT}){{4}}|(?:{_SPOKEN_DIGIT}[\s-]?){{4}}")
_LABELS = re.compile(
    "[微薇威v]信|wechat|weixin|vx|wx|加 ?v|qq|扣扣|护照|通行证|回乡证|台胞证|passport"
    "|抖音|快手|小红书|微博|钉钉|陌陌|telegram|whatsapp|skype|绿泡泡"
)
_NAMED = re.compile(
    "收[件货]人|联系人|寄件人|投保人|姓名|名字|户名|持卡人|本人|[户机车业]主|叫|name|recipient|cardholder"
    r"|\bi(?:['’]m| am) "
)
_PLATE_START = re.compile(rf"[{patterns.PLATE_PLACES}][·•・.\s-]?[a-z]")
_VALUE_GROUPS = (
    *("value", "bare", "own", "account", "qq"),
    *("close", "called", "dotted", "latin", "english", "given", "said"),
)
# First rule wins where two kinds fit the same characters.
_Rule = tuple[Kind, re.Pattern[str], Callable[[str, int, int], bool]]
_RULES: dict[re.Pattern[str], tuple[_Rule, ...]] = {
    _AT: (("email", patterns.EMAIL, _any),),
    _AT_IN_WORDS: (("email", patterns.AT_IN_WORDS, _any),),
    _LONG_NUMBER: (
        ("id_card", patterns.ID_18, _is_id),
        ("id_card", patterns.ID_15, _is_id),
        ("id_card", patterns.SSN, _is_unlabelled),
        ("bank_card", patterns.CARD, _is_card),
        ("phone", patterns.MOBILE, _is_phone),
        ("phone", patterns.LANDLINE, _is_phone),
        ("phone", patterns.LOCAL_LINE, _is_phone),
        ("phone", patterns.FOREIGN_PHONE, _is_phone),
        ("passport", patterns.PASSPORT, _is_unlabelled),
        ("name", patterns.NAME, _any),
    ),
    _COUNTRY_NUMBER: (("bank_card", patterns.IBAN, _is_iban),),
    _SPOKEN: (("phone", patterns.SPOKEN_MOBILE, _any),),
    _PLATE_START: (("plate", patterns.PLATE, _is_plate),),
    _LABELS: (
        ("passport", patterns.LABELLED_PASSPORT, _any),
        ("chat_id", patterns.CHAT_ID, _any),
    ),
    _NAMED: (("name", patterns.NAME, _any),),
}
