"""The figures of Coventry's two annual reports, as printed: what the histories must yield."""

import csv
import importlib.resources
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache


@dataclass(frozen=True, slots=True)
class Published:
    """One figure as a report of the council printed it; where it does not hold, the same report contradicts it."""

    publication: str
    year: str
    as_at: date
    table: str
    row: str
    column: str
    value: Decimal
    holds: bool
    note: str


@cache
def published() -> tuple[Published, ...]:
    """Every figure that the two annual reports printed, in the order of the file."""
    text = importlib.resources.files(__package__).joinpath("published.csv").read_text("utf-8")
    return tuple(
        Published(
            **{name: row[name] for name in ("publication", "year", "table", "row", "column", "note")},
            as_at=date.fromisoformat(row["as_at"]),
            value=Decimal(row["value"]),
            holds=row["holds"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    )


def counts(year: str, table: str, column: str) -> dict[str, int]:
    """Row -> printed count of what holds, without totals; where the two reports differ, the newer one's."""
    return {
        figure.row: int(figure.value)
        for figure in published()
        if (figure.year, figure.table, figure.column) == (year, table, column)
        if figure.holds and figure.row.lower() != "total"
    }


def reasons(group: str) -> dict[str, int]:
    """What 2024-25 prints of one group of service areas: complaints received, upheld, partially upheld, and issues."""
    return counts("2024-25", "reasons for upheld complaints", group)
