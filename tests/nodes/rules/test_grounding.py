import pytest

from nodes.rules.grounding import check

EVIDENCE = [
    "S20 Pro 价格 3,999 元，整机保修 2 年，热线 400-000-0618（每天 8:00-22:00）。",
    "付款后 7 天内补差价；银行卡 3-5 个工作日到账；延保 +1 年为产品价 6 %。",
    "2026年11月22日更新，见 www.nuanzhou.example/help。",
]


@pytest.mark.parametrize(
    "sentence",
    [
        "S20 Pro 的价格是3999元，保修两年[1]。",
        "S20 pro 售价¥3,999",
        "３９９９元",
        "七天内可以补差价",
        "3到5个工作日到账，最多5个工作日",
        "延保一年收百分之六",
        "每天上午8点到晚上10点，热线4000000618",
        "11月22日更新，见 https://www.nuanzhou.example/help",
        "1. 打开 App\n2. 点击申请",
        "您可以分两种方式，再试一次",
        "没有数字的句子",
    ],
)
def test_accepts_figures_of_the_evidence_in_any_spelling(sentence: str) -> None:
    assert check(sentence, EVIDENCE) == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("保修三年", "number"),
        ("保修 7 年", "number"),
        ("7 个工作日内补差价", "number"),
        ("满 100 元包邮", "number"),
        ("手续费 5%", "number"),
        ("11月23日更新", "date"),
        ("每天9点开始", "time"),
        ("热线 400-000-0619", "phone"),
        ("见 http://evil.example", "url"),
        ("S10 也一样", "code"),
        ("S20 Pro Max 也一样", "code"),
    ],
)
def test_reports_figures_without_evidence(sentence: str, kind: str) -> None:
    assert [fault.kind for fault in check(sentence, EVIDENCE)] == [kind]


def test_everything_is_a_fault_without_evidence() -> None:
    assert len(check("保修2年，3天发货", [])) == 2


STEPS = "怎样报修？\n1. 打开 App；2. 选三分之一的量；3. 满 1.5 万元、24 小时内、2 L。支持三种方式。"


@pytest.mark.parametrize(
    "sentence",
    [
        "不超过 1/3。",
        "满 15000 元。",
        "一天之内回复，2000 ml。",
        "千万不要拆机，这一期照常。",
        "先换一台试试，有两项要看。",
        "within a day",
    ],
)
def test_reads_shares_measures_and_ways_of_speaking(sentence: str) -> None:
    evidence = STEPS.replace("三种", "三样") if "两项" in sentence else STEPS

    assert check(sentence, [evidence]) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "3 天内回复。",
        "约一半的量。",
        "支持五种方式。",
        "限一台。",
        "It takes seven days.",
        "a week after",
    ],
)
def test_the_numbers_of_a_list_prove_nothing(sentence: str) -> None:
    assert check(sentence, [STEPS.replace("三分之一", "少许")]) != []
