"""Smells and smoke: what is there now raises the alarm, what is asked as such does not."""

import time

import pytest

from nodes.rules.noticed import noticed
from nodes.rules.smells import is_danger, is_gas

ALARMS = {"danger", "hurt", "gas", "despair"}


@pytest.mark.parametrize(
    "said",
    [
        "它冒烟了",
        "充电时漏电",
        "爆炸了",
        "有股烧焦的味道",
        "被电了一下",
        "it is smoking",
        "caught fire",
        "a burning smell",
    ],
)
def test_danger_is_noticed(said: str) -> None:
    assert is_danger(said)


@pytest.mark.parametrize(
    "said",
    [
        "空气炸锅不热",
        "油烟大",
        "电不够用",
        "烧水慢",
        "不好用",
        "炸鸡翅要几分钟",
        "爆款什么时候有货",
        "充电到我这里要多久",
        "被电视挡住了",
        "K5 有点白烟",
        "does the fire sale end today",
    ],
)
def test_a_mere_fault_is_no_danger(said: str) -> None:
    assert not is_danger(said)


@pytest.mark.parametrize(
    "said",
    [
        "家里一股煤气味怎么办",
        "厨房好大的煤气味，是不是漏了",
        "我闻到煤气味了，怎么弄",
        "燃气灶旁边有臭味，像煤气",
        "热水器漏煤气了",
        "你好，屋里有燃气味，我该怎么办",
        "一开机就冒烟",
        "机器冒黑烟了怎么处理",
        "充电器烧焦了，有糊味",
        "插上电就有火花",
        "洗碗机底下冒烟，怎么去掉啊",
        "电池鼓起来了还发烫，有股怪味",
        "空气炸锅着火了！",
        "刚才漏电把我电了一下",
        "喝了净水器的水肚子疼",
        "孩子把洗碗块吃了怎么办",
        "闻了除湿机的味道头晕",
        "加湿器喷出来的气闻着头疼恶心",
        "楼道里都是煤气味，打哪个电话",
        "煤气报警器一直响，屋里有味",
        "晚上睡觉被煤气味熏醒了",
        "电饭煲插头烧糊了，冒烟",
        "有很重的焦糊味从插座出来",
        "我家天然气好像泄漏了",
        "液化气瓶漏气了，有味道怎么清除",
        "吸尘器充电的时候起火了",
        "锅里冒浓烟停不下来",
        "手被割破了流血",
        "老人摔倒了，扫地机绊的",
        "there is a gas smell in my kitchen, what should I do",
        "I smell gas near the water heater",
        "the charger is smoking",
        "my air fryer caught fire",
        "smoke coming out of the dishwasher, how do I get rid of it",
        "gas leak help",
        "my son swallowed a dishwasher tablet",
        "burning smell and sparks from the plug",
        "煤气味越来越重了怎么去除",
        "开窗了还是有煤气味，怎么散掉",
        "燃气味从下水道冒出来怎么处理",
        "一股煤气味怎么去掉",
        "煤气味很难闻怎么去除",
        "一直发烫会不会起火",
        "机器冒烟正常吗",
        "会不会是漏电",
        "漏煤气了怎么清除气味",
        "刚刚煤气泄漏了现在关了，味道怎么去除",
        "smoke alarm keeps going off",
        "smells like gas here, how do i get rid of it",
    ],
)
def test_what_is_there_raises_an_alarm(said: str) -> None:
    assert ALARMS & set(noticed(said, 2000))


@pytest.mark.parametrize(
    "said",
    [
        "煤气味怎么去除",
        "怎么去除厨房里残留的煤气味",
        "煤气味用什么能去掉",
        "净化器能去煤气味吗",
        "燃气味和臭鸡蛋味怎么区分",
        "煤气味是什么味道",
        "煤气为什么会有味道",
        "新空气炸锅有塑料味怎么去除",
        "电饭煲有异味怎么清洗",
        "洗碗机里有臭味怎么办",
        "烟味怎么去",
        "油烟味怎么清除",
        "炒菜的油烟净化器能吸吗",
        "抽烟的烟味净化器管用吗",
        "火锅味用空气净化器能去掉吗",
        "糊锅了锅底怎么清理",
        "锅底烧焦了怎么洗",
        "烧焦的锅怎么清洗干净",
        "炸锅里的焦糊味怎么去掉",
        "净水器的水有怪味",
        "水喝着有股味道怎么回事",
        "滤芯有味道怎么处理",
        "烧烤会不会冒烟",
        "炸东西冒油烟怎么减少",
        "加湿器冒白雾正常吗",
        "新机器第一次用有味道正常吗",
        "甲醛味怎么去",
        "装修后有味道净化器能除吗",
        "除湿机吹出来有霉味怎么清洁",
        "怎么防止煤气泄漏",
        "煤气泄漏会报警吗",
        "智能门锁能联动煤气报警器吗",
        "你们卖煤气报警器吗",
        "how do I get rid of a gas smell in the kitchen",
        "how to remove smoke smell with an air purifier",
        "how do I clean burnt food from the air fryer basket",
        "does the purifier remove cigarette smoke",
        "what does natural gas smell like",
        "my new fryer smells of plastic, how do I get rid of it",
        "我家锅底烧焦了怎么洗",
        "充电会不会起火",
        "怎么知道家里漏煤气",
        "how to tell if there's a gas leak",
        "宝宝把玩具吃了",
        "扫地机摔了一下",
        "会不会把老人绊倒",
    ],
)
def test_what_is_asked_as_such_raises_none(said: str) -> None:
    assert not ALARMS & set(noticed(said, 2000))


@pytest.mark.parametrize("piece", ["煤气", "怎么", "家里", "会不会", "锅烧焦", "有煤气", "，"])
def test_the_time_grows_with_the_length(piece: str) -> None:
    started = time.process_time()

    is_gas(piece * 5_000 + "x")
    is_danger(piece * 5_000 + "x")

    assert time.process_time() - started < 1
