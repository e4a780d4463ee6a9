"""Bar charts as SVG, drawn from the cells of a table that stands beside them.

Every bar carries its figure, and series differ by pattern as well as by shade, so nothing is told by colour alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from services.reporting.figures import Cell, Table
from services.reporting.grid import Grid, printed, said
from shared.year import MONTHS

WIDTH, BAR, GAP, LINE = 360, 14, 8, 18
"""Units of the drawing: its width, a bar's height, the gap between rows, and a line of text."""

NAME, FIGURE = 90, 44
"""The room for a short name before a bar, and for the figure after it."""

SHORT = 12
ROWS = range(3, 15)
SERIES = 3
INK = "#1d4f7c"

TRENDS: Mapping[str, Sequence[str]] = {
    "complaints by type": ("statutory", "informal", "corporate"),
    "compliments": ("received",),
    "statutory outcomes": ("upheld", "partially upheld", "not upheld"),
    "decided": ("upheld", "partially upheld", "not upheld"),
    "stage 1 timescale": ("within 20 working days", "over 20 working days"),
    "open at quarter end": ("total",),
}
"""The rows of a table of quarters that are drawn quarter by quarter."""


def chart(table: Table, identity: str, heading: str) -> Markup | None:
    """A drawing of a table whose rows are parts of one whole, or of the trend that a table of quarters shows.

    None for any other, and where there is nothing to see. A row of nothing but zeros is left to the table, unless it is
    a month.
    `identity` keeps the names within the drawing apart from others of its page.
    """
    grid = Grid(table)
    trend = all(map(_QUARTER.fullmatch, grid.columns))
    lines, columns = _trend(grid) if trend else _whole(grid)
    named = trend or len(columns) > 1
    sizes = [_size(cell) for line in lines for cell in line]
    if len(lines) not in ROWS or len(sizes) < len(lines) * len(columns) or sum(size > 0 for size in sizes) < 2:
        return None
    drawn, height = _drawn(lines, columns if named else (), identity)
    return Markup(
        '<svg role="img" viewBox="0 0 {w} {h}" aria-labelledby="{i}-title" aria-describedby="{i}-desc">'
        '<title id="{i}-title">{title}: bar chart</title><desc id="{i}-desc">{desc}.</desc>{drawn}</svg>'
    ).format(w=WIDTH, h=height, i=identity, title=heading, desc=_spoken(lines, named=named), drawn=drawn)


_QUARTER = re.compile(r"20\d\d-\d\d Q[1-4]")


def _trend(grid: Grid) -> tuple[Sequence[Sequence[Cell]], Sequence[str]]:
    """Some rows of a table of quarters, quarter by quarter."""
    rows = [row for row in TRENDS.get(grid.table.name, ()) if row in grid.rows]
    lines = [[cell for row in rows if (cell := grid.at(row, column))] for column in grid.columns]
    return [[replace(cell, row=cell.column, column=cell.row) for cell in line] for line in lines if line], rows


def _whole(grid: Grid) -> tuple[Sequence[Sequence[Cell]], Sequence[str]]:
    """The parts of one whole, without those of nothing but zeros."""
    columns = _series(grid)
    lines = [[cell for column in columns if (cell := grid.at(row, column))] for row in _parts(grid.table, columns)]
    return [line for line in lines if line[0].row in MONTHS or any(cell.value != 0 for cell in line)], columns


def _series(grid: Grid) -> Sequence[str]:
    """What is drawn: the years of a table that has several, otherwise all of its columns; few, and counts."""
    counts = [
        column
        for column in grid.columns
        if all(cell.measure == "count" for cell in grid.table.cells if cell.column == column)
    ]
    years = [column for column in counts if re.fullmatch(r"20\d\d-\d\d", column)]
    columns = years if len(years) > 1 else grid.columns
    return columns if len(columns) <= SERIES and set(columns) <= set(counts) else ()


def _parts(table: Table, columns: Sequence[str]) -> Sequence[str]:
    """The rows that add up to one whole in every column that is drawn."""
    found = [
        [row for row, _ in parts]
        for whole, parts in table.sums
        if whole[1] in columns and all(column == whole[1] for _, column in parts)
    ]
    longest = max(found, key=len, default=[])
    return longest if found.count(longest) >= len(columns) else []


def _size(cell: Cell) -> float:
    return max(cell.value or 0, 0)


def _spoken(lines: Sequence[Sequence[Cell]], *, named: bool) -> str:
    return "; ".join(
        f"{said(cell.row)}{f', {cell.column}' if named else ''}: {printed(cell)}" for line in lines for cell in line
    )


def _drawn(lines: Sequence[Sequence[Cell]], named: Sequence[str], identity: str) -> tuple[Markup, int]:
    """All bars under a legend, and how high that is. Short names stand before their bars, long ones above."""
    beside = max(len(line[0].row) for line in lines) <= SHORT
    left = NAME if beside else 0
    scale = (WIDTH - left - FIGURE) / max(_size(cell) for line in lines for cell in line)
    drawn, top = _legend(named, identity)
    for line in lines:
        if beside:
            drawn.append(_text(said(line[0].row), left - 6, top + BAR * len(line) // 2 + 5, "end"))
        else:
            drawn.append(_text(said(line[0].row), 0, top + 13))
            top += LINE
        for series, cell in enumerate(line):
            wide = round(_size(cell) * scale, 1)
            drawn += [_bar(left, top, wide, series, identity), _text(printed(cell), left + wide + 5, top + 12)]
            top += BAR
        top += GAP
    return Markup().join(drawn), top


def _legend(columns: Sequence[str], identity: str) -> tuple[list[Markup], int]:
    """What each pattern means, where the heading does not say it; and how high that is."""
    if not columns:
        return [], 0
    stripes = Markup(
        '<pattern id="{i}-stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5" fill="#fff"/><rect width="2" height="5" fill="{ink}"/></pattern>'
    ).format(i=identity, ink=INK)
    drawn = [stripes]
    for series, column in enumerate(columns):
        top = series * LINE
        drawn += [_bar(0, top, BAR, series, identity), _text(said(column), BAR + 6, top + 12)]
    return drawn, len(columns) * LINE + GAP


def _bar(left: float, top: float, wide: float, series: int, identity: str) -> Markup:
    fill = (INK, "#fff", f"url(#{identity}-stripes)")[series]
    bar = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}"/>')
    return bar.format(left + 0.5, top + 0.5, wide, BAR - 2, fill, INK) if wide else Markup()


def _text(text: str, left: float, top: float, anchor: str = "start") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(round(left, 1), top, anchor, text)
