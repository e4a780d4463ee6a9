"""Why the same report says something else later: each figure that changed, and the cases that changed it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from services.reporting.figures import Cell, Table
from services.reporting.side_by_side import POINTS, sides

NOTHING_RECORDED = "nothing recorded about it: a day passed, or a record linked to it changed"


@dataclass(frozen=True, slots=True, order=True)
class Learned:
    """An event that changed what is known of a case, and when that was known."""

    position: int
    known_at: str
    what: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One case whose contribution differs, with what was learned of it in between and when the last of that was."""

    reference: str
    recorded_at: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """One figure whose value differs."""

    table: str
    row: str
    column: str
    before: int | float | None
    after: int | float | None
    cases: tuple[Cause, ...]


_Cells = Mapping[tuple[str, str, str], Cell]


class _Difference(NamedTuple):
    table: str
    row: str
    column: str
    before: int | float | None
    after: int | float | None
    references: list[str]


Figures = Mapping[tuple[str, str, str], int | float | None]
"""Values by table, row and column."""


def affected(before: Sequence[Table], after: Sequence[Table], frozen: Figures | None = None) -> frozenset[str]:
    """The references of every case that makes a difference to some figure."""
    return frozenset(reference for change in _differences(before, after, frozen) for reference in change.references)


def restatement(
    before: Sequence[Table],
    after: Sequence[Table],
    learned: Mapping[str, Sequence[Learned]],
    frozen: Figures | None = None,
) -> tuple[Change, ...]:
    """The figures that differ between two states of one report, in the order of its tables.

    `learned` holds, for each affected reference, the events between the two positions that changed what is known of it.
    `frozen` are the figures that were once published of the state before: these, and not what is counted of it today,
    are what the later ones are held against.
    """
    return tuple(
        Change(
            table=change.table,
            row=change.row,
            column=change.column,
            before=change.before,
            after=change.after,
            cases=tuple(_cause(reference, learned.get(reference, ())) for reference in change.references),
        )
        for change in _differences(before, after, frozen)
    )


def document(changes: Iterable[Change]) -> Mapping[str, Any]:
    """The restatement as the API answers it."""
    return {"changes": [asdict(change) for change in changes]}


def _cause(reference: str, events: Sequence[Learned]) -> Cause:
    if not events:
        return Cause(reference, None, NOTHING_RECORDED)
    ordered = sorted(events)
    return Cause(reference, ordered[-1].known_at, ", ".join(dict.fromkeys(event.what for event in ordered)))


def _differences(
    before: Sequence[Table], after: Sequence[Table], frozen: Figures | None = None
) -> Iterator[_Difference]:
    """Cells whose value differs; one that only one side has (a row of an amount, say) stands against None.

    A row that one side prints and the other does not, with nothing in it, is no difference.
    """
    was, now = _cells(before), _cells(after)
    rows: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for table, row, column in (*now, *was):
        rows[table, row].add(column)
    for key in dict.fromkeys([*now, *was]):
        old, new = was.get(key), now.get(key)
        value, now_value = old.value if old else None, new.value if new else None
        value = value if frozen is None else frozen.get(key)
        if value != now_value:
            parts = _made_of(was, key, rows[key[:2]]) ^ _made_of(now, key, rows[key[:2]])
            if parts or (old and new):
                yield _Difference(*key, value, now_value, sorted({part.reference for part in parts}))


def _cells(tables: Sequence[Table]) -> _Cells:
    return {(table.name, cell.row, cell.column): cell for table in tables for cell in table.cells}


class _Part(NamedTuple):
    column: str
    side: str
    reference: str
    amount: int


def _made_of(cells: _Cells, key: tuple[str, str, str], columns: Iterable[str]) -> set[_Part]:
    """What the value is made of; what a count is a share of does not change it.

    A change is made of its two years' figures: in its own shares every case has another weight as soon as one differs.
    """
    table, row, column = key
    found = set()
    for side in sides(column, columns):
        if cell := cells.get((table, row, side)):
            counts = cell.measure in ("count", "pounds", "figure") and not column.endswith(POINTS)
            found |= {_Part(side, "numerator", share.reference, share.amount) for share in cell.shares}
            found |= {
                _Part(side, "denominator", share.reference, share.amount) for share in (() if counts else cell.of or ())
            }
    return found
