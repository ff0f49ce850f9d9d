"""Find the province a question is about, by its own name or by that of a city in it."""

import re

# A province a line, then its cities and prefectures, and towns that parcels are often asked for.
# Left out are names that are words of their own (开封, 来宾, 三明治, 白银, 安康) or a company's.
_TABLE = r"""
北京
天津
上海
重庆
河北 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安
山西 太原 大同(?!小异) 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
内蒙古 呼和浩特 呼市 (?<![书面钱红])包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布
内蒙古 兴安盟 锡林郭勒
内蒙古 锡林浩特 阿拉善 满洲里
辽宁 沈阳 (?<!最)大连(?![接续通带]) 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 葫芦岛
吉林 长春 辽源 通化 白山 松原 延边 延吉
黑龙江 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆(?!祝) 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭
黑龙江 漠河
江苏 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 江阴 张家港
浙江 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪
安徽 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福建 福州 厦门 莆田 泉州 漳州 南平 龙岩 宁德(?!时代) 晋江
江西 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
山东 济南 青岛(?!啤) 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 临沂 德州 聊城 滨州 菏泽
河南 郑州 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店
湖北 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 神农架
湖南 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西
广东 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞
广东 中山(?![装陵路公])
广东 潮州 揭阳 云浮
广西 南宁 柳州 桂林 梧州 防城港 钦州 贵港 玉林 百色 贺州 河池 崇左
海南 海口 三亚 三沙 儋州 琼海 文昌
四川 (?<![完变换改做弄达形构组分合生])成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充
四川 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山
贵州 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南
云南 昆明 曲靖 玉溪 保山 昭通 丽江 临沧 楚雄 红河 文山 西双版纳 大理(?![石寺由]) 德宏 怒江 迪庆
云南 香格里拉
西藏 拉萨 日喀则 昌都 林芝 山南 那曲
陕西 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 商洛
甘肃 兰州(?!拉面) 嘉峪关 金昌 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南 敦煌
青海 西宁 海东 果洛 格尔木
宁夏 银川 石嘴山 吴忠 固原
新疆 乌鲁木齐 乌市 克拉玛依 吐鲁番 哈密(?!瓜) 昌吉 博尔塔拉 巴音郭楞 库尔勒 阿克苏 喀什
新疆 和田(?!玉) 伊犁 伊宁 塔城
新疆 阿勒泰 石河子
台湾 台北 高雄
香港
澳门
"""
_ROWS = [line.split() for line in _TABLE.strip().splitlines()]
PROVINCES = tuple(dict.fromkeys(name for name, *_ in _ROWS))
PLACE = "|".join(["|".join(PROVINCES), *(form for _, *forms in _ROWS for form in forms)])
_OFFICIAL = re.compile(rf"({'|'.join(PROVINCES)})(?:省|市|(?:维吾尔|壮族|回族)?自治区|特别行政区)")
CONTEXT = re.compile(r"\(\?<?[=!][^)]*\)")  # what a name in _TABLE stands beside
_PROVINCE_OF = {CONTEXT.sub("", form): name for name, *forms in _ROWS for form in forms}
_FIRST = "".join(sorted({name[0] for name in (*PROVINCES, *_PROVINCE_OF)}))
_PLACE = re.compile(f"(?=[{_FIRST}])(?:{PLACE})")  # six times as fast as the names alone

_AREAS = {
    "华东": "上海 江苏 浙江 安徽 福建 江西 山东",
    "华北": "北京 天津 河北 山西 内蒙古",
    "华中": "河南 湖北 湖南",
    "华南": "广东 广西 海南",
    "西南": "重庆 四川 贵州 云南 西藏",
    "西北": "陕西 甘肃 青海 宁夏 新疆",
    "东北": "辽宁 吉林 黑龙江",
}
_AREA_OF = {name: area for area, names in _AREAS.items() for name in names.split()}


def area(province: str) -> str:
    """Return the part of the country a province lies in, 四川: 西南; "" for none."""
    return _AREA_OF.get(province, "")


def called(region: str) -> str:
    """Return a province as it is called here, 浙江省: 浙江; other regions as they are."""
    found = _OFFICIAL.fullmatch(region.strip())
    return found[1] if found else region.strip()


def province(text: str) -> str:
    """Return the province of the last place that `text` names, "" when it names none.

    The last one counts: "从上海寄到新疆" asks about 新疆.
    """
    found = _PLACE.findall(text)
    return _PROVINCE_OF.get(found[-1], found[-1]) if found else ""


def places(text: str) -> list[tuple[str, str]]:
    """Return each place that `text` names and its province, in order."""
    return [(name, _PROVINCE_OF.get(name, name)) for name in _PLACE.findall(text)]


def with_provinces(text: str) -> str:
    """Return `text` with the province before each city whose province it does not name.

    Rules are written for provinces, customers ask for where they live.
    """

    def placed(match: re.Match[str]) -> str:
        of = _PROVINCE_OF.get(match.group(), "")
        return match.group() if of in text else of + match.group()

    return _PLACE.sub(placed, text)
