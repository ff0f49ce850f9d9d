import pytest

from nodes.rules.hearing.asked import (
    asks_how,
    asks_promise,
    asks_whether_still,
    is_about_another,
    is_neither,
    is_of_another,
    is_unmeasured,
    supposes,
)
from tests.fakes.turn import passage
from tools.search.types import Passage


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("这款行李箱多重", "容量 60 升，三天的行李够用。"),
        ("风扇最大档几分贝", "最大档适合 30 平米的房间。"),
        ("机身有多高", "保修两年。"),
        ("how heavy is it", "It fits in a cabin."),
        ("检验报告编号发我一下", "检验报告在商品页可以下载。"),
        ("客服邮箱是什么", "请在线联系客服。"),
    ],
)
def test_a_measure_that_the_answer_does_not_give_is_noticed(question: str, answer: str) -> None:
    assert is_unmeasured(question, answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("这款行李箱多重", "净重 3.2kg。"),
        ("能装几升水", "水箱两升。"),
        ("质保多长", "整机两年。"),
        ("多长时间到", "当天。"),
        ("运费多少钱", "包邮。"),
        ("有多重要", "很重要。"),
        ("会员有几个等级", "四个。"),
        ("能打几折在哪里看", "在活动页。"),
        ("检验报告编号是多少", "检验报告编号印在包装背面。"),
        ("合格证号多少", "QB2024-118823。"),
        ("为什么打不开网址", "请换一个浏览器。"),
    ],
)
def test_a_measure_that_is_given_or_not_asked_for_is_none_missing(
    question: str, answer: str
) -> None:
    assert not is_unmeasured(question, answer)


@pytest.mark.parametrize(
    "question",
    ["订单怎么取消", "买错型号了，补差价换行不", "电子票在哪里下载", "how do I cancel it"],
)
def test_asking_how_is_told_from(question: str) -> None:
    assert asks_how(question)


@pytest.mark.parametrize(
    "question", ["帮我查下怎么还没到", "我的包裹在哪", "我那单能退吗", "取消订单"]
)
def test_having_it_done_or_looked_up(question: str) -> None:
    assert not asks_how(question)


@pytest.mark.parametrize(
    ("question", "title", "answer"),
    [
        ("A9 费电吗", "C1 费不费电？", "每晚 2 度。"),
        ("centos7 怎么扩容", "Ubuntu18 扩容", "用 lvm。"),
        ("S10 的 E09 是什么", "S10 报 E01 是什么故障？", "驱动轮异常。"),
    ],
)
def test_an_entry_about_another_model_is_noticed(question: str, title: str, answer: str) -> None:
    assert is_about_another(question, title, answer)


@pytest.mark.parametrize(
    ("question", "title", "answer"),
    [
        ("S20pro 能过多高的门槛", "S20 Pro 能过多高的门槛？", "2 厘米。"),
        ("A9 费电吗", "机器费电吗？", "不费。"),
        ("费电吗", "C1 费不费电？", "不费。"),
        ("A9 费电吗", "C1 费不费电？", "A9 也一样。"),
        ("S10 能接 wifi6 吗", "S10 怎么联网？", "只支持 2.4 GHz。"),
    ],
)
def test_an_entry_for_all_or_the_asked_model_is_none(
    question: str, title: str, answer: str
) -> None:
    assert not is_about_another(question, title, answer)


@pytest.mark.parametrize(
    ("question", "entry", "expected"),
    [
        ("杯身是玻璃的还是塑料的", "杯身怎么清洗？ 用海绵。", True),
        ("税率是 6 个点还是 13 个点", "专票怎么开？ 提交资质。", True),
        ("试用是7天还是14天", "试用几天？ 可试用 7 天。", False),
        ("订单还是没付款", "付款了没反应？ 等十分钟。", False),
    ],
)
def test_of_two_things_an_entry_must_name_one(question: str, entry: str, expected: bool) -> None:
    assert is_neither(question, entry) == expected


def of(product: str, question: str = "怎么用？", answer: str = "按一下。") -> Passage:
    return passage(answer, question=question, product=product)


@pytest.mark.parametrize(
    ("question", "product"),
    [("S10能过多高的门槛", "S20 Pro"), ("K5内胆是什么材质", "R3"), ("is the s10 loud", "S20 Pro")],
)
def test_an_entry_of_another_product_is_none_of_the_one_asked_about(
    question: str, product: str
) -> None:
    assert is_of_another(question, of(product))


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("S10能过多高的门槛", of("S10")),
        ("S10 和 S20 Pro 差在哪", of("S20 Pro")),
        ("能过多高的门槛", of("S20 Pro")),
        ("S10能过多高的门槛", of("")),
        ("S10能过多高的门槛", of("S20 Pro", answer="S10 过 15 毫米，S20 Pro 过 20 毫米。")),
        ("S10能过多高的门槛", of("S20 Pro", "S10 和 S20 Pro 能过多高")),
        ("centos7 能装吗", of("云服务器 ECS")),
    ],
)
def test_an_entry_that_may_be_of_the_product_asked_about_is_none_of_another(
    question: str, entry: Passage
) -> None:
    assert not is_of_another(question, entry)


@pytest.mark.parametrize(
    ("question", "is_so"),
    [
        ("我金卡 上周六签收的还来得及不", True),
        ("用了二十来天坏了，还能退吗", True),
        ("发票丢了还能保修不", True),
        ("还能申请价保吗？", True),
        ("我的快递还没到吗", False),
        ("还有多少积分", False),
        ("能退吗", False),
    ],
)
def test_hears_whether_something_can_still_be_done(question: str, is_so: bool) -> None:
    assert asks_whether_still(question) == is_so


@pytest.mark.parametrize(
    "question",
    [
        "要是后天还没到可以拒收吗",
        "万一丢件了怎么办",
        "如果今天不发货能退吗",
        "what if it never comes?",
    ],
)
def test_what_is_only_supposed_is_told_from(question: str) -> None:
    assert supposes(question)


@pytest.mark.parametrize(
    "question",
    [
        "如果还没发货就帮我取消吧",
        "要是今天送的话几点到",
        "能退吗",
        "如果没到帮我查一下可以吗",
        "到哪了",
    ],
)
def test_what_is_wished_or_looked_up(question: str) -> None:
    assert not supposes(question)


@pytest.mark.parametrize(
    ("question", "is_so"),
    [
        *[
            (q, True)
            for q in (
                "能保证后天送到吗",
                "保证今天发不",
                "今天肯定能发货吧",
                "你敢打包票吗",
                "一定会退给我吗",
            )
        ],
        *[(q, True) for q in ("can you guarantee delivery tomorrow?", "are you sure?")],
        *[
            (q, False)
            for q in (
                "后天能到吗",
                "保证金能退吗",
                "能保证质量吗",
                "我确定要退",
                "一定要签收吗",
                "到哪了",
            )
        ],
    ],
)
def test_a_wish_to_be_promised_something_is_noticed(question: str, is_so: bool) -> None:
    assert asks_promise(question) is is_so
