"""Hear that a message tells of a device's fault, my V8 shows E03: no errand. Pure.

Whose device it is says nothing of an order; what an order needs is named in other words.
"""

import re

from tools.text.normalise import fold

_CODE = re.compile(r"(?<![a-z0-9])[ef]-?\d{2,3}(?![a-z0-9])")
_FAULT = re.compile(
    r"\b(?:won'?t|will not|wouldn'?t|does(?:n'?t| not)|is(?:n'?t| not)|can'?t|not) (?:even )?\w+"
    r"|\b(?:stopped|stuck|error|broken?|dead|die[ds]|dying|drains?|offline|noisy|overheats?)\b"
    r"|\b(?:(?:keeps?|started) \w+ing)\b"
    r"|\b(?:leak|beep|blink|flash|smell|squeak)(?:s|ed|ing)?\b"
)
_ERRAND = re.compile(
    r"单|快递|物流|包裹|发货|没到|[退换]|取消|发票|地址|积分|[优惠]券|会员|账[户号]|余额|[付扣]款|支付|[钱修保赔]|人工"
    r"|不想?要|预约|上门|师傅"
    r"|\b(?:orders?|parcels?|packages?|track\w*|deliver\w*|ship\w*|arriv\w*|refund\w*"
    r"|exchange\w*|cancel\w*"
    r"|return(?!s? to)\w*|invoices?|address|points?|coupons?|gift|pay\w*|paid|charged|account"
    r"|balance|members?\w*|subscri\w*|tickets?|repair\w*"
    r"|money|price|receive\w*|stock|come|came|sen[dt]|warrant\w*|replac\w*|swap\w*"
    r"|bill\w*|purchas\w*|compensat\w*|technician|where|here|want)\b"
)


def tells_fault(said: str) -> bool:
    """Say whether a message tells what is wrong with a device, and nothing of an order.

    In Chinese only by an error code: other words for faults are told apart by the classifier.
    """
    folded = fold(said)
    if _ERRAND.search(folded):
        return False
    return bool(_CODE.search(folded) or (folded.isascii() and _FAULT.search(folded)))
