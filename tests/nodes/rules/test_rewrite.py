import json
import time
from pathlib import Path

import pytest

from nodes.rules.hearing.leaning import is_settled
from nodes.rules.hearing.topics import Turn
from nodes.rules.rewrite import split_questions, stand_alone, stand_alone_each

SHARED = Path(__file__).parents[4] / "shared" / "data" / "kb_zh_cloud"


def after(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "好的。"))]


@pytest.mark.parametrize(
    ("earlier", "question", "text"),
    [
        ("空气炸锅容量多大", "它多少钱", "空气炸锅容量多大 它多少钱"),
        ("净水器滤芯是什么", "多久换一次", "净水器滤芯 多久换一次"),
        ("S10 续航多久", "S20 Pro呢", "S20 Pro 续航多久"),
        ("S10 续航多久", "S20 Pro的呢", "S20 Pro 续航多久"),
        ("S10 续航多久", "S20 Pro 那款", "S20 Pro 续航多久"),
        ("新疆包邮吗", "那西藏呢", "西藏包邮吗"),
        ("用支付宝退款多久到账", "花呗呢", "用花呗退款多久到账"),
        ("银卡会员生日送什么", "金卡呢", "金卡会员生日送什么"),
        ("新疆和西藏包邮吗", "青海呢", "新疆和西藏包邮 青海呢"),  # which of the two is open
        ("S10 能用 5G Wi-Fi 吗", "不是S10，是S20 Pro", "S20 Pro 能用 5G Wi-Fi 吗"),
        ("Can I return the S10?", "how long?", "Can I return the S10 how long?"),
    ],
)
def test_a_follow_up_carries_the_topic(earlier: str, question: str, text: str) -> None:
    rewrite = stand_alone(question, after(earlier))

    assert rewrite.is_follow_up
    assert rewrite.text == text


@pytest.mark.parametrize(
    "question",
    [
        "电饭煲可以预约几个小时",
        "怎么开发票",
        "S20 Pro 的拖布多久换一次",
        "How do I cancel my subscription?",
        "I need to reset my passcode, how do I do that?",
        "What does this subscription include for my family",
        "转人工",
        "好的谢谢",
    ],
)
def test_a_question_with_its_own_subject_stays_as_it_is(question: str) -> None:
    rewrite = stand_alone(question, after("退款多久到账"))

    assert rewrite.text == question
    assert not rewrite.is_follow_up


def test_the_topic_lasts_over_several_follow_ups() -> None:
    rewrite = stand_alone("有货吗", after("扫拖机器人S20 Pro多少钱", "保修呢"))

    assert rewrite.topic == "扫拖机器人S20 Pro多少钱"
    assert "S20 Pro" in rewrite.text


def test_an_announced_change_of_topic_drops_the_old_one() -> None:
    rewrite = stand_alone("另外，发票怎么开", after("怎么退货"))

    assert rewrite.text == rewrite.topic == "发票怎么开"


@pytest.mark.parametrize(
    "question", ["感谢，不过我还想问积分怎么用", "好的明白了谢谢，再请问积分怎么用"]
)
def test_a_question_asked_after_thanks_is_another_one(question: str) -> None:
    rewrite = stand_alone(question, after("怎么退货"))

    assert rewrite.text == rewrite.topic == "积分怎么用"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("行。再问个别的，发票怎么开", "发票怎么开"),
        ("先不说这个，发票怎么开", "发票怎么开"),
        ("换个事儿，发票怎么开", "发票怎么开"),
    ],
)
def test_another_matter_is_read_in_one_way_only(question: str, text: str) -> None:
    rewrite = stand_alone(question, after("怎么退货"))

    assert (rewrite.text, rewrite.other) == (text, "")


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("换完红灯怎么清零", "换完红灯怎么清零", "滤网多久换 换完红灯怎么清零"),
        ("多久换", "滤网多久换 多久换", ""),
        ("对了，清零在哪里弄", "清零在哪里弄", "滤网多久换 清零在哪里弄"),
    ],
)
def test_where_rules_are_unsure_there_are_two_readings(
    question: str, text: str, other: str
) -> None:
    rewrite = stand_alone(question, after("滤网多久换"))

    assert (rewrite.text, rewrite.other) == (text, other)


