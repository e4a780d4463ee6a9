"""A figure and what it is made of: every value is computed from the contributions that a trace shows.

A report's number, its trace and its restatement therefore cannot disagree. Whole numbers and exact fractions only;
rounding is half up, and happens once, when a value is printed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Generic, Literal, NamedTuple, TypeVar, overload

from shared.frozen import replace

Place = tuple[str, str]
"""A row and a column."""

Label = TypeVar("Label", bound=Hashable)

Measure = Literal["count", "pounds", "average", "ratio", "per_cent", "percentage_points", "per_thousand", "figure"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one case (or enquiry, compliment, or the subject of a reference figure) contributes to a figure.

    Less than nothing where a figure is a difference: what is taken off.
    """

    reference: str
    amount: int


Shares = Sequence[Share]


class _Lazy(Sequence[Share]):
    """Shares that are sorted out when someone looks: most figures are only printed, and their sum needs no order."""

    __slots__ = ("_amounts", "_made", "total")

    def __init__(self, total: int, amounts: Callable[[], Mapping[str, int]]) -> None:
        self.total = total
        self._amounts = amounts
        self._made: tuple[Share, ...] | None = None

    @property
    def _shares(self) -> tuple[Share, ...]:
        if self._made is None:
            self._made = tuple(Share(*pair) for pair in sorted(self._amounts().items()))
        return self._made

    @overload
    def __getitem__(self, index: int) -> Share: ...

    @overload
    def __getitem__(self, index: slice) -> Shares: ...

    def __getitem__(self, index: int | slice) -> Share | Shares:
        return self._shares[index]

    def __len__(self) -> int:
        return len(self._shares)

    def __bool__(self) -> bool:
        return self.total != 0 or bool(self._shares)

    def __iter__(self) -> Iterator[Share]:
        return iter(self._shares)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._shares == tuple(other)

    def __hash__(self) -> int:
        return hash(self._shares)

    def __repr__(self) -> str:
        return repr(self._shares)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table.

    `shares` add up to the numerator: cases, pence, or working days. `of` adds up to the denominator: what the figure is
    a share of, or divided by. `measure` says how a value is made of them:

    - count: the numerator, which is part of the denominator if there is one
    - pounds: the numerator's pence, in whole pounds
    - average: numerator by denominator, whole
    - ratio: numerator by denominator, to one decimal
    - per_cent: numerator by denominator, in whole per cent
    - percentage_points: a difference of two shares, numerator by their common denominator, in whole points
    - per_thousand: numerator by thousands of the denominator, to one decimal
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
            case "per_cent" | "percentage_points":
                return half_up(100 * numerator, denominator) if denominator else None
            case "per_thousand":
                return half_up(10_000 * numerator, denominator) / 10 if denominator else None

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


@dataclass(frozen=True, slots=True)
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
        """Whether its rows sum to its totals, as far as they are shown."""
        cells = {cell.at: cell for cell in self.cells}
        shown = (
            (cells[whole], [cells[part] for part in parts])
            for whole, parts in self.sums
            if not any(cells[place].suppressed for place in (whole, *parts))
        )
        return self.agrees and all(total(whole.shares) == sum(total(p.shares) for p in parts) for whole, parts in shown)


def half_up(numerator: int, denominator: int) -> int:
    """A fraction of whole numbers, rounded to the nearest whole one, halves up.

    >>> half_up(2834, 81), half_up(5, 2), half_up(-5, 2)
    (35, 3, -2)
    """
    return (2 * numerator + denominator) // (2 * denominator)


def total(shares: Iterable[Share]) -> int:
    """What shares add up to."""
    return shares.total if isinstance(shares, _Lazy) else sum(share.amount for share in shares)


def counted(references: Iterable[str]) -> Shares:
    """A share of one for each time that a reference occurs, in order of reference."""
    found = references if isinstance(references, list | tuple) else list(references)
    return _Lazy(len(found), lambda: Counter(found))


def weighed(amounts: Iterable[tuple[str, int]]) -> Shares:
    """A share of each amount, several of one reference added up, in order of reference."""
    found = list(amounts)
    return _Lazy(sum(amount for _, amount in found), lambda: _added(found))


def net(terms: Iterable[tuple[Shares, int]]) -> Shares:
    """Shares times their weights, added up by reference; what comes to nothing is left out.

    >>> net([((Share("A", 1), Share("B", 1)), 2), ((Share("A", 2),), -1)])
    (Share(reference='B', amount=2),)
    """
    found = [(shares, weight) for shares, weight in terms if weight]

    def amounts() -> dict[str, int]:
        added = _added((share.reference, weight * share.amount) for shares, weight in found for share in shares)
        return {reference: amount for reference, amount in added.items() if amount}

    return _Lazy(sum(weight * total(shares) for shares, weight in found), amounts)


