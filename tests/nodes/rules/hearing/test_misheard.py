import time

import pytest

from nodes.rules.hearing.misheard import put_right


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("帮我取肖订单", "帮我取消订单"),
        ("我要推货，吸尘起", "我要退货，吸尘器"),
        ("帮我崔单", "帮我催单"),
        ("我要取销扫地鸡的定单", "我要取消扫地机的订单"),
        ("块递到哪了", "快递到哪了"),
        ("退宽到帐没有", "退款到帐没有"),
        ("我想开发飘", "我想开发票"),
        ("空气炸国不要了", "空气炸锅不要了"),
        ("查一下尾号七四九四的订单", "查一下尾号7494的订单"),
        ("幺零三零呢", "1030呢"),
    ],
)
def test_the_words_of_an_errand_are_heard_through_voice_input(heard: str, meant: str) -> None:
    assert put_right(heard) == meant


@pytest.mark.parametrize(
    "said",
    [
        *(
            "别发火",
            "规定单价",
            "请尽快地处理",
            "去消毒柜",
            "除湿机能除湿气吗",
            "退或换都行",
            "取小票",
            "取肖像照",
        ),
        *("推货车多少钱", "社区消费券怎么用", "发漂亮的照片", "不想用了怎么退宽带", "换火锅"),
        *(
            "净水气味大",
            "扫地计划怎么设置",
            "绑定单个设备",
            "取销售额",
            "净化起到什么作用",
            "快抵达了",
        ),
        *("二零二六年的订单", "订单二零二五年十一月", "三零二号的订单"),
        *("准确人数", "我住三零二室", "三四五天能到吗", "七八个订单", "二百五十块"),
        *("地址改到杭州市文三路崔单巷三零二号", "没有取肖的" * 20),
    ],
)
def test_what_reads_by_itself_and_addresses_are_left_alone(said: str) -> None:
    assert put_right(said) == said


@pytest.mark.parametrize("piece", ["取", "三", "崔单", "取肖订", "a1"])
def test_long_messages_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    put_right(piece * 10_000)
    put_right(piece * 15)

    assert time.process_time() - started < 1
