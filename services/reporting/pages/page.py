"""A paper as a page that stands alone: its style is within it, and it runs nothing and fetches nothing."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from services.reporting.figures import Cell, Table
from services.reporting.grid import (
    CONFIDENTIAL,
    DASH,
    EXPLAINED,
    Grid,
    basis_of,
    day,
    printed,
    quoted,
    said,
    shorthand,
    spoken,
)
from services.reporting.pages.chapters import (
    KEY_FIGURES,
    LISTS_FIRST,
    NEWEST,
    ORDER,
    chapter_of,
    heading_of,
    heading_of_list,
)
from services.reporting.pages.charts import chart
from services.reporting.paper import Listing, Paper
from services.reporting.wording import COLOUR

NARROW = 4
"""So many columns fit a phone; a table with more scrolls in a region of its own."""

BROAD = 8
"""So many columns fit the width of a sheet of paper; a table with more is printed along its length."""

WIDE = 3
"""So many columns of figures have their per cents in columns beside them; in more they stand below."""

COLOURS = ("Red", "Amber", "Green")
"""What is marked in its own colour, besides its name."""

LONG = 40
"""So many rows make a chapter long."""

STYLE = files(__package__).joinpath("style.css").read_text("utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The page's Content-Security-Policy: its own style, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure in print, with its share in per cent and the address of its cases, where there are such.

    The share has a column of its own if it is `apart`, and otherwise a second line.
    """

    text: str
    share: str = ""
    href: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row in print; `whole` if others add up to it."""

    heading: str
    figures: Sequence[Figure]
    unit: str = ""
    basis: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table or a listing of a chapter in print; its headings and the values of its rows, each with its class.

    A table that is `withheld` has no figure that may be shown.
    """

    identity: str
    heading: str
    headings: Sequence[tuple[str, str]]
    lines: Sequence[Line] = ()
    rows: Sequence[Sequence[tuple[str, str]]] = ()
    notes: Sequence[str] = ()
    withheld: bool = False
    dense: bool = False
    units: bool = False
    bases: bool = False
    wide: bool = False
    broad: bool = False
    scrolls: bool = False
    figures: bool = True
    chart: Markup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter with what stands in it."""

    identity: str
    heading: str
    sections: Sequence[Section]

    @property
    def long(self) -> bool:
        """Whether it begins a page in print."""
        return sum(len(section.lines) + len(section.rows) for section in self.sections) > LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A figure that stands first, in a few words, with what it is a share of, and what it was before."""

    text: str
    words: str
    share: str
    before: str


