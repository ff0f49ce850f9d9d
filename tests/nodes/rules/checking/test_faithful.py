import json
from pathlib import Path
from time import process_time

import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.wording.sentences import split

DATA = Path(__file__).parents[4] / "data"

REFUND = "退款多久到账？\n支付宝 1 个工作日内；借记卡 3-5 个工作日。关闭的订单不能恢复。"
RETURN = "几天能退？\n签收次日起 7 天内可以无理由退货，金卡会员延长到 15 天，银卡没有延长。"


@pytest.mark.parametrize(
    "sentence",
    [
        "支付宝1个工作日内到账[1]。",
        "金卡会员是15天[2]。",
        "支付宝1个工作日，金卡退货15天[1][2]。",
        "借记卡要三到五个工作日。",
        "关闭的订单没法恢复。",
        "无理由退货是七天内。",
    ],
)
def test_true_sentences_pass(sentence: str) -> None:
    assert faults(sentence, [REFUND, RETURN]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "支付宝1个工作日内到账[2]。",  # true, but not of the passage it cites
        "借记卡 1 个工作日内到账。",
        "银卡会员延长到 15 天。",
        "关闭的订单可以恢复。",
        "西藏 7 天内可以退货。",
        "黑金会员延长到 15 天。",
        "所有会员都延长到 15 天。",
        "仅限企业 7 天无理由退货。",
        "已为您提交退款。",
    ],
)
def test_false_sentences_are_noticed(sentence: str) -> None:
    assert faults(sentence, [REFUND, RETURN])


@pytest.mark.parametrize("mark", ["[3]", "[0]", "[1,9]", "【9】"])
def test_a_mark_that_names_no_passage_is_a_fault(mark: str) -> None:
    assert faults(f"支付宝1个工作日内到账{mark}。", [REFUND, RETURN])


def test_spans_of_time_may_be_spelled_in_another_unit() -> None:
    assert faults("保留半小时。", ["订单\n提交后保留 30 分钟。"]) == []
    assert faults("72 小时内退。", ["退款\n超过 3 天请联系客服。"]) != []


def test_figures_listed_for_as_many_names_belong_to_them_in_order() -> None:
    gift = "生日礼\n银卡 20 元券、金卡 50 元券、钻石 1,000 元券。"

    assert faults("银卡、金卡和钻石分别是 20 元、50 元和 1000 元。", [gift]) == []
    both = "到账\n支付宝和微信支付 1-3 个工作日，信用卡 5-7 个工作日。"
    assert faults("支付宝 1-3 个工作日到账。", [both]) == []
    assert faults("银卡、金卡和钻石分别是 50 元、20 元和 1000 元。", [gift]) != []


HUMIDIFIER = (
    "H2 停用后怎么办？\n长时间不用请倒空、晾干滤芯再收起来。豆子不要超过 100 克。16:00"
    " 前付款当天发货，之后次日发货。为防止高费用，可设峰值。"
    "来回运费由我方承担。无需用户备案，由系统自动完成。"
    "S10 不支持 5 GHz，普通成员不能看云录像。满 6,000 元升金卡，滤芯 1-2 天晾干。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "长时间不用的话，记得把水倒空、滤芯晾干再收起来。",
        "豆子别超过 100 克。",
        "下午 4 点前付款当天发货，4 点以后付款次日发。",
        "晚 4 点前付款当天发货。",
        "为了避免高费用，可以设峰值。",
        "来回运费都不用您出。",
        "备案由系统自动完成。",
        "普通成员看不了云录像。",
        "滤芯一两天就能晾干。",
        "满 0.6 万元升金卡。",
    ],
)
def test_the_same_in_other_words_passes(sentence: str) -> None:
    assert faults(sentence, [HUMIDIFIER]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "来回运费由您承担。",
        "S20 Pro 不支持 5 GHz。",
        "凌晨 4 点前付款当天发货。",
        "滤芯两三天就能晾干。",
    ],
)
def test_other_words_for_something_else_do_not(sentence: str) -> None:
    assert faults(sentence, [HUMIDIFIER]) != []


