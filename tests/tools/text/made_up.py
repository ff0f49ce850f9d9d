"""Made-up personal data with valid check digits, and what only looks like it, in sentences."""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_AREAS = "110101 310104 440106 510107 330106 320102 420111 610113 350203 500103 650102 130102"
_MOBILES = "130 135 139 147 150 158 166 175 180 186 188 191 199"
_CITIES = (
    "北京市朝阳区 上海市浦东新区 广东省深圳市南山区 浙江省杭州市西湖区 四川省成都市武侯区"
    " 新疆维吾尔自治区乌鲁木齐市天山区 内蒙古自治区呼和浩特市新城区 重庆市渝北区 湖南省长沙县"
)
_STREETS = "人民路 中山北路 海棠大道 北京西路 建设南街 和平里 长宁支路 解放巷 新华西道 泉塘街道"
_DOORS = (
    "{n}号 {n}号院3号楼2单元1204 {n}弄5号301室 {n}号阳光花园7栋902 {n}号世纪大厦B座12层05室"
    " {n}号维多利广场A塔20楼 {n}-2号3门502 甲{n}号院3号楼 {n}号蠡园小区27-302"
)
_PLATES = "京沪粤浙苏川鄂陕鲁豫冀津渝闽皖湘赣辽吉黑蒙桂云贵琼青藏宁新甘晋"
_FULL = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}
_SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")


class Made(NamedTuple):
    """A sentence, and where in it the value stands."""

    kind: str
    text: str
    start: int
    end: int


def sentences(seed: int, *, private: bool, each: int = 40) -> Iterator[Made]:
    """Yield `each` sentences of every kind, of personal data or of look-alikes."""
    rng = Random(seed)
    for kind, (value, frames) in (_PRIVATE if private else _OTHERS).items():
        for number in range(each):
            made, frame = value(rng), frames[number % len(frames)]
            start = frame.index("{}")
            yield Made(kind, frame.replace("{}", made), start, start + len(made))


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _with_luhn(body: str) -> str:
    twice = [int(char) * 2 for char in body[::-2]]
    total = sum(map(int, body[-2::-2])) + sum(d - 9 if d > 9 else d for d in twice)
    return body + str(-total % 10)