def page(paper: Paper) -> str:
    """The paper as HTML; of the same paper always the same."""
    chapters = _chapters(paper)
    marks = sorted({mark for table in paper.tables for mark in Grid(table).shorthands})
    return (
        _environment()
        .get_template("page.html")
        .render(
            paper=paper,
            as_at=day(paper.as_at),
            period=said(paper.period),
            style=Markup(STYLE),  # noqa: S704 -- our own file
            key_figures=_key_figures(paper),
            narrative=[(heading, _paragraphs(text)) for heading, text in paper.narrative],
            chapters=chapters,
            traced=not paper.public and bool(_traces(paper)),
            urgent=chapters[0].heading in LISTS_FIRST if chapters else False,
            confidential=paper.public and CONFIDENTIAL in marks,
            explained=[(mark, EXPLAINED[mark]) for mark in marks],
            notes=[quoted(note) for note in paper.notes],
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("services.reporting", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _paragraphs(text: str) -> Sequence[str]:
    return [paragraph for part in text.replace("\r\n", "\n").split("\n\n") if (paragraph := part.strip())]


def _key_figures(paper: Paper) -> Sequence[KeyFigure]:
    tables = {table.name: Grid(table) for table in paper.tables}
    wanted = KEY_FIGURES.get(paper.kind, ())
    found = (_key_figure(words, tables[name], row, column) for words, name, (row, column) in wanted if name in tables)
    return [figure for figure in found if figure]


def _key_figure(words: str, grid: Grid, row: str, column: str) -> KeyFigure | None:
    """The figure of a place, with that of the quarter before where it is of the newest of several."""
    *before, cell = grid.across(row) if column == NEWEST else [grid.at(row, column)]
    if cell is None or shorthand(cell) is not None:
        return None
    last = f"{printed(before[-1])} the quarter before" if before and before[-1] else ""
    return KeyFigure(text=printed(cell), words=words, share=_share_of(cell), before=last)


def _share(cell: Cell) -> str:
    return "" if cell.per_cent is None else f"{cell.per_cent}%"


def _share_of(cell: Cell) -> str:
    return f"{_share(cell)} of {cell.denominator:,}" if _share(cell) else ""


# --- chapters ---------------------------------------------------------------------------------------------------------


def _chapters(paper: Paper) -> Sequence[Chapter]:
    traces = {} if paper.public else _traces(paper)
    named = [
        *((table.name, _table(table, f"table-{number}", traces)) for number, table in enumerate(_together(paper), 1)),
        *((one.name, _listing(one.read, f"list-{number}")) for number, one in enumerate(paper.listings, 1)),
    ]
    found: dict[str, list[Section]] = {}
    for name, section in named:
        found.setdefault(chapter_of(name, paper.kind), []).append(section)
    return [
        Chapter(identity=f"chapter-{number}", heading=chapter, sections=_in_order(chapter, found[chapter]))
        for number, chapter in enumerate(ORDER, 1)
        if chapter in found
    ]


def _in_order(chapter: str, sections: Sequence[Section]) -> Sequence[Section]:
    return sorted(sections, key=lambda section: section.figures) if chapter in LISTS_FIRST else sections


def _together(paper: Paper) -> Sequence[Table]:
    """The tables in their order, but what is said of one after a comma, such as of several years, right after it."""
    about = [table.name.partition(", ")[0] for table in paper.tables]
    return sorted(paper.tables, key=lambda table: about.index(table.name.partition(", ")[0]))


def _traces(paper: Paper) -> Mapping[tuple[str, str, str], str]:
    """Where the API lists the cases of each figure, as the paper's document says it."""
    return {
        (table["name"], row["row"], row["column"]): row["trace"]
        for table in paper.document.get("tables", ())
        for row in table["rows"]
        if "trace" in row
    }


def _table(table: Table, identity: str, traces: Mapping[tuple[str, str, str], str]) -> Section:
    grid = Grid(table)
    heading = heading_of(table.name)
    wide = len(grid.headings) > WIDE
    shared = {number for _, _, cells in grid.lines for number, cell in enumerate(cells) if cell and _share(cell)}
    apart = [number in shared and not wide for number in range(len(grid.headings))]

    def figure(cell: Cell | None, *, own: bool) -> Figure:
        if cell is None:
            return Figure(text=DASH, apart=own)
        share = _share(cell) if own or cell.value else ""
        return Figure(text=printed(cell), share=share, apart=own, href=traces.get((table.name, *cell.at), ""))

    headings = [
        ("What is counted", ""),
        *(
            heading
            for name, own in zip(grid.headings, apart, strict=True)
            for heading in ((said(name), "number"), ("%", "share"))[: 1 + own]
        ),
        *((more, "") for more, wanted in (("Unit", grid.by_unit), ("Basis", not grid.basis)) if wanted),
    ]
    return Section(
        identity=identity,
        heading=heading,
        headings=headings,
        lines=[
            Line(
                heading=said(row),
                figures=[figure(cell, own=own) for cell, own in zip(cells, apart, strict=True)],
                unit=unit,
                basis="" if grid.basis else basis_of(cells),
                whole=row in grid.sums,
            )
            for row, unit, cells in grid.lines
        ],
        notes=_notes(table, grid),
        withheld=bool(table.cells) and all(cell.suppressed for cell in table.cells),
        units=grid.by_unit,
        bases=not grid.basis,
        wide=wide or not grid.basis,
        broad=len(headings) > BROAD,
        scrolls=len(headings) > NARROW,
        chart=chart(table, f"{identity}-chart", heading),
    )


def _notes(table: Table, grid: Grid) -> Sequence[str]:
    """What a reader of the table must know: what it counts, how it is laid out, and whether it is in doubt."""
    doubt = "" if table.balanced else "These figures do not agree with one another, or with one published elsewhere."
    return [note for note in (quoted(grid.counts), quoted(table.layout), doubt) if note]


def _listing(listing: Listing, identity: str) -> Section:
    return Section(
        identity=identity,
        heading=heading_of_list(listing.name),
        headings=[(said(column), "") for column in listing.columns],
        rows=[
            [
                (text := spoken(value), text.lower() if column == COLOUR and value in COLOURS else "")
                for column, value in zip(listing.columns, row, strict=True)
            ]
            for row in listing.rows
        ],
        wide=len(listing.columns) > WIDE,
        dense=len(listing.columns) > BROAD,
        broad=len(listing.columns) > BROAD,
        scrolls=len(listing.columns) > WIDE,
        figures=False,
    )