WARRANTY = (
    "换货和保修怎么办？\n未进入延保期的，15 天内可全额退，之后按未使用整月折算退。"
    "我们的工作人员不会索要支付密码。不打算继续用，请点「取消」，取消后可用到第 7 天。"
    "最常见是炸篮没推到底：拉出来再推，放太满会外焦里生。App 内不显示关闭按钮，请到苹果账户里关闭。"
    "大件由北辰送货上楼，不会放在代收点。钻石会员免押金，金卡押金 300 元，金卡及以上上门费全免。"
    "企业用户可开专票，资质齐全后 5 个工作日寄出。10 月 8 日付款。基站前方留 1.2 米。"
    "月付 15 元。授权网点 180 个，只维修，不办退换。会员分普通（注册即是）、银卡。"
    "中国大陆以外地域的实例不能换系统。没有填写邮箱的订单也会开票。机器的地图都保留。"
    "米饭保温不超过 12 小时。和电磁炉不要共用插线板。需要调用接口。放到 2/3 满，约 5 升。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "之后就按没用的整月折算。",
        "凡是跟您要支付密码的都不是我们的人。",
        "取消后还能继续用到第 7 天。",
        "您先把炸篮拉出来再推到底。",
        "东西别放太满。",
        "所以在 App 里看不到关闭按钮。",
        "大件您放心，都送上楼。",
        "钻石会员不用押金，上门费也全免。",
        "8 号付的款。",
        "前面要留 1 米 2。",
        "一个月 15 元。",
        "可以加装一块斜坡垫。",
        "注册就是普通会员。",
        "退货到仓库以后会验收。",
        "海外的实例不能换系统。",
        "保温不要超过半天。",
    ],
)
def test_true_sentences_of_another_writer_pass(sentence: str) -> None:
    assert faults(sentence, [WARRANTY]) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("快递公司由系统分配。", "快递\n系统按地址分配快递。"),
        ("企业要专票的话，5 个工作日开好。", "企业用户可以开票。专票 5 个工作日开。"),
        ("全国有 180 个网点。", "网点\n授权服务网点 180 个。"),
        ("大部分域名最长能注册 10 年。", "域名 co 最长只能注册 5 年，其他域名，最长可注册 10 年。"),
        ("两侧各空出半米，前面空出一米半。", "充电座左右各空 0.5 米、前方 1.5 米。"),
        ("保修一年半。", "整机保修 18 个月。"),
        ("大约要一个半小时。", "约 90 分钟。"),
        ("R3 电饭煲不用上门。", "R3 不上门，开箱后自行使用。"),
        ("拖布这类耗材不包。", "滤芯、拖布不包。"),
        ("钱回到付款的那个人账户里。", "退回付款人的账户。"),
        ("银卡只有 1 张。", "银卡每年 1 张。"),
        ("建议两周一次。", "建议每 2 周清一次。"),
    ],
)
def test_ordinary_words_are_no_condition(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage]) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("没有填写邮箱的订单不会开票。", WARRANTY),
        ("地图都会清空。", WARRANTY),
        ("和电磁炉共用插线板没有问题。", WARRANTY),
        ("放 2 公斤。", WARRANTY),
        ("您放心，今天就会退到您账上。", "退款\n退款原路退回，今天到账。"),
        ("网点也可以办理退换货。", "网点\n网点只维修，不卖整机、不办退换。去前请预约。"),
        ("不需要调用接口。", "特效\n需要调用接口，如果没有调用，就不带特效。"),
        ("大件由迅达送货上楼。", "派送\n迅达放到代收点的可以重送。大件由北辰送货上楼。"),
        ("我们会免费给您换新的。", "电池\n电池保修 1 年，可送检更换。"),
        ("券过期也会补发一张。", "券还会还吗？\n有效期内的会退回；已过期的不再补发。"),
        ("前面空出两米半。", "前方空 1.5 米。"),
        ("保修一年半。", "整机保修 1 年。"),
        ("电饭煲不用上门。", "净水器不上门。"),
        ("个人也可以开。", "企业可以开。"),
        ("仅限金卡使用。", "金卡能用。"),
        ("周一发货。", "次日发货。"),
    ],
)
def test_false_sentences_of_another_writer_are_noticed(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage])


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("提交后地址可以改。", "改地址\n提交后地址改不了，请联系客服。"),
        ("过期的订单可以恢复。", "订单\n过期的订单恢复不了，请重新下单。"),
        ("过期的订单恢复不了。", "订单\n过期的订单可以恢复，请点恢复。"),
        ("已发货的包裹取消不了。", "取消\n已发货的包裹可以取消，运费自付。"),
        ("金卡享受不了折上折。", "金卡\n金卡享受折上折，每单一次。"),
    ],
)
def test_who_cannot_do_a_thing_is_denied_it(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage])


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("提交后地址改不了。", "改地址\n提交后地址不能修改，请联系客服。"),
        ("提交后地址不能改了。", "改地址\n提交后地址改不了，请联系客服。"),
        ("金卡享受不了折上折。", "金卡\n金卡不享受折上折，每单一次。"),
        ("没开封的滤芯可以退。", "退货\n开封的滤芯退不了，没开封的可以退。"),
        ("普通成员看不了云录像。", "云录像\n普通成员不能看云录像，管理员可以看。"),
        ("不了解的话请问客服。", "了解\n想了解请问客服。"),
        ("满 300 元才能用。", "新人券\n要满 300 元，单买 H2 就用不了。"),
    ],
)
def test_cannot_is_said_in_two_ways(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage]) == []


