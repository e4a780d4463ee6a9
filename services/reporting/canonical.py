"""Figures as canonical bytes: counted again from the same log, they are the same bytes for ever.

They hold what a value is made of and nothing that is shown around it: labels, layouts and traces may change.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import orjson

from services.reporting.figures import Cell, Table
from services.reporting.restatement import Figures
from shared.codec import canonical

Years = Mapping[str, Sequence[Table]]
"""The tables of each year of a report, by its label."""


def digest(content: bytes) -> str:
    """How bytes are cited: "sha256:" and their hash."""
    return f"sha256:{sha256(content).hexdigest()}"


def figures(authority: str, report: str, as_at: date, position: int, years: Years) -> bytes:
    """Every figure of the tables of each year, as known at a position of the authority's log."""
    return canonical(
        {
            "authority": authority,
            "report": report,
            "as_at": as_at.isoformat(),
            "position": position,
            "years": [{"year": year, "tables": [_table(table) for table in tables]} for year, tables in years.items()],
        }
    )


def _table(table: Table) -> Mapping[str, Any]:
    return {"name": table.name, "figures": [_figure(cell) for cell in table.cells]}


def _figure(cell: Cell) -> Mapping[str, Any]:
    return {
        "row": cell.row,
        "column": cell.column,
        "measure": cell.measure,
        "value": cell.value,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
    }


def frozen_tables(content: bytes) -> Mapping[str, tuple[str, ...]]:
    """The names of the tables that canonical figures hold, by year."""
    return {year["year"]: tuple(table["name"] for table in year["tables"]) for year in _years(content)}


def only(tables: Sequence[Table], names: Sequence[str]) -> Sequence[Table]:
    """The tables of these names, in this order: what was added since is no part of what was frozen."""
    known = {table.name: table for table in tables}
    return [known[name] for name in names if name in known]


def values(content: bytes) -> Mapping[str, Figures]:
    """The values in canonical figures, for each year by table, row and column; None where there was none to show."""
    return {
        year["year"]: {
            (table["name"], figure["row"], figure["column"]): figure["value"]
            for table in year["tables"]
            for figure in table["figures"]
        }
        for year in _years(content)
    }


def differences(frozen: bytes, counted: bytes) -> list[str]:
    """Where two forms of the same figures differ: `YEAR, TABLE, ROW, COLUMN: frozen, counted`; one line a figure."""
    before, after = _told(frozen), _told(counted)
    return [
        f"{', '.join(place)}: {before.get(place, 'nothing')} was frozen, {after.get(place, 'nothing')} is counted"
        for place in dict.fromkeys([*before, *after])
        if before.get(place) != after.get(place)
    ]


def _told(content: bytes) -> Mapping[tuple[str, str, str, str], str]:
    return {
        (year["year"], table["name"], figure["row"], figure["column"]): (
            f"{figure['value']} ({figure['measure']} of {figure['numerator']} by {figure['denominator']})"
        )
        for year in _years(content)
        for table in year["tables"]
        for figure in table["figures"]
    }


def _years(content: bytes) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = orjson.loads(content)["years"]
    return found
