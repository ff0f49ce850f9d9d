import time

import pytest

from nodes.rules.hearing.harm import alarms, is_harm


@pytest.mark.parametrize(
    "said",
    [
        *(
            "孩子把门锁电池吞了怎么办",
            "我家狗误食了除垢剂",
            "女儿吃了里面的干燥剂",
            "儿子喝了清洁剂",
        ),
        *("加湿器用了之后过敏起疹子", "宝宝吸了雾咳嗽怎么办", "喝了净水器的水全家都吐了"),
        *("吃了炸锅做的鸡翅就开始头晕", "滤网弄得我皮肤过敏了", "我妈开了净化器以后一直咳嗽"),
        *("我爸用破壁机把手割破了流了好多血", "被滚刷夹到手指了", "老人被扫地机绊倒骨折了"),
        *(
            "洗碗机夹到手指了",
            "门夹了手",
            "烫到手了怎么办",
            "夹手指头了",
            "刀把我手划了个口子，血止不住",
        ),
        *("门锁把孩子的手夹了", "my son swallowed the battery", "I cut my finger on the blade"),
        "she got an allergic reaction after using it",
        *(
            "孩子把电池吞了会怎么样",
            "我担心安全，狗误食了除垢剂会不会死",
            "手被刀片割破了会不会感染",
        ),
        *("孩子用了加湿器一直咳嗽，会不会是它的问题", "我用了以后过敏了能退吗"),
        *("孩子吃了滤芯里的东西在吐", "狗喝了清洁液一直吐", "吃完炸锅做的饭一直想吐"),
        *("吃了炸锅的东西全家中毒了可能是涂层", "用了一周皮肤过敏，可以退货吗"),
        *("my son swallowed the battery, will he be ok", "I burned my hand, what if it blisters"),
    ],
)
def test_who_came_to_harm_is_heard(said: str) -> None:
    assert is_harm(said)


@pytest.mark.parametrize(
    "said",
    [
        *("净化器对过敏性鼻炎有用吗", "我儿子对牛奶过敏，破壁机怎么洗干净", "宝宝咳嗽能用加湿器吗"),
        *("用净化器能缓解过敏吗", "用了净化器过敏好多了", "我看人家说用了会过敏", "怎么防止夹手"),
        *("破壁机刀片会割手吗", "孩子误食怎么预防", "扫地机把我的数据线吞了", "S10把袜子吞进去了"),
        *("用了两天内胆划破了", "手指划伤了指纹录不上", "机器人撞到了桌脚", "扫地机器人被夹到了"),
        *("快递把箱子砸破了", "我手机屏幕被砸破了", "服务器用了就中毒了", "头刷夹了头发"),
        *("will it cut my finger", "is it safe for people with rashes", "the robot broke my vase"),
        *("夹到手会停吗", "烫手了怎么拿", "压到了人行道", "扫地机总是撞到人", "地刷压到手机线"),
        *("喝了净水器的水会拉肚子吗", "用了净化器，过敏能好吗", "刀片容易割手吗"),
        *("用了洗碗块以后一直吐泡沫", "吃了个饭回来想吐槽一下物流", "用完一直吐水"),
        *("Can it cut my finger", "my cat threw up on the robot", "手会不会被夹到了拿不出来"),
        *("I'm in the hospital, deliver it later", "如果孩子误食了电池怎么办"),
    ],
)
def test_harm_to_things_and_what_might_happen_is_none(said: str) -> None:
    assert not is_harm(said)


@pytest.mark.parametrize(
    ("said", "alarm"),
    [
        *((said, ["gas"]) for said in ("煤气味好大", "厨房漏燃气了", "I smell gas", "a gas leak")),
        *((said, ["despair"]) for said in ("我不想活了", "死了算了", "I want to kill myself")),
        *((said, []) for said in ("V8漏气吗", "燃气热水器卖吗", "气死我了", "电池死了", "笑死")),
        *(
            (said, [])
            for said in ("净化器能除煤气味吗", "炸锅炸出来的菜有煤气味", "有煤气泄漏报警功能吗")
        ),
        *(
            (said, [])
            for said in ("如果煤气泄漏怎么办", "怎么知道煤气泄漏", "what if there is a gas leak")
        ),
        *((said, ["gas"]) for said in ("家里煤气泄漏怎么办", "如果现在闻到煤气味怎么办")),
        *((said, []) for said in ("can it remove gas smells", "does it detect a gas leak")),
        *((said, ["gas"]) for said in ("报警器响了，有煤气味", "煤气味好大，能报警吗")),
        *((said, []) for said in ("不想活了这价格太贵", "I want to die laughing")),
        *((said, ["despair"]) for said in ("不想活了，这东西害的", "哈哈，我不想活了", "我要去死")),
        ("孩子把电池吞了，我不想活了", ["hurt", "despair"]),
    ],
)
def test_gas_and_despair_are_heard(said: str, alarm: list[str]) -> None:
    assert alarms(said) == alarm


@pytest.mark.parametrize(
    "piece", ["煤气", "不想", "孩子", "用了", "喝了", "手被", "弄得", "吞了", "cut my ", "，"]
)
def test_the_time_grows_with_the_length(piece: str) -> None:
    started = time.process_time()

    alarms(piece * 20)
    alarms(piece * 10_000 + "x")

    assert time.process_time() - started < 1