RETEST = "复检\n不认可结果的，客服会安排复检一次。家庭版最多绑 8 台，不够可升级。维修好了会寄回。"


@pytest.mark.parametrize(
    "sentence",
    [
        "我们会安排复检一次。",
        "您的家庭版已经绑满 8 台，可以升级。",
        "家庭版绑 8 台，不够用还能升级。",
    ],
)
def test_what_a_passage_foretells_or_is_so_anyway_is_no_promise(sentence: str) -> None:
    assert faults(sentence, [RETEST]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "我们已经安排复检一次。",
        "我们明天会安排复检一次。",
        "我们会安排上门一次。",
        "您的家庭版已经升级。",
        "我们会给您安排退款。",
    ],
)
def test_what_a_passage_does_not_foretell_is_a_promise(sentence: str) -> None:
    assert faults(sentence, [RETEST])


def test_what_must_not_be_done_with_a_thing_is_not_the_thing() -> None:
    invoice = "退货时的发票\n电子发票自动冲红，不用寄回。专用发票随商品寄回原件。"

    assert faults("电子发票您不用把发票寄回来。", [invoice]) == []
    assert faults("专用发票不用随商品寄回原件。", [invoice])


@pytest.mark.parametrize(
    "unit", ["1 元", "一共 3 天 ", "费免", "您按", "改不了", "T3 和西藏", "180 ℃，"]
)
def test_cost_grows_with_length_only(unit: str) -> None:
    def cost(chars: int) -> float:
        text = (unit * chars)[:chars]
        started = process_time()
        faults(text, [REFUND, HUMIDIFIER], text)
        return process_time() - started

    cost(500)
    shorter, longer = (min(cost(chars) for _ in range(2)) for chars in (1_000, 6_000))
    assert longer < 40 * max(shorter, 0.0005)  # 6 when linear, 36 when quadratic


REPORT = """还没发货可以退款吗？
已发货但还在路上的订单，可以在订单页申请「退款（未收到货）」，我们会通知快递拦截。
拍下后改地址会自动退款吗？会的。定制的商品不支持退款。"""


