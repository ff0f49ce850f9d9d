import time

import pytest

from graph.state import Pending
from nodes.rules.errands.pending import BEYOND, Meaning, resolve

QUESTIONS = ["退款多久到账？", "退货运费谁出？", "怎么申请退款？"]
ORDERS = [
    "NZ261121003121 扫拖机器人 S10 已发货",
    "NZ261120013220 扫拖机器人 S20 Pro（自清洁基站） 已发货",
    "NZ261117001030 无线吸尘器 V8 已签收",
]
CHOICE = Pending(kind="choice", question="退款", options=QUESTIONS)
OFFER = Pending(kind="offer", question="退款")
REFUND = Pending(kind="confirm", tool="refund_request", args={"order_id": "NZ261117001030"})
CANCEL = Pending(kind="confirm", tool="cancel_order", args={"order_id": "NZ261121007494"})
MOVE = Pending(kind="confirm", tool="change_address", args={"order_id": "NZ261121007494"})
WHICH = Pending(
    kind="slot", tool="logistics", slot="order_id", options=ORDERS, args={"said": "我的快递到哪了"}
)
WHERE = Pending(
    kind="slot",
    tool="change_address",
    slot="address",
    options=[],
    args={"order_id": "NZ261121007494"},
)
YES = (
    "确认|好|好的|好滴|好嘞|行|行吧|可以|可|成|是的|对|对对|嗯|嗯嗯|恩恩|没错|没问题|"
    "好的，谢谢|可以的，麻烦了|好，确认|确定！|嗯，可以|请确认|办吧|那就办吧|yes|Yes!|"
    "y|yep|ok|OK的|okay, thanks|sure|go ahead|yes please|Confirm|👌|確認|确人|确任|"
    "queren|ＯＫ|要得|得嘞|妥|系|yes pls|嗯嗯行吧行吧"
)
NO = (
    "不|不用了|不要了|不用了谢谢|算了|算了吧|好的，不用了|要不算了|那就算了吧|"
    "还是算了|先不了|暂时不用|别|不是|不对|再想想|我再想想吧|等等|等一下|不办了|no|"
    "No thanks|nope|not now|never mind|don't|actually no|hmm, no"
)
NEW_QUESTIONS = (
    "好吗|可以吗|行不行|确认要多久|是不是|好贵|对不起|要是退不了呢|是退到支付宝吗|"
    "不好用怎么办|退款多久到账|可以换货吗|ok so how long does it take|yesterday|"
    "不用了吗这个|我要转人工"
)
YES_TO_A_PERSON = (
    "好的|要|需要|可以|转吧|转接吧|帮我转人工|好，麻烦了|那就转吧|yes please|connect me"
)
NO_ORDER = (
    "扫地机怎么清洁|那个扫地机|怎么开发票|NZ261120013220 的发票开了吗|V8电池能拆吗|"
    "转人工|谢谢|空气炸锅|已签收了可我没收到|how do I clean the vacuum"
)


@pytest.mark.parametrize("pending", [None, Pending()])
def test_without_anything_pending_a_message_is_classified(pending: Pending | None) -> None:
    assert resolve("好的", pending) == Meaning()


@pytest.mark.parametrize("text", YES.split("|"))
@pytest.mark.parametrize("pending", [REFUND, CANCEL, MOVE])
def test_a_yes_confirms_a_write(text: str, pending: Pending) -> None:
    assert resolve(text, pending) == Meaning("confirms", "account", keep=pending)


@pytest.mark.parametrize("text", NO.split("|"))
@pytest.mark.parametrize("pending", [REFUND, CANCEL, MOVE])
def test_a_no_declines_a_write(text: str, pending: Pending) -> None:
    assert resolve(text, pending) == Meaning("declines", "account", keep=pending)


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("退吧", REFUND),
        ("退款", REFUND),
        ("取消订单", CANCEL),
        ("确认取消", CANCEL),
        ("改吧", MOVE),
    ],
)
def test_naming_what_will_be_done_confirms_it(text: str, pending: Pending) -> None:
    assert resolve(text, pending).intent == "confirms"


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("不退了", REFUND),
        ("别退", REFUND),
        ("取消", REFUND),
        ("不取消了", CANCEL),
        ("不改了", MOVE),
    ],
)
def test_naming_what_will_not_be_done_declines_it(text: str, pending: Pending) -> None:
    assert resolve(text, pending).intent == "declines"


