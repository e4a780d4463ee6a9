"""The figures behind a report's cells, and every sum that ties them: what a reader of it can add and subtract.

A figure is linked to another by what it counts: the same cases under the same name, or as the same total, are one
figure in however many tables it is printed. Sums are those that the tables declare, those that follow from "so many of
so many", and those that the contributions themselves show.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.reporting.figures import Cell, Shares, Table, net, total, weighed
from services.reporting.scope import DECIDED, INFORMED, RECEIVED

At = tuple[str, str, str]
"""A table, a row and a column."""

GENERIC = frozenset(
    {"total", "complaints", "statutory", "stage 1 complaints", "received", "complaints received", "adult social care"}
)
"""Words of rows and columns that say "all of them": `Finance` of the complaints received is `Finance` of complaints."""

UNITS = frozenset({"concerns", "compliments", "cases", "decided", "deadlines", "lessons", "pounds"})
"""Words that say what is counted of which there is all."""

OF_WHICH: Mapping[At, At] = {
    ("ombudsman cases", "open", "cases"): ("ombudsman cases", "new", "cases"),
    ("ombudsman cases", "under investigation at period end", "cases"): ("ombudsman cases", "escalated", "cases"),
    ("ombudsman performance", "public reports", "cases"): ("ombudsman performance", "decided", "cases"),
    ("financial remedies", "of which charges recalculation and refund", "pounds"): (
        "financial remedies",
        "total",
        "pounds",
    ),
}
"""What is by its name a part of another figure, or may be, though its cell does not say so."""

TOGETHER: Mapping[At, tuple[At, ...]] = {
    ("ombudsman performance", "investigated in detail", "cases"): (
        ("ombudsman performance", "upheld", "cases"),
        ("ombudsman performance", "not upheld", "cases"),
    ),
    ("ombudsman performance", "compliance rate", "per cent"): (
        ("ombudsman performance", "complied", "cases"),
        ("ombudsman performance", "complied late", "cases"),
    ),
    ("complaints by type", "statutory", "complaints"): (
        ("statutory outcomes", "total", "complaints"),
        ("statutory outcomes", "open at year end, left out of the total", "complaints"),
    ),
}
"""What is by its name the sum of others, though its table does not say so."""

SAME: tuple[tuple[At, ...], ...] = (
    (
        ("statutory outcomes by service area", "open", "total"),
        ("statutory outcomes", "open", "complaints"),
        ("statutory outcomes", "open at year end, left out of the total", "complaints"),
        ("stage 1 timescale", "still open", "complaints"),
    ),
    (("financial remedies", "ombudsman", "pounds"), ("ombudsman financial remedies", "paid", "pounds")),
    (("complaints by type", "corporate", "complaints"), ("balance", "received", "corporate")),
)
"""What is by its names the same figure, wherever the same contribute to it, though it has other labels or bases."""

FOUNDED = (
    ("balance", "upheld", "adult social care"),
    ("balance", "partially upheld", "adult social care"),
)
"""What add up to the well-founded of the statutory return, which is public whether or not it is in the same report."""


COHORT: tuple[At, ...] = (
    ("complaints by type", "statutory", "complaints"),
    ("balance", "routed out", "adult social care"),
    ("balance", "received", "adult social care"),
    ("balance", "transferred in", "adult social care"),
    ("balance", "routed in", "adult social care"),
)
"""The statutory count, what the books take out of it, and what they add up to it."""


@dataclass(frozen=True, slots=True)
class Statutory:
    """A number that SI 2009/309 reg 18(1) requires to be published: its basis, where it stands first, where else."""

    basis: str
    first: tuple[At, ...]
    elsewhere: tuple[At, ...] = ()


STATUTORY = (
    Statutory(
        RECEIVED,
        (("statutory return", "received", "complaints"), ("complaints by type", "statutory", "complaints")),
        (("compliments", "stage 1 complaints", "complaints"), ("balance", "received", "adult social care")),
    ),
    Statutory(DECIDED, (("statutory return", "well-founded", "complaints"),)),
    Statutory(
        INFORMED,
        (
            ("statutory return", "referred to the ombudsman", "complaints"),
            ("complaints by type", "ombudsman", "complaints"),
        ),
        (
            ("ombudsman cases", "new", "cases"),
            ("ombudsman cases", "escalated", "cases"),
            ("ombudsman performance", "received", "cases"),
        ),
    ),
)
"""Received, well-founded, referred to the Ombudsman: (a) to (c). A total of the same cases on the same basis is the
same number, such as the total of every breakdown of the complaints received."""

REFUSED = frozenset({"refusals", "complaints refused by pathway"})
"""Tables of those refused alone: their total is not all that was received, but by chance."""


@dataclass(frozen=True)
class Figure:
    """One number that may be printed, in one place or in many.

    `value` is in cases, or in pence; `cases` is how many contribute. A figure that is not printed can be worked out of
    others: the rest of a whole beside its printed part. `shares` tell figures apart, and are shown to nobody.
    """

    value: int
    cases: int
    money: bool
    shares: Shares
    printed: bool = True
    statutory: bool = False

    @cached_property
    def difference(self) -> bool:
        """Whether it is one figure less another: it counts nobody, and may be less than nothing."""
        return any(share.amount < 0 for share in self.shares)


@dataclass(frozen=True, slots=True)
class Equation:
    """Figures that add up to nothing: a whole counts -1, each of its parts 1. `declared` is a sum of a table's own."""

    factors: Mapping[int, int]
    declared: bool = False

    @property
    def whole(self) -> int | None:
        """The figure that the others add up to."""
        return next((figure for figure, factor in self.factors.items() if factor < 0), None)

    @property
    def parts(self) -> list[int]:
        """The others, in order."""
        return [figure for figure, factor in self.factors.items() if factor > 0]


