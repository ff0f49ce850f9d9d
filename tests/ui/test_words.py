import ast
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from graph.settings import ROOT
from tools.errors import BadEntry
from tools.ingest.convert.limits import UPLOAD, smaller
from ui.knowledge_report import reason
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


def said(node: ast.expr, module: ModuleType) -> str:
    """What a reason in the code says, with 7 for what it fills in."""
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(said(part, module) for part in node.values)
        case ast.FormattedValue():
            value = said(node.value, module)
            return repr(value) if node.conversion == ord("r") else value
        case ast.Name():
            return str(vars(module).get(node.id, "7"))
        case ast.Call(func=ast.Name(id="smaller")):
            return smaller(UPLOAD)
    return "7"


def reasons() -> Iterator[str]:
    """Every reason that the code of ingestion gives in its own words."""
    for path in sorted((ROOT / "tools" / "ingest").rglob("*.py")):
        if path.stem.startswith("__"):
            continue
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"BadEntry": 1, "Note": 1, "Unreadable": 0}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    yield said(node.args[place], module)


def test_every_reason_to_refuse_knowledge_has_chinese_words() -> None:
    own = {each for each in reasons() if each not in ("7", "7: 7") and each[:3] != "7; "}

    foreign = [each for each in sorted(own) if reason("zh", BadEntry("a.md", each)) == each]

    assert len(own) > 30
    assert foreign == []
