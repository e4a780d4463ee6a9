"""Papers for the tests of what they are printed as: one that holds everything a page or a spreadsheet may meet."""

from dataclasses import replace
from datetime import date

from services.reporting.documents import plain_tables_out
from services.reporting.figures import Cell, Share, Table, breakdown
from services.reporting.paper import PUBLISHED, Listing, Paper

HOSTILE = '<script>alert("x")</script> & =1+1'


def cell(row: str, column: str, amount: int, **more: object) -> Cell:
    """A figure that counts so many cases received in the year."""
    made = Cell(row=row, column=column, basis="received in the year", shares=(Share("A", amount),) if amount else ())
    return replace(made, **more)  # type: ignore[arg-type]


CHANNELS = breakdown(
    "how people complained",
    [("email", "A"), ("email", "B"), ("email", "C"), ("letter", "D"), ("form", "E")],
    ("email", "letter", "phone", "form"),
    "complaints",
    "received in the year",
)

SUPPRESSED = Table(
    name="statutory outcomes",
    cells=(
        cell("upheld", "complaints", 0, shares=(), suppressed=True),
        cell("not upheld", "complaints", 12),
        cell("withdrawn", "complaints", 0),
    ),
    layout="`upheld` is hidden.",
)

MEASURES = Table(
    name="a table that nobody has listed",
    cells=(
        cell("money", "pounds", 125_000, measure="pounds"),
        cell("money back", "pounds", -125_000, measure="pounds"),
        cell("rate", "per cent", 2, measure="per_cent", of=(Share("A", 3),)),
        cell("rate of nothing", "per cent", 0, measure="per_cent", of=()),
        cell("days", "working days", 5, measure="average", of=(Share("A", 2),)),
        cell("ratio", "ratio", 5, measure="ratio", of=(Share("A", 2),)),
        cell("people", "people", 3709, measure="figure"),
        cell("not recorded", "people", 0, measure="figure"),
    ),
)

WIDE = Table(
    name="concerns by a long list of areas",
    cells=tuple(
        cell(f"row {row}", f"a rather long heading {column}", row * column) for row in range(3) for column in range(9)
    ),
)

YEARS = Table(
    name="how people complained, three years",
    cells=tuple(
        cell(row, column, amount)
        for row, amounts in {"email": (3, 4, 5), "letter": (1, 0, 2), "phone": (1, 1, 1), "total": (5, 5, 8)}.items()
        for column, amount in zip(("2022-23", "2023-24", "2024-25"), amounts, strict=True)
    ),
    sums=tuple(
        (("total", column), tuple((row, column) for row in ("email", "letter", "phone")))  # type: ignore[misc]
        for column in ("2022-23", "2023-24", "2024-25")
    ),
)

HOSTILE_TABLE = Table(
    name=HOSTILE,
    cells=(cell(HOSTILE, HOSTILE, 7, basis=HOSTILE), cell("-1+\x0b1", HOSTILE, -7)),
    layout=HOSTILE,
)

TABLES = (CHANNELS, SUPPRESSED, MEASURES, WIDE, YEARS, HOSTILE_TABLE, Table(name="an empty table", cells=()))

DRAFT_PAPER = Paper(
    kind="annual",
    title="Annual report on complaints",
    authority="Example Council",
    period="2024-25",
    as_at=date(2025, 3, 31),
    filename="annual-2024-25",
    document={
        "tables": [
            {
                "name": "how people complained",
                "rows": [{"row": "email", "column": "complaints", "trace": "/v1/traces?a=b&c=d"}],
            }
        ]
    },
    tables=TABLES,
    listings=(
        Listing(
            name="service improvements",
            columns=("lesson", "action", "due", "completed", "count"),
            rows=((HOSTILE, "", date(2024, 7, 2), None, 3), ("Answer sooner.", "A log.", None, None, 1)),
        ),
        Listing(name="an empty list", columns=("lesson",), rows=()),
    ),
    narrative=(("Foreword", f"First paragraph.\n\nSecond: {HOSTILE}"),),
    notes=("Figures are `counted`.",),
)

PUBLIC_PAPER = replace(DRAFT_PAPER, status=PUBLISHED, public=True, document={"tables": plain_tables_out(TABLES)})
