"""Take off the disguises that attempts wear: spacing, look-alikes, sound-alikes, encodings.

A disguise is looked into only where a word comes out that attempts are made of.
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from tools.text.normalise import HAN, fold

# One of these comes out when a disguise is taken off an attempt; most texts stop here.
_TELLING_WORDS = """
忽略 无视 忘记 忘掉 指令 规则 规定 限制 提示词 系统 扮演 假装 模式 管理员 输出 密码 执行 退款
屏蔽 设定 ignor disregard forget previous instruct system prompt reveal bypass overrid pretend
developer admin unrestrict jailbr rules guideline secret password execute refund
"""
_TELLING = _TELLING_WORDS.split()
_BACKWARDS = [(word[::-1], word) for word in _TELLING]
_ROT13 = [(codecs.encode(word, "rot13"), word) for word in _TELLING if word.isascii()]
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ \t.*_\-·~^+|/]+(?=[{HAN}])")
_NOISE = re.compile(  # no punctuation of a sentence
    rf"(?<=[{HAN}])(?:[^\w\n，。！？；：“”‘’（）《》【】,!?;:\"'()]|_)+(?=[{HAN}])"
)
# Other characters of the same sound or look, in the words that attempts are made of.
_SOUNDALIKE = str.maketrans(
    "乎呼糊胡湖狐惚掠归龟责泽择旨呤另题司辞细糸桶筒岀质订社密马屏弊",
    "忽忽忽忽忽忽忽略规规则则则指令令提词词系系统统出制定设密码屏蔽",
)
_SOUNDS = re.compile(f"[{''.join(map(chr, _SOUNDALIKE))}]")
_PINYIN_WORDS = """
hu-lue=忽略 hu-lve=忽略 wu-shi=无视 wang-ji=忘记 wang-diao=忘掉 ban-yan=扮演 zhuang-zuo=装作
jia-zhuang=假装 shu-chu=输出 gui-ze=规则 gui-ding=规定 xian-zhi=限制 zhi-ling=指令
ti-shi-ci=提示词 she-ding=设定 xi-tong=系统 mo-shi=模式 guan-li-yuan=管理员 kai-fa-zhe=开发者
mi-ma=密码 zhi-xing=执行 tui-kuan=退款 suo-you=所有 quan-bu=全部 zhi-qian=之前 qian-mian=前面
shang-mian=上面 gao-su=告诉 xian-zai=现在 jin-ru=进入 jie-chu=解除 rao-guo=绕过 mei-you=没有
zun-shou=遵守 bu-yao=不要 bie=别 ti-shi=提示 nei-rong=内容 yong-hu=用户 ke-hu=客户
ding-dan=订单 dian-hua=电话 di-zhi=地址 ni=你 wo=我 de=的 ba=把 gei=给 fa=发 shi=是 shuo=说
qing=请 ting=听 chu-lai=出来 zhi-jie=直接 yi-ge=一个 xie-lu=泄露 shou-ji=手机 quan-xian=权限
ping-bi=屏蔽 zhi-hou=之后
"""
_PINYIN = dict(pair.split("=") for pair in _PINYIN_WORDS.split())
_SYLLABLES = "|".join(
    word.replace("-", r"[\s'-]?") for word in sorted(_PINYIN, key=len, reverse=True)
)
_PINYIN_RUN = re.compile(rf"(?=[a-z])(?<![a-z])(?>(?:{_SYLLABLES})[\s'-]?)++(?![a-z])")
_PINYIN_WORD = re.compile(rf"({_SYLLABLES})[\s'-]?")
_READ_ALOUD = {word.replace("-", ""): said for word, said in _PINYIN.items()}
_SPELLED = re.compile(
    r"[a-z0-9@$](?<![a-z].)[\s.*_-]{1,2}(?:[a-z0-9@$][\s.*_-]{1,2}){3,}[a-z0-9@$](?![a-z])",
    re.DOTALL,
)
_MIXED_WORD = re.compile(r"(?<![a-z0-9@$!|])(?:[0-9@$!|]+[a-z]|[a-z]+[0-9@$!|])[a-z0-9@$!|]*")
_LEET = str.maketrans("0134579@$!|", "oieastgasil")
_LEET_L = str.maketrans("0134579@$!|", "oleastgasil")
_TWINS = "аеорсухіјѕԁһԛԝɡɑıιοαρν"  # Cyrillic, Greek and phonetic
_LOOKALIKE = str.maketrans(_TWINS, "aeopcyxijsdhqwgaiioapv")
_TWIN = re.compile(f"[{_TWINS}]")
# Without one of these a text is spelled, written or encoded in no odd way.
_ODD = re.compile(r"[^\w\n，。！？；：“”‘’（）《》【】,!?;:\"'()]|[_a-z0-9]")
_CODED = re.compile(r"[A-Za-z0-9&%\\]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){10,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_ESCAPES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("&", html.unescape),
    ("%", unquote),
    ("\\", lambda text: _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)),
)
_WHOLE: tuple[tuple[re.Pattern[str], list[tuple[str, str]], Callable[[str], str]], ...] = tuple(
    (re.compile("|".join(twin for twin, _ in twins)), twins, decode)
    for twins, decode in (
        (_BACKWARDS, lambda text: text[::-1]),
        (_ROT13, lambda text: codecs.encode(text, "rot13")),
    )
)


def variants(text: str) -> Iterator[str]:
    """Yield the folded text, then the same with disguises taken off."""
    folded = "\n".join(fold(line) for line in text.splitlines())
    if _TWIN.search(folded):
        folded = folded.translate(_LOOKALIKE)
    yield folded
    if not _ODD.search(folded):
        yield from _sounding(folded)
        return
    joined = _SPELLED.sub(lambda word: re.sub(r"[\s.*_-]", "", word.group()), folded)
    joined = _NOISE.sub("", joined)
    if _says_more(joined, folded):
        yield joined
    mixed = " ".join(word.group() for word in _MIXED_WORD.finditer(joined))
    for table in (_LEET, _LEET_L) if mixed else ():
        if _says_more(_unleet(mixed, table), joined):
            yield _unleet(joined, table)
    yield from _sounding(joined)
    read = _PINYIN_RUN.sub(_read_aloud, joined)
    if _says_more(read, joined):
        yield read


def _sounding(text: str) -> Iterator[str]:
    """Yield `text` with the characters it means, where it has others of the same sound or look."""
    read = _SOUNDS.sub(lambda match: match.group().translate(_SOUNDALIKE), text)
    if _says_more(read, text):
        yield read


def _read_aloud(run: re.Match[str]) -> str:
    """Return the Chinese of some pinyin."""
    return _PINYIN_WORD.sub(lambda word: _READ_ALOUD[re.sub(r"[\s'-]", "", word[1])], run.group())


def _says_more(plain: str, text: str) -> bool:
    """Say whether taking off a disguise brought out a word that attempts are made of."""
    if plain == text:
        return False
    return any([word not in text for word in _TELLING if word in plain])


def _unleet(text: str, table: dict[int, int]) -> str:
    """Return `text` with the digits inside its Latin words read as letters."""
    return _MIXED_WORD.sub(lambda word: word.group().replace("11", "ll").translate(table), text)


def decoded(text: str) -> Iterator[str]:
    """Yield what encoded stretches of `text` say."""
    lowered = text.lower()
    if _CODED.search(text):
        yield from _in_code(text, lowered)
    for twin, twins, decode in _WHOLE:
        if twin.search(lowered) and any(
            [word not in lowered for backwards, word in twins if backwards in lowered]
        ):
            yield decode(text)


def _in_code(text: str, lowered: str) -> Iterator[str]:
    """Yield what stretches of `text` in base64, hexadecimal figures and escapes say."""
    for stretch in _BASE64.findall(text)[:20]:
        padded = stretch.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(padded + "=" * (-len(padded) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    for stretch in _HEX.findall(text)[:20]:
        try:
            yield bytes.fromhex(re.sub(r"[\s:]", "", stretch)).decode()
        except (ValueError, UnicodeDecodeError):
            continue
    for mark, decode in _ESCAPES:
        if mark in text and _says_more((plain := decode(text)).lower(), lowered):
            yield plain
