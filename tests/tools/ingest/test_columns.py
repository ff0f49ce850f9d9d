"""Which printed lines are rows of one table."""

from tools.ingest.convert.columns import table
from tools.ingest.convert.lines import Cell, Line


def line(bottom: float, *cells: tuple[str, float, float]) -> Line:
    made = tuple(Cell(text, left, right, 10) for text, left, right in cells)
    text = " ".join(cell.text for cell in made)
    return Line(text, made, 10, made[0].left, made[-1].right, bottom)


HEAD = line(100, ("型号", 0, 40), ("价", 100, 140), ("备注", 200, 240))
ROW = line(85, ("A1", 0, 40), ("9", 100, 140), ("含税", 200, 240))


def test_two_cells_below_one_column_are_no_row_of_the_table() -> None:
    assert table([HEAD, ROW, line(70, ("甲", 100, 110), ("乙", 130, 140))], 0)[1] == 2


def test_a_cell_alone_goes_on_the_one_above_only_if_it_is_close() -> None:
    close, far = line(70, ("不退", 200, 240)), line(60, ("不退", 200, 240))

    assert table([HEAD, ROW, close], 0)[0][-1] == ["A1", "9", "含税不退"]
    assert table([HEAD, ROW, far], 0)[0][-1] == ["", "", "不退"]


def test_a_cell_alone_in_the_first_column_ends_the_table() -> None:
    assert table([HEAD, ROW, line(70, ("注：", 0, 40))], 0)[1] == 2
