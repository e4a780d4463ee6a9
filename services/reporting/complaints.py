"""The annual report's tables of complaints: the cohort of the year by outcome, channel, area, time, type and month."""

from collections.abc import Sequence
from dataclasses import replace

from services.reporting.facts import CaseFact, RepresentationFact
from services.reporting.figures import Cell, Shares, Table, Tally, breakdown, counted, net, sum_of, weighed
from services.reporting.rows import Rows
from services.reporting.scope import INFORMED, OPEN, RECEIVED, Scope
from shared.year import MONTHS, month_of

OUTCOMES = {
    "upheld": "upheld",
    "partially_upheld": "partially upheld",
    "not_upheld": "not upheld",
    "withdrawn": "withdrawn",
    "refused": "refused",
    "transferred_out": "transferred to another body",
    "settled_informally": "settled informally, in the statutory count",
}

STANDARD_DAYS = 20
OPEN_LEFT_OUT_FROM = 2024


def outcomes(scope: Scope) -> Table:
    """How each complaint of the cohort ended, as known on the as-at day.

    A complaint decided and then withdrawn keeps its decision; one reopened is open until it is decided anew.
    """
    if scope.layout.starts < OPEN_LEFT_OUT_FROM:
        everyone = breakdown(
            "statutory outcomes",
            by_outcome(scope.received),
            (*list(OUTCOMES.values())[:4], "open", *list(OUTCOMES.values())[4:]),
            "complaints",
            RECEIVED,
            "The total includes open complaints.",
        )
        return _with_upheld(everyone)
    ended = breakdown(
        "statutory outcomes",
        by_outcome(scope.received.where(map(bool, scope.received.column("outcome")))),
        tuple(OUTCOMES.values()),
        "complaints",
        RECEIVED,
        "Complaints still open on the as-at day are printed apart and left out of the total.",
    )
    still_open = Cell(
        row="open at year end, left out of the total",
        column="complaints",
        basis=f"{RECEIVED}, {OPEN}",
        shares=by_outcome(scope.received).shares("open"),
    )
    ended = _with_upheld(ended)
    return replace(ended, cells=(*ended.cells, still_open))


def _with_upheld(table: Table) -> Table:
    """With an of-which row: in how many of them some fault was found."""
    upheld, partially = (next(c for c in table.cells if c.row == OUTCOMES[kind]) for kind in list(OUTCOMES)[:2])
    shares = net([(upheld.shares, 1), (partially.shares, 1)])
    both = replace(upheld, row="upheld or partially upheld", shares=shares)
    return replace(
        table,
        cells=(*table.cells, both),
        sums=(*table.sums, sum_of(both, (upheld, partially))),
        layout=f"{table.layout} `{both.row}` is part of the rows above it, not added to them.",
    )


def by_outcome(cases: Rows[CaseFact]) -> Tally[str]:
    """Complaints by how they ended."""
    return cases.by(outcome_of, "outcome")


def outcome_of(outcome: str | None) -> str:
    """How a complaint ended, as it is printed; `open` until it has."""
    return OUTCOMES.get(outcome, outcome) if outcome else "open"


def channels(scope: Scope) -> Table:
    """How people complained."""
    rows, row_of = scope.rows("channels")
    cases = scope.received.by(row_of, "channel")
    return breakdown("how people complained", cases, rows, "complaints", RECEIVED)


def service_areas(scope: Scope) -> Table:
    """By service area, in the edition of the list that the year prints."""
    rows, row_of = scope.rows("service_areas")
    cases = scope.received.by(row_of, "service_area")
    return breakdown("statutory complaints by service area", cases, rows, "complaints", RECEIVED)


def timescale(scope: Scope) -> Table:
    """The council's standard of 20 working days; `still open` is an of-which row."""
    table = breakdown(
        "stage 1 timescale",
        scope.received.also("timely", _timely(scope)).by(lambda timely: _WITHIN if timely else _OVER, "timely"),
        (_WITHIN, _OVER),
        "complaints",
        RECEIVED,
        "`still open` is part of the rows above it, not added to them.",
    )
    *parts, whole = table.cells
    still_open = counted(
        reference for reference, closed_on in scope.received.each("reference", "closed_on") if closed_on is None
    )
    row = replace(whole, row="still open", basis=f"{RECEIVED}, {OPEN}", shares=still_open, of=whole.shares)
    return replace(table, cells=(*parts, row, whole))


