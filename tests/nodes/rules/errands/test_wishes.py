import time

import pytest

from nodes.rules.errands.wishes import (
    beside,
    decided,
    gives_number,
    part_about,
    wanted_part,
    wants_another,
    wished,
)


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("空气炸锅退了吧", "refund_request"),
        ("净化器那单不要了", "refund_request"),
        ("那个吸尘器我不想要了，谢谢", "refund_request"),
        ("帮我把破壁机退掉", "refund_request"),
        ("V8 想退", "refund_request"),
        ("门锁那一单取消吧", "cancel_order"),
        ("取消电饭煲那个订单", "cancel_order"),
        ("吸尘器退款", "refund_request"),
        ("退款，吸尘器", "refund_request"),
        ("S10还没到我不想要了", "refund_request"),
        ("破壁机没拆过，退了吧", "refund_request"),
        ("帮我看下S10到哪了", "logistics"),
        ("空气炸锅的快递到哪里了？", "logistics"),
        ("S10什么时候到", "logistics"),
        ("扫地机啥时候能送到啊", "logistics"),
        ("S10什么时候到货", ""),
        ("V8退款什么时候到账", ""),
        ("把空气炸锅的地址改成宁州市三环路8号", "change_address"),
        ("电饭煲改寄到宁州市三环路8号", "change_address"),
        ("把默认地址改成宁州市三环路8号", ""),
        ("发票改寄到宁州市三环路8号", ""),
        ("别改地址，不要把空气炸锅寄到宁州市三环路8号", ""),
        ("怎么把空气炸锅改寄到宁州市三环路8号", ""),
        ("退货地址改成宁州市三环路8号", ""),
        ("你们网点在宁州市三环路8号吗", ""),
        ("我家在宁州市三环路8号", ""),
        ("不取消电饭煲了，取消净化器那单", "cancel_order"),
        ("V8不退了，破壁机退掉", "refund_request"),
        ("取消A9，S10什么时候发货", "cancel_order"),
        ("我要退V8和取消净化器", "refund_request"),
        ("V8退掉，然后P7的发票给我", "refund_request"),
        ("先帮我催下扫地机，再把净化器取消，顺便问下满多少包邮", "cancel_order"),
        ("cancel一下那个净化器的order", "cancel_order"),
        ("我的扫地机器人地址要换到公司去", "change_address"),
        ("帮我改一下门锁那单的地址", "change_address"),
        ("门锁的地址怎么改", ""),
        ("扫地机退货地址换了", ""),
        ("取消空气炸锅和A9", "cancel_order"),
        ("空气炸锅那单取消，另外扫地机改个地址，还有保修多久啊", "cancel_order"),
        ("cancel the purifier and the fryer", "cancel_order"),
        ("where's my robot vac and can you cancel the purifier", "cancel_order"),
        ("帮我催单扫地机", "logistics"),
        ("where's my robot vac", "logistics"),
        ("how do I return the vacuum", ""),
        ("where is my vacuum made", ""),
        ("扫地机老是催我充电", ""),
        ("取消A9，多久到账", ""),
        (
            "吸尘器坏了想退货，什么流程，要自己出运费吗，网上说质量问题是你们出，到底怎么回事呢给个准话",
            "",
        ),
        ("帮我退了NZ261109001139，另外电子发票什么时候开", "refund_request"),
        ("NZ261109001139退了，怎么还没收到", ""),
        ("空气炸锅退了，怎么还没收到", ""),
        ("空气炸锅想退，钱什么时候到账", ""),
        ("不取消电饭煲了", ""),
        ("S10 扫到哪了怎么看", ""),
        ("吸尘器退款多久到账", ""),
        ("S10还没到", ""),
        ("空气炸锅能退吗", ""),
        ("空气炸锅怎么退", ""),
        ("空气炸锅退货", ""),
        ("空气炸锅退货运费", ""),
        ("空气炸锅不要洗吗", ""),
        ("吸尘器坏了", ""),
        ("S10 的订阅取消", ""),
        ("吸尘器退了钱还没到", ""),
        ("吸尘器不要取消", ""),
        ("不要了", ""),
    ],
)
def test_a_bare_wish_about_goods_is_an_errand(text: str, tool: str) -> None:
    assert wished(text) == tool


