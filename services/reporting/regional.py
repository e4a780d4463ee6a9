"""The councils of a region side by side, each counted from its own log: nothing else of one is shown to another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.reporting import documents, statutory
from services.reporting.figures import Cell, Share, Shares, Table, total
from services.reporting.paper import Paper
from services.reporting.scope import DECIDED, INFORMED, RECEIVED, Scope
from shared.year import Year

TOTALS = "Totals"
RATES = {
    "per 1,000 adults in long-term support": ("adults_in_long_term_support", 1_000),
    "per 100,000 residents": ("population", 100_000),
}
"""What complaints received are divided by, where an authority has recorded the figure of itself, by name or by code:
the figure's name, and per how many."""


@dataclass(frozen=True)
class Council:
    """One authority of the region, with its facts as at the day."""

    code: str
    name: str
    position: int
    scope: Scope


def regional(region: str, councils: Sequence[Council]) -> Sequence[Table]:
    """The tables of a region: complaints with their rates, what went to the Ombudsman, and how often it upheld."""
    return (_complaints(region, councils), _escalated(region, councils), _upheld(region, councils))


def _complaints(region: str, councils: Sequence[Council]) -> Table:
    cells: list[Cell] = []
    for council in councils:
        value = {cell.row: cell for cell in statutory.statutory(council.scope)[0].cells}
        received, founded = (_of(council, total(value[row].shares)) for row in ("received", "well-founded"))
        cells += [
            Cell(row=council.name, column="received", basis=RECEIVED, shares=received),
            Cell(row=council.name, column="well-founded", basis=DECIDED, shares=founded),
            *_rates(council, received),
        ]
    return Table(
        name=f"complaints, {region}",
        cells=(*cells, *_totals(cells, ("received", "well-founded"))),
        layout="Each council's own statutory counts; a rate where the council has recorded what to divide by.",
    )


def _rates(council: Council, received: Shares) -> Iterable[Cell]:
    for column, (figure, per) in RATES.items():
        found = [
            row.value
            for row in council.scope.facts.figures
            if (row.name, row.year) == (figure, council.scope.year.label)
            and row.subject in (council.name, council.code)
        ]
        if found:
            times = tuple(Share(share.reference, share.amount * per) for share in received)
            yield Cell(
                row=council.name,
                column=column,
                basis=RECEIVED,
                shares=times,
                of=_of(council, found[0]),
                measure="ratio",
            )


def _escalated(region: str, councils: Sequence[Council]) -> Table:
    column = "adult social care"
    cells = [
        Cell(row=council.name, column=column, basis=INFORMED, shares=_of(council, _informed(council.scope)))
        for council in councils
    ]
    return Table(
        name=f"escalated to the ombudsman, {region}",
        cells=(*cells, *_totals(cells, (column,))),
        layout="New by the day on which the council was informed.",
    )


def _informed(scope: Scope) -> int:
    return sum(row.informed_on in scope.year for row in scope.enquiries)


def _upheld(region: str, councils: Sequence[Council]) -> Table:
    cells = []
    for council in councils:
        decided = [row.category for row in council.scope.enquiries if row.decided_on in council.scope.year]
        upheld, detailed = decided.count("upheld"), decided.count("upheld") + decided.count("not_upheld")
        cells.append(
            Cell(
                row=council.name,
                column="upheld",
                basis=DECIDED,
                shares=_of(council, upheld),
                of=_of(council, detailed),
            )
        )
    return Table(
        name=f"upheld by the ombudsman, {region}",
        cells=(*cells, *_totals(cells, ("upheld",))),
        layout="Of the decisions after a detailed investigation: upheld and not upheld.",
    )


def _of(council: Council, amount: int) -> Shares:
    return (Share(council.code, amount),) if amount else ()


def _totals(cells: Sequence[Cell], columns: Iterable[str]) -> Iterable[Cell]:
    for column in columns:
        parts = [cell for cell in cells if cell.column == column]
        of = tuple(share for part in parts for share in part.of or ())
        yield Cell(
            row=TOTALS,
            column=column,
            basis=parts[0].basis if parts else RECEIVED,
            shares=tuple(share for part in parts for share in part.shares),
            of=of if any(part.of is not None for part in parts) else None,
        )


def paper(region: str, councils: Sequence[Council], year: Year, day: date) -> Paper:
    """The report as something to hand out."""
    tables = regional(region, councils)
    return Paper(
        kind="regional",
        title="Complaints of the region's councils",
        authority=region,
        period=year.label,
        as_at=day,
        filename=f"regional-{year.label}",
        document={"year": year.label, "as_at": day.isoformat(), "region": region, **_document(councils, tables)},
        tables=tables,
    )


def _document(councils: Sequence[Council], tables: Sequence[Table]) -> Mapping[str, Any]:
    return {
        "authorities": [
            {"authority": council.code, "name": council.name, "position": council.position} for council in councils
        ],
        "tables": documents.plain_tables_out(tables),
    }
