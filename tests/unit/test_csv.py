"""Reports as CSV, in the hands of a spreadsheet."""

import csv
import io

import pytest

from services.reporting.documents import COLUMNS, as_csv
from services.reporting.figures import Cell, Share, Table

HOSTILE = [
    '=HYPERLINK("http://example.org";"here")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1+1",  # full-width forms, which some programs fold
]


def lines(cell: Cell) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv([Table(name="a table", cells=(cell,))]), newline="")))


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_a_text_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    first, found = lines(Cell(row=text, column=text, basis=text, shares=(Share("x", 3),)))
    assert first == list(COLUMNS)
    assert found == ["a table", f"'{text}", f"'{text}", "3", f"'{text}", "3", ""]


def test_what_is_harmless_and_what_is_a_number_stays_as_it_is() -> None:
    _, found = lines(Cell(row="a=b", column="65-74", basis="", shares=(Share("x", -3),)))
    assert found == ["a table", "a=b", "65-74", "-3", "", "-3", ""]
    _, ratio = lines(
        Cell(row="r", column="c", basis="", shares=(Share("x", -3),), of=(Share("y", 2),), measure="ratio")
    )
    assert ratio[3:] == ["-1.5", "", "-3", "2"]