def test_a_return_takes_up_the_topic_it_names_or_the_one_before() -> None:
    past = after("积分怎么抵钱", "门锁怎么换电池", "几点前付款当天发货")

    named = stand_alone("说回积分，什么时候到期", past)
    unnamed = stand_alone("回到刚才那个，给阿姨选哪种好", past)

    assert named.topic == "积分怎么抵钱"
    assert unnamed.topic == "门锁怎么换电池"


def test_a_second_follow_up_leans_on_the_first_too() -> None:
    rewrite = stand_alone("拿它泡一下呢", after("V8吸不动了", "滤芯能过水吗"))

    assert rewrite.text == "V8吸不动了 滤芯能过水 拿它泡一下呢"


def test_the_name_an_answer_gives_is_searched_with() -> None:
    past = [Turn("user", "什么是弹性公网IP"), Turn("assistant", "EIP是独立的公网IP资源。")]

    assert "EIP" in stand_alone("它怎么收费", past).text


def test_of_several_questions_the_last_is_the_topic() -> None:
    assert stand_alone("谢谢", after("怎么退货？电子发票怎么开？")).topic == "电子发票怎么开？"


def test_thanks_keep_the_topic() -> None:
    assert stand_alone("谢谢", after("怎么退货")).topic == "怎么退货"


def test_what_takes_the_place_of_a_vague_word_is_the_question() -> None:
    rewrite = stand_alone("不是会员，是积分有效期", after("就是那个"))

    assert rewrite.text == "积分有效期"


def test_without_history_a_short_question_stays_short() -> None:
    assert stand_alone("怎么退", []).text == "怎么退"


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("S10多少钱？保修多久？", ["S10多少钱？", "保修多久？"]),
        ("怎么退货，另外发票怎么开", ["怎么退货", "另外发票怎么开"]),
        ("How much is it? Does it ship?", ["How much is it?", "Does it ship?"]),
        ("我昨天买了S10。怎么退货？", ["我昨天买了S10。怎么退货？"]),
        ("怎么退货", ["怎么退货"]),
    ],
)
def test_splits_two_questions_but_keeps_statements_with_theirs(
    text: str, questions: list[str]
) -> None:
    assert split_questions(text) == questions


@pytest.mark.parametrize(
    ("questions", "alone"),
    [
        (["退款多久到账？", "运费谁出？"], ["退款多久到账？", "运费谁出？"]),
        (["S10多少钱？", "保修多久？"], ["S10多少钱？", "S10多少钱 保修多久？"]),
        (["S10多少钱？", "它防水吗？"], ["S10多少钱？", "S10多少钱 它防水吗？"]),
        (
            ["S10多少钱？", "噪音多大？", "保修多久？"],  # the third is not asked of the noise
            ["S10多少钱？", "S10多少钱 噪音多大？", "S10多少钱 保修多久？"],
        ),
        (
            ["S10多少钱？", "水箱多大？", "那怎么洗？"],
            ["S10多少钱？", "S10多少钱 水箱多大？", "S10多少钱 水箱多大 那怎么洗？"],
        ),
        (["S10多少钱？", "怎么算？"], ["S10多少钱？", "S10多少钱 怎么算？"]),
        (["可以开专票吗", "还有运费谁出"], ["可以开专票吗", "运费谁出"]),
        (["How much is shipping?", "Where is my refund?"],) * 2,
    ],
)
def test_a_question_leans_on_one_beside_it_only_where_it_must(
    questions: list[str], alone: list[str]
) -> None:
    assert stand_alone_each(questions, []) == alone


