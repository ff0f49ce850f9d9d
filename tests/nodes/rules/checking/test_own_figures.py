import pytest

from nodes.rules.checking.faithful import faults
from nodes.rules.checking.own_figures import without_own

LIMIT = "限购\n普通商品单笔最多 10 件，确需更大数量请联系人工客服登记。"
RENEWAL = "过期域名\n到期后 30 天内仍可以正常价格续费，超过 30 天按赎回价。"
BLENDER = "一次能打多少？\n冷饮最多 1.75 L，热饮最多 1.4 L，超过会溢出。"
SHIPPING = "运费\n甘肃订单满 299 元包邮，不满 299 元收 20 元运费。"
LARGE = "大额退款\n单笔金额超过 5,000 元的退款需要人工客服办理。"
GIFTS = "Gifts\nFor any expenses exceeding $150, you need written approval from Legal."
APPEAL = "Appeals\nYou may appeal up to 6 months after the decision."
REFUND = "退款\n借记卡退款 3-7 天到账。"
PARCEL = "物流\n超过 48 小时没有新轨迹，请点「催促物流」。"
CUTOFF = "发货\n16:00 前付款当天发出，之后付款次日发出。"
WARRANTY = "保修\n整机保修 1 年，电机保修 3 年。"
FEES = "收费\n保修期外上门费：银卡 40 元；检测费 30 元。"
PRICE = "滤芯\n滤芯原价 88 元，会员价 45 元。"
PLANS = "价格\n月付 15 元，年付 128 元。"
EXTENDED = "延保\n延保按产品价格的 6% 收。S20 Pro 卖 3,999 元。"
POSTAGE = "运费\n满 99 元包邮，不满收 10 元运费。"
ARCHIVE = "归档\n低频存储至少保存 30 天，归档存储至少保存 60 天。"
POINTS = "积分\n100 分抵 1 元，按 100 分的整数倍使用，积分 24 个月内有效。"
PIPES = "辅材\n加长 PE 管 10 元/米、角阀 35 元。"
HOTEL = "Fees\nThe visit is $40 and the check is $30."


@pytest.mark.parametrize(
    ("asked", "sentence", "passage"),
    [
        ("想一次买15台同款，为什么超限？", "您要买 15 台，超过了单笔 10 件的上限。", LIMIT),
        ("域名过期二十天了还能续吗？", "才过期 20 天，还在 30 天以内，可以按正常价续费。", RENEWAL),
        ("过期40天了怎么续？", "您已经过期 40 天，超出 30 天了，要按赎回价。", RENEWAL),
        ("一次能打1.6升豆浆吗？", "热饮最多 1.4 L，您要的 1.6 L 已经超了。", BLENDER),
        ("想打1.6L豆浆", "您要打 1.6 L，高于热饮的 1.4 L 上限。", BLENDER),
        ("甘肃 280 块的东西包邮吗？", "您实付 280 元，还没到 299 元，需要付 20 元运费。", SHIPPING),
        ("到甘肃实付350包邮吗", "您实付 350 元，已满 299 元，可以包邮。", SHIPPING),
        ("退 5600 块要找人工吗？", "您这单退 5,600 元，超过了五千元，得由人工客服办理。", LARGE),
        (
            "Do I need approval for a $180 client dinner?",
            "$180 is above $150, so you need approval from Legal.",
            GIFTS,
        ),
        ("我下午五点付的款今天发吗", "您 17:00 付的款，过了 16:00，次日发出。", CUTOFF),
        ("5月3日签收的还能退吗", "您 5 月 3 日签收的，签收后 3-7 天退款到账。", REFUND),
        ("快递三天没动了怎么办？", "您的包裹三天没有新轨迹，可以催促物流。", PARCEL),
        ("退款等了9天了", "您已经等了 9 天了，可以联系人工客服。", REFUND),
        (
            "I was suspended eight months ago. Can I appeal?",
            "Appeals close after six months, and yours was eight months ago.",
            APPEAL,
        ),
        (
            "My dinner was $90, do I need approval?",
            "Your $90 dinner is below the $150 mark.",
            GIFTS,
        ),
        (
            "I was suspended eight months ago. Can I still appeal?",
            "Eight months is past the 6 months you have to appeal.",
            APPEAL,
        ),
    ],
)
def test_a_customer_s_own_figure_may_be_held_against_the_passage_s(
    asked: str, sentence: str, passage: str
) -> None:
    assert faults(sentence, [passage], asked) == []
    assert faults(sentence, [passage])  # nobody told it


