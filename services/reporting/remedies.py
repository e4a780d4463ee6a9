"""What was put right: remedies agreed (the Ombudsman's: required) in the year, never by the day they were paid."""

from collections.abc import Iterable
from itertools import chain

from services.reporting.facts import RemedyFact
from services.reporting.figures import Cell, Table, breakdown, counted, sum_of, weighed
from services.reporting.scope import AGREED, OPEN, Scope
from shared.payments import FINANCIAL, PAYMENTS, REFUND

REQUIRED = "required in the year"


def remedies(scope: Scope) -> Table:
    """Complaints with each kind of remedy, once however many it had; and the number of financial remedies."""
    rows, row_of = scope.rows("remedies")
    payment = row_of(FINANCIAL)
    found = [(row_of(row.type), row) for row in scope.remedies if row.type != FINANCIAL]
    names = [row for row in rows if row != payment]
    names += sorted({name for name, _ in found} - set(names))
    kinds = (
        Cell(
            row=name,
            column="complaints",
            basis=AGREED,
            shares=counted({_complaint(scope, row) for kind, row in found if kind == name}),
        )
        for name in names
    )
    financial = counted(row.reference for row in scope.remedies if row.type == FINANCIAL)
    return Table(
        name="remedies",
        cells=(*kinds, Cell(row="financial remedies", column="remedies", basis=AGREED, shares=financial)),
        layout="A complaint may have several remedies. The Ombudsman's count on the day they were required.",
    )


def _complaint(scope: Scope, remedy: RemedyFact) -> str:
    """The case that a remedy is about; an enquiry that is about no known case stands for itself."""
    if remedy.by == "council":
        return remedy.reference
    linked = (row.case_reference for row in scope.enquiries if row.reference == remedy.reference)
    return next(linked, None) or remedy.reference


def financial(scope: Scope) -> Table:
    """The money, by who determined it."""
    paid = [row for row in scope.remedies if row.type in PAYMENTS]
    council = _pounds("council determined", (row for row in paid if row.by == "council"))
    ombudsman = _pounds("ombudsman", (row for row in paid if row.by == "ombudsman"), REQUIRED)
    whole = _pounds("total", paid)
    refunds = _pounds("of which charges recalculation and refund", (row for row in paid if row.type == REFUND))
    return Table(
        name="financial remedies",
        cells=(council, ombudsman, whole, refunds),
        sums=(sum_of(whole, (council, ombudsman)),),
        layout="Whole pounds, rounded once; numerators are pence.",
    )


def ombudsman_financial(scope: Scope) -> Table:
    """The Ombudsman's money alone."""
    paid = (row for row in scope.remedies if row.type in PAYMENTS and row.by == "ombudsman")
    return Table(name="ombudsman financial remedies", cells=(_pounds("paid", paid, REQUIRED),))


def ombudsman_symbolic(scope: Scope) -> Table:
    """The Ombudsman's symbolic payments: one row a distinct amount, the largest first."""
    payments = [
        (row.amount_pence or 0, row.reference)
        for row in scope.remedies
        if row.type == FINANCIAL and row.by == "ombudsman"
    ]
    cells = (
        Cell(
            row=_amount(pence),
            column="remedies",
            basis=REQUIRED,
            shares=counted(reference for amount, reference in payments if amount == pence),
        )
        for pence in sorted({pence for pence, _ in payments}, reverse=True)
    )
    return Table(name="ombudsman symbolic remedies", cells=tuple(cells))


def ombudsman_required(scope: Scope) -> Table:
    """The Ombudsman's remedies by type: how many and how much, and what became of them by the as-at day.

    Each was done, is due, or is overdue: past its day and not done. One without a day is due until it is done.
    """
    name = "ombudsman remedies"
    rows, row_of = scope.rows("remedies")
    required = [row for row in scope.remedies if row.by == "ombudsman"]
    done = [row for row in required if row.completed_on]
    overdue = [row for row in required if not row.completed_on and row.due_on and row.due_on < scope.as_at]
    due = [row for row in required if row not in done and row not in overdue]
    late = [row for row in done if row.completed_on and row.due_on and row.completed_on > row.due_on]

    def by_type(column: str, basis: str, found: Iterable[RemedyFact]) -> Table:
        return breakdown(name, ((row_of(row.type), row.reference) for row in found), rows, column, basis)

    whole = by_type("required", REQUIRED, required)
    by_day = f"{REQUIRED}, {OPEN}"
    states = (
        by_type("done", REQUIRED, done),
        by_type("done late", REQUIRED, late),
        by_type("due", by_day, due),
        by_type("overdue", by_day, overdue),
    )
    paid = [row for row in required if row.type in PAYMENTS]
    sums = (
        _pounds(kind, (row for row in paid if row_of(row.type) == kind), REQUIRED)
        for kind in dict.fromkeys(map(row_of, PAYMENTS))
    )
    tables = (whole, *states)
    settled, _, awaited, missed = states
    return Table(
        name=name,
        cells=tuple(chain(*(table.cells for table in tables), sums)),
        sums=(
            *(one for table in tables for one in table.sums),
            *(
                sum_of(line, of_row)
                for line in whole.cells
                if (of_row := [c for table in (settled, awaited, missed) for c in table.cells if c.row == line.row])
            ),
        ),
        layout="Required is done, due and overdue together. `done late` is part of done: after the day that was set. "
        "Whole pounds, rounded once; numerators are pence.",
    )


def _pounds(name: str, rows: Iterable[RemedyFact], basis: str = AGREED) -> Cell:
    shares = weighed((row.reference, row.amount_pence or 0) for row in rows)
    return Cell(row=name, column="pounds", basis=basis, shares=shares, measure="pounds")


def _amount(pence: int) -> str:
    return f"£{pence // 100}" if pence % 100 == 0 else f"£{pence / 100:.2f}"
