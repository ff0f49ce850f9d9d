import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.rules.wording.sentences import split


@pytest.mark.parametrize(
    ("buffer", "sentences", "rest"),
    [
        ("您好。请问", ["您好。"], "请问"),
        ("保修3.5年。好", ["保修3.5年。"], "好"),
        ("见 https://a.example/c.d?x=1。下一句", ["见 https://a.example/c.d?x=1。"], "下一句"),
        ("1. 打开App。2. 点", ["1. 打开App。"], "2. 点"),
        ("Hello. World", ["Hello."], " World"),
        ("v2.5 is out. Next", ["v2.5 is out."], " Next"),
        ("Mr. Li said hi. Bye", ["Mr. Li said hi."], " Bye"),
        ("“好。”他说", ["“好。”"], "他说"),
        ("保修两年。[1]下一", ["保修两年。[1]"], "下一"),
        ("是！！！真的", ["是！！！"], "真的"),
        ("价格是3.", [], "价格是3."),
        ("第一行\n第二行", ["第一行\n"], "第二行"),
        ("", [], ""),
    ],
)
def test_cuts_complete_sentences_and_keeps_the_rest(
    buffer: str, sentences: list[str], rest: str
) -> None:
    assert split(buffer) == (sentences, rest)


@given(st.text(alphabet="a1。.！? \n[]”:/wht ps", max_size=60))
def test_nothing_is_lost(buffer: str) -> None:
    sentences, rest = split(buffer)

    assert "".join(sentences) + rest == buffer
