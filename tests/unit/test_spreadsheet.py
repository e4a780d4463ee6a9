"""A report as a spreadsheet: laid out as the Government Analysis Function asks, and holding what the report says."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal

from services.reporting.figures import Table
from services.reporting.spreadsheet import spreadsheet
from tests.ods import Book
from tests.papers import DRAFT_PAPER, HOSTILE, PUBLIC_PAPER, SUPPRESSED, cell

MADE = spreadsheet(DRAFT_PAPER)
BOOK = Book(MADE)


def lines(sheet: str) -> list[list[object]]:
    return [row.get_values() for row in BOOK.sheets[sheet].rows]


def test_a_cover_the_contents_and_the_notes_come_before_a_sheet_for_each_table_and_list() -> None:
    tables = [f"Table_{number}" for number in range(1, len(DRAFT_PAPER.tables) + 1)]
    assert list(BOOK.sheets) == ["Cover", "Contents", "Notes", *tables, "List_1", "List_2"]
    names = [table.name for table in (*DRAFT_PAPER.tables, *DRAFT_PAPER.listings)]
    assert list(BOOK.names) == names
    assert list(BOOK.names.values()) == [*tables, "List_1", "List_2"]
    links = [found.get_attribute("xlink:href") for found in BOOK.sheets["Contents"].get_elements("//text:a")]
    assert links == [f"#{sheet}.A1" for sheet in BOOK.names.values()]


def test_every_sheet_has_its_title_in_its_first_cell_and_no_cell_is_empty_or_merged() -> None:
    assert [lines(sheet)[0][0] for sheet in ("Cover", "Contents", "Notes")] == [DRAFT_PAPER.title, "Contents", "Notes"]
    assert lines("Table_1")[0] == ["How people complained"]
    cells = [found for sheet in BOOK.sheets.values() for row in sheet.rows for found in row.cells]
    assert len(cells) > 100
    assert [found.serialize() for found in cells if found.value in (None, "")] == []
    assert [found.serialize() for found in cells if found.get_attribute("table:number-columns-spanned")] == []


def test_every_figure_is_where_its_row_and_column_meet() -> None:
    expected = {(t.name, c.row, c.column): c.value for t in DRAFT_PAPER.tables for c in t.cells if c.value is not None}
    found = {(table, row.replace("\ufffd", "\x0b"), column): v for (table, row, column), v in BOOK.values().items()}
    assert found == {place: Decimal(str(value)) for place, value in expected.items()}


def test_what_has_no_value_says_why_in_shorthand() -> None:
    figures = BOOK.figures()
    assert figures[SUPPRESSED.name, "upheld", "complaints"] == "[c]"
    assert figures[SUPPRESSED.name, "withdrawn", "complaints"] == 0
    nobody = "a table that nobody has listed"
    assert figures[nobody, "rate of nothing", "per cent"] == "[z]"
    assert figures[nobody, "not recorded", "people"] == "[x]"
    assert figures[nobody, "money", "per cent"] == "[z]"
    assert [row[0] for row in BOOK.table("Notes")[1:]] == ["[c]", "[x]", "[z]"]


def test_numbers_are_numbers_and_texts_are_never_formulas() -> None:
    kinds = {
        (type(found.value).__name__, found.get_attribute("office:value-type"))
        for sheet in BOOK.sheets.values()
        for row in sheet.rows
        for found in row.cells
    }
    assert (
        {("str", "string"), ("int", "float"), ("date", "date")}
        <= kinds
        <= {
            ("str", "string"),
            ("int", "float"),
            ("Decimal", "float"),
            ("float", "float"),
            ("date", "date"),
        }
    )
    assert BOOK.names[HOSTILE] == "Table_6"
    assert b"table:formula" not in zipfile.ZipFile(io.BytesIO(MADE)).read("content.xml")


def test_the_file_says_what_it_is_and_in_which_language() -> None:
    meta = BOOK.document.meta
    assert meta.title == "Annual report on complaints 2024-25, Example Council"
    assert (meta.language, BOOK.document.get_language()) == ("en-GB", "en-GB")
    assert [line[0] for line in lines("Cover")[1:5]] == [
        "Example Council",
        "Period: 2024-25",
        "As known at the end of 31 March 2025",
        "Draft for internal use",
    ]


def test_the_same_paper_is_always_the_same_bytes() -> None:
    assert spreadsheet(DRAFT_PAPER) == MADE
    assert spreadsheet(PUBLIC_PAPER) != MADE
    stamps = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(MADE)).infolist()}
    assert stamps == {(1980, 1, 1, 0, 0, 0)}
    first = zipfile.ZipFile(io.BytesIO(MADE)).infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_a_table_may_have_more_columns_than_the_alphabet() -> None:
    wide = Table(name="wide", cells=tuple(cell("row", f"column {n}", n) for n in range(30)))
    found = Book(spreadsheet(replace(DRAFT_PAPER, tables=(wide,)))).values()
    assert found == {("wide", "row", f"column {n}"): n for n in range(30)}