def test_development_dialogues_are_seen_as_follow_ups() -> None:
    path = SHARED / "multiturn_dev.jsonl"
    if not path.exists():
        pytest.skip(f"no development data at {path}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    seen = [stand_alone(r["query"], [Turn(**t) for t in r["history"]]) for r in rows]

    assert sum(rewrite.is_follow_up for rewrite in seen) >= 0.9 * len(rows)


def test_development_questions_are_left_alone_after_an_unrelated_turn() -> None:
    path = SHARED / "queries_dev.jsonl"
    if not path.exists():
        pytest.skip(f"no development data at {path}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    whole = [row["query"] for row in rows if row["label"] != "ambiguous"]

    touched = [q for q in whole if stand_alone(q, after("怎么给会员卡充值")).text != q]

    assert len(touched) <= 0.05 * len(whole)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("不是这个，是自动续费", "自动续费 怎么取消"),
        ("我问的不是这个", "会员有什么好处 怎么取消"),
        ("你答非所问", "会员有什么好处 怎么取消"),
        ("这不是我想问的。积分可以抵多少钱", "积分可以抵多少钱"),
        ("不对，我是想问积分怎么用", "积分怎么用"),
        ("都不是", "会员有什么好处 怎么取消"),
        ("no, I mean the auto renewal", "the auto renewal 怎么取消"),
        ("That's not what I asked", "会员有什么好处 怎么取消"),
    ],
)
def test_a_customer_whom_the_reply_missed_is_heard(question: str, text: str) -> None:
    rewrite = stand_alone(question, after("会员有什么好处", "怎么取消"))

    assert rewrite.denies
    assert rewrite.text == text


@pytest.mark.parametrize(
    "question",
    [
        "不是质量问题能退吗",
        "这个不是我要的商品可以退吗",
        "错发了怎么办",
        "不对称的划痕怎么办",
        "这不是我买的东西，发错货了",
        "没听懂",
        "Not all of them arrived, what now?",
        "不是S10，是S20 Pro",
    ],
)
def test_words_of_denial_in_another_matter_deny_nothing(question: str) -> None:
    assert not stand_alone(question, after("S10 充电多久")).denies


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "可以开专票吗，还有运费谁出，能不能用花呗",
            ["可以开专票吗", "还有运费谁出", "能不能用花呗"],
        ),
        ("坏了能修吗，要多少钱", ["坏了能修吗", "要多少钱"]),
        (
            "Can I return it, and who pays for shipping?",
            ["Can I return it", "and who pays for shipping?"],
        ),
        ("我还没收到货，可以退款吗", ["我还没收到货，可以退款吗"]),
        ("买的东西坏了，能不能换一台", ["买的东西坏了，能不能换一台"]),
        ("怎么退货，多久到账", ["怎么退货，多久到账"]),
    ],
)
def test_questions_joined_by_commas_are_told_apart_where_each_is_whole(
    text: str, questions: list[str]
) -> None:
    assert split_questions(text) == questions


@pytest.mark.parametrize(
    ("earlier", "question", "text"),
    [
        (["K5报E01"], "我说的是洗碗机D6，不是炸锅", "D6报E01"),
        (["空气炸锅显示E02"], "说错了，不是炸锅，是除湿机", "空气除湿机显示E02"),
        (["K5报E01"], "我说错了，不是K5，是D6", "D6报E01"),
        (["空气净化器A9适合多大的房间"], "那加湿器呢", "加湿器适合多大的房间"),
        (["S10 扫地机保修多久"], "门锁呢", "门锁保修多久"),
        (["K5和净水器都能退吗"], "门锁呢", "K5和净水器都能退 门锁呢"),
        (["E05怎么办"], "扫地机 s20pro", "E05怎么办 扫地机 s20pro"),
        (["S10 能连 5G 的 Wi-Fi 吗"], "那S20 Pro呢", "S20 Pro 能连 5G 的 Wi-Fi 吗"),
        (["S20 Pro能过多高的门槛"], "S10呢", "S10能过多高的门槛"),
        (["S10 显示 E01 怎么办"], "E05呢", "S10 显示 E05 怎么办"),
        (["搬家了", "净水器能拆吗", "多少钱"], "要提前几天", "搬家了 净水器能拆 要提前几天"),
        (["我要退扫地机"], "已经绑定app了", "退扫地机 已经绑定app了"),
        (["我的快递到哪了"], "怎么这么慢", "我的快递到哪了 怎么这么慢"),
        (["扫地机连不上网"], "S10", "扫地机连不上网 S10"),
        (["买的东西少了配件"], "两天前签收的", "买的东西少了配件 两天前签收的"),
        (
            ["Is it in stock?"],
            "thanks, and how long?",
            "Is it in stock and how long?",
        ),
        (["my points"], "do they expire", "my points do they expire"),
    ],
)
def test_what_was_said_before_is_read_as_the_customer_means_it(
    earlier: list[str], question: str, text: str
) -> None:
    rewrite = stand_alone(question, after(*earlier))

    assert (rewrite.text, rewrite.is_follow_up) == (text, True)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("那你们能上门修吗", "你们能上门修吗"),
        ("要钱吗", "重定位在哪里 要钱吗"),
        ("那保修呢", "扫地机找不到充电座 那保修呢"),
        ("买完还能调吗", "扫地机找不到充电座 买完还能调吗"),
    ],
)
def test_a_question_that_leans_is_also_read_on_less(question: str, other: str) -> None:
    rewrite = stand_alone(question, after("扫地机找不到充电座", "重定位在哪里"))

    assert rewrite.other == other


