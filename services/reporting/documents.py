"""Tables as documents: the JSON that the API answers, and the CSV of any report."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from services.reporting.figures import Cell, Table
from services.reporting.grid import CONFIDENTIAL
from services.reporting.scope import Scope

COLUMNS = ("table", "row", "column", "value", "basis", "numerator", "denominator")


def tables_out(tables: Iterable[Table], report: str, scope: Scope) -> list[Mapping[str, Any]]:
    """Tables as JSON, each figure with its basis, what it was divided by, and where its cases are listed."""
    asked = {"report": report, "year": scope.year.label, "as_at": scope.as_at.isoformat()}

    def row(table: Table, cell: Cell) -> Mapping[str, Any]:
        query = urlencode({**asked, "table": table.name, "row": cell.row, "column": cell.column})
        return {**_row(table, cell), "trace": f"/v1/traces?{query}"}

    return [_table_out(table, row) for table in tables]


def plain_tables_out(tables: Iterable[Table]) -> list[Mapping[str, Any]]:
    """Tables as JSON without their traces: of several authorities, whose cases nobody is shown together."""
    return [_table_out(table, _row) for table in tables]


def _table_out(table: Table, row: Callable[[Table, Cell], Mapping[str, Any]]) -> Mapping[str, Any]:
    return {
        "name": table.name,
        "rows": [row(table, cell) for cell in table.cells],
        "balanced": table.balanced,
        "layout": table.layout,
    }


def _row(_: Table, cell: Cell) -> Mapping[str, Any]:
    return {
        "row": cell.row,
        "column": cell.column,
        "value": cell.value,
        "basis": cell.basis,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        **({"suppressed": True} if cell.suppressed else {}),
    }


def as_csv(tables: Iterable[Table]) -> str:
    """Tables as CSV, one figure a line; what there is no value for is empty, what is suppressed is `[c]`.

    `[c]` is the Government Analysis Function's shorthand for a value that is confidential.
    """
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for table in tables:
        for cell in table.cells:
            value = CONFIDENTIAL if cell.suppressed else cell.value
            cells = (table.name, cell.row, cell.column, value, cell.basis, cell.numerator, cell.denominator)
            lines.writerow([_inert(value) for value in cells])
    return text.getvalue()


def _inert(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; a number stays a number.

    Source: OWASP, CSV Injection.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