@pytest.mark.parametrize("text", ["取消", "取消吧", "cancel", "Cancel it"])
def test_a_bare_cancel_is_neither_yes_nor_no_to_a_cancellation(text: str) -> None:
    assert resolve(text, CANCEL) == Meaning("unclear", "account", keep=CANCEL)


@pytest.mark.parametrize("text", NEW_QUESTIONS.split("|"))
@pytest.mark.parametrize("pending", [REFUND, CANCEL, MOVE, OFFER])
def test_a_new_question_drops_a_yes_or_no_question(text: str, pending: Pending) -> None:
    assert resolve(text, pending) == Meaning()


@pytest.mark.parametrize("text", YES_TO_A_PERSON.split("|"))
def test_a_yes_accepts_a_person(text: str) -> None:
    assert resolve(text, OFFER) == Meaning("accepts_person", "handoff")


@pytest.mark.parametrize(
    "text", ["不用", "不用了，谢谢", "算了", "不用转了", "先不用", "no thanks"]
)
def test_a_no_declines_a_person(text: str) -> None:
    assert resolve(text, OFFER) == Meaning("declines_person", "chat")


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", 0),
        ("１", 0),
        ("第一个", 0),
        ("选2", 1),
        ("第二个吧", 1),
        ("第2项", 1),
        ("三", 2),
        ("最后一个", 2),
        ("the first one", 0),
        ("second", 1),
        ("option 3", 2),
        ("退货运费谁出？", 1),
        ("运费", 1),
    ],
)
def test_a_choice_is_made_by_position_or_wording(text: str, chosen: int) -> None:
    assert resolve(text, CHOICE) == Meaning("chosen", "knowledge", QUESTIONS[chosen])


@pytest.mark.parametrize("text", ["退款", "都不是", "怎么开发票", "一直没到", "4楼", "第五天"])
def test_a_message_that_fits_no_choice_or_several_drops_it(text: str) -> None:
    assert resolve(text, CHOICE) == Meaning()


@pytest.mark.parametrize("text", ["4", "第五个", "选9吧", "option 4", "the fourth one"])
def test_a_number_that_was_not_offered_keeps_the_choice(text: str) -> None:
    offered = OFFER | {"options": QUESTIONS}

    assert resolve(text, CHOICE) == Meaning(BEYOND, "vague", keep=CHOICE)
    assert resolve(text, offered) == Meaning(BEYOND, "vague", keep=offered)
    assert resolve(text, WHICH) == Meaning(BEYOND, "account", keep=WHICH)
    assert resolve(text, OFFER) == resolve(text, WHERE) == Meaning()  # no numbers were offered


def test_a_choice_without_options_is_dropped() -> None:
    assert resolve("最后一个", Pending(kind="choice", question="", options=[])) == Meaning()


@pytest.mark.parametrize(
    ("text", "order_id"),
    [
        ("1", "NZ261121003121"),
        ("第一个", "NZ261121003121"),
        ("第二单", "NZ261120013220"),
        ("最后一个", "NZ261117001030"),
        ("the second one", "NZ261120013220"),
        ("NZ261120013220", "NZ261120013220"),
        ("是nz 2611 2001 3220 这单", "NZ261120013220"),
        ("ＮＺ２６１１２００１３２２０", "NZ261120013220"),
        ("NZ260801002197", "NZ260801002197"),
        ("那个吸尘器", "NZ261117001030"),
        ("V8那单", "NZ261117001030"),
        ("s20pro的", "NZ261120013220"),
        ("已签收的那个", "NZ261117001030"),
        ("最近那单", "NZ261121003121"),
        ("最新的", "NZ261121003121"),
        ("the vacuum please", "NZ261117001030"),
        (ORDERS[1], "NZ261120013220"),
        ("3220", "NZ261120013220"),
    ],
)
def test_the_order_asked_for_is_filled_in(text: str, order_id: str) -> None:
    meaning = resolve(text, WHICH)

    assert (meaning.intent, meaning.route, meaning.question) == ("fills_slot", "account", None)
    assert meaning.keep["args"] == {"said": "我的快递到哪了", "order_id": order_id}
    assert WHICH["args"] == {"said": "我的快递到哪了"}


