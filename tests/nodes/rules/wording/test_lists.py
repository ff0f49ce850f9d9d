from nodes.rules.checking.faithful import faults
from nodes.rules.wording.tables import denied_items

SCOPE = (
    "价格保护政策 > 二、范围\n\n### 不在价保范围\n\n"
    "- 大促价，例如 618；\n- 其他平台的价格。\n\n可以复核。"
)


def test_each_item_below_a_denying_heading_is_denied() -> None:
    assert list(denied_items(SCOPE)) == ["大促价不在价保范围。", "其他平台的价格不在价保范围。"]


def test_each_item_behind_a_denying_colon_is_denied() -> None:
    juice = "P7 能打什么？\n可以打豆浆。不能打：带骨肉、大果核，会伤刀。"

    assert list(denied_items(juice)) == ["带骨肉不能打。", "大果核不能打。"]


def test_a_list_that_is_allowed_denies_nothing() -> None:
    assert list(denied_items("政策 > 范围\n\n### 可以申请\n\n- 日常售价。")) == []


def test_what_is_on_such_a_list_is_not_allowed() -> None:
    assert faults("其他平台的价格更低也可以申请价保。", [SCOPE])
    assert faults("其他平台的价格不在价保范围。", [SCOPE]) == []
