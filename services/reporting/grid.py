"""A table as people read one: rows by columns, with its basis and shorthand, for the page and the spreadsheet.

Shorthand is the Government Analysis Function's (Symbols in tables: definitions and help).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from services.reporting.figures import Cell, Table

FIGURE = "figure"
"""The heading of figures that have different units."""

FEW = 3
"""So many bases are told in a sentence above a table; more have a column of their own."""

Shorthand = Literal["[c]", "[x]", "[z]"]

CONFIDENTIAL: Shorthand = "[c]"
NOT_AVAILABLE: Shorthand = "[x]"
NOT_APPLICABLE: Shorthand = "[z]"

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
"""What a page prints before a number below 0, and where there is no figure to ask for (in a spreadsheet: [z])."""

EXPLAINED: Mapping[Shorthand, str] = {
    CONFIDENTIAL: "Confidential: not shown, because it could tell of a person.",
    NOT_AVAILABLE: "Not available: no such figure was recorded.",
    NOT_APPLICABLE: "Not applicable: there is no such figure here, or nothing to divide by.",
}


def shorthand(cell: Cell | None) -> Shorthand | None:
    """What stands in the place of a figure that has no value; None where it has one. Zero is a value."""
    if cell is None:
        return NOT_APPLICABLE
    if cell.suppressed:
        return CONFIDENTIAL
    if cell.value is None:
        return NOT_AVAILABLE if cell.measure == "figure" else NOT_APPLICABLE
    return None


@dataclass(frozen=True)
class Grid:
    """The cells of a table by row and column, each in the order in which it first occurs."""

    table: Table

    @cached_property
    def rows(self) -> Sequence[str]:
        """The names of the rows."""
        return list(dict.fromkeys(cell.row for cell in self.table.cells))

    @cached_property
    def columns(self) -> Sequence[str]:
        """The names of the columns of figures."""
        return list(dict.fromkeys(cell.column for cell in self.table.cells))

    @cached_property
    def _cells(self) -> Mapping[tuple[str, str], Cell]:
        return {cell.at: cell for cell in self.table.cells}

    def at(self, row: str, column: str) -> Cell | None:
        """The figure of a place; None where the table has none there."""
        return self._cells.get((row, column))

    def across(self, row: str) -> Sequence[Cell | None]:
        """The figures of a row."""
        return [self.at(row, column) for column in self.columns]

    @cached_property
    def by_unit(self) -> bool:
        """Whether it reads better with a line for each unit of a row: where several measures of one thing are told."""
        sparse = len(self.table.cells) * 2 <= len(self.rows) * len(self.columns)
        return len({_unit(column) for column in self.columns}) > 1 and (sparse or all(map(_headed, self.columns)))

    @cached_property
    def headings(self) -> Sequence[str]:
        """The columns of `lines`."""
        return list(dict.fromkeys(map(_heading, self.columns))) if self.by_unit else self.columns

    @cached_property
    def lines(self) -> Sequence[tuple[str, str, Sequence[Cell | None]]]:
        """The table line by line: its row, its unit where it is `by_unit`, and its figures.

        Where every column is of a unit and a year, the lines of a unit stand together.
        """
        if not self.by_unit:
            return [(row, "", self.across(row)) for row in self.rows]
        units = [_unit(column) for column in self.columns]
        found: dict[tuple[str, str], dict[str, Cell]] = {}
        for cell in self.table.cells:
            found.setdefault((cell.row, _unit(cell.column)), {})[_heading(cell.column)] = cell
        order = sorted(found, key=lambda at: units.index(at[1])) if all(map(_headed, self.columns)) else found
        return [(row, unit, [found[row, unit].get(at) for at in self.headings]) for row, unit in order]

    @cached_property
    def shared(self) -> Sequence[str]:
        """The columns that have a per cent beside a count."""
        return list(dict.fromkeys(cell.column for cell in self.table.cells if cell.per_cent is not None))

    @cached_property
    def sums(self) -> frozenset[str]:
        """The rows that others add up to."""
        return frozenset(
            whole[0] for whole, parts in self.table.sums if parts and all(part[1] == whole[1] for part in parts)
        )

    @cached_property
    def basis(self) -> str:
        """What the whole table counts, and which columns or rows do otherwise; empty where too many do."""
        columns, rows = (self._bases(name) for name in ("column", "row"))
        for bases in (columns, rows):
            kinds = Counter(bases.values()).most_common()
            if bases and len(kinds) <= FEW:
                (usual, _), *others = kinds
                named = {kind: ", ".join(f"`{at}`" for at in bases if bases[at] == kind) for kind, _ in others}
                return "; ".join((usual, *(f"{names}: {kind}" for kind, names in named.items())))
        return ""

    @property
    def counts(self) -> str:
        """The same as a sentence."""
        return f"Counts: {self.basis}." if self.basis else ""

    def _bases(self, name: Literal["row", "column"]) -> Mapping[str, str]:
        """The basis of each row, or of each column, by what has a value there; nothing where one has several."""
        found: dict[str, list[Cell]] = {}
        for cell in self.table.cells:
            found.setdefault(getattr(cell, name), []).append(cell)
        bases = {at: {_basis(cell) for cell in cells if cell.value is not None} for at, cells in found.items()}
        every = {at: bases[at] or {_basis(cell) for cell in cells} for at, cells in found.items()}
        return {} if any(len(kinds) > 1 for kinds in every.values()) else {at: min(every[at]) for at in every}

    @property
    def shorthands(self) -> frozenset[Shorthand]:
        """The shorthand that the table uses for figures of its own."""
        return frozenset(mark for cell in self.table.cells if (mark := shorthand(cell)))


def basis_of(cells: Iterable[Cell | None]) -> str:
    """What the figures of a line count; of each column where they differ."""
    found = {cell.column: _basis(cell) for cell in cells if cell}
    kinds = set(found.values())
    return min(kinds) if len(kinds) == 1 else "; ".join(f"{column}: {basis}" for column, basis in found.items())


def _basis(cell: Cell) -> str:
    """What a figure counts. What a change is against is said once, by its table's layout."""
    return cell.basis.partition("; against ")[0]