@pytest.mark.parametrize(
    ("asked", "sentence", "passage"),
    [
        ("退款5天能到吗", "借记卡退款 5 天到账。", REFUND),
        ("退款5天能到吗", "借记卡退款 5 天到账，没超过 7 天。", REFUND),
        ("退款5天能到吗", "退款要 3 天以上，不到 5 天就能到账。", REFUND),
        ("退款5天以内到账对吗", "退款 5 天到账，还在 7 天以内。", REFUND),
        ("保修是两年吧", "整机保修 2 年。", WARRANTY),
        ("退款等了2天了", "您的退款 2 天到账。", REFUND),
        ("我下午五点付款今天发吗", "17:00 前付款当天发出。", CUTOFF),
        ("我下午五点付款今天发吗", "您 17:00 前付款，当天发出。", CUTOFF),
        ("我下午三点付款今天发吗", "您 15:00 付款，过了 16:00，次日发出。", CUTOFF),
        ("5月3日到账吗", "您的退款 5 月 3 日到账。", REFUND),
        ("5月3日签收的", "您 5 月 9 日签收的，签收后 3-7 天到账。", REFUND),
        ("退款2天没到", "退款 2 天没到的可以催。", REFUND),
        ("退款2天没到", "您的退款 2 天内没到的可以催。", REFUND),
        ("退款2天能到吗", "您的退款 2 天了还没到可以催。", REFUND),
        ("I waited 2 days", "Your refund arrives in 2 days.", REFUND),
        ("保修是两年吧", "整机保修 2 年，超过 1 年。", WARRANTY),
        ("保修是不是两年", "整机保修 2 年，没到电机的 3 年。", WARRANTY),
        ("运费10块对吗", "运费 10 元。", SHIPPING),
        ("运费10块对吗", "运费 10 元，不到 20 元。", SHIPPING),
        ("Is the refund back in 5 days?", "It is back in 5 days, within 7 days.", REFUND),
        ("Is it two years?", "The warranty is 2 years, over 1 year.", WARRANTY),
        ("I want to give $200, is it ok?", "Gifts up to $200 need no approval.", GIFTS),
        ("想一次买15台", "单笔最多 15 台。", LIMIT),
        ("想一次买15台", "单笔最多 15 台，超过要登记，不是 10 件。", LIMIT),
        ("我要买8台", "您要买 8 台，超过了单笔 10 件的上限。", LIMIT),  # it is not
        ("域名过期40天了", "您过期 40 天，还在 30 天以内。", RENEWAL),
        ("想一次买15台", "您要买 15 台，超过了单笔 12 件的上限。", LIMIT),
        ("想一次买15台", "您要买 16 台，超过了单笔 10 件的上限。", LIMIT),
        ("过期20天了能续吗", "过期 20 天内可以正常续费。", RENEWAL),
        ("实付280包邮吗", "甘肃满 280 元包邮，没到 299 元也可以。", SHIPPING),
    ],
)
def test_what_a_customer_only_asks_about_is_no_evidence(
    asked: str, sentence: str, passage: str
) -> None:
    assert faults(sentence, [passage], asked)


