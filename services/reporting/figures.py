"""A figure and what it is made of: every value is computed from the contributions that a trace shows.

A report's number, its trace and its restatement therefore cannot disagree. Whole numbers and exact fractions only;
rounding is half up, and happens once, when a value is printed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Place = tuple[str, str]
"""A row and a column."""

Measure = Literal["count", "pounds", "average", "ratio", "per_cent", "figure"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one case (or enquiry, compliment, or the subject of a reference figure) contributes to a figure."""

    reference: str
    amount: int


Shares = tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure of a table.

    `shares` add up to the numerator: cases, pence, or working days. `of` adds up to the denominator: what the figure is
    a share of, or divided by. `measure` says how a value is made of them:

    - count: the numerator, which is part of the denominator if there is one
    - pounds: the numerator's pence, in whole pounds
    - average: numerator by denominator, whole
    - ratio: numerator by denominator, to one decimal
    - per_cent: numerator by denominator, in whole per cent
    - figure: the numerator, or nothing where no figure was recorded

    A suppressed cell is one of a public report that could tell of a person: it has no value, and shares no longer.
    """

    row: str
    column: str
    basis: str
    shares: Shares
    of: Shares | None = None
    measure: Measure = "count"
    suppressed: bool = False

    @property
    def at(self) -> Place:
        """Where it is in its table."""
        return self.row, self.column

    @property
    def numerator(self) -> int | None:
        """The sum of what contributes; None if suppressed."""
        return None if self.suppressed else total(self.shares)

    @property
    def denominator(self) -> int | None:
        """The sum of what it is a share of; None where there is no such thing."""
        return None if self.of is None else total(self.of)

    @property
    def value(self) -> int | float | None:
        """The figure as it is printed; None where it is suppressed, has nothing to divide by, or was not recorded."""
        numerator, denominator = self.numerator, self.denominator
        if numerator is None:
            return None
        match self.measure:
            case "count":
                return numerator
            case "pounds":
                return half_up(numerator, 100)
            case "figure":
                return numerator if self.shares else None
            case "average":
                return half_up(numerator, denominator) if denominator else None
            case "ratio":
                return half_up(10 * numerator, denominator) / 10 if denominator else None
            case "per_cent":
                return half_up(100 * numerator, denominator) if denominator else None

    @property
    def per_cent(self) -> int | None:
        """A count's share of its denominator, in whole per cent."""
        if self.measure != "count" or self.numerator is None or not self.denominator:
            return None
        return half_up(100 * self.numerator, self.denominator)


class Sum(NamedTuple):
    """An identity of a table: the cells at `parts` hold every contribution of the one at `whole`, once each.

    All of a table's identities are declared: they are what it is checked by, and what suppression must withstand.
    """

    whole: Place
    parts: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A named table, with the sums that hold in it. `layout` says what a reader must know.

    `agrees` is False where it contradicts a figure that was published elsewhere and recorded beside it.
    """

    name: str
    cells: tuple[Cell, ...]
    sums: tuple[Sum, ...] = ()
    agrees: bool = True
    layout: str = ""

    @property
    def balanced(self) -> bool:
        """Whether its rows sum to its totals, case by case, as far as they are shown."""
        cells = {cell.at: cell for cell in self.cells}
        shown = (
            (cells[whole], [cells[part] for part in parts])
            for whole, parts in self.sums
            if not any(cells[place].suppressed for place in (whole, *parts))
        )
        return self.agrees and all(sums_to(parts, whole) for whole, parts in shown)


def half_up(numerator: int, denominator: int) -> int:
    """A fraction of whole numbers, rounded to the nearest whole one, halves up.

    >>> half_up(2834, 81), half_up(5, 2), half_up(-5, 2)
    (35, 3, -2)
    """
    return (2 * numerator + denominator) // (2 * denominator)


def total(shares: Iterable[Share]) -> int:
    """What shares add up to."""
    return sum(share.amount for share in shares)


def counted(references: Iterable[str]) -> Shares:
    """A share of one for each time that a reference occurs, in order of reference."""
    return tuple(Share(reference, times) for reference, times in sorted(Counter(references).items()))


def weighed(amounts: Iterable[tuple[str, int]]) -> Shares:
    """A share of each amount, several of one reference added up, in order of reference."""
    sums: dict[str, int] = {}
    for reference, amount in amounts:
        sums[reference] = sums.get(reference, 0) + amount
    return tuple(Share(reference, amount) for reference, amount in sorted(sums.items()))


def sums_to(parts: Iterable[Cell], whole: Cell) -> bool:
    """Whether the parts hold every contribution of the whole, once each, and nothing else."""
    return weighed((s.reference, s.amount) for part in parts for s in part.shares) == whole.shares


def breakdown(
    name: str, pairs: Iterable[tuple[str, str]], rows: Sequence[str], column: str, basis: str, layout: str = ""
) -> Table:
    """A table of (row, reference) pairs: each listed row even where it is 0, any other that occurs, and the total."""
    references: dict[str, list[str]] = {row: [] for row in rows}
    everyone = []
    for row, reference in pairs:
        references.setdefault(row, []).append(reference)
        everyone.append(reference)
    whole = Cell(row="total", column=column, basis=basis, shares=counted(everyone))
    parts = [replace(whole, row=row, shares=counted(found), of=whole.shares) for row, found in references.items()]
    return Table(name=name, cells=(*parts, whole), sums=(sum_of(whole, parts),), layout=layout)


def of_quarter(table: Table) -> Table:
    """A table that was counted over a quarter, in words that say so."""
    cells = tuple(replace(cell, basis=_quarterly(cell.basis)) for cell in table.cells)
    return replace(table, cells=cells, layout=_quarterly(table.layout))


def _quarterly(words: str) -> str:
    return words.replace("the year", "the quarter").replace("year end", "quarter end")


def grid(
    name: str, places: Iterable[tuple[str, str, str]], columns: Sequence[str], unit: str, basis: str, layout: str = ""
) -> Table:
    """A table of (row, column, reference): each row that occurs, in order, each listed column, and all their totals.

    `unit` is what is counted; the column of the totals is called so.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for row, column, reference in places:
        found.setdefault(row, {}).setdefault(column, []).append(reference)
    everything = {column: [r for line in found.values() for r in line.get(column, ())] for column in columns}
    lines = []
    for row, line in (*sorted(found.items()), ("total", everything)):
        everyone = [reference for column in columns for reference in line.get(column, ())]
        whole = Cell(row=row, column=unit, basis=basis, shares=counted(everyone))
        parts = [replace(whole, column=c, shares=counted(line.get(c, ())), of=whole.shares) for c in columns]
        lines.append((*parts, whole))
    *rows, totals = lines
    return Table(
        name=name,
        cells=tuple(cell for line in lines for cell in line),
        sums=(
            *(sum_of(whole, parts) for *parts, whole in lines),
            *(sum_of(whole, column) for whole, *column in zip(totals, *rows, strict=True)),
        ),
        layout=layout,
    )


def sum_of(whole: Cell, parts: Iterable[Cell]) -> Sum:
    """The identity that some cells of a table add up to another."""
    return Sum(whole.at, tuple(part.at for part in parts))