def _headed(column: str) -> bool:
    return ": " in column


def _unit(column: str) -> str:
    """What a column counts: all of its name, or what stands before a year or another heading."""
    return column.partition(": ")[0]


def _heading(column: str) -> str:
    return column.partition(": ")[2] or FIGURE


def printed(cell: Cell) -> str:
    """A figure in print, with its unit where that is a sign.

    >>> printed(Cell(row="paid", column="pounds", basis="", shares=(Share("x", 125_000),), measure="pounds"))
    '£1,250'
    """
    mark = shorthand(cell)
    if mark:
        return mark
    sign, size = (MINUS if (cell.value or 0) < 0 else ""), abs(cell.value or 0)
    match cell.measure:
        case "pounds":
            return f"{sign}£{size:,}"
        case "per_cent":
            return f"{sign}{size}%"
        case _:
            return f"{sign}{size:,}"


def said(name: str) -> str:
    """The name of a row, column or table as a heading.

    >>> said("adult_social_care"), said("65-74")
    ('Adult social care', '65-74')
    """
    plain = re.sub(r"\bombudsman\b", "Ombudsman", name.replace("_", " "))
    return plain[:1].upper() + plain[1:]


def quoted(text: str) -> str:
    """A note with the names that it puts in backticks in quotation marks.

    >>> quoted("`total` is either.")
    '‘total’ is either.'
    """
    return re.sub(r"`([^`]*)`", "\N{LEFT SINGLE QUOTATION MARK}\\1\N{RIGHT SINGLE QUOTATION MARK}", text)


def spoken(value: str | int | date | None) -> str:
    """One value of a listing in print; a day as 2 July 2024, nothing as a dash."""
    if value in (None, ""):
        return DASH
    return day(value) if isinstance(value, date) else str(value)


def day(value: date) -> str:
    """A day in words.

    >>> day(date(2025, 3, 31))
    '31 March 2025'
    """
    return f"{value.day} {value:%B %Y}"
