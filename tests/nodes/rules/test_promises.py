import pytest

from nodes.rules.promises import claims


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("已为您转接人工客服，请稍候。", "handoff"),
        ("请稍等，正在为您转接人工客服。", "handoff"),
        ("已提交退款。", "refund"),
        ("您的退款申请已提交，预计3个工作日到账。", "refund"),
        ("我帮您取消了订单。", "cancel"),
        ("您的收货地址已修改。", "address"),
        ("好的，已帮您登记投诉。", "ticket"),
        ("我这就为您办理退货", "other"),
        ("I've refunded your order.", "refund"),
        ("I will transfer you to a human agent now.", "handoff"),
        ("We have cancelled order 123.", "cancel"),
    ],
)
def test_notices_claimed_actions(sentence: str, kind: str) -> None:
    assert [claim.kind for claim in claims(sentence)] == [kind]


@pytest.mark.parametrize(
    "sentence",
    [
        "您可以提交退款申请。",
        "请在App中提交退款申请。",
        "需要我帮您转接人工吗？",
        "如需帮助，我可以为您转接人工。",
        "我无法为您退款。",
        "需要的话回复“转人工”，我马上为您转接。",
        "退款提交后，3-5个工作日到账。",
        "订单取消后，优惠券会退回。",
        "已取消的订单不能恢复。",
        "如果您已提交退款，请耐心等待。",
        "为您查询到以下订单。",
        "仓库验收后48小时内发起退款。",
        "You can submit a refund request in the app.",
        "Once your refund has been processed, it takes 3 days.",
        "Would you like me to cancel the order?",
        "Refunds are processed within 48 hours.",
    ],
)
def test_instructions_conditions_offers_and_denials_claim_nothing(sentence: str) -> None:
    assert claims(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "我已经帮您约好了明天上午的上门取件。",
        "给您申请了 50 元补偿。",
        "您的账号已解冻，可以正常登录了。",
        "退款已经原路退回，请注意查收。",
        "优惠券已放入您的账户。",
        "客服专员已经在联系您了。",
        "I've removed your listing from the shop.",
        "I upgraded your account to Gold.",
        "A refund is on its way to you.",
        "Done! Your password has been reset.",
    ],
)
def test_an_act_is_claimed_whatever_its_verb(sentence: str) -> None:
    assert claims(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "您的设备如已过保，上门费按等级收取。",
        "说明您的订单已经出库。",
        "我为您整理了以下几种方法。",
        "I found your question in our guide.",
        "If your order has been shipped, please refuse it on delivery.",
    ],
)
def test_what_is_found_or_only_supposed_is_no_act(sentence: str) -> None:
    assert claims(sentence) == []


@pytest.mark.parametrize(
    "sentence", ["您的退款已经到期打款。", "您的退款已经满额退回。", "您的订单已经超额赔付。"]
)
def test_a_deed_behind_a_state_is_still_claimed(sentence: str) -> None:
    assert claims(sentence)