@pytest.mark.parametrize(
    ("earlier", "wider"),
    [
        (["账号注销", "设备要先解绑吗"], "账号注销 设备要先解绑 几天生效"),  # may lean itself
        (["账号注销", "怎么给访客临时开门密码，要能限制时间"], ""),  # says too much to lean
        (["账号注销"], ""),
        (["账号注销", "换个话题，设备要先解绑吗"], ""),
    ],
)
def test_a_question_leans_also_on_what_its_topic_may_lean_on(
    earlier: list[str], wider: str
) -> None:
    assert stand_alone("几天生效", after(*earlier)).wider == wider


@pytest.mark.parametrize("said", ["知道了 谢谢你啊", "好嘞，辛苦了", "thanks anyway"])
def test_thanks_lean_on_nothing(said: str) -> None:
    assert stand_alone(said, after("退款多久到账")).text == said


def test_a_greeting_is_not_taken_for_the_name_of_a_topic() -> None:
    past = [Turn("user", "How much is the plan?"), Turn("assistant", "You are welcome.")]

    assert stand_alone("and how long?", past).text == "How much is the plan and how long?"


@pytest.mark.parametrize(
    "said",
    [
        "晓得了",
        "哦这样",
        "知道了谢谢",
        "ok没事了",
        "好嘞",
        "催了 刚更新了 行吧",
        "换好了，可以了谢谢",
    ],
)
def test_what_only_says_that_it_is_settled_asks_nothing(said: str) -> None:
    assert is_settled(said)


@pytest.mark.parametrize(
    "said",
    ["是的", "不用了", "好的那怎么退", "收到货了吗", "yes", "我要退款 谢谢", "换好了 可以了吗"],
)
def test_a_yes_and_a_question_are_no_thanks(said: str) -> None:
    assert not is_settled(said)


@pytest.mark.parametrize("part", ["嗯", "哦这样", "谢谢你", "好的", "行吧了", "ok"])
def test_a_long_run_of_thanks_takes_no_longer_than_its_length(part: str) -> None:
    times = []
    for count in (200, 400):
        started = time.thread_time()
        is_settled(part * count + "x")
        times.append(time.thread_time() - started)

    assert times[1] < 20 * times[0] + 0.01  # twice as much text; backtracking would never end


@pytest.mark.parametrize(
    ("said", "question", "text"),
    [
        (["新疆包邮吗", "要加钱吗"], "那西藏呢", "西藏包邮 要加钱吗"),
        (["支持支付宝吗"], "PayPal呢", "支持PayPal吗"),
        (["洗碗机D6能退吗"], "净水器呢", "净水器能退吗"),  # D6 is no 净水器
        (["企业采购有优惠吗"], "500个", "企业采购有优惠 500个"),
        ([], "不是我买的，是别人送的", "不是我买的，是别人送的"),
    ],
)
def test_what_takes_the_place_of_a_name_is_a_name(
    said: list[str], question: str, text: str
) -> None:
    assert stand_alone(question, after(*said)).text == text