@pytest.mark.parametrize(
    "piece",
    [
        "那单",
        "还没到",
        "订单",
        "一下",
        "改到",
        "寄到宁州市三环路8号",
        "那就",
        "我想",
        "it ",
        "退",
        "不要",
        "了",
        "，",
        "取消",
    ],
)
def test_long_wishes_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for count in (6, 20, 10_000):
        wished("V8" + piece * count + "x")
        decided(piece * count + "退x", "")
        decided("cancel " + piece * count, "")

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        *(
            (said, "refund_request")
            for said in ("那就退款吧", "行，那退", "你说能退，那就退了吧", "还是退吧")
        ),
        *((said, "refund_request") for said in ("好了退款吧", "算了，退掉吧", "then refund it")),
        *((said, "cancel_order") for said in ("那取消吧", "取消吧", "那就取消订单", "直接取消")),
        *((said, "cancel_order") for said in ("cancel it then", "ok please cancel that order")),
        *(
            (said, "")
            for said in ("退货", "退款", "取消", "我要退款", "退了", "那退多少", "那取消吗")
        ),
        *((said, "") for said in ("那就不退吧", "取消订阅吧", "那退款呢", "can I cancel it")),
    ],
)
def test_a_bare_decision_is_an_errand(text: str, tool: str) -> None:
    assert decided(text, text) == tool


def test_a_decision_on_what_no_tool_can_cancel_is_none() -> None:
    assert decided("那取消吧", "怎么取消订阅 那取消吧") == ""
    assert decided("那退吧", "换一台新的 那退吧") == "refund_request"
    assert decided("那就退款吧", "会员年费能退吗 那就退款吧") == ""


def test_a_number_alone_is_one() -> None:
    assert gives_number("NZ261117001030")
    assert gives_number("订单号 nz261117001030")
    assert not gives_number("261117001030")  # may be a courier's
    assert not gives_number("NZ261117001030 怎么还没到")
    assert not gives_number("S10")


def test_each_clause_is_about_its_own_errand() -> None:
    said = "我要退S10，另外电饭煲那单也取消了"

    assert part_about(said, "refund_request") == "我要退S10，"
    assert part_about(said, "cancel_order") == "另外电饭煲那单也取消了"
    assert part_about(said, "invoice") == said
    assert wanted_part("不退V8了，退破壁机") == "退破壁机"


@pytest.mark.parametrize(
    ("text", "tool", "is_so"),
    [
        ("我要退S10，另外电饭煲那单也取消了", "refund_request", True),
        ("帮我把未付款那单取消，还有V8的发票发我一下", "cancel_order", True),
        ("取消A9，S10什么时候到", "cancel_order", True),
        ("取消A9那单，钱退给我", "cancel_order", False),
        ("取消A9那单，钱退给我", "refund_request", False),
        ("退V8，换了电池也不行", "refund_request", False),
        ("地址改成宁州市三环路8号，快递放门口", "change_address", False),
        ("不取消电饭煲了，取消净化器那单", "cancel_order", False),
        ("退V8", "refund_request", False),
    ],
)
def test_two_wishes_in_a_message_are_noticed(text: str, tool: str, is_so: bool) -> None:
    assert wants_another(text, tool) is is_so


@pytest.mark.parametrize("piece", ["退V8，", "和取消", "还有", "，", "不退", "发票"])
def test_long_messages_of_many_wishes_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for count in (20, 5_000):
        wished(piece * count + "x")
        wants_another(piece * count + "x", "cancel_order")

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("帮我退了A9，另外保修多久", "保修多久"),
        ("取消A9那单，顺便问下运费谁出？", "运费谁出？"),
        ("cancel my A9 and also how long is the warranty?", "how long is the warranty?"),
        ("帮我退了A9，另外S10到哪了", ""),  # an errand of its own
        ("帮我退了A9，另外NZ261121012049什么时候发", ""),
        ("帮我退了A9，另外保修多久，还有怎么开发票", ""),  # two
        ("帮我退了A9，谢谢", ""),
        ("取消A9，另外我的积分还有多少", "我的积分还有多少"),
        ("取消A9，还有我家能装净水器吗", "我家能装净水器吗"),
        ("取消A9，顺便我想问保修多久", "保修多久"),
        ("取消A9，顺便把地址改成北京市朝阳区一环路1号可以吗", ""),  # a wish of its own
    ],
)
def test_the_question_beside_a_wish_is_heard(text: str, question: str) -> None:
    assert beside(text) == question