@pytest.mark.parametrize(
    ("sentence", "passage", "asked"),
    [
        ("银卡上门一次收 40 元，再加 30 元检测费，一共 70 元。", FEES, ""),
        ("上门 40 元，检测 30 元，加起来 70 元。", FEES, ""),
        ("会员价 45 元比原价 88 元省 43 元。", PRICE, ""),
        ("按月付 15 元，用 3 个月一共 45 元。", PLANS, "我用3个月，怎么付划算？"),
        ("按月付 15 元，用 3 个月一共 45 元。", PLANS, ""),
        ("您实付 80 元，离 99 元包邮还差 19 元。", POSTAGE, "买了80块的东西"),
        ("S20 Pro 3,999 元，按 6% 算下来约 240 元。", EXTENDED, ""),
        ("1,299 元按 6% 算下来大约 78 元。", EXTENDED, "1299 的机器延保多少钱"),
        ("低频存了 20 天转归档，60 天里还要再存 40 天。", ARCHIVE, "低频存了20天转归档"),
        ("The visit is $40 and the check is $30, $70 in total.", HOTEL, ""),
    ],
)
def test_what_a_sentence_works_out_for_all_to_see_passes(
    sentence: str, passage: str, asked: str
) -> None:
    assert faults(sentence, [passage], asked) == []


@pytest.mark.parametrize(
    ("sentence", "passage", "asked"),
    [
        ("银卡上门一次收 40 元，再加 30 元检测费，一共 80 元。", FEES, ""),
        ("银卡上门和检测一共 70 元。", FEES, ""),  # of what, it does not say
        ("银卡上门 50 元，再加 30 元检测费，一共 80 元。", FEES, ""),
        ("会员价 45 元比原价 88 元省 44 元。", PRICE, ""),
        ("银卡 40 元，检测费 30 元，70 元。", FEES, ""),
        ("银卡 40 元，检测费 30 元，一共 70 天。", FEES, ""),
        ("按月付 15 元，用 3 个月一共 50 元。", PLANS, ""),
        ("3,999 元按 6% 算下来约 260 元。", EXTENDED, ""),
        ("The visit is $40 and the check is $30, $80 in total.", HOTEL, ""),
    ],
)
def test_a_wrong_or_hidden_sum_is_a_fault(sentence: str, passage: str, asked: str) -> None:
    assert faults(sentence, [passage], asked)


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("订单满 89 元包邮，还差 10 元到 99 元。", ""),
        ("您签收 20 天了，都可以退货。", "签收20天了还能退吗"),
        ("签收 20 天以内可以退，已超过 7 天。", "签收20天了还能退吗"),
        ("您的退款 3 天了会到账。", "退款3天了还没到"),
    ],
)
def test_a_limit_is_not_worked_out_and_a_claim_is_not_the_customer_s(
    sentence: str, asked: str
) -> None:
    source = "退货\n签收后 7 天内可以退货，订单满 99 元包邮，不满收 10 元运费。"

    assert faults(sentence, [source], asked)


def test_a_limit_with_the_customer_s_figure_is_not_told_back_to_him() -> None:
    sentence = "您 20 天起都行，超过了 7 天。"

    assert without_own(sentence, ["签收后 7 天内可以退货。"], "签收20天了还能退吗") == sentence


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("您采购 15 台，可以联系人工客服登记。", "我要买15台，下不了单"),
        ("请告诉客服数量（15台）。", "我要买15台，下不了单"),
        ("您只存了 8 台，还差 2 台到 10 件，这 2 台另外下单。", "我买了8台，够吗"),
    ],
)
def test_a_customer_s_figure_may_be_told_back(sentence: str, asked: str) -> None:
    assert faults(sentence, [LIMIT], asked) == []
    assert faults(sentence, [LIMIT])


@pytest.mark.parametrize(
    "sentence",
    ["您可以买 15 台。", "您一次最多 15 台。", "上限（15 台）。", "您买 15 台以内都行。"],
)
def test_what_he_may_do_is_not_told_back(sentence: str) -> None:
    assert faults(sentence, [LIMIT], "我要买15台，下不了单")


def test_a_day_beside_a_sum_is_not_reckoned_with() -> None:
    told = "费用\n10 月 8 日付款的订单上门费 40 元。"

    assert faults("10 月 8 日付款的 30 元，一共 45 元。", [told]) != []


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("您有 15 台的名额。", "我有15台，都要买"),
        ("您的上限是 15 台。", "我有15台，都要买"),
        ("您的订单 15 台，满足条件。", "我有15台，都要买"),
        ("您买了 15 台，可以直接取消限购。", "我有15台，都要买"),
    ],
)
def test_what_is_granted_for_a_customer_s_figure_is_not_told_back(
    sentence: str, asked: str
) -> None:
    assert "15 台" in faults(sentence, [LIMIT], asked)