@dataclass(frozen=True)
class System:
    """The figures of a report, by number; which cell prints which; and the sums among them.

    `at` is the figure of a cell's numerator, `over` of what it is a share of or divided by. `rates` has for each cell
    that is a rate, or a share of others, every figure that its numerator and its denominator may be taken for.
    """

    figures: list[Figure] = field(default_factory=list)
    at: dict[At, int] = field(default_factory=dict)
    over: dict[At, int] = field(default_factory=dict)
    rates: dict[At, frozenset[int]] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)

    @cached_property
    def printed_at(self) -> Mapping[int, Sequence[At]]:
        """The cells of each figure."""
        cells: dict[int, list[At]] = defaultdict(list)
        for at, figure in self.at.items():
            cells[figure].append(at)
        return cells


def system(tables: Sequence[Table]) -> System:
    """What a reader of these tables can set up. A cell that is suppressed already is no part of it."""
    builder = _Builder(tables)
    builder.name()
    builder.divide()
    builder.add_up()
    return builder.system


class _Builder:
    def __init__(self, tables: Sequence[Table]) -> None:
        self.system = System()
        self._tables = tables
        self._cells: dict[At, Cell] = {
            (table.name, *cell.at): cell for table in tables for cell in table.cells if not cell.suppressed
        }
        self._wholes = {(table.name, *one.whole) for table in tables for one in table.sums}
        self._of_shares: dict[tuple[bool, Shares], list[tuple[At, int]]] = defaultdict(list)
        self._seen: set[frozenset[tuple[int, int]]] = set()

    # --- one figure for all cells that print the same -----------------------------------------------------------------

    def name(self) -> None:
        leaders: dict[At, At] = {}
        same: dict[object, At] = {}
        statutory = set(self._statutory())

        def leader(at: At) -> At:
            while leaders[at] != at:
                at = leaders[at]
            return at

        for at, cell in self._cells.items():
            if cell.measure in ("count", "pounds"):
                leaders[at] = at
                for key in self._keys(at, cell, at in statutory):
                    leaders[leader(at)] = leader(same.setdefault(key, at))
        numbers: dict[At, int] = {}
        statutory = {leader(at) for at in statutory}
        for at in leaders:
            first, cell = leader(at), self._cells[at]
            money = cell.measure == "pounds"
            if first not in numbers:
                numbers[first] = self._figure(cell.shares, money=money, statutory=first in statutory)
            self.system.at[at] = numbers[first]
            self._of_shares[money, cell.shares].append((at, numbers[first]))

    def _keys(self, at: At, cell: Cell, statutory: bool) -> Iterator[object]:  # noqa: FBT001 # what the cell is
        yield cell.measure, cell.basis, _labels(at), cell.shares
        yield from ((number, cell.shares) for number, places in enumerate(SAME) if at in places)
        if cell.shares and (statutory or self._is_total(at)):
            yield cell.measure, cell.basis, "total", cell.shares

    def _is_total(self, at: At) -> bool:
        """Whether it says that it counts all, and not those of one row or column."""
        return at in self._wholes and _labels(at) <= UNITS

    def _statutory(self) -> Iterator[At]:
        """The cells that print a number which the regulation requires."""
        for number in STATUTORY:
            anchor = next((self._cells[at] for at in number.first if at in self._cells), None)
            places = {*number.first, *number.elsewhere, *(at for at in self._wholes if self._is_total(at))}
            for at, cell in self._cells.items():
                counts = cell.measure == "count" and (cell.basis == number.basis or at in number.elsewhere)
                if anchor and counts and at in places and cell.shares == anchor.shares:
                    yield at

    def _figure(self, shares: Shares, *, money: bool, printed: bool = True, statutory: bool = False) -> int:
        cases = len(shares) if money else total(shares)
        self.system.figures.append(Figure(total(shares), cases, money, shares, printed, statutory))
        return len(self.system.figures) - 1

    # --- so many of so many -------------------------------------------------------------------------------------------

    def divide(self) -> None:
        """What cells are shares of, and the rest."""
        for at, cell in self._cells.items():
            if cell.measure in ("ratio", "per_cent", "per_thousand"):
                self.system.at[at] = self._known(at, cell.shares)
                self.system.rates[at] = self._alike(at, cell.shares)
            if cell.of and cell.measure != "average":
                self.system.over[at] = self._known(at, cell.of)
                self.system.rates[at] = self.system.rates.get(at, frozenset()) | self._alike(at, cell.of)
                if cell.measure not in ("ratio", "per_thousand"):
                    self._rest(at, self.system.over[at])
        for at, whole in OF_WHICH.items():
            if at in self.system.at and whole in self.system.at:
                self._rest(at, self.system.at[whole])

    def _known(self, at: At, shares: Shares) -> int:
        """The figure of these cases: a total in line with the cell, one of its table, or else of any; or a new one."""
        found = self._of_shares[False, shares]
        if not found:
            found.append((at, self._figure(shares, money=False)))
        here = [(place, figure) for place, figure in found if place[0] == at[0]]
        wholes = [(place, figure) for place, figure in here if place in self._wholes]
        in_line = [(place, figure) for place, figure in wholes if place[1] == at[1] or place[2] == at[2]]
        return (in_line or wholes or here or found)[0][1]

    def _alike(self, at: At, shares: Shares) -> frozenset[int]:
        """Every figure of the same cases in the same table, or else in any."""
        found = self._of_shares[False, shares]
        return frozenset(figure for place, figure in found if place[0] == at[0]) or frozenset(n for _, n in found)

    def _rest(self, at: At, whole: int) -> None:
        part, figures = self.system.at[at], self.system.figures
        if part == whole or self._declared(at, whole):
            return
        rest = less(figures[whole].shares, figures[part].shares)
        if rest is None:
            return
        beside = (figure for place, figure in self._of_shares.get((False, rest), ()) if rest and place[0] == at[0])
        other = next(beside, None)
        if other is None:
            other = self._figure(rest, money=False, printed=False)
        self._equation(whole, (part, other))

    def _declared(self, at: At, whole: int) -> bool:
        table = next(table for table in self._tables if table.name == at[0])
        return any(at[1:] in one.parts and self.system.at.get((table.name, *one.whole)) == whole for one in table.sums)

    # --- sums ---------------------------------------------------------------------------------------------------------

    def add_up(self) -> None:
        """The sums that are declared, and those that the contributions show."""
        for table in self._tables:
            for whole, parts in table.sums:
                places = [(table.name, *place) for place in (whole, *parts)]
                if all(at in self.system.at for at in places):
                    first, *others = (self.system.at[at] for at in places)
                    self._equation(first, others, declared=True)
        for one, others_at in TOGETHER.items():
            if all(at in self.system.at for at in (one, *others_at)):
                self._equation(self.system.at[one], [self.system.at[at] for at in others_at])
        self._well_founded()
        self._cohort()
        for group in self._columns():
            self._as_one(group)

    def _well_founded(self) -> None:
        parts = [self.system.at[at] for at in FOUNDED if at in self.system.at]
        if len(parts) == len(FOUNDED):
            shares = _united(self.system.figures[part].shares for part in parts)
            found = [n for n, figure in enumerate(self.system.figures) if figure.statutory and figure.shares == shares]
            self._equation(found[0] if found else self._figure(shares, money=False, statutory=True), parts)

    def _cohort(self) -> None:
        """What was received and stayed, or came from elsewhere, is the statutory count; where it is so in truth."""
        found = [self.system.at[at] for at in COHORT if at in self.system.at]
        if len(found) == len(COHORT):
            whole, out, *parts = found
            figures = self.system.figures
            if net((figures[n].shares, 1) for n in parts) == net(
                [(figures[whole].shares, 1), (figures[out].shares, 1)]
            ):
                self._equation(whole, parts, less=(out,))

    def _columns(self) -> Iterator[list[int]]:
        """The cells of a column that no declared sum adds up."""
        for table in self._tables:
            parts = {place for one in table.sums for place in one.parts} | {one.whole for one in table.sums}
            columns: dict[str, list[int]] = defaultdict(list)
            for cell in table.cells:
                figure = self.system.at.get((table.name, *cell.at))
                if figure is not None and cell.measure in ("count", "pounds") and cell.at not in parts:
                    columns[cell.column].append(figure)
            yield from (found for found in columns.values() if len(found) > 1)

    def _as_one(self, parts: Sequence[int]) -> None:
        figures = self.system.figures
        money = figures[parts[0]].money
        shares = _united(figures[part].shares for part in parts)
        for whole in dict.fromkeys(figure for _, figure in self._of_shares.get((money, shares), ()) if shares):
            if whole not in parts:
                self._equation(whole, parts)

    def _equation(self, whole: int, parts: Iterable[int], less: Iterable[int] = (), *, declared: bool = False) -> None:
        factors: dict[int, int] = defaultdict(int)
        for figure, factor in ((whole, -1), *((part, 1) for part in parts), *((each, -1) for each in less)):
            factors[figure] += factor
        left = {figure: factor for figure, factor in factors.items() if factor}
        key = frozenset((figure, factor) for figure, factor in left.items())
        if len(left) > 1 and key not in self._seen:
            self._seen.add(key)
            self.system.equations.append(Equation(left, declared))


def _labels(at: At) -> frozenset[str]:
    """What a cell's names say that it counts, beyond all of them."""
    table, row, column = at
    return frozenset({row, column, *(("refused",) if table in REFUSED else ())} - GENERIC)


def less(whole: Shares, part: Shares) -> Shares | None:
    """What is left of a whole without a part; None if the part is not one."""
    left = {share.reference: share.amount for share in whole}
    for share in part:
        left[share.reference] = left.get(share.reference, 0) - share.amount
    if any(amount < 0 for amount in left.values()):
        return None
    return weighed((reference, amount) for reference, amount in left.items() if amount)


def _united(several: Iterable[Shares]) -> Shares:
    return weighed((share.reference, share.amount) for shares in several for share in shares)
