"""Tables as documents: the JSON that the API answers, and the CSV of any report."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from services.reporting.figures import Cell, Table
from services.reporting.grid import CONFIDENTIAL
from services.reporting.paper import Listing
from services.reporting.scope import Scope
from shared.year import Period, Quarter

COLUMNS = ("table", "row", "column", "value", "basis", "numerator", "denominator")


def tables_out(tables: Iterable[Table], report: str, scope: Scope) -> list[Mapping[str, Any]]:
    """Tables as JSON, each figure with its basis, what it was divided by, and where its cases are listed."""
    asked = urlencode({"report": report, **named(scope.year), "as_at": scope.as_at.isoformat()})

    def row(table: Table, cell: Cell) -> Mapping[str, Any]:
        place = f"table={_quoted(table.name)}&row={_quoted(cell.row)}&column={_quoted(cell.column)}"
        return {**_row(table, cell), "trace": f"/v1/traces?{asked}&{place}"}

    return [_table_out(table, row) for table in tables]


_quoted = lru_cache(4096)(quote_plus)
"""The names of tables, rows and columns are few, and come from code lists."""


def named(period: Period) -> Mapping[str, str | int]:
    """A period by the names that the API asks for it with: a year, or a quarter of one."""
    if isinstance(period, Quarter):
        return {"year": period.year.label, "quarter": period.number}
    return {"year": period.label}


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


def as_csv(tables: Iterable[Table], listings: Iterable[Listing] = ()) -> str:
    """Tables as CSV, one figure a line; what there is no value for is empty, what is suppressed is `[c]`.

    Each listing follows after an empty line, under its name and the names of its columns.

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
    for listing in listings:
        lines.writerows([(), (_inert(listing.name),), listing.columns])
        lines.writerows([_inert(value) for value in row] for row in listing.rows)
    return text.getvalue()


def _inert(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; a number stays a number.

    Source: OWASP, CSV Injection.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
