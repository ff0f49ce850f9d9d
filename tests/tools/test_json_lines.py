from pathlib import Path

import pytest

from tools.errors import ConfigError
from tools.json_lines import ids, read_lines, text


def written(folder: Path, content: str) -> Path:
    path = folder / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    return path


def test_reads_every_line_but_blank_ones(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeff{"q": "第一\u2028行"}\n\n {"q": "b"}\n')

    assert read_lines(path, "question", lambda raw: text(raw, "q")) == ["第一\u2028行", "b"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "JSONDecodeError"),
        ("[1]", "expected an object, got list"),
        ("{}", "KeyError: 'ids'"),
        ('{"ids": "a"}', "ids: expected a list of ids, got 'a'"),
    ],
)
def test_names_the_line_that_wont_do_and_why(line: str, why: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'{{"ids": ["a"]}}\n\n{line}\n')

    with pytest.raises(ConfigError) as raised:
        read_lines(path, "list of ids", lambda raw: ids(raw, "ids"))

    assert f"{path}:3: no list of ids (" in str(raised.value)
    assert why in str(raised.value)


def test_a_file_that_is_empty_or_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected lines with a row each, found none"):
        read_lines(written(tmp_path, "\n \n"), "row", dict)
    with pytest.raises(ConfigError, match="can't be read"):
        read_lines(tmp_path / "other.jsonl", "row", dict)
