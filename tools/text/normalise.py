"""Bring what customers type into one form: tidy for reading, folded for searching."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Literal, cast

from tools.text.english import written

Language = Literal["zh", "en"]

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_FULL_WIDTH = {
    code: chr(code - 0xFEE0)
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for code in range(ord(first), ord(last) + 1)
}
# Blank although their category says letter or symbol: Hangul fillers, Braille blank.
_BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0\u2800]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u2800"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_WRITTEN = {
    **{"啥子": "什么", "莫得": "没有", "哪个时候": "什么时候"},
    **{"咋整": "怎么办", "咋": "怎么", "啥时候": "什么时候", "啥时": "什么时候", "啥": "什么"},
    **{
        "几耐": "多久",
        "几多": "多少",
        "系咪": "是不是",
        "有冇": "有没有",
        "点样": "怎么样",
        "嘅": "的",
    },
    **{
        "咋个": "怎么",
        "啷个": "怎么",
        "好耐": "好久",
        "咗": "了",
        "唔使": "不用",
        "可唔可以": "可不可以",
    },
    **{"几时": "什么时候", "木有": "没有", "冇": "没有", "点解": "为什么", "边度": "哪里"},
}
_SPOKEN = re.compile("|".join(sorted(_WRITTEN, key=len, reverse=True)))
_HOW_LONG = re.compile(  # asked in the west's way, not 要好久没用了, 只要好久之前那单 or a name
    "(?<![不没主重只])要好久(?=$|[^\u4e00-\u9fff]|[才能会到发送充退换修审嘛吗啊呀呢哦喔噻哟时]|可以|开|出)"
)
_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+")
_CODE_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_OF_CODE = re.compile("(?:的|那|这|款|个|台|型号?){1,4}[吧啊呀]?$")
_GRAMMAR_WORDS = (
    "a an the i you he she it we they my your is are was were be do does did can could would will "
    "how what when where why which who to of in on at for from with and or not this that there "
    "please have has had me"
)
_ENGLISH_GRAMMAR = frozenset(_GRAMMAR_WORDS.split())
KEPT_CHARS = 1000  # longer texts are folded anew each time
SHORT_WORD = 5  # letters of a word that Chinese messages have as well: hello, bye, app
_HAN_SHARE = 0.2  # Han characters among Han characters + Latin words


def normalise(text: str) -> str:
    """Return `text` on one line, without invisible characters, letters and digits half-width.

    Chinese punctuation stays as typed. Idempotent.
    """
    visible = _INVISIBLE.sub("", text).translate(_FULL_WIDTH)
    return _spaced(unicodedata.normalize("NFC", visible))


def spoken(text: str) -> str:
    """Return `text` as knowledge writes it: question words of spoken Chinese, typed English."""
    if language(text) == "en":
        return written(text)
    asked = _HOW_LONG.sub("要多久", text)
    return _SPOKEN.sub(lambda word: _WRITTEN[word.group()], asked)


def is_blank(text: str) -> bool:
    """Say whether `text` holds no letter, digit or picture: nothing but spaces and punctuation."""
    readable = _BLANK_LETTERS.sub("", _INVISIBLE.sub("", text))
    return not any(unicodedata.category(char)[0] in "LN" or _is_picture(char) for char in readable)


def is_code(text: str) -> bool:
    """Say whether `text` is a model or an error code (S20 Pro, E-02) and no sentence."""
    words = _CODE_WORD.findall(text)
    return not _HAN.search(text) and any(map(_has_digit, words)) and not any(map(_is_said, words))


def code_of(text: str) -> str:
    """Return the code alone of "A9的" or "S20 Pro 那款"; another text, 2台, as it is."""
    code = _OF_CODE.sub("", text).rstrip()
    return code if is_code(code) and not code.isdecimal() else text


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _is_said(word: str) -> bool:
    return not _has_digit(word) and (len(word) > 3 or word.lower() in _ENGLISH_GRAMMAR)


def language(text: str) -> Language:
    """Return the language to answer in; Chinese when the text has no letters at all.

    Product names and error codes do not make a Chinese question English, nor does one quoted
    Chinese name make an English question Chinese.
    """
    words = _LATIN_WORD.findall(text)
    if not words and _HAN.search(text):
        return "zh"
    han = len(_HAN.findall(text))
    if not han:
        return "en" if words or any(char.isalpha() for char in text) else "zh"
    grammar = sum(word.lower() in _ENGLISH_GRAMMAR for word in words)
    if grammar >= 2:
        return "zh" if han > len(words) else "en"
    return "zh" if han >= _HAN_SHARE * (han + len(words)) else "en"


def tells_language(text: str) -> bool:
    """Say whether a message shows which language its writer speaks.

    Pictures and figures don't, nor does one short Latin word: "ok" and "thx" are said in both.
    """
    letters = "".join(char if char.isalpha() else " " for char in text).split()
    is_short = len(letters) == 1 and letters[0].isascii() and len(letters[0]) <= SHORT_WORD
    return bool(letters) and not is_short


def fold(text: str) -> str:
    """Return `text` for comparing only: lower case, half-width, simplified characters.

    Its length may differ from the original's; never show it to a customer.
    """
    return _kept(text) if len(text) <= KEPT_CHARS else _folded(text)


def _folded(text: str) -> str:
    # As NFKC of `normalise(text)`, which does what NFKC does anyway for letters and digits.
    visible = _spaced(_INVISIBLE.sub("", text))
    plain = unicodedata.normalize("NFKC", visible).lower()
    return _simplifier()(plain) if _HAN.search(plain) else plain


def _spaced(text: str) -> str:
    return " ".join(text.split())


_kept = lru_cache(maxsize=256)(_folded)  # a turn folds its question for each that compares it


@cache
def _simplifier() -> Callable[[str], str]:
    """Return OpenCC's conversion, asked only where a phrase needs it; made on first use (0.1 s).

    Nearly all texts hold no phrase of its list, and then it changes each character by itself.
    """
    opencc = import_module("opencc")
    convert = cast(Callable[[str], str], opencc.OpenCC("t2s").convert)
    folder = Path(str(opencc.__file__)).parent / "dictionary"
    characters, known = (
        [line.split("\t")[0] for line in (folder / name).read_text("utf-8").splitlines()]
        for name in ("TSCharacters.txt", "TSPhrases.txt")
    )
    table = {ord(char): now for char in characters if (now := convert(char)) != char}
    # `re` looks up in one step only classes of 16-bit characters: of rarer ones any is a suspect.
    common = "".join(chr(code) for code in table if code <= 0xFFFF)
    suspects = re.compile(f"[{common}\U00010000-\U0010ffff]")
    phrases = re.compile("|".join(map(re.escape, known)))

    def simplified(text: str) -> str:
        if not suspects.search(text):
            return text
        plain = text.translate(table)
        return convert(text) if plain != text and phrases.search(text) else plain

    return simplified


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So"
