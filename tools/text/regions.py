"""Find the province a question is about."""

PROVINCES = tuple(
    [
        "北京",
        "天津",
        "上海",
        "重庆",
        "河北",
        "山西",
        "辽宁",
        "吉林",
        "黑龙江",
        "江苏",
        "浙江",
        "安徽",
        "福建",
        "江西",
        "山东",
        "河南",
        "湖北",
        "湖南",
        "广东",
        "海南",
        "四川",
        "贵州",
        "云南",
        "陕西",
        "甘肃",
        "青海",
        "台湾",
        "内蒙古",
        "广西",
        "西藏",
        "宁夏",
        "新疆",
        "香港",
        "澳门",
    ]
)


def province(text: str) -> str:
    """Return the last province that `text` names, "" when it names none.

    The last one counts: "从上海寄到新疆" asks about 新疆.
    """
    found = [(text.rfind(name), name) for name in PROVINCES if name in text]
    return max(found)[1] if found else ""
