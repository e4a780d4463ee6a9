"""Which figures of a report stay hidden when it is made public, so that none of them tells of a person.

The rule, its sources and what it withstands are in docs/disclosure.md. This module knows which figures are small in
themselves; `hiding` what must go with them; `linked` what is the same figure, and what adds up to what.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.reporting.figures import Cell, Share, Table, half_up
from services.reporting.hiding import Hidden, with_partners
from services.reporting.linked import At, Figure, System, system

Printed = Mapping[At, int | float | None]
"""What a publication printed: the value of each table, row and column; None where it was suppressed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The council's choice of what is small: 1 to `largest_small`. Nought tells of nobody, and is shown."""

    largest_small: int
    since: date
    source: str


RULE = Rule(
    4,
    date(2024, 4, 1),
    "Policy choice of the council after common practice in official statistics (Government Statistical Service and "
    "ONS: small counts of people are suppressed, with secondary suppression). No law sets the number.",
)

SENSITIVE = "equality: "
UNKNOWN = "not available"
"""The tables of which it is disclosive that everyone is in one row; and their row of those of whom nothing is known."""

RATES = ("ratio", "per_cent", "per_thousand")

AMOUNTS = frozenset({"ombudsman symbolic remedies"})
"""Tables with a row for each amount of money: their counts, times the amount, are the sum."""


def suppressed(tables: Sequence[Table], earlier: Sequence[Printed] = ()) -> tuple[Table, ...]:
    """The tables as they may be public, in the same order and with the same sums.

    A suppressed cell keeps its place and its basis, and nothing else. A cell that is shown, but is a share of a hidden
    figure, is a share of nothing; an average is printed without the days and cases that it is made of. `earlier` holds
    what each earlier publication of the same year's figures printed: what one of them hid stays hidden.
    """
    linked = system(tables)
    out = with_partners(linked, _own(linked, tables, earlier))
    return tuple(
        replace(table, cells=tuple(_public((table.name, *cell.at), cell, linked, out, earlier) for cell in table.cells))
        for table in tables
    )


def _public(at: At, cell: Cell, linked: System, out: frozenset[int], earlier: Sequence[Printed]) -> Cell:
    if cell.suppressed or cell.measure == "figure":
        return cell
    if cell.measure == "average":
        return _without(cell) if is_small(len(cell.of or ())) or _was_hidden(at, earlier) else _alone(cell)
    of_hidden = not out.isdisjoint(linked.rates.get(at, ()))
    rate = cell.measure in RATES
    if linked.at[at] in out or (rate and (of_hidden or _was_hidden(at, earlier))):
        return _without(cell)
    return replace(cell, of=None) if of_hidden else cell


def _without(cell: Cell) -> Cell:
    return replace(cell, shares=(), of=None, suppressed=True)


def _alone(cell: Cell) -> Cell:
    """An average as a mere number: the cases that it is divided by would tell how many are still open."""
    shares = () if cell.value is None else (Share("", int(cell.value)),)
    return replace(cell, shares=shares, of=None, measure="figure")


def is_small(number: int) -> bool:
    """Whether so many people could be told from one another."""
    return 0 < number <= RULE.largest_small


# --- what is hidden for its own sake ----------------------------------------------------------------------------------


def _own(linked: System, tables: Sequence[Table], earlier: Sequence[Printed]) -> Hidden:
    figures = {number: figure for number, figure in enumerate(linked.figures) if not figure.statutory}
    small = frozenset(number for number, figure in figures.items() if is_small(figure.cases) and not figure.difference)
    places = [
        ((table.name, *cell.at), linked.at[table.name, *cell.at])
        for table in tables
        for cell in table.cells
        if cell.measure not in RATES and (table.name, *cell.at) in linked.at
    ]
    changed = {
        number: was
        for at, number in places
        for was in _printed(at, earlier)
        if number in figures and number not in small and _tells(figures[number], was)
    }
    return Hidden(
        largest_small=RULE.largest_small,
        small=small,
        changed=changed,
        before=frozenset(number for at, number in places if _was_hidden(at, earlier)) & figures.keys(),
        others=frozenset({*_everyone_alike(linked, tables), *_times_the_amount(linked, small)}),
    )


def _was_hidden(at: At, earlier: Sequence[Printed]) -> bool:
    return any(at in printed and printed[at] is None for printed in earlier)


def _printed(at: At, earlier: Sequence[Printed]) -> Iterator[int]:
    """What earlier publications said, the latest last."""
    return (int(was) for printed in earlier if (was := printed.get(at)) is not None)


def _tells(figure: Figure, was: int) -> bool:
    """Whether the difference from an earlier publication would tell of a few: of money, any, as anyone's may be it."""
    if figure.money:
        return half_up(figure.value, 100) != was
    return is_small(abs(figure.value - was))


def _everyone_alike(linked: System, tables: Sequence[Table]) -> Iterator[int]:
    """All rows of a sensitive table in which everyone of whom anything is known is the same."""
    for table in tables:
        if table.name.startswith(SENSITIVE):
            wholes = {one.whole for one in table.sums}
            rows = [cell for cell in table.cells if cell.at not in wholes]
            alike = sum(bool(cell.shares) for cell in rows if cell.row != UNKNOWN) == 1
            if alike and not any(cell.suppressed for cell in rows):
                yield from (linked.at[table.name, *cell.at] for cell in rows)


def _times_the_amount(linked: System, small: frozenset[int]) -> Iterator[int]:
    """Money that is the amount of a row, times the hidden number of times that it was paid."""
    paid = {
        share.reference
        for at, number in linked.at.items()
        if at[0] in AMOUNTS and number in small
        for share in linked.figures[number].shares
    }
    for number, figure in enumerate(linked.figures):
        if figure.money and paid & {share.reference for share in figure.shares}:
            yield number
