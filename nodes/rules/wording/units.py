"""What figures are counted in, and which spans and measures are the same."""

UNITS = {
    "元": r"元|块钱?|人民币|RMB|CNY|yuan",
    "美元": r"美元|美金|USD|dollars?",
    "工作日": r"个?(?:工作日|business days?|working days?)",
    "天": r"天|日(?!期|常)|days?",
    "年": r"年|years?|yr",
    "月": r"个?(?:整)?月|months?",
    "周": r"个?(?:周|星期|礼拜)|weeks?",
    "小时": r"个?(?:小时|钟头)|hours?|hrs?|h(?![a-z])",
    "分钟": r"分钟|minutes?|mins?",
    "秒": r"秒钟?|seconds?",
    "%": r"%|percent|per cent",
    "折": r"折",
    "倍": r"倍",
    "分": r"个?积?分(?!钟)|points?",
    "期": r"期",
    "次": r"次|times?",
    "张": r"张",
    "台": r"台|devices?",
    "件": r"件",
    "人": r"[个位口]?人|people|members?",
    "岁": r"岁",
    "万": r"万",
    "亿": r"亿",
    "平方米": r"平方米|平米|㎡|平(?=[，,。、；]|$)",
    "杯": r"杯",
    "种": r"种|大类|项(?!目)",
    "米": r"米|m(?![a-z²³])",
    "厘米": r"厘米|cm",
    "公斤": r"公斤|千克|kg",
    "毫升": r"毫升|ml",
    "毫米": r"毫米|mm",
    "克": r"克|g(?![a-z])",
    "升": r"升|L(?![a-z])",
    "瓦": r"瓦|W(?![a-z])",
    "度": r"°C|℃|摄氏度|度",
    "ghz": r"GHz",
    "mb": r"MB|兆",
    "gb": r"GB",
    "mpa": r"MPa",
    "gal": r"G(?![a-z])",
    "套": r"套",
    "节": r"节",
    "层": r"层",
    "单": r"单|个?订单",
    "位": r"位",
    "个": r"(?:[个片只支瓶袋盒根条颗把款份]|包(?!邮))(?!月|工作日|小时|星期|礼拜)",
}
# A span or measure in a large unit is as many small ones.
SAME = {
    ("小时", "分钟"): 60,
    ("天", "小时"): 24,
    ("年", "月"): 12,
    ("月", "天"): 30,
    ("周", "天"): 7,
    ("升", "毫升"): 1000,
    ("公斤", "克"): 1000,
    ("米", "厘米"): 100,
    ("厘米", "毫米"): 10,
    ("分钟", "秒"): 60,
    ("gb", "mb"): 1024,
}
_THINGS = frozenset(("台", "件", "个", "套"))  # a limit of 10 件 holds for 15 台


def measured(value: float, unit: str) -> tuple[float, str]:
    """Return a quantity in the smallest unit of its kind: (2, 小时) is (7200, 秒)."""
    steps = {large: (small, size) for (large, small), size in SAME.items()}
    while unit in steps:
        unit, size = steps[unit]
        value *= size
    return value, "件" if unit in _THINGS else unit
