"""What personal data looks like. Bounded patterns only: each search is linear in the text."""

import re

_IS = r"[号码是为:#\s]{0,6}"  # between a label and its value
_NUMBER_WORD = r"(?:\s?(?:no\.?|number|id|is)){0,3}"

BUSINESS_LABEL = re.compile(
    r"(?:订单|单号|运单|快递|物流|流水|编码|编号|条码|工单|交易|发票|税号|信用代码|序列"
    r"|批次|商品|型号"
    r"|\b(?:sn|imei|sku|order|tracking|invoice|ticket|serial|transaction|ref|reference|case|item"
    r"|part|model|batch)\b)"
    rf"{_NUMBER_WORD}{_IS}$",
    re.IGNORECASE,
)
ID_LABEL = re.compile(rf"(?:身份证|证件|id card|national id|\bssn\b){_NUMBER_WORD}{_IS}$", re.I)
CARD_LABEL = re.compile(
    r"(?:银行卡?|信用卡|储蓄卡|借记卡|[工农建招商]行卡?|(?<![会礼购电][员品物话])(?<![员品物话]卡)卡号"
    rf"|收款账[号户]|(?:bank|credit|debit) card){_NUMBER_WORD}{_IS}$"
    # paid to by name: 建行尾款请打 4367…
    r"|(?:[工农建招交中]行|银行)[^\d,，。;；]{0,10}(?:打|转|退|汇|付|存|划)(?:到|给|入|进|款)?[:：\s]{0,3}$",
    re.I,
)
QUANTITY = re.compile(
    r"\s?(?:元|块|万|亿|美元|份|台|件|%|个(?!人)|次(?!日)|条|毫秒|字节|(?i:[kmgt]i?b|bytes?|ms)\b)",
    re.ASCII,
)

