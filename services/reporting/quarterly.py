"""The quarterly trend: each figure of a quarter beside those of the four before, all as known on the same day."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from services.reporting import complaints, performance, timeliness
from services.reporting.balance import balance
from services.reporting.figures import Cell, Sum, Table, breakdown, of_quarter
from services.reporting.scope import DECIDED, PATHWAYS, RECEIVED, UNROUTED, Scope
from services.reporting.side_by_side import nothing_known
from shared.year import Quarter

QUARTERS_BESIDE = 4

DECISIONS = {"upheld": "upheld", "partially_upheld": "partially upheld", "not_upheld": "not upheld"}


def quarters(quarter: Quarter) -> Sequence[Quarter]:
    """The quarters that are shown, the earliest first."""
    shown = [quarter]
    for _ in range(QUARTERS_BESIDE):
        shown.insert(0, shown[0].before())
    return shown


def quarterly(scope: Scope, quarter: Quarter, unknown: Collection[Quarter] = ()) -> Sequence[Table]:
    """The tables of a quarter, from the facts of all that are shown.

    An `unknown` quarter before it is one of which nothing is known: it has no values, not zeros.
    """
    scopes = {
        shown.label: None if shown in unknown and shown != quarter else replace(scope, year=shown)
        for shown in quarters(quarter)
    }
    trends = (
        complaints.by_type,
        decided,
        outcomes,
        complaints.timescale,
        timeliness.overall,
        performance.performance,
        complaints.compliments,
        timeliness.delay_reasons,
        still_open,
    )
    return (
        *(of_quarter(trend({label: table(of) if of else None for label, of in scopes.items()})) for table in trends),
        *map(of_quarter, _of_one(replace(scope, year=quarter))),
    )


def _of_one(scope: Scope) -> Sequence[Table]:
    by_clock = timeliness.compliance(scope)
    return replace(by_clock, name=f"{by_clock.name} by stage"), timeliness.extensions(scope), balance(scope)


def trend(shown: Mapping[str, Table | None]) -> Table:
    """One table of several: a row for each row of theirs, a column for each of them, empty for a label without one.

    A row that has several columns in a table is named with each of them.
    """
    tables = {label: table for label, table in shown.items() if table}
    named = {
        label: [replace(cell, row=row, column=label) for row, cell in _rows(table)] for label, table in tables.items()
    }
    *_, newest = tables
    order = dict.fromkeys(cell.row for label in (newest, *tables) for cell in named[label])
    like = {cell.row: cell for cells in named.values() for cell in cells}
    at = {cell.at: cell for cells in named.values() for cell in cells}
    blank = {label: _nothing if table else _unknown for label, table in shown.items()}
    cells = tuple(
        at.get((row, label)) or blank[label](replace(like[row], column=label)) for row in order for label in shown
    )
    sums = tuple(one for label, table in tables.items() for one in _sums(label, table))
    return replace(tables[newest], cells=cells, sums=sums, agrees=all(table.agrees for table in tables.values()))


def _nothing(cell: Cell) -> Cell:
    return replace(cell, shares=(), of=None if cell.of is None else ())


def _unknown(cell: Cell) -> Cell:
    basis = nothing_known(cell.column)
    return replace(cell, basis=basis, shares=(), of=None, measure="figure", suppressed=False)


def _rows(table: Table) -> Iterable[tuple[str, Cell]]:
    times = Counter(cell.row for cell in table.cells)
    return ((f"{cell.row}, {cell.column}" if times[cell.row] > 1 else cell.row, cell) for cell in table.cells)


def _sums(label: str, table: Table) -> Iterable[Sum]:
    row = {cell.at: name for name, cell in _rows(table)}
    return (Sum((row[whole], label), tuple((row[part], label) for part in parts)) for whole, parts in table.sums)


def decided(scope: Scope) -> Table:
    """Decisions made, whenever the complaint was received."""
    decisions = scope.decided.by(DECISIONS.__getitem__, "left_by")
    return breakdown("decided", decisions, tuple(DECISIONS.values()), "complaints", DECIDED)


def outcomes(scope: Scope) -> Table:
    """How each complaint of the cohort has ended by the as-at day."""
    return breakdown(
        "statutory outcomes",
        complaints.by_outcome(scope.received),
        (*complaints.OUTCOMES.values(), "open"),
        "complaints",
        RECEIVED,
        "Complaints received in the quarter, as they stand on the as-at day; the total includes open ones.",
    )


def still_open(scope: Scope) -> Table:
    """Complaints in hand when the quarter ended, by pathway."""
    rows = (*PATHWAYS, UNROUTED)
    last = scope.year.last
    in_hand = scope.spells.where(
        entered_on <= last and (left_on is None or left_on > last)
        for entered_on, left_on in scope.spells.each("entered_on", "left_on")
    )
    return breakdown(
        "open at quarter end",
        in_hand.by(lambda pathway: (pathway or UNROUTED).replace("_", " "), "pathway"),
        tuple(row.replace("_", " ") for row in rows),
        "complaints",
        "open at year end, or at the as-at day if that was earlier",
        "In hand: neither decided nor ended otherwise.",
    )
