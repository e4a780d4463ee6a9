"""A report as something to hand out: the same figures for the API, a page, a spreadsheet and a CSV file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.reporting.figures import Table

Format = Literal["json", "csv", "html", "ods"]
Kind = Literal["annual", "statutory", "regional", "quarterly", "progress"]

DRAFT = "Draft for internal use"
PUBLISHED = "Published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of a report that is no table of figures: lessons, or cases. One value a column in each row.

    `in_words` says the same to people, where this is of codes.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | date | None, ...], ...]
    in_words: "Listing | None" = None

    @property
    def read(self) -> "Listing":
        """The list as people read it."""
        return self.in_words or self


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What every format of a report is made of, so that none can say anything else than another.

    `document` is what its JSON says. `narrative` holds the council's own words: heading and text. `notes` are for the
    reader of all tables; what concerns one is its `layout`. `filename` has no ending. `status` says what the paper is
    to its reader; a `public` one is for people outside the council, and has no way back to single cases.
    """

    kind: Kind
    title: str
    authority: str
    period: str
    as_at: date
    filename: str
    document: Mapping[str, Any]
    tables: Sequence[Table]
    listings: tuple[Listing, ...] = ()
    narrative: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    status: str = DRAFT
    public: bool = False
