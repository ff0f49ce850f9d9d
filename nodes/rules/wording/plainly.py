"""A text as the checks of yes and no read it: its clauses set apart, its verbs behind negators."""

import re
from functools import lru_cache

from nodes.rules.wording.condition_names import folded
from tools.text.normalise import HAN

_VERBS = (
    "享受|使用|修改|更改|变更|支持|办理|恢复|取消|参加|登录|提现|开票|报销|抵扣|叠加|共享|安装|绑定|解绑|打开"
    "|连接|更换|撤销|补开|领取|兑换|转让|申请|下单|付款|支付|退货|退款|换货|保存|识别|预约|升级|转赠"
)
_APART = re.compile(  # 不想等的话可以先下单, 颜色不对但愿意留下
    rf"(?<=的话)(?![\W题语费剧])|(?<=的时候)(?=[{HAN}])|(?<=[{HAN}])(?=但(?!凡|书|愿(?!意)))"
)
_UNABLE = re.compile(rf"(?P<verb>{_VERBS}|(?![用少免受忘大]不)[{HAN}])不了(?![解])")


@lru_cache(maxsize=256)  # every check of a sentence reads the same few passages
def plainly(text: str) -> str:
    """Return folded text, 退不了 as 不能退, a comma behind 的话 and 的时候 and before 但."""
    return _APART.sub("，", _UNABLE.sub(r"不能\g<verb>", folded(text)))