def response_times(scope: Scope) -> Table:
    """The mean number of working days from receipt (day 0) to closing, over those closed; and the timescale's split."""
    each = scope.received.each("reference", "days_open")
    spans = [(reference, days) for reference, days in each if days is not None]
    average = Cell(
        row="average days open",
        column="working days",
        basis=f"{RECEIVED}, closed by the as-at day",
        shares=weighed(spans),
        of=counted(reference for reference, _ in spans),
        measure="average",
    )
    split = timescale(scope)
    parts = [cell for cell in split.cells if cell.row.endswith("working days")]
    return Table(name="response times", cells=(average, *parts))


_WITHIN, _OVER = f"within {STANDARD_DAYS} working days", f"over {STANDARD_DAYS} working days"


def _timely(scope: Scope) -> Sequence[bool]:
    """Of each: closed by the 20th working day after receipt, or open and not past it on the as-at day.

    The day is the one set when the case was routed; an authority without that standard is measured by its calendar.
    """
    as_at, between = scope.as_at, scope.calendar.between
    each = scope.received.each("received_on", "local_standard_due_on", "first_closed_on")
    return [
        (closed_on or as_at) <= due_on if due_on else between(received_on, closed_on or as_at) <= STANDARD_DAYS
        for received_on, due_on, closed_on in each
    ]


def categories(scope: Scope) -> Table:
    """Concerns, of which a complaint may raise several."""
    rows, row_of = scope.rows("categories")
    concerns = scope.concerns.by(row_of, "category")
    return breakdown("concerns raised by main category", concerns, rows, "concerns", RECEIVED)


def by_type(scope: Scope) -> Table:
    """Every complaint of the year. The last total adds the Ombudsman's, some of which are counted above already."""
    corporate = replace(scope, pathway="corporate").received
    statutory = _row("statutory", counted(scope.received.references))
    informal = _row("informal", counted(scope.settled_orally.references))
    other = _row("corporate", counted(corporate.references))
    everyone = scope.received_on(scope.pathway, "corporate")
    without = _row("total excluding ombudsman", counted(everyone.references))
    enquiries = counted(row.reference for row in scope.enquiries if row.informed_on in scope.year)
    ombudsman = replace(_row("ombudsman", enquiries), basis=INFORMED)
    grand = _row("total", net([(without.shares, 1), (enquiries, 1)]))
    parts = (statutory, informal, other)
    return Table(
        name="complaints by type",
        cells=(*parts, without, ombudsman, replace(grand, basis=f"{RECEIVED}; the Ombudsman's {INFORMED}")),
        sums=(sum_of(without, parts), sum_of(grand, (without, ombudsman))),
        layout="`informal`: made orally and settled by the next working day (SI 2009/309 reg 8(1)(c)). `total` adds "
        "the Ombudsman's enquiries, some of them about complaints that are counted above.",
    )


def _row(name: str, shares: Shares) -> Cell:
    return Cell(row=name, column="complaints", basis=RECEIVED, shares=shares)


def months(scope: Scope) -> Table:
    """Statutory complaints and compliments, month by month, and by how much the one exceeds the other."""
    name = "complaints and compliments by month"
    tables = (
        breakdown(name, _by_month(scope.received), MONTHS, "complaints", RECEIVED),
        breakdown(name, _by_month(scope.compliments), MONTHS, "compliments", RECEIVED),
    )
    lines = [(*pair, _excess(*pair)) for pair in zip(*(table.cells for table in tables), strict=True)]
    return Table(
        name=name,
        cells=tuple(cell for line in lines for cell in line),
        sums=(
            *(one for table in tables for one in table.sums),
            *(sum_of(thanked, (complained, excess)) for complained, thanked, excess in lines),
        ),
        layout="The per cent is by how much compliments exceed complaints, or fall short of them.",
    )


def _by_month(rows: Rows[CaseFact] | Rows[RepresentationFact]) -> Tally[str]:
    return rows.by(month_of, "received_on")


def _excess(complained: Cell, thanked: Cell) -> Cell:
    nothing = "" if complained.shares else "; there was no complaint, so there is no per cent"
    return Cell(
        row=complained.row,
        column="compliments compared to complaints, per cent",
        basis=f"{RECEIVED}{nothing}",
        shares=net([(thanked.shares, 1), (complained.shares, -1)]),
        of=complained.shares,
        measure="per_cent",
    )


def compliments(scope: Scope) -> Table:
    """Compliments, and how many there are to one statutory complaint."""
    thanks = counted(scope.compliments.references)
    received = counted(scope.received.references)
    return Table(
        name="compliments",
        cells=(
            Cell(row="received", column="compliments", basis=RECEIVED, shares=thanks),
            Cell(row="stage 1 complaints", column="complaints", basis=RECEIVED, shares=received),
            Cell(
                row="compliments to one complaint",
                column="ratio",
                basis=RECEIVED,
                shares=thanks,
                of=received,
                measure="ratio",
            ),
        ),
    )
