from ui.words import Words, words


def test_both_languages_say_the_same_things() -> None:
    assert _names(dict(words("zh"))) == _names(dict(words("en")))
    assert set(words("zh")) == set(Words.__annotations__)


def _names(labels: object, path: str = "") -> set[str]:
    if not isinstance(labels, dict):
        return {path}
    return {name for key, value in labels.items() for name in _names(value, f"{path}.{key}")}
