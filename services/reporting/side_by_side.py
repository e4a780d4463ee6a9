"""Three years side by side, and what changed from the year before: made of the years' own tables, and nothing else.

So it works on tables in which cells are suppressed as well: a change of which one side is suppressed is suppressed, and
every sum stays declared. Changes are worked out from what the figures are made of, never from rounded values.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.reporting.figures import Cell, Measure, Place, Shares, Sum, Table, net
from shared.frozen import replace
from shared.year import Period

SUFFIX = ", three years"

COMPARED = frozenset(
    {
        "complaints by type",
        "statutory outcomes",
        "how people complained",
        "statutory complaints by service area",
        "stage 1 timescale",
        "response times",
        "concerns raised by main category",
        "concerns raised by issue",
        "complaints and compliments by month",
        "compliments",
        "ombudsman cases",
        "ombudsman performance",
        "remedies",
        "financial remedies",
        "adults in long-term support at year end",
    }
)
"""The tables that are set side by side, by their names."""

NUMBER = "change in number"
PER_CENT = "change, per cent"
POINTS = "change, percentage points"

_NUMBERS: frozenset[Measure] = frozenset({"count", "pounds", "figure"})
_RATES: frozenset[Measure] = frozenset({"average", "ratio", "per_thousand"})
_SHARES: frozenset[Measure] = frozenset({"count", "per_cent"})

Tables = Sequence[Table]


def sides(column: str, among: Iterable[str]) -> tuple[str, ...]:
    """The columns of the two years that a change is of, among those of its row; any other column is its own only side.

    >>> sides("complaints: change in number", ["complaints: 2022-23", "complaints: 2023-24", "complaints: 2024-25"])
    ('complaints: 2023-24', 'complaints: 2024-25')
    """
    what = next((what for what in (NUMBER, PER_CENT, POINTS) if column.endswith(what)), None)
    if what is None:
        return (column,)
    prefix = re.escape(column.removesuffix(what))
    return tuple(sorted(other for other in among if re.fullmatch(rf"{prefix}\d{{4}}-\d\d", other))[-2:])


def side_by_side(years: Sequence[tuple[Period, Tables]]) -> tuple[Table, ...]:
    """The tables of the last year that are compared, with a column for each of the years, oldest first.

    All are to be printed by the code lists and the layout of the last. A year without tables is one of which nothing is
    known: it has no values, not zeros. With one year alone there is nothing to set beside it.
    """
    if len(years) < 2:
        return ()
    *_, (_, tables) = years
    return tuple(
        _beside([_Column(year, _named(found, table.name), known=bool(found)) for year, found in years])
        for table in tables
        if table.name in COMPARED
    )


def _named(tables: Tables, name: str) -> Table | None:
    return next((table for table in tables if table.name == name), None)


def nothing_known(label: str) -> str:
    """The basis of what has no value, because nothing is known of its year or quarter."""
    return f"nothing is known of {label}"


@dataclass(frozen=True)
class _Column:
    """One year of a table. `table` is None where there is none: of nothing that is `known`, or not of this name."""

    year: Period
    table: Table | None
    known: bool

    @cached_property
    def cells(self) -> Mapping[Place, Cell]:
        """Its figures by their places."""
        return {cell.at: cell for cell in self.table.cells} if self.table else {}

    @cached_property
    def of(self) -> Mapping[str, Shares]:
        """What the first share of each of its columns is a share of."""
        shared = [cell for cell in self.cells.values() if cell.of is not None]
        return {cell.column: cell.of for cell in reversed(shared) if cell.of is not None}

    @property
    def missing(self) -> str:
        """Why there is no value."""
        return f"no such table for {self.year.label}" if self.known else nothing_known(self.year.label)


_Line = Mapping[str, Cell]
"""The cells of one place of a table, by what each says: a year's label, or a kind of change."""


