import time

import pytest

from nodes.rules.errands.withdrawn import is_withdrawn

REFUND, CANCEL, MOVE = "refund_request", "cancel_order", "change_address"


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        *((REFUND, said) for said in ("我又不想退了", "因为我又不想退了", "先不退了", "都不退了")),
        *((REFUND, said) for said in ("我没说要退", "没让你退", "别给我退，谢谢", "我改主意了")),
        *((REFUND, said) for said in ("算了，我再用用看", "还是留着用吧", "再用几天看看")),
        *((REFUND, said) for said in ("等等我不退了", "哎不退了", "我手滑了", "点错了，抱歉")),
        *((REFUND, said) for said in ("就当没说", "当我没说过", "拉倒吧", "撤回", "唔退住先")),
        *((REFUND, said) for said in ("forget it", "ok leave it then", "算了嘛不摆了")),
        *((REFUND, said) for said in ("好的吧，等我考虑一晚上", "让我再想想")),
        *((REFUND, said) for said in ("I don't want to return it", "I'd like to keep it")),
        *((REFUND, said) for said in ("I changed my mind", "please don't refund it")),
        *((CANCEL, said) for said in ("不想取消了", "我不取消", "I do not want to cancel")),
        *((MOVE, said) for said in ("先不改", "地址不改了", "不用改地址了")),
    ],
)
def test_who_no_longer_wants_it_takes_it_back(tool: str, said: str) -> None:
    assert is_withdrawn(said, tool)


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        *(
            (REFUND, said)
            for said in ("质量太差不想要了", "用了几天就坏了", "再也不用了", "留着没用")
        ),
        *((REFUND, said) for said in ("不退货，只退款", "只退款，不退货", "我不想再等了，退")),
        *((REFUND, said) for said in ("你们不退我就投诉", "商家不退", "不是不想退", "不给退")),
        *((REFUND, said) for said in ("发错了", "等我问下家里", "让我退")),
        *((REFUND, said) for said in ("为什么不退", "不退吗", "不退?", "好的", "退")),
        *((REFUND, said) for said in ("don't forget it", "leave it at the door", "我没说清楚")),
        *((REFUND, said) for said in ("it won't return to the dock", "I don't like it")),
        (REFUND, "I don't want it, refund it"),
        (REFUND, "先不退了" + "，真的" * 20),
        *((CANCEL, said) for said in ("取消不了", "不想等了，取消", "不想退了吗")),
        *((MOVE, said) for said in ("改不了", "换个地址", "不退了")),
        ("logistics", "不退了"),
    ],
)
def test_who_still_wants_it_tells_why_or_asks_takes_nothing_back(tool: str, said: str) -> None:
    assert not is_withdrawn(said, tool)


@pytest.mark.parametrize(
    "piece",
    ["我", "等等", "让我再想想", "因为", "先", "再试试看", "不想", "I don't want to ", "的"],
)
def test_a_message_that_takes_nothing_back_is_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for count in (1, 3, 8, 13, 39, 20_000):
        is_withdrawn((piece * count)[:39] + "x", REFUND)
        is_withdrawn(piece * count, REFUND)

    assert time.process_time() - started < 1


@pytest.mark.parametrize("word", ["那", "这个", "订单", "还是", "不想", "先看看", "再用用"])
def test_cost_does_not_double_with_every_word(word: str) -> None:
    started = time.process_time()

    is_withdrawn((word * 24)[:24] + "x", "refund_request")

    assert time.process_time() - started < 1
