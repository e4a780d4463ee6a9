"""A paper as an OpenDocument spreadsheet, as the Government Analysis Function asks for one.

A cover, the contents, the notes, then one table a sheet: its title in A1, what to know of it beneath, and the table
with one row of headings, no merged cell and no empty one. Numbers are numbers; a text is a text and never a formula.
Source: Government Analysis Function, Releasing statistics in spreadsheets.

Of the same paper the same bytes come out, at any time and on any machine.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from xml.sax.saxutils import escape, quoteattr

from odfdo import Document, Element

from services.reporting.figures import Table
from services.reporting.grid import EXPLAINED, NOT_APPLICABLE, Grid, basis_of, day, quoted, shorthand
from services.reporting.pages.chapters import heading_of, heading_of_list
from services.reporting.paper import Listing, Paper

PER_CENT = "{column} (per cent)"
BASIS = "Basis"
"""The headings of what a table holds beside its figures: the share of a count, and what a row counts."""

NOTHING = "There is nothing to report."
LANGUAGE = "en-GB"

LONG = 24
"""So many characters make a column of text a wide one."""

Value = str | int | float | date


@dataclass(frozen=True, slots=True)
class _Link:
    """A text that leads to the top of the sheet of that name."""

    sheet: str


Values = Sequence[Value | _Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """A sheet of the document: its title, lines of text, and a table whose first row is its headings.

    `about` is the name that the same table has in the other formats.
    """

    name: str
    title: str
    lines: Sequence[str]
    table: Sequence[Values]
    about: str = ""


def spreadsheet(paper: Paper) -> bytes:
    """The paper as the bytes of an .ods file."""
    shown = [
        *(_table(table, f"Table_{number}") for number, table in enumerate(paper.tables, 1)),
        *(_listing(listing.read, f"List_{number}") for number, listing in enumerate(paper.listings, 1)),
    ]
    sheets = (_cover(paper), _contents(shown), _notes(paper), *shown)
    document = Document("spreadsheet")
    document.body.clear()
    for sheet in sheets:
        document.body.append(Element.from_tag(_sheet_xml(sheet)))
    document.body.append(Element.from_tag(_ranges_xml(sheets)))
    for family, name, properties in _STYLES:
        style = f'<style:style style:name="{name}" style:family="{family}">{properties}</style:style>'
        document.insert_style(style, automatic=True)
    _describe(document, paper)
    return _packed(document)


# --- what stands on the sheets ----------------------------------------------------------------------------------------


def _cover(paper: Paper) -> _Sheet:
    facts = (paper.authority, f"Period: {paper.period}", f"As known at the end of {day(paper.as_at)}", paper.status)
    words = (line for heading, text in paper.narrative for line in (heading, *text.splitlines()) if line.strip())
    return _Sheet(name="Cover", title=paper.title, lines=[*facts, *words], table=())


def _contents(shown: Sequence[_Sheet]) -> _Sheet:
    rows = [(_Link(sheet.name), sheet.title, sheet.about) for sheet in shown]
    lines = ["Each sheet holds one table. The last column has the name of the same table in JSON and CSV."]
    return _Sheet(name="Contents", title="Contents", lines=lines, table=[("Sheet", "Title", "Name"), *rows])


def _notes(paper: Paper) -> _Sheet:
    share = "A per cent is a count's share of its total, or of what its row names, rounded to a whole number."
    lines = [*(quoted(note) for note in paper.notes), share]
    return _Sheet(name="Notes", title="Notes", lines=lines, table=[("Shorthand", "Meaning"), *EXPLAINED.items()])


def _table(table: Table, name: str) -> _Sheet:
    grid = Grid(table)
    headings: list[str] = []
    for column in grid.columns:
        headings += [column, PER_CENT.format(column=column)] if column in grid.shared else [column]
    rows = [[row, *_across(grid, row), *([] if grid.basis else [basis_of(grid.across(row))])] for row in grid.rows]
    return _Sheet(
        name=name,
        about=table.name,
        title=heading_of(table.name),
        lines=[line for line in (quoted(grid.counts), quoted(table.layout)) if line] if rows else [NOTHING],
        table=[["Row", *headings, *([] if grid.basis else [BASIS])], *rows] if rows else (),
    )


def _across(grid: Grid, row: str) -> Iterable[Value]:
    for column in grid.columns:
        cell = grid.at(row, column)
        mark = shorthand(cell)
        value = cell.value if cell else None
        yield value if value is not None else mark or NOT_APPLICABLE
        if column in grid.shared:
            share = cell.per_cent if cell else None
            yield share if share is not None else mark or NOT_APPLICABLE


def _listing(listing: Listing, name: str) -> _Sheet:
    rows = [[NOT_APPLICABLE if value in (None, "") else value for value in row] for row in listing.rows]
    return _Sheet(
        name=name,
        about=listing.name,
        title=heading_of_list(listing.name),
        lines=[] if rows else [NOTHING],
        table=[listing.columns, *rows] if rows else (),
    )


# --- OpenDocument -----------------------------------------------------------------------------------------------------


def _sheet_xml(sheet: _Sheet) -> str:
    width = max((len(row) for row in sheet.table), default=1)
    columns = [_column_xml(_wideness(sheet, column)) for column in range(width)]
    rows = [_row_xml([sheet.title], "title"), *(_row_xml([line], "plain") for line in sheet.lines)]
    rows += [_row_xml(values, "cell" if number else "heading") for number, values in enumerate(sheet.table)]
    return f'<table:table table:name="{sheet.name}">{"".join(columns)}{"".join(rows)}</table:table>'


def _wideness(sheet: _Sheet, column: int) -> str:
    texts = [value for row in sheet.table[1:] if isinstance(value := row[column], str)]
    return "wide" if any(len(text) > LONG for text in texts) else "narrow"


def _column_xml(style: str) -> str:
    return f'<table:table-column table:style-name="{style}"/>'


def _row_xml(values: Values, style: str) -> str:
    return f"<table:table-row>{''.join(_cell_xml(value, style) for value in values)}</table:table-row>"


def _cell_xml(value: Value | _Link, style: str) -> str:
    if isinstance(value, _Link):
        kind = f'office:value-type="string" office:string-value="{value.sheet}"'
        shown = f'<text:a xlink:href="#{value.sheet}.A1">{value.sheet}</text:a>'
    elif isinstance(value, date):
        kind, shown = f'office:value-type="date" office:date-value="{value}"', str(value)
    elif isinstance(value, str):
        safe = _ILLEGAL.sub("\ufffd", value)
        kind, shown = f'office:value-type="string" office:string-value={quoteattr(safe)}', escape(safe)
    else:
        kind, shown = f'office:value-type="float" office:value="{value}"', str(value)
    named = f' table:style-name="{style}"'
    return f"<table:table-cell{named} {kind}>{_paragraphs_xml(shown)}</table:table-cell>"


def _paragraphs_xml(shown: str) -> str:
    return "".join(f"<text:p>{line}</text:p>" for line in shown.split("\n"))


def _ranges_xml(sheets: Iterable[_Sheet]) -> str:
    """Each table marked as such, with its headings, under the name of its sheet."""
    ranges = "".join(
        f'<table:database-range table:name="range_{sheet.name}" table:contains-header="true" '
        f'table:target-range-address="{sheet.name}.A{_first(sheet)}:{sheet.name}.'
        f'{_letters(len(sheet.table[0]))}{_first(sheet) + len(sheet.table) - 1}"/>'
        for sheet in sheets
        if sheet.table
    )
    return f"<table:database-ranges>{ranges}</table:database-ranges>"


def _first(sheet: _Sheet) -> int:
    """The number of the row with the table's headings: it comes after the title and the lines."""
    return len(sheet.lines) + 2


