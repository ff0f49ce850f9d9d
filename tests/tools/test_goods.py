import re
from pathlib import Path

import pytest

from nodes.rules.errands.goods import english_name, meant
from nodes.rules.hearing.misheard import put_right
from tools.business.goods import Good, read_goods, selling, sold
from tools.errors import ConfigError

SHOES = (Good("登山鞋", re.compile("登山鞋|hiking boots"), "hiking boots", ("登山鞋",)),)


def test_another_shop_s_goods_are_heard_and_those_of_the_sample_are_not() -> None:
    with selling(SHOES):
        assert meant("我的登山鞋和空气炸锅") == {"登山鞋"}
        assert english_name("登山鞋 42 码", "D42") == "hiking boots D42"
        assert put_right("灯山鞋要退货") == "登山鞋要退货"
        assert put_right("破比机要退货") == "破比机要退货"


def test_a_shop_that_closes_leaves_the_goods_of_the_others() -> None:
    before = sold()
    first, second = selling(()), selling(SHOES)
    first.__enter__()
    second.__enter__()

    first.__exit__(None, None, None)
    assert sold() == SHOES
    second.__exit__(None, None, None)
    assert sold() == before


def test_a_shop_may_have_no_such_file(tmp_path: Path) -> None:
    assert read_goods(tmp_path) == ()


def test_goods_without_other_words_are_called_by_their_name(tmp_path: Path) -> None:
    (tmp_path / "goods.yaml").write_text("- name: 登山鞋 (男)\n", encoding="utf-8")

    (good,) = read_goods(tmp_path)

    assert good.called.search("登山鞋 (男)")
    assert (good.english, good.heard) == ("", ())


@pytest.mark.parametrize("written", ["- called: 鞋", "- name: 鞋\n  called: '('", "- 鞋"])
def test_what_is_no_list_of_goods_names_the_file(tmp_path: Path, written: str) -> None:
    (tmp_path / "goods.yaml").write_text(written, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"goods\.yaml"):
        read_goods(tmp_path)
