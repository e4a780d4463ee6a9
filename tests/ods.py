"""Reads the figures of a report back from its spreadsheet."""

import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from odfdo import Document

from services.reporting.spreadsheet import BASIS, PER_CENT

Place = tuple[str, str, str]


class Book:
    """A spreadsheet, with its tables by the names that they have in the other formats."""

    def __init__(self, content: bytes) -> None:
        self.document = Document(io.BytesIO(content))
        self.sheets = {sheet.name: sheet for sheet in self.document.body.tables}
        self.ranges = {
            found.get_attribute_string("table:name").removeprefix("range_"): found.get_attribute_string(
                "table:target-range-address"
            )
            for found in self.document.body.get_elements("//table:database-range")
        }

    def table(self, sheet: str) -> list[list[Any]]:
        """The rows of a sheet's table, the headings first."""
        found = re.fullmatch(rf"{sheet}\.A(\d+):{sheet}\.([A-Z]+)(\d+)", self.ranges[sheet])
        assert found
        first, last = int(found[1]), int(found[3])
        rows = [row.get_values(complete=True) for row in self.sheets[sheet].rows]
        return rows[first - 1 : last]

    @property
    def names(self) -> Mapping[str, str]:
        """The sheet of each table, by the table's name: as the contents say."""
        return {name: sheet for sheet, _, name in self.table("Contents")[1:]}

    def figures(self) -> dict[Place, Decimal | str]:
        """Every figure by table, row and column; what has no value is its shorthand."""
        return {
            (name, str(row[0]), column): value if isinstance(value, str) else Decimal(str(value))
            for name, sheet in self.names.items()
            if sheet in self.ranges and sheet.startswith("Table_")
            for headings, row in [(self.table(sheet)[0], row) for row in self.table(sheet)[1:]]
            for column, value in zip(headings[1:], row[1:], strict=True)
            if column != BASIS and not column.endswith(PER_CENT.format(column=""))
        }

    def values(self) -> dict[Place, Decimal]:
        """The figures that have a value."""
        return {place: value for place, value in self.figures().items() if isinstance(value, Decimal)}
