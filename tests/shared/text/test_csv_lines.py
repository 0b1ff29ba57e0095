"""CSV lines: in every program, no cell is read as a formula, and no cell is split."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text.csv_lines import csv_line


def _read(line: bytes, delimiter: str = ",") -> list[str]:
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""), delimiter=delimiter)
    return cells


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|calc"),
        *(" =1+1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u202e=1", "\x07=1"),
        *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM", "\u2003\uff1d1"),
    ],
)
def test_cell_that_looks_like_a_formula_becomes_text(cell: str) -> None:
    assert _read(csv_line(["x", cell])) == ["x", f"'{cell}"]


@pytest.mark.parametrize(
    "cell", ["", "0101243150", "Sở Tài chính", " a=b", "1=1", "a,b;c\td", '"', "–", "10:00"]
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert _read(csv_line([cell, "x"])) == [cell, "x"]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_every_cell_is_quoted(cells: list[str]) -> None:
    """Excel in Vietnam splits at semicolons: an unquoted `a;=1` would become a formula there."""
    line = csv_line([cell.replace("\x00", "") for cell in cells])
    assert line.startswith(b'"')
    assert line.endswith(b'"\r\n')
    assert line.count(b'"') % 2 == 0
    assert len(_read(csv_line(["a;=1", "b"]), delimiter=";")) == 1
