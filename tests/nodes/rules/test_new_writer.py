"""Kinds of sentences of a writer whom the rules had not met: true ones pass, false ones do not."""

import pytest

from nodes.rules.checking.faithful import faults

LOGIN = (
    "登录收不到验证码怎么办？\n仍收不到可以点登录页「语音验证码」，设过密码的可以直接用密码登录。"
)
CHARGE = "充电？\nV8 充满约 4 小时。长期不用建议充到 60%，每 3 个月补一次电。"
QUIET = "晚上不响？\n集尘约 78 分贝。可以设勿扰时段，此时段不集尘。"
INVOICE = (
    "发票在哪里下载？\n打开 App「我的-发票」点「下载」。电脑上登录官网，在「个人中心-发票」里下载。"
)
SHARE = "怎么共享？\n一家最多 6 人。付费权益全家一起享用，不用每人各买。资质只需审核一次。"
PICK_UP = "取件？\n普通件由迅达取，大件由北辰上门搬运。"
REPAIR = "寄修？\n取件 2-3 天，仓库检测 1-2 天，维修 2-3 天。"
FREIGHT = "运费？\n无理由退货，寄回运费由买家承担；质量问题，来回运费由我方承担。"
LEAK = "漏水？\n先关掉进水阀、拔掉电源，擦干周围的水。水温低于 5 ℃ 不除湿是正常的。"
TRADE = "以旧换新？\n以旧换新只支持购买 S10、V8 时使用。净化器、洗碗机等其他品类暂不参加。"
PLAN = "版本\n| 项目 | 免费版 | 付费版 |\n|---|---|---|\n| 多楼层地图 | 无 | 有 |"
TRIAL = (
    "试用？\n首次试用 7 天。到期前 24 小时不取消，会自动续费。试用期内取消的，权益保留到试用结束。"
)
PAY = "分期？\n花呗分期支持 3/6/12 期；煮饭一次不超过 8 杯，刻度 6 以下。"
OFFLINE = "离线？\n单台离线多是信号弱，冬天更慢。"


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("还收不到的话，可以在登录页点「语音验证码」。", LOGIN),
        ("长期不用的话，建议充到60%左右。", CHARGE),
        ("V8 充满大约需要4个小时。", CHARGE),
        ("集尘的时候约78分贝。", QUIET),
        ("电脑上也可以下载，登录官网后在「个人中心-发票」里就能找到。", INVOICE),
        ("净化器目前还不能参加以旧换新。", TRADE),
        ("只有买 S10、V8 才能参加以旧换新。", TRADE),
        ("免费版没有多楼层地图。", PLAN),
        ("不想续费，记得在到期前24小时取消。", TRIAL),
        ("花呗可以分3期、6期或者12期。", PAY),
        ("只有一台离线的话多半是信号弱。", OFFLINE),
        ("冬天水温低，会更慢。", OFFLINE),
    ],
)
def test_true_sentences_pass(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage]) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("每位成员都需要单独购买付费权益。", SHARE),
        ("每次下单都需要重新审核资质。", SHARE),
        ("普通件由北辰上门取件。", PICK_UP),
        ("仓库检测需要 2-3 天。", REPAIR),
        ("无理由退货来回运费都由我方承担。", FREIGHT),
        ("先擦干周围的水，再关进水阀。", LEAK),
        ("水温低于 5 ℃ 时不除湿说明机器坏了。", LEAK),
        ("拔掉电源不影响使用。", LEAK),
        ("电脑上请在官网「下载-发票」里找。", INVOICE),
        ("煮饭一次不超过 6 杯。", PAY),
        ("仅限 V8 参加以旧换新。", "谁能参加？\nV8 可以参加。"),
    ],
)
def test_false_sentences_are_noticed(sentence: str, passage: str) -> None:
    assert faults(sentence, [passage])
