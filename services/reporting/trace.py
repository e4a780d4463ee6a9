"""From a figure to its cases: what each contributes, adding up to the figure."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.reporting.figures import Cell, Shares, Table
from shared.errors import NotFound


def find(tables: Iterable[Table], table: str, row: str, column: str) -> Cell:
    """The cell of a table by its row and column.

    Raises:
        NotFound: the report has no such cell.
    """
    for candidate in tables:
        for cell in candidate.cells if candidate.name == table else ():
            if (cell.row, cell.column) == (row, column):
                return cell
    raise NotFound(f"a figure {row!r}, {column!r} in a table {table!r}")


def document(table: str, cell: Cell) -> Mapping[str, Any]:
    """The trace of a cell: `cases` add up to the numerator, `denominator_cases` to the denominator."""
    return {
        "table": table,
        "row": cell.row,
        "column": cell.column,
        "value": cell.value,
        "basis": cell.basis,
        "measure": cell.measure,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "cases": _listed(cell.shares),
        "denominator_cases": _listed(cell.of or ()),
    }


def _listed(shares: Shares) -> list[Mapping[str, Any]]:
    return [{"reference": share.reference, "contribution": share.amount} for share in shares]