def _beside(columns: Sequence[_Column]) -> Table:
    tables = [column.table for column in columns if column.table]
    now, (*_, before, last) = tables[-1], (column.year for column in columns)
    lines = {place: _line(place, columns) for place in _places(tables)}
    at = _naming(lines)
    return Table(
        name=now.name + SUFFIX,
        cells=tuple(
            replace(cell, row=place[0], column=at(place, what)[1])
            for place, line in lines.items()
            for what, cell in line.items()
        ),
        sums=(*_within(lines, tables, at), *_across(lines, before, last, at)),
        agrees=all(table.agrees for table in tables),
        layout=_layout(now, columns, tuple(lines), at),
    )


def _places(tables: Tables) -> list[Place]:
    """Every place of some year: in the order of the last year's, what only an earlier one has before the total."""
    *earlier, now = ([cell.at for cell in table.cells] for table in tables)
    here = set(now)
    others = [place for places in earlier for place in places if place not in here]
    end = next((index for index, (row, _) in enumerate(now) if row == "total"), len(now))
    return list(dict.fromkeys((*now[:end], *others, *now[end:])))


# --- one line ---------------------------------------------------------------------------------------------------------


def _line(place: Place, columns: Sequence[_Column]) -> _Line:
    like = next(column.cells[place] for column in reversed(columns) if place in column.cells)
    years = {column.year.label: _of_year(column, like) for column in columns}
    *_, before, now = years.values()
    return {**years, **_changes(now, before, columns[-2].year, is_share=_is_share(like, columns))}


def _of_year(column: _Column, like: Cell) -> Cell:
    """The year's own cell; a zero, where the year's table has no such row."""
    if column.table is None:
        return replace(like, basis=column.missing, shares=(), of=None, measure="figure", suppressed=False)
    if like.at in column.cells:
        return column.cells[like.at]
    return replace(like, shares=(), of=column.of.get(like.column), suppressed=False)


def _is_share(like: Cell, columns: Sequence[_Column]) -> bool:
    """Whether it is a share of something, as some year's cell says; where all are suppressed, as its column does."""
    if like.measure not in _SHARES:
        return False
    here = [cell for column in columns if (cell := column.cells.get(like.at)) and not cell.suppressed]
    return any(cell.of is not None for cell in here) if here else any(_shares_in(like.column, columns))


def _shares_in(name: str, columns: Sequence[_Column]) -> Iterator[bool]:
    """Of each figure that is shown in a column, whether it is a share."""
    for column in columns:
        yield from (c.of is not None for c in column.cells.values() if c.column == name and not c.suppressed)


def _changes(now: Cell, before: Cell, year: Period, *, is_share: bool) -> Mapping[str, Cell]:
    """What changed from the year before, each kind of change that such a figure can have."""
    kinds = (
        *((NUMBER, PER_CENT) if now.measure in _NUMBERS | _RATES else ()),
        *((POINTS,) if is_share else ()),
    )
    blank = replace(now, basis=f"{now.basis}; against {year.label}", shares=(), of=None, suppressed=False)
    if now.suppressed or before.suppressed:
        return dict.fromkeys(kinds, replace(blank, suppressed=True))
    if _unknown(now) or _unknown(before):
        lacking = before.basis if _unknown(before) else now.basis
        return dict.fromkeys(kinds, replace(blank, basis=f"{lacking}, so there is no change", measure="figure"))
    made = {
        **(_differences(now, before, blank) if NUMBER in kinds else {}),
        **({POINTS: _points(now, before, blank)} if is_share else {}),
    }
    return {what: _explained(change) for what, change in made.items()}


def _unknown(cell: Cell) -> bool:
    return cell.measure == "figure" and not cell.shares


def _explained(change: Cell) -> Cell:
    """A change of nothing has no value, and its basis says so."""
    if change.value is not None:
        return change
    return replace(change, basis=f"{change.basis}; there was nothing to compare with, so there is no value")


