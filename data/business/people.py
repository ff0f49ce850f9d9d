"""The sample shop's users; nobody can have their phone and ID numbers."""

import random
from datetime import date, timedelta

from sample import LEVELS, PLACES, TODAY, YEAR_BEFORE, Place, Record

USERS = 60
PLANS = [("免费版", 0), ("免费版", 0), ("试用", 7), ("月付", 30), ("年付", 365)]  # days it runs


def id_number(rng: random.Random) -> str:
    """Return an ID number nobody can have: unassigned area, born 1900-1909, valid check digit."""
    born = date(1900, 1, 1) + timedelta(days=rng.randrange(3650))
    body = f"999999{born:%Y%m%d}{rng.randrange(1000):03d}"
    weighted = sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(body))
    return body + "10X98765432"[weighted % 11]


def address(rng: random.Random, place: Place) -> str:
    """Return an invented street in a real city."""
    road = rng.choice(["望舟路", "暖帆路", "听潮街", "云栈路", "新禾大道", "柳汀巷"])
    estate = rng.choice(["晴川里", "云岸花园", "青禾苑", "拾光小区", "松影公馆"])
    city = "" if place.city == place.province else place.city
    room = f"{rng.randrange(1, 19)}{rng.randrange(1, 5):02d}"
    where = f"{road} {rng.randrange(1, 300)} 号{estate} {rng.randrange(1, 20)} 栋 {room} 室"
    return f"{place.province}{city}{where}"


def subscription(rng: random.Random) -> Record:
    """Return an App subscription that runs today, or the free one."""
    plan, days = rng.choice(
        [("免费版", 0), ("免费版", 0), ("试用", 7), ("月付", 30), ("年付", 365)]
    )
    started = TODAY - timedelta(days=rng.randrange(days)) if days else None
    return {
        "plan": plan,
        "started_on": started and started.isoformat(),
        "expires_on": started and (started + timedelta(days=days)).isoformat(),
        "auto_renew": bool(days) and rng.random() < 0.7,
        "devices": rng.randrange(0, 6) if plan == "免费版" else rng.randrange(1, 12),
    }


def make_users(rng: random.Random) -> list[Record]:
    """Return the users, without what follows from their orders."""
    names = [
        a + b
        for a in "江沈陆顾叶苏林许方秦"
        for b in ("知遥", "明禾", "若川", "一帆", "静舟", "安")
    ]
    rng.shuffle(names)
    users = []
    for number, name in enumerate(names[:USERS], start=1):
        place = PLACES[0] if number <= 4 else PLACES[(number * 7) % len(PLACES)]
        spent = rng.choice([0, 0, 0, 500, 1200, 2600, 4800, 7300, 16800])
        users.append(
            {
                "user_id": f"u{number:03d}",
                "name": name,
                "phone": f"1{rng.randrange(30, 99)}0000{number:02d}{rng.randrange(100):02d}",
                "email": f"user{number:03d}@example.com",
                "province": place.province,
                "city": place.city,
                "address": address(rng, place),
                "id_no": id_number(rng) if number % 6 == 0 else None,
                "level": "普通",
                "spent_year": YEAR_BEFORE.get(number, spent),
                "points": 0,
                "subscription": subscription(rng),
            }
        )
    return users


def settle(rng: random.Random, users: list[Record], orders: list[Record]) -> None:
    """Fill in what users spent in a year, and the level and points that follow."""
    for user in users:
        user["spent_year"] += sum(
            order["amount"]
            for order in orders
            if order["user_id"] == user["user_id"] and order["status"] == "已签收"
        )
        user["level"] = next(name for name, least in LEVELS if user["spent_year"] >= least)
        user["points"] = max(0, user["spent_year"] - 100 * rng.randrange(0, 9))