def _in_groups(text: str, sizes: tuple[int, ...], gap: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return gap.join([*parts, *([text[at:]] if text[at:] else [])])


def _mobile(rng: Random) -> str:
    return rng.choice(_MOBILES.split()) + "0000" + _digits(rng, 4)


def _typed_mobile(rng: Random) -> str:
    number = _mobile(rng)
    grouped = [
        _in_groups(number, (3, 4, 4), gap) for gap in ("-", " ", ".", "/", "—", "_", "、", "  ")
    ]
    prefixed = [prefix + number for prefix in ("", "+86", "+86 ", "86", "0086", "（+86）")]
    other = [_in_groups(number, sizes, " ") for sizes in ((3, 8), (4, 3, 4), (5, 6))]
    return rng.choice(
        [*grouped, *prefixed, *other, number.translate(_FULL), number.translate(_SPOKEN)]
    )


def _landline(rng: Random) -> str:
    code = rng.choice(["010", "021", "0571", "0755", "028"])
    number = rng.choice("2345678") + _digits(rng, 7)
    return rng.choice(
        [f"{code}-{number}", code + number, f"({code}){number}", f"{code} {number}",
         f"{code}-{number[:4]}-{number[4:]}", f"+86-{code[1:]}-{number}", f"{code}-{number}转812"]
    )  # fmt: skip


def _id_number(rng: Random, *, is_valid: bool = True) -> str:
    born = f"{rng.randint(1900, 1909)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = rng.choice(_AREAS.split()) + born + _digits(rng, 3)
    check = sum(w * int(d) for w, d in zip(_ID_WEIGHTS, body, strict=True)) % 11
    return body + _ID_CHECKS[check if is_valid else (check + 3) % 11]


def _typed_id(rng: Random) -> str:
    number = _id_number(rng)
    sizes = [(6, 8, 4), (4, 4, 4, 4, 2), (3, 3, 4, 4, 4), (6, 4, 4, 4)]
    grouped = [_in_groups(number, size, " ") for size in sizes]
    return rng.choice(
        [
            number,
            number.lower(),
            number.translate(_FULL),
            _in_groups(number, (6, 8, 4), "-"),
            *grouped,
        ]
    )


def _typed_card(rng: Random) -> str:
    issuer = rng.choice(["6222021", "6228480", "6217000", "512345", "411111", "356600"])
    number = _with_luhn(issuer + "0" * (11 - len(issuer)) + _digits(rng, 4))
    gaps = [_in_groups(number, (4, 4, 4, 4), gap) for gap in (" ", "-", "  ", ".", "\u3000")]
    return rng.choice([number, number.translate(_FULL), *gaps])


def _amex(rng: Random) -> str:
    number = _with_luhn("370000" + _digits(rng, 8))
    return rng.choice([number, _in_groups(number, (4, 6, 5), " ")])


def _email(rng: Random) -> str:
    name = rng.choice(["li.fang", "zhang_wq", "wang-lei88", "a.b+c", "Sales.Team", "x1"])
    sign = rng.choice(["@", "@", "＠", " @ "])
    return name + sign + rng.choice(["example.com", "mail.example.cn", "sub.corp.example.org"])


def _address(rng: Random) -> str:
    door = rng.choice(_DOORS.split()).replace("{n}", str(rng.randint(1, 400)))
    return rng.choice(_CITIES.split()) + rng.choice(_STREETS.split()) + door


def _plate(rng: Random) -> str:
    place, five = rng.choice(_PLATES) + rng.choice("ABCDEFGH"), _digits(rng, 5)
    tail = rng.choice(
        [five, "D" + five, five + "F", "K" + five[1:], five[:3] + "AB", "DF" + five[1:]]
    )
    return place + rng.choice(["", "", "·", " ", "-", "•"]) + tail


def _chat(rng: Random) -> str:
    return rng.choice(["wx_", "lihua_", "zhang-san", "abc"]) + _digits(rng, 5)


def _name(rng: Random) -> str:
    return rng.choice(["王", "李", "赵", "欧阳", "诸葛"]) + rng.choice(
        ["小明", "丽华", "伟", "思雨"]
    )


def _foreign(rng: Random) -> str:
    number = rng.choice(["212", "415", "617"]), "555", f"01{_digits(rng, 2)}"
    a, b, c = number
    return rng.choice([f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"+1 {a} {b} {c}", f"{a}.{b}.{c}"])


def _street(rng: Random) -> str:
    road = rng.choice(["Maple Street", "Oak Hill Drive", "Evergreen Terrace", "Fifth Avenue"])
    return f"{rng.randint(1, 999)} {road}" + rng.choice(["", ", Apt 5", ", Springfield, IL 62704"])


def _one(*values: str) -> Callable[[Random], str]:
    return lambda rng: rng.choice(values)


_Kinds = dict[str, tuple[Callable[[Random], str], list[str]]]
_PRIVATE: _Kinds = {
    "mobile": (
        _typed_mobile,
        ["我的手机号是{}，帮我查下", "打{}找我", "联系电话:{}", "Call {} please"],
    ),
    "landline": (_landline, ["座机{}", "公司电话：{}", "请拨{}联系", "Tel.{} 转前台"]),
    "id": (_typed_id, ["身份证{}", "证件号码:{}", "实名用的{}", "{}这个身份证注册过吗"]),
    "card": (
        _typed_card,
        ["银行卡 {} 扣款了", "退到卡号{}", "my card {} was charged", "尾款走{}这张"],
    ),
    "amex": (_amex, ["Amex {} declined", "信用卡 {} 不能用"]),
    "email": (_email, ["发票发到{}", "邮箱{}收不到邮件", "write to {}.", "账号：{}，密码忘了"]),
    "address": (_address, ["寄到{}", "收货地址：{}", "家在{}，谢谢", "地址改成{}", "现住{}三年了"]),
    "plate": (_plate, ["车牌{}怎么理赔", "我的车是{}", "{}能进停车场吗"]),
    "passport": (lambda rng: "E" + _digits(rng, 8), ["护照号{}可以实名吗", "passport {}"]),
    "chat": (_chat, ["加我微信{}", "微信号：{}", "vx {}", "wx：{}", "加V {}", "微信同号：{}"]),
    "qq": (lambda rng: "2" + _digits(rng, 8), ["QQ{}", "加扣扣 {}"]),
    "name": (_name, ["收件人：{}，电话不变", "姓名：{}", "我叫{}，会员"]),
    "name and phone": (lambda rng: f"{_name(rng)} {_mobile(rng)}", ["收件人 {}", "联系人{}"]),
    "ssn": (lambda rng: f"412-{_digits(rng, 2)}-{_digits(rng, 4)}", ["SSN {}", "my SSN: {}"]),
    "foreign": (_foreign, ["call me at {}", "My number is {}."]),
    "street": (_street, ["Ship it to {}", "My address is {}."]),
}
_OTHERS: _Kinds = {
    "order": (
        lambda rng: rng.choice([_digits(rng, 12), "NZ2026" + _digits(rng, 8), _mobile(rng)]),
        ["订单号{}什么时候发货", "订单 {} 没收到", "order no. {} is late", "我的订单{}呢"],
    ),
    "parcel": (lambda rng: "SF" + _digits(rng, 13), ["快递单号{}", "运单{}不动了"]),
    "amount": (
        lambda rng: f"{rng.randint(1, 99999)}.{_digits(rng, 2)}",
        ["扣了我{}元", "合计 ¥{}"],
    ),
    "date": (_one("2026-07-19 12:50:00", "2026年3月3日"), ["{}下的单", "从{}开始坏的"]),
    "version": (lambda rng: f"{rng.randint(1, 20)}.5.{_digits(rng, 4)}", ["升级到{}报错"]),
    "host": (lambda rng: f"47.98.{rng.randint(0, 255)}.203:8080", ["服务器{}连不上"]),
    "hotline": (_one("95187", "400-000-0618", "800-820-8820", "1-800-555-0199"), ["打{}没人接"]),
    "wrong id": (lambda rng: _id_number(rng, is_valid=False), ["流水号{}对账不平", "编码{}"]),
    "isbn": (lambda rng: "978" + _digits(rng, 10), ["ISBN {} 有货吗", "条形码{}"]),
    "code": (lambda rng: "0x" + _digits(rng, 8), ["报错{}", "错误码 {} 怎么办"]),
    "model": (_one("S20Pro2026", "KFR-35GW/03", "iPhone15"), ["型号{}", "{}有现货吗"]),
    "place": (
        _one("北京市朝阳区", "湖南路", "2号线", "3号楼", "这里3楼"),
        ["{}能送吗", "在{}附近"],
    ),
    "word": (_one("微信支付", "微信iPhone15", "加v会员", "联系人方式"), ["{}怎么开", "{}打不开"]),
    "case": (_one("case no. 123-45-6789", "2 Way radio"), ["about {}"]),
}