@pytest.mark.parametrize(
    "sentence",
    [
        "已发货但还在路上的订单，可以在订单页申请「退款（未收到货）」，我们会通知快递拦截。",
        "已发货但还在路上的订单，可以在订单页申请「退款（未收到货）」，我们会通知快递拦截[1]。",
        "定制的商品不支持退款！[1]",
    ],
)
def test_a_sentence_of_the_passage_is_true_word_for_word(sentence: str) -> None:
    assert faults(sentence, [REPORT]) == []


@pytest.mark.parametrize(
    "passage",
    [
        "拍下后改地址会自动退款吗？不会自动退款。",
        "不会在拍下后改地址会自动退款。",
    ],
)
def test_a_question_or_the_end_of_a_sentence_is_not_the_sentence(passage: str) -> None:
    assert faults("拍下后改地址会自动退款。", [passage])


def test_the_mark_of_another_passage_is_no_word_for_word() -> None:
    assert faults("保修期是三年[2]。", ["保修期是三年。", "保修期是一年。"])


def test_what_the_knowledge_says_is_true_of_it() -> None:
    for line in (DATA / "kb" / "faq.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        sentences, rest = split(entry["answer"])
        for sentence in [*sentences, rest]:
            assert faults(sentence, [f"{entry['question']}\n{entry['answer']}"]) == []


def test_a_passage_on_one_thing_says_all_its_figures_of_it() -> None:
    defrost = "C1 冬天会结霜吗？\nC1 工作温度 5-32 ℃。低于 15 ℃ 时可能结霜，报 E02 时停机。"
    both = "多大房间？\nA9 用 60 平方米。H2 用 30 平方米，最多 50 平方米。"

    assert faults("C1 在低于 15 ℃ 时可能结霜。", [defrost]) == []
    assert faults("A9 最多 50 平方米。", [both])


def test_what_cannot_be_found_is_denied() -> None:
    wifi = "S10 为什么搜不到 5G？\nS10 只支持 2.4 GHz，搜不到 5 GHz 是正常的。S20 Pro 支持 5 GHz。"

    assert faults("S10 不支持 5 GHz，S20 Pro 支持 5 GHz。", [wifi]) == []
    assert faults("S10 支持 5 GHz。", [wifi])


def test_freight_that_is_not_charged_is_free_postage() -> None:
    told = "运费\n新疆 包邮条件 满 299 元。新疆 不满时运费 20 元。"

    assert faults("运费满 299 元免收。", [told]) == []
    assert faults("运费满 20 元免收。", [told])


def test_the_short_half_of_a_passage_s_sentence_is_no_other_level_s() -> None:
    told = "退货期\n普通和银卡会员可在 17 日 24:00 前提交申请，金卡、钻石到 25 日。"

    assert faults("最晚 25 日 24:00 前提交申请。", [told]) == []
    assert faults("普通会员 25 日 24:00 前提交申请。", [told])


def test_what_is_said_to_be_missing_from_the_material_claims_nothing() -> None:
    wifi = (
        "S10 为什么搜不到家里的 5G Wi-Fi？\nS10 只支持 2.4 GHz Wi-Fi，搜不到 5 GHz 信号是正常的。"
        "请在路由器后台打开 2.4 GHz 频段，配好之后再打开即可。密码不要用中文和空格。"
    )

    for sentence in (
        "很抱歉，资料里没有提到这个问题。",
        "资料中暂未说明您问的问题。",
        "Sorry, the material does not mention this.",
    ):
        assert faults(sentence, [wifi]) == []
    assert faults("资料里没有提到这个问题，可以用 6 GHz。", [wifi])


def test_an_english_sentence_of_a_passage_is_its_own_from_stop_to_stop() -> None:
    told = "Shipping\nOrders leave in 48 hours. We ship from the nearest stock. It costs 3.5 yuan."

    assert faults("We ship from the nearest stock[1].", [told]) == []
    assert faults("It costs 5 yuan.", [told])
    assert faults("It costs 3 yuan.", [told])


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("退款之后付费功能就停了。", "怎么退订？\n退款后，付费功能会停止。"),
        ("水量不到两成会亮红灯。", "红灯是什么意思？\n水量低于 20% 亮红灯。"),
        ("一次最多合并 10 个订单。", "能合并吗？\n企业用户最多合并 10 单。"),
        ("除快洗外，洗完都会烘干。", "会烘干吗？\n除快洗外，洗完自动烘干。"),
    ],
)
def test_said_in_other_words_of_the_same_passage_passes(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage]) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("洗完都会自动烘干，包括快洗。", "会烘干吗？\n除快洗外，洗完自动烘干。"),
        ("发票还是原来的金额。", "补差后发票怎么办？\n发票会按新金额重开。"),
        ("不同地址的订单也可以一起寄。", "能一起寄吗？\n同一地址的订单可以一起寄。"),
        ("退货可以寄到付。", "退货能寄到付吗？\n仓库不收到付件和拆开的包裹。"),
    ],
)
def test_what_a_passage_excepts_renews_or_asks_to_be_alike_is_kept(
    sentence: str, passage: str
) -> None:
    assert faults(sentence, [passage])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("借记卡超过 5 个工作日的请联系客服。", "退款\n到账时限借记卡 5 个、信用卡 10 个工作日。"),
        (
            "钻石 1.5 万、金卡 6000、银卡 2000 元。",
            "保级\n满 15,000 元为钻石、满 6,000 元为金卡、满 2,000 元为银卡。",
        ),
        ("超过三天不修就寄回。", "状态\n超过 72 小时，会按不修处理寄回。"),
        ("日常洗要一小时零五分钟。", "程序\n日常洗 65 分钟。"),
        ("差不多是 1 杯米配 1.4 升水。", "煮粥\n约 1 杯米配 1.4 L 水。"),
        ("耗材无理由退货的运费由买家承担。", "耗材\n耗材可以无理由退，运费由买家承担。"),
        ("退款只能退到原来的账户。", "退款\n退款只能原路退回，系统无法改到其他账户。"),
        ("不想等退款的话可以先下新单。", "换型号\n急用的话不必等退款，可以先下新单。"),
        ("仓库验收完，我们会在两天内给您发起退款。", "退款\n仓库验收后 48 小时内发起退款。"),
        (
            "100 points are worth CNY 1, so 400 points save you CNY 4.",
            "Points\n100 points are worth CNY 1. A cooker earns 459, of which 400 take CNY 4 off.",
        ),
        (
            "Agents are there from 9 in the morning until 9 at night.",
            "Hours\nAgents answer 9:00-21:00.",
        ),
        ("The plan costs no interest.", "Plans\nThe plan is interest-free."),
        (
            "Water damage and misuse aren't covered.",
            "Cover\nDamage caused by misuse or water is not covered.",
        ),
    ],
)
def test_true_sentences_in_other_words_are_let_pass(sentence: str, source: str) -> None:
    assert faults(sentence, [source]) == []


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("每张发票可以换开两次。", "发票\n每张发票只能换开一次。"),
        ("系统支持农历。", "生日\n系统只支持公历，可以修改一次。"),
        (
            "Flash sales are included.",
            "Price\nBig-sale prices, flash-sale prices and gift cards are excluded.",
        ),
        (
            "Members can view recordings.",
            "Home\nMembers can use devices but cannot delete them, add some or view recordings.",
        ),
        (
            "The return shipping is at your expense.",
            "Return\nProblems can be exchanged with return shipping paid by us.",
        ),
    ],
)
def test_false_sentences_in_other_words_are_noticed(sentence: str, source: str) -> None:
    assert faults(sentence, [source])
