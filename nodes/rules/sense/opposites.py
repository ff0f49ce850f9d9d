"""Kinds of words a sentence may mistake: who pays, after what, how often, free or not."""

# What things happen after.
EVENTS = {
    "order": "下单|拍下|购买",
    "pay": "付款|支付|扣款",
    "ship": "发货|出库|寄出",
    "receive": "签收|收货|收到货?|到货",
    "check": "验收|检测|审核(?:通过|完成)?",
    "coupon": "(?:使用|用|抵扣|减去)(?:优惠)?券|优惠",
}
# A kind of value, and its values by what stands for them; the first that fits a place counts.
_PAYS = r"[^，。]{0,6}?(?:承担|[支自]?付|出(?=$|[，。的])|负担)"
KINDS: dict[str, dict[str, str]] = {
    "pays": {
        "us": rf"(?:我方|我们|商家|卖家|平台){_PAYS}|免(?:收|除)?[运邮]费|包邮"
        r"|[运邮]费[^，。]{0,8}?(?:免[收除]|全免)"
        r"|\bwe(?: will|['’]ll)? (?:pay|cover)|\bon us\b|\bpaid by us\b"
        r"|\bat our (?:expense|cost)\b",
        "buyer": rf"(?<!不用)(?<!不需)(?<!不需要)(?<!无需)(?<!不必)"
        rf"(?:您|你|买家|用户|顾客|客户|自己|自行){_PAYS}|自付|自理"
        r"|\b(?:you|buyers?|customers?) (?:will |must |have to )?(?:pays?|covers?)|\bon you\b"
        r"|\bpaid by (?:you|the (?:buyer|customer))\b|\bat your (?:own )?(?:expense|cost)\b",
    },
    "itself": {
        "yes": "自动|(?:不[用必]|[不无]需要?)(?:您|你|再)*(?:手动|手工|自己|自行)",
        "no": "手动|手工|(?:您|你|用户|需要?|请)(?:自己|自行)",
    },
    "times": {
        "once": "(?:只[能需要用]|限|仅|最多).{0,6}(?:一|1 ?)次(?!支持|可|能|最多)|首次|第一次"
        "|\\bonce\\b|only one (?:chance|time)",
        "more": "多次|每一?次|不限次|反复|several times|many times|repeatedly",
    },
    "except": {
        "out": "除了?(?=[^，,。]{1,10}外)|不[含包][括含]?|\\bexcept\\b|excluding",
        "in": "包括(?=[^，,。]{1,10}在内)|^[也都]?包括(?=[^，,。]{1,10}$)"
        "|连(?=[^，,。]{1,8}也)|\\bincluding\\b",
    },
    "inside": {"in": "(?<=期)内", "out": "(?<=期)外|过保"},
    "must": {
        "no": "不必|不用(?!时|的|建议|可以)|无[需须]|不需要?|no need|(?:not|n't) (?:need|have) to",
        "yes": "必须|务必|一定要|(?<!不)(?<!无)需要?(?!的|求|大?约|\\s)"
        "|\\bmust\\b|\\b(?:have|need) to\\b",
    },
    "fee": {
        "free": "免[收除]?(?=[^，,。]{0,8}费)|免费|不(?:再|另|外|行)*收(?:取|费)?"
        "|for free|free of charge",
        "charged": "(?:收[取费]|[交缴]纳?(?=[^，,。]{0,6}费)|另[收加]|自费|有偿)",
    },
    "kept": {
        "yes": "(?:继续|照样|仍然?|还|都|会|可以?|以?)保留|不受影响|都还?在(?=$|[。，])",
        "no": "清空|清零|作废|丢失|(?:会|将|自动)[^，,。]{0,4}(?:删除|清除|解绑)",
    },
    "day": {"same": "当[天日]|same day", "next": "次日|第二天|翌日|next day|day after"},
    "turn": {
        "right": "顺时针|(?<!counter)(?<!anti)(?<!-)clockwise",
        "left": "逆时针|(?:counter|anti)-?clockwise",
    },
    "together": {
        "no": "分开|单独|分别(?=[寄发送结开])|不[^，。]{0,4}一[起同]",
        "yes": "(?<!在)一起|一并|一同",
    },
    "fine": {
        "yes": "正常(?=$|[，。的现情])|不是故障",
        "no": "(?:说明|表示|就?是)[^，。]{0,6}(?:故障|坏了|异常)",
    },
    "sure": {"no": "不一定|未必", "yes": "一定(?!要)|肯定"},
    "first": {"yes": "最早", "no": "最[晚近新]"},
    "anew": {
        name: rf"{said}的?(?=金额|价格|估价|标准|规则|日期|等级)"
        for name, said in (("old", "原(?:来|先)?"), ("new", "新"))
    },
    "height": {"more": "[更较最]?高于?|[更最]贵|higher", "less": "[更较最]?低于?|便宜|lower"},
    "pace": {"fast": "更?快(?!递)|faster|quicker", "slow": "更?慢|slower"},
    "net": {"in": "内网|私网", "out": "外网|公网"},
    "after": {
        name: rf"(?:{said})(?:之|以)?(?:后|当[天日]|起|次日)" for name, said in EVENTS.items()
    },
}
# On which side of an event; read beside the kinds above, whose words they may share.
SIDES: dict[str, dict[str, str]] = {
    name: {"before": rf"(?:{said})(?:之|以)?前", "after": rf"(?:{said})(?:之|以)?(?:后|起)"}
    for name, said in EVENTS.items()
} | {"alike": {"other": "不(?:同|一样)的?(?!意)", "same": "同[一样]个?|相同的?"}}
