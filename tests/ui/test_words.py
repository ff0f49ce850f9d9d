from ui.words import Words, words
from ui.words.desk import DeskWords, desk_words
from ui.words.knowledge import KnowledgeWords, knowledge_words


def test_both_languages_say_the_same_things() -> None:
    assert _names(dict(words("zh"))) == _names(dict(words("en")))
    assert set(words("zh")) == set(Words.__annotations__)


def test_the_knowledge_page_says_the_same_things_in_both_languages() -> None:
    chinese, english = knowledge_words("zh"), knowledge_words("en")

    assert _names(dict(chinese)) == _names(dict(english))
    assert set(chinese) == set(KnowledgeWords.__annotations__)


def test_the_desk_says_the_same_things_in_both_languages() -> None:
    chinese, english = desk_words("zh"), desk_words("en")

    assert _names(dict(chinese)) == _names(dict(english))
    assert set(chinese) == set(DeskWords.__annotations__)


def _names(labels: object, path: str = "") -> set[str]:
    if not isinstance(labels, dict):
        return {path}
    return {name for key, value in labels.items() for name in _names(value, f"{path}.{key}")}
