"""Notice the conditions that a sentence brings with it: names, and words like all and only."""

import re
from collections.abc import Sequence

from nodes.rules.wording.condition_names import MODEL, is_model, named, names_of

# A sweeping word, and what in a passage can stand behind it.
_SWEEPING = (
    (
        re.compile("所有|任何|任意|一律|统统|全场|全国(?!一?共?有)|全球"),
        re.compile("所有|全部|任何|任意|一律|统统|全场|各|每[一个件种]|都|均|全国|全球|全额"),
    ),
    (
        re.compile(r"(?<!\bare )\b(?:all|every|always|everyone)\b(?! the best| set| else| other)"),
        re.compile(
            r"(?i:\b(?:all|every|each|any|always|everyone|both|whole|full|no)\b)|[所每任各都均一]"
        ),
    ),
    (
        re.compile("无论|不管|不论|哪怕|随时"),
        re.compile("无论|不管|不论|随时|任何|任意|所有|全部|都|均|也|一律"),
    ),
    (re.compile("永久|终身|终生|永远|一辈子"),) * 2,
    (
        re.compile("免费(?!版|用户)|不要钱"),
        re.compile(r"免|不[再另外行]*收|赠|送(?![检修货到达])|包邮|我[方们]|\bfree\b"),
    ),
    (
        re.compile("不会?影响"),
        re.compile("不会?影响|不受影响|照[样常]|[仍还也都]|不变|保留|无关|不用|无需|不必"),
    ),
    (
        re.compile("无条件|没有(?:任何)?(?:门槛|条件)|无门槛"),
        re.compile("无条件|没有(?:任何)?(?:门槛|条件|限制)|无门槛|不限"),
    ),
    (
        re.compile("仅限|只限|专享|专属"),  # 只有买新机才能参加 is how one puts 买新机可以参加
        re.compile(r"仅|只(?!有(?:一|\d))|限|才|唯一|专享|专属|必须|首次|除"),
    ),
)
_SORT_OF = re.compile(rf"(?:{MODEL}\s?|这[类些种]|之类的|等)$")


def foreign(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the names and sweeping words of folded `sentence` that no source has."""
    found = [
        name
        for place, _, name in named(sentence)
        if not is_model(name)
        and not (sentence[place].isascii() and not name.isascii())  # strangers reads English
        and not _is_summed_up(sentence, place)
        and not any(name in names_of(source) for source in sources)
    ]
    for said, backed in _SWEEPING:
        if (match := said.search(sentence)) and not any(map(backed.search, sources)):
            found.append(match.group())
    return found


def _is_summed_up(sentence: str, place: int) -> bool:
    """Say whether the name there only sorts what was named: R3 电饭煲, 拖布这类耗材."""
    return _SORT_OF.search(sentence[:place]) is not None