def _added(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for reference, amount in amounts:
        sums[reference] = sums.get(reference, 0) + amount
    return sums


class Tally(Generic[Label]):
    """Contributions of one each, sorted out by label: how many each label has at once, whose they are when asked."""

    def __init__(
        self,
        codes: Callable[[], Iterable[Hashable]],
        references: Sequence[str],
        label: Callable[[Any], Label],
        order: Callable[[], Iterable[Any]],
    ) -> None:
        """`codes` gives one for each reference, as often as it is called; `label` is asked once for every other one.

        `order` gives, for each, what it comes before and after the others by; no two have the same.
        """
        self._codes, self._references, self._order = codes, references, order
        times = Counter(codes())
        self._labels = {code: label(code) for code in times}
        self.counts: dict[Label, int] = {}
        """How many each label has."""
        for code, number in times.items():
            found = self._labels[code]
            self.counts[found] = self.counts.get(found, 0) + number

    @classmethod
    def of(cls, pairs: Iterable[tuple[Label, str]]) -> "Tally[Label]":
        """Of (label, reference) pairs, in their order."""
        listed = list(pairs)
        labels = [label for label, _ in listed]
        return cls(
            lambda: labels, [reference for _, reference in listed], lambda label: label, lambda: range(len(labels))
        )

    def shares(self, *labels: Label) -> Shares:
        """What has one of these labels."""
        return _Lazy(
            sum(self.counts.get(label, 0) for label in labels),
            lambda: Counter(chain.from_iterable(self._sorted_out.get(label, ()) for label in labels)),
        )

    def everyone(self) -> Shares:
        """All of it."""
        return counted(self._references)

    def others(self, listed: Collection[Label]) -> Sequence[Label]:
        """The labels that are not among the listed ones, in the order of the first contribution to each."""
        unlisted = [label for label in self.counts if label not in listed]
        if len(unlisted) < 2:
            return unlisted
        first: dict[Label, Any] = {}
        for code, place in zip(self._codes(), self._order(), strict=True):
            label = self._labels[code]
            if label not in first or place < first[label]:
                first[label] = place
        return sorted(unlisted, key=first.__getitem__)

    @cached_property
    def _sorted_out(self) -> Mapping[Label, Sequence[str]]:
        found: defaultdict[Label, list[str]] = defaultdict(list)
        for code, reference in zip(self._codes(), self._references, strict=True):
            found[self._labels[code]].append(reference)
        return found


def breakdown(
    name: str,
    found: Tally[str] | Iterable[tuple[str, str]],
    rows: Sequence[str],
    column: str,
    basis: str,
    layout: str = "",
) -> Table:
    """A table of what was sorted out, or of (row, reference) pairs.

    It has each listed row even where it is 0, any other that occurs, and the total.
    """
    tally = found if isinstance(found, Tally) else Tally.of(found)
    everyone = tally.everyone()
    parts = [
        Cell(row=row, column=column, basis=basis, shares=tally.shares(row), of=everyone)
        for row in dict.fromkeys((*rows, *tally.others(rows)))
    ]
    whole = Cell(row="total", column=column, basis=basis, shares=everyone)
    return Table(name=name, cells=(*parts, whole), sums=(sum_of(whole, parts),), layout=layout)


def of_quarter(table: Table) -> Table:
    """A table that was counted over a quarter, in words that say so."""
    cells = tuple(replace(cell, basis=_quarterly(cell.basis)) for cell in table.cells)
    return replace(table, cells=cells, layout=_quarterly(table.layout))


def _quarterly(words: str) -> str:
    return words.replace("the year", "the quarter").replace("year end", "quarter end")


def grid(
    name: str,
    found: Tally[Place] | Iterable[tuple[Place, str]],
    rows: Sequence[str],
    columns: Sequence[str],
    basis: str,
    layout: str = "",
    *,
    total: str = "total",
    share_of: Literal["column", "row"] = "column",
) -> Table:
    """A table of what was sorted out by place, or of (place, reference) pairs, with totals both ways.

    Each listed row and column is there even where it is 0; what occurs and is not listed has a row or a column of its
    own. Each figure is a share of its column's total, or of its row's; the column of rows' totals is called `total`.
    """
    tally = found if isinstance(found, Tally) else Tally.of(found)
    rows = (*rows, *sorted({row for row, _ in tally.counts} - set(rows)))
    columns = (*columns, *sorted({column for _, column in tally.counts} - set(columns)))
    shares = {
        **{(row, column): tally.shares((row, column)) for row in rows for column in columns},
        **{(row, total): tally.shares(*((row, column) for column in columns)) for row in rows},
        **{("total", column): tally.shares(*((row, column) for row in rows)) for column in columns},
        ("total", total): tally.everyone(),
    }

    def of(row: str, column: str) -> Shares | None:
        whole = ("total", column) if share_of == "column" else (row, total)
        return None if whole == (row, column) else shares[whole]

    return Table(
        name=name,
        cells=tuple(
            Cell(row=row, column=column, basis=basis, shares=shares[row, column], of=of(row, column))
            for row in (*rows, "total")
            for column in (*columns, total)
        ),
        sums=(
            *(Sum(("total", column), tuple((row, column) for row in rows)) for column in (*columns, total)),
            *(Sum((row, total), tuple((row, column) for column in columns)) for row in (*rows, "total")),
        ),
        layout=layout,
    )


def sum_of(whole: Cell, parts: Iterable[Cell]) -> Sum:
    """The identity that some cells of a table add up to another."""
    return Sum(whole.at, tuple(part.at for part in parts))
