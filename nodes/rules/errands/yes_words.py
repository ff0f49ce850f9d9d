"""What a yes or a no to what the bot asked is made of: patterns over folded text."""

POLITE = r"(?:谢谢|谢了|多谢|麻烦了?|辛苦了?|thanks|thank you|please|pls|thx)"
STOP = r"[，,、。.!！~～\s]*"
PARTICLE = "(?:(?<![退款消单改])呢|(?<![是对])[哦喔噢]|[哈啦哟呐])"  # 退款呢 and 是哦 are no yes
CONFIRMED = "(?:那就?)?我?请?确[认定任][的吧]?|queren|confirm(?:ed)?"
YES_WORDS = (
    "好[的滴哒得嘞啦呀啊吧呢]?|行[的吧啊呀]?|可以?[的啊呀]?|中|成|是[的啊呀]?|对[的啊呀]?|[嗯恩][呢啊]?|"
    "要[的得]?|需要|得嘞|妥了?|阔以|对头|系[嘅呀啊]?|好嘅|冇问题|确人|没错|没问题|同意|ok[的k]?|okay|就这样办吧?|办吧|帮我办吧?|提交吧?|那就?[好行办][吧的]?|"
    "yes|yeah|yep|yup|yess|ye|y|sure|correct|right|absolutely|go ahead|do it|"
    f"(?:please )?do|that'?s right|[👌👍✅]|{CONFIRMED}"
)
NO_WORDS = (
    "不[了]?|不用[了]?|不要[了]?|不需要[了]?|不必[了]?|不行|不可以?|不好|不对|不是[的]?|不同意|不确[认定]|不办[了]?|"
    "(?:那就|还是)?算了[吧]?|先不[了]?|先不用[了]?|先别|暂时不[用要]?[了]?|别[了]?|取消|放弃|免了|没必要|"
    "(?:我)?(?:要)?再?(?:想想|考虑一?下?)吧?|等等|等一?下|再说吧?|buyong|"
    "no|nope|nah|n|no need|not now|not yet|never ?mind|"
    "cancel|stop|wait|do ?n'?t|don’t"
)
# What doing it is called, by tool; `offer` is passing the customer to a person.
DO = {
    "offer": "请?帮?我?转(?:接|过去)?(?:人工)?(?:客服)?[吧]?|那就转[吧]?|接[吧]?|要人工|"
    "connect me|transfer me",
    "consent": "记住?[吧]?|可以记住?[吧]?|请?记住我?[吧]?|remember me|keep it",
    "forget": "删[吧掉了]?|删除[吧]?|忘了?[吧]?|确[认定](?:要)?(?:删除|忘记)|"
    "delete it|erase it|forget me",
    "refund_request": "申?请?退款?[了掉]?[吧]?|确[认定]退款?|那就退[吧]?|refund it",
    "cancel_order": r"(?:确[认定]|是的?|对的?|没错)[，,\s]*(?:要)?取消[吧了掉]?|"
    "取消(?:这个|该)?订单|那就取消[吧]?|"
    "cancel (?:the|my|this) order",
    "change_address": "改[吧]?|确[认定](?:修)?改|修改|那就改[吧]?|change it",
}
UNDO = {
    "offer": "不用?转(?:人工)?[了]?|别转[了]?|你(?:继续|接着)?(?:说|回答)[吧]?",
    "consent": "不用?记住?[了]?|别记[住了]?|不要记住?[我]?|do ?n'?t(?: remember me)?",
    "forget": "不删[除了]?|别删[了]?|留着[吧]?|do ?n'?t delete|keep it",
    "refund_request": "不退[了款]?[了]?|别退[了]?|(?:i'?ll )?keep it",
    "cancel_order": "不取消[了]?|别取消[了]?|不用取消[了]?|留着[吧]?|do ?n'?t cancel|keep it",
    "change_address": "不改[了]?|别改[了]?|不用改[了]?",
}
ONLY = {  # said of other goods than those asked about
    "refund_request": "[只仅光][要想是]?退[货款]?",
    "cancel_order": "[只仅光][要想是]?取消",
}
