from nodes.rules.checking.faithful import faults
from nodes.rules.wording.tables import spelled

TABLE = (
    "权益\n\n| 等级 | 期限 | 退运券 |\n|---|---|---|\n"
    "| 普通 | 7 天 | 无 |\n| 金卡 | 15 天 | 3 张 |\n\n完。"
)


def test_each_cell_is_said_with_its_row_and_column() -> None:
    assert spelled(TABLE).split("\n")[2:6] == [
        "普通 期限 7 天。",
        "普通 退运券 无。",
        "金卡 期限 15 天。",
        "金卡 退运券 3 张。",
    ]
    assert spelled("没有表格 | 只有一竖") == "没有表格 | 只有一竖"


def test_a_cell_of_another_row_is_noticed() -> None:
    assert faults("普通会员是 7 天，金卡是 15 天。", [TABLE]) == []
    assert faults("普通会员是 15 天。", [TABLE]) != []
