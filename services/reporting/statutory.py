"""The statutory return of a year (SI 2009/309 reg 18; for public health SI 2012/3094), for one pathway.

Three clocks, as the regulation has them: received by the day of receipt, well-founded by the day of the decision,
referred to the Ombudsman by the day the council was informed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.reporting import improvements
from services.reporting.figures import Cell, Shares, Table, breakdown, counted, sum_of
from services.reporting.matters import matters
from services.reporting.refusals import refusals
from services.reporting.scope import DECIDED, INFORMED, RECEIVED, Scope

RETURN = "statutory return"


def statutory(scope: Scope) -> Sequence[Table]:
    """The return's figures as tables, so that they are traced and restated like any other."""
    return (_counts(scope), _subject_matter(scope), refusals(scope))


def _counts(scope: Scope) -> Table:
    upheld = _count("upheld", DECIDED, _decided(scope, "upheld"))
    partially = _count("partially upheld", DECIDED, _decided(scope, "partially_upheld"))
    well_founded = _count("well-founded", DECIDED, _decided(scope, "upheld", "partially_upheld"))
    referred = counted(row.reference for row in scope.enquiries if row.informed_on in scope.year)
    refused = _refused(scope)
    return Table(
        name=RETURN,
        cells=(
            _count("received", RECEIVED, counted(scope.received.references)),
            well_founded,
            upheld,
            partially,
            _count("referred to the ombudsman", INFORMED, referred),
            _count("refused", RECEIVED, refused),
        ),
        sums=(sum_of(well_founded, (upheld, partially)),),
        layout="Well-founded is upheld and partially upheld together (reg 18(1)(b)); both are shown. "
        "They count decisions: a complaint decided anew after it was reopened counts in each. Received leaves out what "
        "was made orally and settled by the next working day (reg 8(1)(c)), and holds the refused.",
    )


def _decided(scope: Scope, *outcomes: str) -> Shares:
    return scope.decided.by(str, "left_by").shares(*outcomes)


def _refused(scope: Scope) -> Shares:
    return scope.received.by(str, "outcome").shares("refused")


def _count(row: str, basis: str, shares: Shares) -> Cell:
    return Cell(row=row, column="complaints", basis=basis, shares=shares)


def _subject_matter(scope: Scope) -> Table:
    """What the year's complaints were about, in concerns (reg 18(1)(d)(i))."""
    rows, row_of = scope.rows("categories")
    concerns = scope.concerns.by(row_of, "category")
    return breakdown("subject matter", concerns, rows, "concerns", RECEIVED)


def document(scope: Scope, position: int) -> Mapping[str, Any]:
    """The return as the API answers it."""
    counts, subject_matter, refused = statutory(scope)
    value = {cell.row: cell.value for cell in counts.cells}
    return {
        "year": scope.year.label,
        "as_at": scope.as_at.isoformat(),
        "pathway": scope.pathway,
        "position": position,
        "received": value["received"],
        "well_founded": value["well-founded"],
        "upheld": value["upheld"],
        "partially_upheld": value["partially upheld"],
        "referred_to_ombudsman": value["referred to the ombudsman"],
        "refused": value["refused"],
        "refusals": [{"ground": cell.row, "count": cell.value} for cell in refused.cells[:-1] if cell.value],
        "subject_matter": _subjects(scope, subject_matter),
        "matters_of_general_importance": matters(scope),
        "service_improvements": improvements.listed(scope),
    }


def _subjects(scope: Scope, table: Table) -> list[Mapping[str, Any]]:
    edition = scope.codes.edition("categories", scope.year.last)
    codes = {value.row: value.code for value in edition.values}
    return [
        {
            "category": codes.get(cell.row, cell.row),
            "label": cell.row,
            "count": cell.value,
            "complaints": len(cell.shares),
        }
        for cell in table.cells[:-1]
    ]
