from nodes.rules.wording.pieces import LONG_CHARS, MOST, pieces


def test_a_message_that_is_not_long_is_not_cut() -> None:
    assert pieces("退款多久到账？" * 20) == []
    assert pieces("退" * LONG_CHARS) == []


def test_a_long_message_is_cut_at_sentences_and_lines() -> None:
    first, second = (
        "我上周买了扫地机" + "，" + "很满意" * 90 + "。",
        "现在想开发票\n" + "谢谢" * 150,
    )

    assert pieces(first + second)[:2] == [first, "现在想开发票"]


def test_a_figure_is_not_cut_at_its_point() -> None:
    assert any("99.50" in piece for piece in pieces("It was 99.50 yuan, " * 40))


def test_nothing_is_lost_and_the_number_is_bounded() -> None:
    text = "".join(f"第{number}句话说一件事。" for number in range(400))

    found = pieces(text)

    assert len(found) <= MOST
    assert "".join(found).replace(" ", "") == text


def test_signs_alone_are_no_piece() -> None:
    assert pieces("？！…\n" * 200) == []
