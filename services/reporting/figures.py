"""A figure and what it is made of: every value is computed from the contributions that a trace shows.

A report's number, its trace and its restatement therefore cannot disagree. Whole numbers and exact fractions only;
rounding is half up, and happens once, when a value is printed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

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
    """

    row: str
    column: str
    basis: str
    shares: Shares
    of: Shares | None = None
    measure: Measure = "count"

    @property
    def numerator(self) -> int:
        """The sum of what contributes."""
        return total(self.shares)

    @property
    def denominator(self) -> int | None:
        """The sum of what it is a share of; None where there is no such thing."""
        return None if self.of is None else total(self.of)

    @property
    def value(self) -> int | float | None:
        """The figure as it is printed; None where there is nothing to divide by, or no figure was recorded."""
        match self.measure:
            case "count":
                return self.numerator
            case "pounds":
                return half_up(self.numerator, 100)
            case "figure":
                return self.numerator if self.shares else None
            case "average":
                return half_up(self.numerator, self.denominator) if self.denominator else None
            case "ratio":
                return half_up(10 * self.numerator, self.denominator) / 10 if self.denominator else None
            case "per_cent":
                return half_up(100 * self.numerator, self.denominator) if self.denominator else None

    @property
    def per_cent(self) -> int | None:
        """A count's share of its denominator, in whole per cent."""
        if self.measure != "count" or not self.denominator:
            return None
        return half_up(100 * self.numerator, self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A named table. `balanced`: its rows sum to its totals, case by case. `layout` says what a reader must know."""

    name: str
    cells: tuple[Cell, ...]
    balanced: bool = True
    layout: str = ""


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
    return Table(name=name, cells=(*parts, whole), balanced=sums_to(parts, whole), layout=layout)
