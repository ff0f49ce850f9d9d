"""The names a condition may go by: regions, member levels, ways of paying, and so on."""

import re
from collections.abc import Sequence
from functools import lru_cache

from nodes.rules.wording.english_figures import without_comma
from nodes.rules.wording.numerals import THOUSANDS
from tools.text.normalise import fold
from tools.text.regions import CONTEXT, PROVINCES

# A category a line, then its names; other spellings of one name behind "/".
_TABLE = r"""
region 港澳台 海外/国外/境外/大陆以外/内地以外 内地/大陆/国内/中国内地 偏远地区/偏远
region 华东 华南 华北 华中 西南 西北 东北 江浙沪 县乡/乡镇/农村
region 其他地区/其[他它余](?:省份?|地区|地方|城市)/一般地区
level 普通会员/普通用户/普通(?=[和、与及或（(\s]|卡|等级)/regular(?=\s\(|\sand|\smember)
level 银卡/银牌/白银会员/\bsilver\b 金卡/金牌/黄金会员/\bgold\b
level 钻石/钻卡/\bdiamond\b
level 黑金 白金/铂金 黑卡/黑钻 至尊 铜卡/铜牌/青铜 vip\s?\d{0,2} plus会员/plus用户
edition 付费会员/付费版/付费用户/\bpaid\s(?:plan|version) 免费版/免费用户/\bfree\s(?:plan|version)
customer 学生 老用户/老客户 新人/新用户/新客
payment 支付宝/\balipay\b 微信/\bwechat\b 银联/\bunionpay\b 云闪付 花呗/\bhuabei\b 白条/\bbaitiao\b
payment 信用卡/\bcredit\scards? 借记卡/储蓄卡/\bdebit\scards? 礼品卡/\bgift\scards?
payment 数字人民币 paypal visa 万事达/mastercard apple\s?pay
payment 货到付款/货到再付 对公转账/对公 现金 支票 虚拟货币/比特币
plan 月付/\bmonthly\s(?:plan|one|subscription)
plan 年付/\b(?:yearly|annual)\s(?:plan|one|subscription)
plan 包年包月/预付费 按量付费/(?<![之以然退款])后付费
channel 小程序 公众号 天猫 京东 淘宝 拼多多 抖音 门店/线下店/直营店 其他平台/别的平台
notice 邮件/邮箱 短信
system 安卓/\bandroid\b 苹果手机/苹果/\biphone/\bios\b 鸿蒙
order 预售 现货 秒杀 大促 赠品
reason 无理由 质量问题 发错货/错发 少件/缺件 个人原因 人为损坏/人为
size 大件 普通件/标准件
invoice 专票/专用发票 电子普通发票/电子普票/电子发票 纸质
buyer (?<![\d\s一二两三四五六七八九十几每那这哪某])个人(?!中心|原因|信息) 企业
part 主要配件 耗材 整机 主板 电机 压缩机
product 扫拖机器人/扫地机器人/扫地机 净水器 净化器/空气净化器 加湿器 除湿机 洗碗机 吸尘器 破壁机
product 空气炸锅/炸锅 电饭煲 门锁/智能锁 空调 冰箱 电视 洗衣机 热水器 微波炉 烤箱 平板 音箱
product 摄像头
"""
MODEL = r"(?<![a-z0-9])[a-z]{1,3}\d{1,4}(?:\s?(?:pro|max|plus|mini|ultra|lite))?(?![a-z0-9])"
_IN_ENGLISH = {  # those that fees and times differ for
    "新疆": [r"\bxinjiang\b"],
    "西藏": [r"\btibet\b"],
    "青海": [r"\bqinghai\b"],
    "内蒙古": [r"\binner\smongolia\b"],
    "宁夏": [r"\bningxia\b"],
    "甘肃": [r"\bgansu\b"],
    "海南": [r"\bhainan\b"],
}
_LISTED = [
    (category, name.split("/"))
    for category, *names in (line.split() for line in _TABLE.strip().splitlines())
    for name in names
] + [("region", [name, *_IN_ENGLISH.get(name, ())]) for name in PROVINCES]
_NAMED = re.compile("|".join([*(form for _, forms in _LISTED for form in forms), MODEL]))
_ANY_CASE = re.compile(_NAMED.pattern, re.IGNORECASE)
_FOR = re.compile(
    r"(?P<figure>(?:\b(?:cny|rmb|usd) )?(?<![\d.])\d+(?:\.\d+)?"
    r"(?:[ -]?(?:%|[a-z]+))?(?: (?:in )?an? [a-z]+)?)"
    rf" for (?:the |our )?(?P<name>{_NAMED.pattern})"
)
_COMES_TO = re.compile(  # 满 6000 元为金卡
    rf"(?P<figure>[满达]\s?\d+(?:\.\d+)?\s?元)的?[为是归算](?P<name>{_NAMED.pattern})"
)
_ITEM = re.compile(r"\b(?:and|or)\b|[，,]")
_AND_ABOVE = re.compile("(?P<level>银卡|金卡)(?:会员)?[及或]?(?:其)?以上")
_HIGHER = {"银卡": "银卡、金卡、钻石", "金卡": "金卡、钻石"}
_BARE = [re.compile("|".join(CONTEXT.sub("", form) for form in forms)) for _, forms in _LISTED]
_ALONE = [(CONTEXT.sub("", forms[0]), re.compile("|".join(forms))) for _, forms in _LISTED]


