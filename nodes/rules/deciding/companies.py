"""Hear that a question is about another company: general knowledge, nothing of any one shop.

"七牛云的空间怎么绑域名" is near an entry on binding domains, which says nothing of it. Left out
are those by which customers pay, phone and connect: they tell of their own bank, phone or carrier
where any is meant. So are names that are ordinary words, or stand in such (松下, 日立).
"""

import re

from tools.search.types import Passage
from tools.text.normalise import fold

_NAMES = (
    # clouds, hosting, registrars, developers' tools
    " 阿里云 腾讯云 华为云 百度智能云 京东云 天翼云 移动云 联通云 金山云 七牛 又拍云 火山引擎"
    " 青云 优刻得 西部数码 aws azure gcp godaddy namecheap namesilo cloudflare digitalocean"
    " linode vultr heroku vercel ucloud bluehost github gitee gitlab vmware openstack"
    " salesforce 金蝶"
    # search, maps, office, social
    " 百度 谷歌 google 搜狗 高德 腾讯 网易云 网易邮箱 新浪 微博 微信 钉钉 飞书 企业微信 小红书"
    " 知乎 豆瓣 抖音 快手 哔哩哔哩 tiktok facebook instagram twitter whatsapp telegram youtube"
    " wps linkedin chatgpt openai deepseek 文心一言 通义千问"
    # shops
    " 阿里巴巴 淘宝 天猫 京东 拼多多 唯品会 苏宁 闲鱼 当当网 速卖通 亚马逊 amazon ebay shopee"
    " lazada temu shein shopify 微店 山姆会员店 沃尔玛 walmart 盒马 永辉超市 costco 宜家 ikea"
    " 屈臣氏 名创优品"
    # food, rides, travel, couriers
    " 美团 饿了么 大众点评 星巴克 starbucks 瑞幸 肯德基 kfc 麦当劳 海底捞 滴滴打车 滴滴出行"
    " uber airbnb 携程 飞猪 同程 途牛 12306 希尔顿 万豪 哈啰 顺丰 圆通 中通快递 申通 韵达 极兔"
    " 德邦 菜鸟驿站 fedex dhl"
    # homes
    " 米家 homekit 小米 科沃斯 追觅 云鲸 戴森 dyson 莱克 美的牌 格力 海尔 奥克斯 创维 老板电器"
    " 方太 华帝 苏泊尔 九阳 飞利浦 philips panasonic 西门子 siemens 博世 bosch 东芝 惠而浦"
    " irobot 安吉尔 德施曼 凯迪仕"
    # cars, clothes, video, music
    " 特斯拉 tesla 比亚迪 蔚来 小鹏汽车 丰田 本田 宝马 奔驰 奥迪 耐克 nike 阿迪达斯 adidas 李宁"
    " 安踏 优衣库 uniqlo 欧莱雅 雅诗兰黛 爱奇艺 优酷 芒果tv netflix spotify 喜马拉雅"
)
_BEFORE = {"百度": "(?<![一两几数])"}  # degrees
_AFTER = {"小米": "(?![粥饭糕辣椒面])", "美团": "(?!购)", "申通": "(?!过)"}
_NAMED = re.compile(
    "|".join(
        rf"(?<![a-z0-9]){name}(?![a-z0-9])"
        if name.isascii()
        else f"{_BEFORE.get(name, '')}{name}{_AFTER.get(name, '')}"
        for name in sorted(_NAMES.split(), key=len, reverse=True)
    )
)
_OF_ANY = re.compile(
    "别[的家]|其[他它余]|另外的|第三方|任[何意]|不限|品牌|某家|二手|各[大家]"
    r"|\b(?:other|another|any|third[- ]part)"
)


def companies(text: str) -> set[str]:
    """Return the names of well-known companies that a text mentions, as it would be searched."""
    return set(_NAMED.findall(fold(text)))


def mentions(passage: Passage, name: str) -> bool:
    """Say whether an entry says a name."""
    return name in fold(f"{passage['question']} {passage['matched']} {passage['answer']}")


def is_of_any(passage: Passage) -> bool:
    """Say whether an entry speaks of other companies without naming them ("别的平台")."""
    return _OF_ANY.search(fold(f"{passage['question']} {passage['answer']}")) is not None