_DOMAIN = "(?:[a-z0-9-]{1,63}|[\u4e00-\u9fff]{1,20})"
_TOP = r"(?:[a-z]{2,24}(?![a-z0-9])|中国|公司|网络)"
EMAIL = re.compile(
    r"(?<![\w.%+-])(?!git@)[a-z0-9_][a-z0-9._%+-]{0,63} ?@ ?"
    rf"(?:{_DOMAIN} ?(?:[.。]|点(?=[a-z])) ?){{1,6}}{_TOP}",
    re.IGNORECASE | re.ASCII,
)
_DOT = r" ?(?:\.|[(\[{]\s?dot\s?[)\]}]|\bdot\b|点) ?"
# Words before a shop's address, which nobody's mailbox is called: find it at example dot com.
_NO_MAILBOX = (
    "(?:it|us|me|them|him|her|you|this|that|these|those|one|here|there|is|are|was|were|be|been"
    "|met|look|looked|looking|bought|sold|found|find|ordered|available|shopped|items?|stuff)"
)
AT_IN_WORDS = re.compile(
    rf"(?<![\w.%+-])(?!{_NO_MAILBOX} at )"
    r"[a-z0-9_][a-z0-9._%+点-]{0,63}"
    rf" ?(?:[(\[{{]\s?at\s?[)\]}}]|艾特|圈a|\bat\b"
    r"(?= [a-z0-9-]{1,63} dot (?:com|cn|net|org|edu|gov|io|example)\b)) ?"
    rf"(?:[a-z0-9-]{{1,63}}{_DOT}){{1,6}}[a-z]{{2,24}}(?![a-z0-9])",
    re.IGNORECASE | re.ASCII,
)
MOBILE = re.compile(
    r"(?<![\d+])(?<!\d[.-])(?:\(?(?:\+|00)?\s?86\)?[\s-]?)?"
    r"(?:1[3-9]\d(?P<gap>\s{0,2}|[-.—–_/、·,*])\d{4}(?P=gap)\d{4}|1[3-9]\d{2}[\s-]\d{3}[\s-]\d{4}"
    r"|1[3-9]\d[\s-]\d{8}|1[3-9]\d{5}[\s-]\d{4}|1[3-9]\d{3}[\s-]\d{6}|1 [3-9](?: \d){9}"
    r"|(?<!\d )1[3-9]\d{2}[\s-]\d{4}[\s-]\d{3}|1[3-9]\d \d{4} \d\d \d\d"
    r"|\(1[3-9]\d\)\s?\d{4}[\s-]?\d{4})"
    r"(?!\d|[.-]\d)",
    re.ASCII,
)
# Digits as they are said or as cheques have them, some of them perhaps in figures.
SPOKEN_MOBILE = re.compile(
    r"(?<![\d零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖])"
    r"(?=[\d\s,，、。…-]{0,16}[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖])"
    r"[1一幺壹][\s-]?[3-9三四五六七八九叁肆伍陆柒捌玖]"
    r"(?:(?:[\s-]?[\d零〇一二三四五六七八九幺洞拐壹贰叁肆伍陆柒捌玖]){9}"
    # said in groups, with a breath between them
    r"|[\d零〇一二三四五六七八九幺洞拐]"
    r"(?:[,，、。…\s]{1,2}(?:[\d零〇一二三四五六七八九幺洞拐]{4}|[四4]个[\d零〇一二三四五六七八九幺洞拐])){2})"
    r"(?![\d零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖])",
    re.ASCII,
)
LANDLINE = re.compile(
    r"(?<!\d)(?<!\d[.-])(?:\+86[\s-]?)?(?:\(0(?:10|2\d|[3-9]\d\d)\)|0(?:10|2\d|[3-9]\d\d))[\s-]?"
    r"[2-8](?:\d{6,7}|\d{3}[\s-]\d{4})(?:[-转]\d{1,6})?(?!\d|-\d)",
    re.ASCII,
)
LOCAL_LINE = re.compile(
    r"(?:座机|固话|电话|\btel)[号码是为:\s]{0,6}(?P<value>[2-8]\d{2,3}-?\d{4})(?!\d|\.|-\d)",
    re.I | re.A,
)
FOREIGN_PHONE = re.compile(
    r"(?<![\w.+-])(?:(?:\+\d{1,3}[\s.-]?|00[1-9]\d{0,2}[\s-])(?:\(\d{1,4}\)[\s.-]?)?\d(?:[\s.-]?\d){6,11}"
    r"|(?:\+?1[\s.-])?(?:\([2-9]\d\d\)\s?|[2-9]\d\d[.\s-])\d{3}[.-]\d{4})(?![\d-])",
    re.ASCII,
)
HOTLINE = re.compile(r"(?:86)?(?:[48]00\d{7}|95\d{3,4}|[14]00\d{2})")
TOLL_FREE = re.compile(r"(?:\+?1[ .-])?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]")  # 1800… is a mobile
ID_18 = re.compile(r"(?<!\w)\d(?:[\s-]?\d){16}[\s-]?[\dX](?![\w-])", re.I | re.A)
ID_15 = re.compile(r"(?<!\w)[1-9]\d{14}(?![\w-])", re.ASCII)
SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", re.ASCII)
CARD = re.compile(
    r"(?<![\w.+])(?:\d{13,19}|\d{4}(?P<gap> {1,2}|[-.·])\d{4}(?P=gap)\d{4}(?P=gap)"
    r"\d{1,4}(?:(?P=gap)\d{1,4})?"
    r"|3\d{3}[ -]\d{6}[ -]\d{5}|\d{6} \d{13}"
    r"|\d{4}(?P<wide>[ -])\d{4,8}(?P=wide)\d{4,8}(?:(?P=wide)\d{3,7})?)(?![\w])(?!-\d|\.\d)",
    re.ASCII,
)
# By issuer and length: Visa, Mastercard, American Express, Diners, JCB, UnionPay and local cards.
CARD_ISSUER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-9]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12,17}"
    r"|35\d{14,17}|(?:5[06]|6\d|9\d)\d{14,17}"
)
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)", re.ASCII)
PLATE_PLACES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = re.compile(
    rf"[{PLATE_PLACES}][·•・.\s-]?[A-HJ-NP-Z][·•・.\s-]?"
    r"(?P<tail>[A-HJ-NP-Z0-9]{4,5}[学警挂港澳]|[A-HJ-NP-Z0-9]{5,6})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
PASSPORT = re.compile(r"(?<!\w)(?:[EG]\d{8}|E[A-HJ-NP-Z]\d{7})(?!\w)", re.ASCII | re.IGNORECASE)
LABELLED_PASSPORT = re.compile(
    rf"(?:护照|通行证|回乡证|台胞证|passport){_NUMBER_WORD}{_IS}"
    r"(?P<value>[A-Z]{1,2}\s?\d{6,9}|\d{8,9})(?![A-Za-z0-9])",
    re.IGNORECASE | re.ASCII,
)
CHAT_ID = re.compile(
    r"(?:(?:[加+]|联系)\s?(?:我|下|一下|个)?的?\s?(?:[微薇威v]信|wechat|vx|wx)|(?:[微薇威v]信"
    r"|wechat|weixin|\b[vw]x)\s?"
    r"(?=号|id|[是为:]))(?:号码?|id)?(?:\sis\s)?[是为:\s]{0,4}"
    r"(?P<value>[a-z][a-z0-9_-]{5,19})(?![a-z0-9_])"
    r"|(?:[微薇威v]信|wechat|weixin|vx|wx|加\s?v)[\u4e00-\u9fff]{0,2}[:,\s]{0,2}(?P<bare>(?:wx|[a-z0-9]{2,12}_)[a-z0-9_-]{4,17}"
    r"|[a-z][a-z_-]{1,12}\d{3,8}[a-z]{0,6}|[a-z]{2,12}-[a-z]{2,12}\d{1,4})(?![a-z0-9_])"
    r"|我的?(?:[微薇威v]信|wechat|vx)号?(?:就?是|叫)[\u4e00-\u9fff]{0,6}[:\s]{0,2}"
    r"(?P<own>[a-z][a-z0-9_-]{5,19})(?![a-z0-9_])"
    r"|(?:抖音|快手|小红书|微博|钉钉|陌陌|telegram|whatsapp|skype|绿泡泡)(?:号码?|账号|\s?id)?[是为:\s]{0,4}"
    r"(?P<account>[a-z][a-z0-9_-]{3,18}\d{2,8}|(?<=号)\d{6,12})(?![a-z0-9_])"
    r"|(?:qq|扣扣)(?:号码?)?[是为:\s]{0,4}(?P<qq>[1-9]\d{4,10})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_SURNAME = (
    "(?:欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|夏侯|令狐"
    "|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐"
    "许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
    "殷詹申欧耿关兰焦俞左柳甘祝"
    "包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶"
    "解牟艾尤阳时穆农司卓古吉"
    "缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁"
    "沙荣巫寇桑郎甄丛仲虞敖])"
)
_PERSON_LABEL = "(?:收[件货]人|联系人|寄件人|投保人|姓名|户名|持卡人|本人|[户机车业]主)"
_NAME_LABEL = f"(?:{_PERSON_LABEL}|(?<![签署域])名字)"
_IS_NAMED = r"(?:(?:[写填]的|[改换][成为])[是叫为:\s]{0,3}|[是叫为:\s]{1,3})"
# Surnames that begin few other words: a name may follow its label at once.
_PLAIN_SURNAME = (
    "(?:欧阳|上官|司马|诸葛|司徒|慕容|夏侯|令狐|(?!张贴|黄[色金]|周[末一二三四五六日天边期]|何[时处人况必]"
    "|林区|罗列|谢谢|宋体|梁上)"
    "[王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁谢宋唐韩冯邓曹彭董袁潘蒋蔡杜叶苏魏吕沈姚姜崔谭陆廖贾邹孟秦邱薛侯])"
)
_HAN = r"\u4e00-\u9fff"
_NAME_ENDS = r"(?=[\s,，。.;；、:\d<(!！?？]|$)"
NAME = re.compile(
    rf"(?:{_NAME_LABEL}{_IS_NAMED}|{_NAME_LABEL}(?=[{_HAN}]{{2,4}}[\s,，]{{0,2}}1[3-9]\d)"
    r"|(?:我|本人|老[公婆]|[妻儿孩]子|丈夫|[爸妈]|[父母]亲|女儿|朋友|同事)叫\s?(?!车|师[傅父]|何时|金属|都|向|连|全|时))"
    rf"(?P<value>{_SURNAME}[{_HAN}]{{1,2}}){_NAME_ENDS}"
    rf"|{_PERSON_LABEL}(?P<close>{_PLAIN_SURNAME}[{_HAN}]{{1,2}}){_NAME_ENDS}"
    rf"|(?:{_NAME_LABEL}|[我人]叫)[是叫为:\s]{{0,3}}(?:(?P<dotted>[{_HAN}]{{2,7}}[·•・][{_HAN}]{{2,7}})"
    r"|(?P<latin>[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){1,2})\b)"
    r"|(?i:\b(?:my name(?:'s|’s| is)|name:|recipient:?|cardholder:?))"
    r"\s(?P<english>[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){1,2})\b"
    rf"|(?<![{_HAN}])(?P<called>{_PLAIN_SURNAME}[{_HAN}]{{1,2}})"
    r"(?=[\s,，:：、]{1,2}(?:电话|手机|tel)?[号是:：\s]{0,2}1[3-9]\d)"
    r"|\b[Mm]y name(?:'s|’s| is) (?P<given>[A-Z][a-z]{1,20})(?= and\b|[,.!]|$)"
    r"|\bI(?:'m|’m| am) (?P<said>[A-Z][a-z]{1,20} (?!Customer|Member|User|Owner)[A-Z][a-z]{1,20})"
    r"(?= (?:and|from)\b|[,.!]|$)"
)