@pytest.mark.parametrize(
    "asked", ["积分怎么用啊，我有600分", "想问下积分，攒了600分", "How? I have 600 points"]
)
def test_a_figure_at_the_end_is_told_where_he_says_that_it_is_his(asked: str) -> None:
    assert faults("您有 600 分，按 100 分的整数倍使用。", [POINTS], asked) == []


@pytest.mark.parametrize("asked", ["积分能用600分", "我可以抵600分", "积分 600 分"])
def test_another_figure_at_the_end_is_asked_about(asked: str) -> None:
    assert faults("您有 600 分，按 100 分的整数倍使用。", [POINTS], asked)


@pytest.mark.parametrize(
    ("asked", "sentence", "passage"),
    [
        ("积分怎么抵，600分", "您的 600 分可以抵 6 元。", POINTS),
        ("我有600分，怎么用", "100 分抵 1 元，600 分就是 6 元。", POINTS),
        ("管子要3米，多少钱", "加长 PE 管 3 米是 30 元。", PIPES),
    ],
)
def test_his_quantity_at_a_passage_s_rate_passes_if_it_comes_out(
    asked: str, sentence: str, passage: str
) -> None:
    assert faults(sentence, [passage], asked) == []
    assert faults(sentence, [passage], "怎么算") != []
    assert faults(sentence.replace("6 元", "60 元").replace("30", "35"), [passage], asked) != []


def test_what_he_is_short_of_is_a_difference() -> None:
    asked = "包邮吗，我买了90元"

    assert faults("还差 9 元就满 99 元包邮了。", [POSTAGE], asked) == []
    assert faults("您买了 90 元，满 99 元包邮，还差 189 元。", [POSTAGE], asked) == ["189 元"]


RATES = (
    "积分怎么用？\n100 分抵 1 元，按 100 分的整数倍使用。\n\n"
    "材料\n加长 PE 管 10 元/米、角阀 35 元、减压阀 60 元。\n\n"
    "上门费\n普通会员 50 元/次，银卡 40 元/次，金卡和钻石免费。\n\n"
    "管家\n月付 15 元/月，年付 128 元/年。"
)


@pytest.mark.parametrize(
    ("false", "true", "asked"),
    [
        ("您的 459 分可以抵 4.59 元。", "您的 600 分可以抵 6 元。", "我有 459 分和 600 分两个账号"),
        ("您要加 3 米管，减压阀也就 30 元。", "3 米加长 PE 管是 30 元。", "要加 3 米管多少钱？"),
        ("银卡修 2 次，上门费一共 100 元。", "银卡修 2 次，上门费一共 80 元。", "银卡，修了 2 次"),
        ("年付用 3 个月，折合 45 元。", "月付用 3 个月，一共 45 元。", "我用 3 个月"),
    ],
    ids=["only whole hundreds", "another part", "another level", "another plan"],
)
def test_a_rate_is_checked_by_what_it_is_of(false: str, true: str, asked: str) -> None:
    assert faults(true, [RATES], asked) == []
    assert faults(false, [RATES], asked)


def test_what_he_is_short_of_is_checked_by_the_limit_it_is_short_of() -> None:
    told = "包邮\n订单满 99 元包邮，不满收 10 元运费。新疆、西藏满 299 元包邮，不满收 20 元。"

    assert faults("您买了 90 元，还差 9 元就满 99 元包邮了。", [told], "我买了 90 元") == []
    assert faults("新疆的还差 209 元，满 299 元包邮。", [told], "我在新疆，买了 90 元") == []
    assert faults("新疆的还差 9 元，满 99 元包邮。", [told], "我在新疆，买了 90 元")


def test_a_time_of_each_day_is_no_rate() -> None:
    hours = "人工客服\n人工客服每天 8:00-22:00 在线，2 小时内回复。"

    assert faults("您等了 3 小时，人工客服 2 小时内回复。", [hours], "等了 3 小时了") == []
