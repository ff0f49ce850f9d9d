"""Find postal addresses: Chinese ones by their parts, English ones by number and street."""

import re
from collections.abc import Iterator

_HAN = r"[\u4e00-\u9fff]"
_NUMERAL = (
    r"(?:[甲乙丙丁]?\d{1,5}(?:-\d{1,5}){0,4}[A-Za-z]?|[A-Za-z]\d{0,4}"
    r"|[一二三四五六七八九十百]{1,4})"
)
_PLACE = (
    r"特别行政区|自治[区州县]|省|市|地区|盟|街道|镇|乡|开发区|新区|[区县旗]|大道|大街|[路街镇]村"
    r"|路|街|巷|弄|胡同"
    r"|村|[屯庄]村?|[寨营堡]村|小区|社区|花园|家园|苑|(?<![知通频管渠味报])道(?=\d)|(?<![这那哪家心公屋店手])里(?=\d)|公寓|大厦|酒店|宾馆|广场|中心|工业园|科技园|产业园|园区|学校|大学|医院"
)
# Parts are atomic and bounded, and so is their repetition: the search stays linear.
_PART = rf"(?>{_HAN}{{1,10}}?(?:{_PLACE}))"
_UNIT = (
    rf"(?>[,，\s]?第?{_NUMERAL}\s?(?:号院|号楼|号(?!线(?![缆路材圈])|口(?![味腔岸福]))|弄|栋|幢|座|塔|单元|室|楼|层|户|组|房|舍|社(?!区)"
    r"|队(?![员伍长列])|门(?![店市口]))|[A-Za-z]区"
    r"|(?<=[号栋幢座塔元楼层院店馆厦门舍])[\s-]?(?:\d{2,5}|\d{1,5}(?:-\d{1,5}){1,3})(?![\d年月日点:元个台%-])"
    r"|(?<=[区园苑里村])\d{1,3}(?:-\d{1,5}){1,3}(?!\d))"
)
_CHINESE = re.compile(
    rf"(?P<places>{_PART}(?>[,，\s]?{_PART}){{0,7}}+(?:[东西南北中一二三四]{{1,2}}段|第?[一二三四五六七八九十\d]{{1,2}}期)?"
    rf"(?:交[汇叉][处口]|{_HAN}{{0,4}}[A-Z]{{2,8}} ?(?:[A-Z]\d ?)?(?={_NUMERAL}))?)"
    rf"(?P<units>{_UNIT}(?>(?:{_HAN}|[A-Z]){{0,6}}?{_UNIT}){{0,7}}+)"
)
_DOOR = re.compile(
    r"[\dA-Za-z一二三四五六七八九十百]\s?(?:号|弄|栋|幢|座|塔|单元|室|楼|层|户|组|房|舍|社|队|门)"
)
_DOOR_WORD = re.compile("[号弄栋幢座塔单室楼层户组房舍社队门]")
_REACH_CHARS = 100  # from a door number to the beginning or end of its address
_PROVINCE = re.compile(  # not the road of that name: 北京西路, 翠湖南路
    "(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南"
    "|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)(?![东西南北中一二三四]{0,2}[路街巷里道大])"
)
_CUE = re.compile(
    "(?:[寄送发改换搬退运派投回]|配送|邮寄|快递|上门)(?:到|往|至|去|成|给)|改[成为]"
    "|换[成为]|地址(?:[是为]|改[成为])?"
    "|住(?:在|址)?|位于|家在|人在|公司在|家是|我在|就在|在|去|到"
)
_ENGLISH = re.compile(
    r"(?:(?:(?:Room|Flat|Unit|Apt|Suite|Building|Block|Tower|Floor|No\.)\.? ?\w{1,5}"
    r"|\d{1,3}/F), ?){0,3}"
    r"(?:Lane \d{1,5}, |(?:No\.? ?)?\d(?<![\w.-]\d)\d{0,4}[A-Z]? )"
    r"(?:(?:[NSEW]\.? )?(?:[A-Z][a-z]{1,20}(?:'s)?|\d{1,3}(?:st|nd|rd|th)) ){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place"
    r"|Pl|Square|Terrace|Parkway|Pkwy|Highway|Hwy|Circle|Crescent|Close|Gardens|Row|Walk|Trail)\b\.?"
    r"(?: [NS]?[EW]\b| [NS]\b)?"
    r"(?:,? (?:(?:Apt|Suite|Ste|Unit|Flat|Room|#)\.? ?\w{1,6}|\d{1,2}(?:st|nd|rd|th) Floor))?"
    r"(?:, [A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){0,2}){0,3}"
    r"(?:,? [A-Z]{2}\b)?(?:,? (?:\d{5,6}(?:-\d{4})?|[A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}))?(?!\w)"
)
_HOUSE = re.compile(r"\d[A-Z]?,? [A-Z\d]")  # in each English address
# Goods and titles that end like a street: 12 Speed Road Bike, 1 External Hard Drive.
_NO_STREET = re.compile(
    r"\d{1,5} (?:Best|Top|Cheap|Speed|Inch|Piece|Pack|Pair|Layer|Season|Hour|Day|Week|Month|Year"
    r"|Player|Seat|Wheel) "
    r"|.*\b(?:(?:Hard|Flash|Disk|Thumb|State|Wheel|Test|Gear) Drive|(?:Food|Tennis|Squash) Court"
    r"|(?:Set|Memory) Square)\b"
)
_TOWN = re.compile("[省市区县旗镇乡村]|街道")
_STREET = re.compile(
    "[道路街巷弄村屯庄苑里]|胡同|小区|社区|花园|家园|公寓|大厦|广场|中心|园|学校|大学|医院"
)
_TRANSPORT = re.compile("(?:线路|公路|铁路|电路|网路|回路|短路|道路|思路|链路|一路)$")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every address that names a door, in order.

    A town or a street alone is nobody's address; it needs a house, building or room number.
    """
    for match in _chinese(text):
        places = match["places"]
        start = match.start() + _lead(places)
        named = text[start : match.end("places")]
        streets = _STREET.search(named) and not _TRANSPORT.search(named)
        if len(named) > 1 and (streets or len(_TOWN.findall(named)) > 1):
            yield start, match.end()
    for match in _ENGLISH.finditer(text) if _HOUSE.search(text) else ():
        if not _NO_STREET.match(match.group()):
            yield match.span()


def _chinese(text: str) -> Iterator[re.Match[str]]:
    """Yield runs of place names and door numbers, looking only around what may be a door."""
    windows: list[tuple[int, int]] = []
    for door in _DOOR.finditer(text) if _DOOR_WORD.search(text) else ():
        start, end = max(0, door.start() - _REACH_CHARS), door.end() + _REACH_CHARS
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    for start, end in windows:
        yield from _CHINESE.finditer(text, start, end)


def _lead(places: str) -> int:
    """Return how many characters stand before the place name itself, as in `请寄到`."""
    if province := _PROVINCE.search(places):
        return province.start()
    cues = [cue.end() for cue in _CUE.finditer(places) if cue.end() < len(places) - 1]
    return max((at for at in cues if at <= 10), default=0)