@lru_cache(maxsize=256)  # every check of a sentence reads the same few passages
def folded(text: str) -> str:
    """Return `text` folded line by line: rows and items of a list stay apart, 1,000 does not."""
    plain = without_comma(THOUSANDS.sub("", "\n".join(map(fold, text.split("\n")))))
    return _AND_ABOVE.sub(lambda match: _HIGHER[match["level"]], plain)


@lru_cache(maxsize=4096)  # several checks read the same clauses
def named(text: str) -> tuple[tuple[int, str, str], ...]:
    """Return place, category and first spelling of every name in folded text, in order."""
    return tuple((match.start(), *_entry(match.group())) for match in _NAMED.finditer(text))


def names_first(text: str) -> str:
    """Return folded `text` with a name before its figure: 6000 for Gold, 满 6000 元为金卡."""
    text = _FOR.sub(r"\g<name> \g<figure>", text) if " for " in text else text
    return _COMES_TO.sub(r"\g<name>\g<figure>", text) if "元" in text else text


def goes_on(clause: str, before: str) -> bool:
    """Say whether a clause only goes on with a list of names: for Xinjiang, Tibet, Qinghai."""
    return before.endswith((",", "，")) and not _ITEM.sub("", _NAMED.sub("", clause)).strip()


def forms(text: str) -> list[tuple[int, str, str]]:
    """Return place, spelling and first spelling of every name in folded text, in order."""
    return [
        (match.start(), match.group(), _entry(match.group())[1]) for match in _NAMED.finditer(text)
    ]


def exchanged(text: str, name: str) -> str:
    """Return `text` with `name` for the one name of its category: 新疆包邮吗, 西藏.

    "" where `name` is no name, or the text has none of its category or several. A kind of product
    and a model's code side by side are one: 净化器 A9.
    """
    if not _ANY_CASE.fullmatch(name) or is_model(name.lower()):
        return ""
    category = _entry(name.lower())[0]
    found = [(match, _entry(match.group().lower())) for match in _ANY_CASE.finditer(text)]
    alike = [match for match, (kind, _) in found if kind == category]
    if not alike or (len(alike) > 1 and not _is_one(text, alike)):
        return ""
    return text[: alike[0].start()] + name + text[alike[-1].end() :]


def _is_one(text: str, names: Sequence[re.Match[str]]) -> bool:
    """Say whether two names are of one thing: a kind of product, and a model's code beside it."""
    codes = [name for name in names if is_model(name.group().lower())]
    between = text[names[0].end() : names[1].start()]
    return len(names) == 2 and len(codes) == 1 and not between.strip()


def names_products(text: str) -> bool:
    """Say whether a text names products, and says nothing else: 扫地机 s20pro."""
    names = [_entry(match.group().lower())[0] for match in _ANY_CASE.finditer(text)]
    is_all = not _ANY_CASE.sub("", text).strip(" 的,，。.!！")
    return is_all and bool(names) and set(names) == {"product"}


@lru_cache(maxsize=1024)
def _entry(said: str) -> tuple[str, str]:
    """Return category and first spelling of a name, as the text says it."""
    for (category, forms), bare in zip(_LISTED, _BARE, strict=True):
        if bare.fullmatch(said):
            return category, CONTEXT.sub("", forms[0])
    return "product", re.sub(r"\s", "", said)


@lru_cache(maxsize=1024)
def names_of(source: str) -> frozenset[str]:
    """Return every name that occurs in a passage, also inside a longer one; no model codes."""
    text = folded(source)
    return frozenset(name for name, pattern in _ALONE if pattern.search(text))


def is_model(name: str) -> bool:
    """Say whether a name is a model code: figures are checked with those of the passage."""
    return re.fullmatch(MODEL, name) is not None or name[-1:].isdigit()
