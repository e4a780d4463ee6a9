"""The Ombudsman's side of the annual report: enquiries informed of, decided, and not yet decided."""

from dataclasses import replace

from services.reporting.figures import Cell, Share, Table, breakdown, counted, sum_of
from services.reporting.scope import DECIDED, INFORMED, OPEN, Scope

CATEGORIES = {
    "upheld": "upheld",
    "not_upheld": "not upheld",
    "incomplete_or_invalid": "incomplete or invalid",
    "closed_after_initial_enquiries": "closed after initial enquiries",
    "referred_back": "premature, referred back for local resolution",
    "advice_given": "advice given",
}

ESCALATED_FROM = 2024

TOTALS = "Totals"


def cases(scope: Scope) -> Table:
    """Informed of in the year; decided in the year, by category; informed of in the year and not yet decided.

    Two bases in one table, so decided and open need not add up to new: some decided were informed of the year before.
    """
    new, still_open = (
        ("escalated", "under investigation at period end") if scope.layout.starts >= ESCALATED_FROM else ("new", "open")
    )
    informed = [row for row in scope.enquiries if row.informed_on in scope.year]
    pairs = (
        (CATEGORIES.get(row.category or "", row.category or "not stated"), row.reference)
        for row in scope.enquiries
        if row.decided_on in scope.year
    )
    decided = breakdown("ombudsman cases", pairs, tuple(CATEGORIES.values()), "cases", DECIDED)
    *kinds, whole = decided.cells
    total = replace(whole, row="decided")
    return Table(
        name="ombudsman cases",
        cells=(
            _row(new, INFORMED, [row.reference for row in informed]),
            total,
            *kinds,
            _row(still_open, f"{INFORMED}, {OPEN}", [row.reference for row in informed if row.decided_on is None]),
        ),
        sums=(sum_of(total, kinds),),
        layout="New by the day the council was informed, decided by the day of the decision.",
    )


def _row(name: str, basis: str, references: list[str]) -> Cell:
    return Cell(row=name, column="cases", basis=basis, shares=counted(references))


def region(scope: Scope, name: str) -> Table:
    """The Ombudsman's published count for each council of the region: reference figures, no case of this register.

    The totals are added up here; a published total that was recorded beside the councils is only checked against.
    """
    column = "adult social care"
    wanted = ("ombudsman_complaints", scope.year.label, column)
    found = [row for row in scope.facts.figures if (row.name, row.year, row.unit) == wanted]
    councils = tuple(
        Cell(
            row=row.subject, column=column, basis=row.source, shares=(Share(row.subject, row.value),), measure="figure"
        )
        for row in sorted(found, key=lambda row: row.subject)
        if row.subject != TOTALS
    )
    shares = tuple(share for council in councils for share in council.shares)
    totals = Cell(row=TOTALS, column=column, basis="the sum of the rows above", shares=shares, measure="figure")
    published = [row.value for row in found if row.subject == TOTALS]
    return Table(
        name=f"escalated to the ombudsman, {name}",
        cells=(*councils, totals),
        sums=(sum_of(totals, councils),),
        agrees=published in ([], [totals.value]),
        layout="Figures that the Ombudsman published.",
    )
