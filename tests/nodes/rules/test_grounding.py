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