def _letters(number: int) -> str:
    """The name of a column, from 1 for A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _describe(document: Document, paper: Paper) -> None:
    """What the file says of itself; its times are those of the paper, so that they are always the same."""
    made = datetime.combine(paper.as_at, time.min)
    document.set_language(LANGUAGE)
    meta = document.meta
    meta.set_title(f"{paper.title} {paper.period}, {paper.authority}")
    meta.set_subject(paper.status)
    meta.set_language(LANGUAGE)
    meta.set_creation_date(made)
    meta.set_modification_date(made)
    meta.set_generator("Redress")


def _packed(document: Document) -> bytes:
    """The parts that hold something, in order, each with the same time; the template's own leftovers are not kept."""
    for part in document.manifest.get_paths():
        if part not in ("/", *_PARTS):
            document.manifest.del_full_path(part)
    saved, packed = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w") as target:
        for part in _PARTS:
            stamped = zipfile.ZipInfo(part)
            stamped.compress_type = zipfile.ZIP_STORED if part == "mimetype" else zipfile.ZIP_DEFLATED
            target.writestr(stamped, source.read(part))
    return packed.getvalue()


_PARTS = ("mimetype", "META-INF/manifest.xml", "meta.xml", "styles.xml", "content.xml")

_WRAPPED = '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>'
_STYLES = (
    ("table-column", "narrow", '<style:table-column-properties style:column-width="3.2cm"/>'),
    ("table-column", "wide", '<style:table-column-properties style:column-width="8cm"/>'),
    ("table-cell", "plain", '<style:table-cell-properties style:vertical-align="top"/>'),
    ("table-cell", "cell", _WRAPPED),
    ("table-cell", "heading", f'{_WRAPPED}<style:text-properties fo:font-weight="bold"/>'),
    ("table-cell", "title", '<style:text-properties fo:font-weight="bold" fo:font-size="14pt"/>'),
)

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""