def _differences(now: Cell, before: Cell, blank: Cell) -> Mapping[str, Cell]:
    """The year's figure less the one's before, and that by the one's before; of rates over a common denominator."""
    if now.measure in _NUMBERS:
        measure: Measure = "count" if now.measure == "figure" else now.measure
        difference = net([(now.shares, 1), (before.shares, -1)])
        number = replace(blank, shares=difference, measure=measure)
        return {NUMBER: number, PER_CENT: replace(blank, shares=difference, of=before.shares, measure="per_cent")}
    ours, theirs = before.denominator or 0, now.denominator or 0
    difference = net([(now.shares, ours), (before.shares, -theirs)])
    return {
        NUMBER: replace(blank, shares=difference, of=net([(now.of or (), ours)])),
        PER_CENT: replace(blank, shares=difference, of=net([(before.shares, theirs)]), measure="per_cent"),
    }


def _points(now: Cell, before: Cell, blank: Cell) -> Cell:
    """The difference of the two shares, over the product of what they are shares of."""
    ours, theirs = before.denominator or 0, now.denominator or 0
    shares = net([(now.shares, ours), (before.shares, -theirs)])
    return replace(blank, shares=shares, of=net([(now.of or (), ours)]), measure="percentage_points")


# --- names, sums and layout -------------------------------------------------------------------------------------------

_Naming = Callable[[Place, str], Place]
"""Where a place's cell of a year, or of a kind of change, is in the table of years."""


def _naming(places: Iterable[Place]) -> _Naming:
    """Columns say which figure they are of, if one row has several."""
    apart = any(times > 1 for times in Counter(row for row, _ in places).values())
    return lambda place, what: (place[0], f"{place[1]}: {what}" if apart else what)


def _within(lines: Mapping[Place, _Line], tables: Tables, at: _Naming) -> Iterator[Sum]:
    """The sums of the years' own tables: they hold in each year's column, and so in what changed between two."""
    for whole, parts in _identities(tables):
        for what in lines[whole]:
            told = [lines[place].get(what) for place in (whole, *parts)]
            if what not in (PER_CENT, POINTS) and all(
                cell and (what != NUMBER or cell.measure in _NUMBERS) for cell in told
            ):
                yield Sum(at(whole, what), tuple(at(part, what) for part in parts))


def _across(lines: Mapping[Place, _Line], before: Period, now: Period, at: _Naming) -> Iterator[Sum]:
    """Last year's figure and the change are this year's."""
    for place, line in lines.items():
        if NUMBER in line and line[NUMBER].measure in ("count", "pounds"):
            yield Sum(at(place, now.label), (at(place, before.label), at(place, NUMBER)))


def _identities(tables: Tables) -> Iterator[Sum]:
    """Each identity of a table once, with the parts that it has in any of the years."""
    found: dict[tuple[Place, int], dict[Place, None]] = {}
    for table in tables:
        times: Counter[Place] = Counter()
        for whole, parts in table.sums:
            found.setdefault((whole, times[whole]), {}).update(dict.fromkeys(parts))
            times[whole] += 1
    return (Sum(whole, tuple(parts)) for (whole, _), parts in found.items())


def _layout(now: Table, columns: Sequence[_Column], places: Iterable[Place], at: _Naming) -> str:
    """What a reader must know of the years beside one another, after what the year's own table says."""
    *_, before, last = (column.year.label for column in columns)
    units = dict.fromkeys(column for _, column in places)
    bare = len(units) > 1 and not any(at(place, last)[1] != last for place in places)
    told = (f"{column}: {', '.join(row for row, of in places if of == column)}" for column in units)
    sentences = [
        now.layout,
        "Rows are counted in " + "; ".join(told) + "." if bare else "",
        f"Every year is printed by the code lists and in the layout of {last}, so that its rows compare.",
        f"Changes are of {last} against {before}, worked out before rounding.",
        f"Per cent are of the figure of {before}; percentage points are the difference between two shares.",
        "A year that was not over yet counts as far as it was known.",
    ]
    return " ".join(filter(None, sentences))