@pytest.mark.parametrize("text", NO_ORDER.split("|"))
def test_a_new_question_or_an_unclear_answer_drops_the_slot(text: str) -> None:
    assert resolve(text, WHICH) == Meaning()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "浙江省杭州市云栈路 43 号松影公馆 19 栋 704 室",
            "浙江省杭州市云栈路 43 号松影公馆 19 栋 704 室",
        ),
        ("改成宁州市三环路8号暖舟大厦，谢谢", "宁州市三环路8号暖舟大厦"),
        ("寄到宁州市三环路8号可以吗", "宁州市三环路8号"),
        ("12 Main Street, Springfield please", "12 Main Street, Springfield"),
    ],
)
def test_the_address_asked_for_is_filled_in(text: str, address: str) -> None:
    meaning = resolve(text, WHERE)

    assert meaning.intent == "fills_slot"
    assert meaning.keep["args"] == {"order_id": "NZ261121007494", "address": address}


@pytest.mark.parametrize("text", ["送到公司吧", "改地址要钱吗", "杭州市", "第一个"])
def test_a_message_without_a_door_number_is_no_address(text: str) -> None:
    assert resolve(text, WHERE) == Meaning()


@pytest.mark.parametrize("text", ["算了", "不用了", "no thanks", "不改了"])
def test_a_no_ends_an_errand_that_lacks_something(text: str) -> None:
    assert resolve(text, WHERE) == Meaning("declines", "account", keep=WHERE)


@pytest.mark.parametrize("piece", ["好", "不", "嗯", "ok ", "再想", "NZ2", "请转", "号"])
def test_long_messages_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    for pending in (CHOICE, OFFER, REFUND, CANCEL, WHICH, WHERE):
        resolve(piece * 2000, pending)
        resolve(piece * 9 + "x", pending)

    assert time.process_time() - started < 2


@pytest.mark.parametrize("text", ["是的", "好", "ok", "对的"])
def test_a_yes_to_which_order_is_asked_again(text: str) -> None:
    assert resolve(text, WHICH) == Meaning("unclear", "account", keep=WHICH)


@pytest.mark.parametrize("said", ["不对 是吸尘器", "吸尘器那个", "就是那个门锁"])
def test_goods_named_instead_of_a_yes_are_another_order(said: str) -> None:
    meaning = resolve(
        said, MOVE | {"args": {"order_id": "NZ261121007494", "address": "宁州市 1 号"}}
    )

    assert meaning.intent == "fills_slot"
    assert meaning.keep == Pending(
        kind="slot", tool="change_address", args={"address": "宁州市 1 号"}
    )


def test_the_first_where_there_is_only_one_is_asked_for_a_yes_again() -> None:
    meaning = resolve("第一个", REFUND)

    assert meaning.keep == REFUND | {"kind": "slot"}


def test_a_question_about_goods_is_no_answer_to_what_is_to_be_confirmed() -> None:
    assert resolve("吸尘器怎么清洗", CANCEL) == Meaning()


@pytest.mark.parametrize(
    "said", ["我确认", "可以的呢", "好的呢", "嗯嗯哈", "那就确认吧", "行呢，谢谢"]
)
def test_a_yes_may_end_in_a_particle(said: str) -> None:
    assert resolve(said, REFUND).intent == "confirms"


@pytest.mark.parametrize("said", ["可以吗", "好的呢？", "行不行呢", "确认呢还是不确认"])
def test_a_question_that_ends_in_a_particle_is_no_yes(said: str) -> None:
    assert resolve(said, REFUND) == Meaning()


@pytest.mark.parametrize("said", ["确认", "确认！", "那就确认吧", "退吧", "confirm"])
def test_after_another_question_only_a_plain_word_confirms(said: str) -> None:
    put_off = REFUND | {"put_off": 1}

    assert resolve(said, put_off) == Meaning("confirms", "account", keep=put_off)


@pytest.mark.parametrize("said", ["好的", "嗯", "行", "可以", "ok", "谢谢，好的", "yes"])
def test_after_another_question_a_mere_yes_is_asked_for_again(said: str) -> None:
    put_off = REFUND | {"put_off": 1}

    assert resolve(said, put_off) == Meaning("unclear", "account", keep=put_off)


def test_another_address_instead_of_a_yes_is_asked_for_a_yes_again() -> None:
    args = {"order_id": "NZ261121007494", "address": "宁州市 1 号", "key": "m1", "asked_at": 1.0}

    meaning = resolve("不对，是宁州市三环路8号", MOVE | {"args": args})

    assert meaning.intent == "fills_slot"
    assert meaning.keep["args"] == {"order_id": "NZ261121007494", "address": "宁州市三环路8号"}


