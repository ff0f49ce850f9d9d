import pytest

from nodes.rules.wording.tongue import is_foreign

SOURCE = "在「设置」里点 Sign out of all devices。S20 Pro 支持 Wi-Fi 6。"


@pytest.mark.parametrize(
    ("sentence", "locale"),
    [
        ("Refunds take three working days.", "zh"),
        ("Le remboursement prend trois jours ouvrables.", "zh"),
        ("払い戻しは3営業日かかります。", "zh"),
        ("Возврат занимает 3 рабочих дня.", "zh"),
        ("환불은 3일 걸립니다.", "en"),
        ("退款需要三个工作日到账。", "en"),
    ],
)
def test_a_sentence_in_another_language_is_foreign(sentence: str, locale: str) -> None:
    assert is_foreign(sentence, locale, [SOURCE])


@pytest.mark.parametrize(
    ("sentence", "locale"),
    [
        ("退款需要三个工作日到账。", "zh"),
        ("S20 Pro 支持 Wi-Fi 6[1]。", "zh"),
        ("Sign out of all devices", "zh"),
        ("在 App 里打开 Settings。", "zh"),
        ("Refunds take three working days.", "en"),
        ("Open 暖舟 on your phone.", "en"),
        ("99 元。", "en"),
        ("[1]", "zh"),
        ("", "en"),
    ],
)
def test_names_and_quotations_are_not(sentence: str, locale: str) -> None:
    assert not is_foreign(sentence, locale, [SOURCE])
