"""What the sample shop's records are drawn from; prices and areas are those of data/README.md."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Any, NamedTuple

Record = dict[str, Any]  # one line of a JSONL file

TZ = timezone(timedelta(hours=8))
AS_OF = datetime(2026, 11, 21, 23, 59, 59, tzinfo=TZ)
CUTOFF = time(16)  # paid before it ships the same day

PRODUCTS = {
    "S10": ("扫拖机器人 S10", 2299),
    "S20 Pro": ("扫拖机器人 S20 Pro（自清洁基站）", 3999),
    "V8": ("无线吸尘器 V8", 1299),
    "K5": ("空气炸锅 K5", 399),
    "P7": ("破壁机 P7", 599),
    "D6": ("台式洗碗机 D6", 2199),
    "R3": ("电饭煲 R3", 459),
    "W4": ("净水器 W4", 1899),
    "A9": ("空气净化器 A9", 1599),
    "H2": ("加湿器 H2", 269),
    "C1": ("除湿机 C1", 1199),
    "L2": ("智能门锁 L2", 1499),
}
BULKY = {"D6", "W4", "C1", "S20 Pro"}
SMALL = sorted(set(PRODUCTS) - BULKY)


class Place(NamedTuple):
    """A delivery area: transit in days, and whether freight is higher."""

    province: str
    city: str
    warehouse: str
    days: tuple[int, int]
    remote: bool = False


PLACES = [
    Place("浙江省", "杭州市", "宁州仓", (1, 2)),
    Place("江苏省", "苏州市", "宁州仓", (1, 2)),
    Place("上海市", "上海市", "宁州仓", (1, 2)),
    Place("山东省", "青岛市", "宁州仓", (1, 2)),
    Place("广东省", "佛山市", "岭安仓", (2, 3)),
    Place("福建省", "泉州市", "宁州仓", (1, 2)),
    Place("广西壮族自治区", "南宁市", "岭安仓", (2, 3)),
    Place("北京市", "北京市", "朔方仓", (2, 3)),
    Place("河北省", "保定市", "朔方仓", (2, 3)),
    Place("湖北省", "武汉市", "宁州仓", (2, 3)),
    Place("湖南省", "长沙市", "岭安仓", (2, 3)),
    Place("河南省", "洛阳市", "宁州仓", (2, 3)),
    Place("四川省", "成都市", "岭安仓", (3, 4)),
    Place("云南省", "大理市", "岭安仓", (3, 4)),
    Place("辽宁省", "沈阳市", "宁州仓", (3, 4)),
    Place("陕西省", "西安市", "朔方仓", (4, 6)),
    Place("甘肃省", "兰州市", "朔方仓", (4, 6), remote=True),
    Place("内蒙古自治区", "包头市", "朔方仓", (2, 3), remote=True),
    Place("新疆维吾尔自治区", "昌吉市", "朔方仓", (6, 10), remote=True),
    Place("西藏自治区", "林芝市", "朔方仓", (6, 10), remote=True),
]
PAYMENTS = ["支付宝", "微信", "银联借记卡", "银联信用卡", "花呗分期", "暖舟礼品卡"]
REASONS = ["七天无理由", "与页面描述不符", "收到后不想要了", "噪音比预期大", "商品有质量问题"]


class Kind(NamedTuple):
    """What an order must look like: its status, days of creation, days since it was signed for.

    An age below 0 is a parcel that arrives in so many days.
    """

    status: str
    orders: int  # besides the showcase
    first: date
    last: date
    age: tuple[int, int]


AUGUST, TODAY = date(2026, 8, 1), AS_OF.date()
KINDS = {
    "待付款": Kind("待付款", 6, TODAY, TODAY, (-99, 0)),
    "待发货": Kind("待发货", 10, TODAY, TODAY, (-99, 0)),
    "预售": Kind("待发货", 4, date(2026, 11, 12), date(2026, 11, 20), (-99, 99)),
    "已发货": Kind("已发货", 22, date(2026, 11, 10), TODAY, (-99, -1)),
    "滞留": Kind("已发货", 2, date(2026, 11, 6), date(2026, 11, 9), (3, 12)),
    "已签收": Kind("已签收", 93, AUGUST, date(2026, 11, 18), (7, 120)),
    "新签收": Kind("已签收", 18, date(2026, 11, 8), date(2026, 11, 20), (0, 6)),
    "中签收": Kind("已签收", 4, date(2026, 11, 1), date(2026, 11, 12), (9, 13)),
    "退款中": Kind("退款中", 7, date(2026, 11, 5), date(2026, 11, 19), (2, 6)),
    "已退款": Kind("已退款", 11, AUGUST, date(2026, 11, 1), (14, 120)),
    "已取消": Kind("已取消", 11, AUGUST, date(2026, 11, 20), (-99, 120)),
}
NOTES = {
    "待付款": "大促订单，2026-11-23 24:00 前付款有效",
    "预售": "预售，2026-11-28 前发货",
    "滞留": "包裹滞留，快递核实中",
}
SHOWCASE: list[tuple[int, str, list[str]]] = [  # user number, kind, models
    (1, "待付款", ["A9"]),
    (1, "待发货", ["K5", "R3"]),
    (1, "已发货", ["S10"]),
    (1, "新签收", ["V8"]),
    (1, "已签收", ["P7"]),
    (1, "退款中", ["H2"]),
    (2, "新签收", ["S20 Pro", "D6"]),  # above 5,000 yuan: a person must refund
    (2, "待发货", ["L2"]),
    (3, "中签收", ["W4"]),  # 金卡: still within 15 days
    (3, "已退款", ["C1"]),
    (4, "中签收", ["A9"]),  # 普通: past 7 days
    (4, "已取消", ["K5"]),
]
YEAR_BEFORE = {1: 0, 2: 9300, 3: 8200, 4: 0}  # spent before August; sets the level
LEVELS = [("钻石", 15000), ("金卡", 6000), ("银卡", 2000), ("普通", 0)]  # yuan in a year, at least