def test_an_address_instead_of_the_order_is_kept_while_the_order_is_asked_for() -> None:
    which = Pending(
        kind="slot", tool="change_address", slot="order_id", options=ORDERS, args={"said": "改地址"}
    )

    meaning = resolve("改成宁州市三环路8号", which)

    assert meaning.keep == which | {"args": {"said": "改地址", "address": "宁州市三环路8号"}}
    assert resolve("改成宁州市三环路8号", WHICH) == Meaning()


@pytest.mark.parametrize("said", ["吸尘器那一单", "就是吸尘器那单，谢谢", "好，吸尘器那一个"])
def test_an_order_is_picked_by_its_goods_whatever_counts_it(said: str) -> None:
    assert resolve(said, WHICH).keep["args"]["order_id"] == "NZ261117001030"


def test_what_was_offered_beside_a_yes_that_waits_can_be_picked() -> None:
    put_off = REFUND | {"put_off": 1, "options": QUESTIONS}
    none_offered = put_off | {"options": []}

    assert resolve("2", put_off) == Meaning("chosen", "knowledge", QUESTIONS[1])
    assert resolve("7", put_off) == Meaning(BEYOND, "vague", keep=put_off)
    assert resolve("确认", put_off).intent == "confirms"
    assert resolve("不用了", put_off).intent == "declines"
    assert resolve("1", none_offered).keep["kind"] == "slot"  # asked for a yes again


@pytest.mark.parametrize("text", ["嗯 取消吧", "好的，取消", "那取消吧", "ok cancel"])
def test_a_cancel_after_well_is_neither_yes_nor_no_to_a_cancellation(text: str) -> None:
    assert resolve(text, CANCEL) == Meaning("unclear", "account", keep=CANCEL)


@pytest.mark.parametrize("text", ["是的取消", "对，取消", "没错，取消吧", "确认取消"])
def test_a_yes_before_cancel_confirms_a_cancellation_only(text: str) -> None:
    assert resolve(text, CANCEL).intent == "confirms"
    assert resolve(text, REFUND).intent != "confirms"


@pytest.mark.parametrize(
    ("said", "pending"),
    [
        ("退款呢", REFUND),
        ("取消订单呢", CANCEL),
        ("改呢", MOVE),
        ("是哦", REFUND),
        ("对噢", CANCEL),
    ],
)
def test_asking_what_about_it_and_oh_really_are_no_yes(said: str, pending: Pending) -> None:
    assert resolve(said, pending) == Meaning()


def test_who_takes_it_back_in_other_words_than_no_declines() -> None:
    which = WHICH | {"tool": "refund_request"}

    assert resolve("我又不想退了", REFUND).intent == "declines"
    assert resolve("算了，我再用用看", which).intent == "declines"
    assert resolve("全部都不退了", which).intent == "declines"


@pytest.mark.parametrize("said", ["好的", "嗯", "ok"])
def test_after_a_reason_only_a_plain_word_confirms(said: str) -> None:
    told = REFUND | {"whys": 1}

    assert resolve(said, told).intent == "unclear"
    assert resolve("确认", told).intent == "confirms"


def test_another_orders_number_instead_of_a_yes_is_that_order() -> None:
    meaning = resolve("不是这单，是 NZ261121007494", REFUND)

    assert meaning.intent == "fills_slot"
    assert "order_id" not in meaning.keep["args"]


@pytest.mark.parametrize("lead", ["订单 NZ261121012049 改到", "空气炸锅那单改到", "另一单改到"])
def test_an_address_for_another_order_is_not_given_to_the_one_before(lead: str) -> None:
    said = f"{lead}成都市三环路8号"

    for pending in (MOVE, WHERE):
        args = resolve(said, pending).keep["args"]
        assert args["address"] == "成都市三环路8号"
        assert "order_id" not in args
        assert "order_id" in resolve("成都市三环路8号", pending).keep["args"]


def test_the_buttons_beside_the_yes_are_no_questions_to_pick_from() -> None:
    meaning = resolve("1", REFUND | {"options": ["确认", "不用了"]})

    assert meaning.intent == "fills_slot"
    assert meaning.keep["args"]["order_id"] == REFUND["args"]["order_id"]
