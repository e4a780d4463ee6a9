"""The reports of an authority, counted from its read models: for the API, the command line, and publication alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.reporting import documents, improvements, restatement, statutory, trace
from services.reporting.annual import annual
from services.reporting.figures import Table
from services.reporting.paper import Listing, Paper
from services.reporting.reading import ReadModels
from services.reporting.scope import ADULT_SOCIAL_CARE, Scope
from shared.authority import authority
from shared.year import Year

Report = Literal["annual", "statutory"]


@dataclass(frozen=True)
class Counted:
    """A report as known at a position of the log: its tables, and what they were counted from."""

    report: Report
    scope: Scope
    position: int
    tables: Sequence[Table]


def count(
    models: ReadModels,
    report: Report,
    year: Year,
    day: date,
    pathway: str = ADULT_SOCIAL_CARE,
    at_least: int | None = None,
) -> Counted:
    """A report as known at the end of a day. Raises `Unavailable` while the read models are behind."""
    known = models.as_at(year, day, at_least)
    body = authority(models.authority)
    scope = Scope(known.facts, year, day, body.codes, body.calendar, pathway)
    tables = annual(scope, body.region) if report == "annual" else statutory.statutory(scope)
    return Counted(report, scope, known.position, tables)


def document(counted: Counted) -> Mapping[str, Any]:
    """A report as plain JSON."""
    scope = counted.scope
    if counted.report == "statutory":
        return statutory.document(scope, counted.position)
    return {
        "year": scope.year.label,
        "as_at": scope.as_at.isoformat(),
        "position": counted.position,
        "calendar": scope.calendar.version,
        "code_lists": scope.codes.version,
        "tables": documents.tables_out(counted.tables, counted.report, scope),
        "service_improvements": improvements.listed(scope),
    }


TITLES = {
    "annual": "Annual report on complaints and compliments",
    "statutory": "Statutory return on complaints",
}

LISTS = {
    "matters_of_general_importance": ("matter", "arising_from", "source", "count"),
    "service_improvements": ("service_area", "lesson", "action", "due_on", "completed_on"),
}
"""What a report's document lists beside its tables, and what it says of each."""


def paper(counted: Counted, authority_name: str) -> Paper:
    """A report as something to hand out."""
    scope = counted.scope
    told = document(counted)
    return Paper(
        kind=counted.report,
        title=_title(counted),
        authority=authority_name,
        period=scope.year.label,
        as_at=scope.as_at,
        filename=f"{counted.report}-{scope.year.label}",
        document=told,
        tables=counted.tables,
        listings=tuple(_listing(name, told[name]) for name in LISTS if name in told),
    )


def _title(counted: Counted) -> str:
    """A return is of one pathway, and says of which."""
    pathway = "" if counted.report == "annual" else f": {counted.scope.pathway.replace('_', ' ')}"
    return f"{TITLES[counted.report]}{pathway}"


def _listing(name: str, rows: Sequence[Mapping[str, Any]]) -> Listing:
    """A list of a report's document, under its own name and columns."""
    columns = LISTS[name]
    return Listing(
        name=name.replace("_", " "),
        columns=tuple(column.removesuffix("_on").replace("_", " ") for column in columns),
        rows=tuple(tuple(_value(column, row[column]) for column in columns) for row in rows),
    )


def _value(column: str, value: Any) -> Any:
    return date.fromisoformat(value) if value and column.endswith("_on") else value


def traced(counted: Counted, table: str, row: str, column: str) -> Mapping[str, Any]:
    """The cases of one figure. Raises `NotFound` where the report has none of that name."""
    return {
        "report": counted.report,
        "year": counted.scope.year.label,
        "as_at": counted.scope.as_at.isoformat(),
        "position": counted.position,
        **trace.document(table, trace.find(counted.tables, table, row, column)),
    }


def restated(models: ReadModels, year: Year, earlier: date, later: date) -> Mapping[str, Any]:
    """What the annual report of a year says otherwise on a later day, and because of which cases."""
    before, after = (count(models, "annual", year, day) for day in (earlier, later))
    affected = restatement.affected(before.tables, after.tables)
    learned = models.learned(affected, before.position, after.position)
    return restatement.document(restatement.restatement(before.tables, after.tables, learned))
