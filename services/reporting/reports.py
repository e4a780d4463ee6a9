"""The reports of an authority, counted from its read models: for the API, the command line, and publication alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.reporting import documents, improvements, progress, quarterly, restatement, statutory, trace
from services.reporting.annual import annual
from services.reporting.figures import Table
from services.reporting.paper import Paper
from services.reporting.progress import Filters, Progress
from services.reporting.reading import ReadModels
from services.reporting.scope import ADULT_SOCIAL_CARE, Scope
from shared.authority import authority
from shared.policy import policy_book
from shared.year import Period, Quarter, Year

Report = Literal["annual", "statutory", "quarterly"]


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
    period: Period,
    day: date,
    pathway: str = ADULT_SOCIAL_CARE,
    at_least: int | None = None,
) -> Counted:
    """A report as known at the end of a day: the quarterly of a quarter, every other of a year.

    Raises:
        Unavailable: the read models are behind.
    """
    known = models.as_at(period, day, at_least, quarterly.since(period) if isinstance(period, Quarter) else None)
    body = authority(models.authority)
    scope = Scope(known.facts, period, day, body.codes, body.calendar, pathway)
    return Counted(report, scope, known.position, _tables(report, scope, body.region))


def _tables(report: Report, scope: Scope, region: str | None) -> Sequence[Table]:
    if isinstance(scope.year, Quarter):
        return quarterly.quarterly(scope, scope.year)
    return annual(scope, region) if report == "annual" else statutory.statutory(scope)


def followed(models: ReadModels, day: date, filters: Filters, at_least: int | None = None) -> Progress:
    """The progress list as known at the end of a day. Raises `Unavailable` while the read models are behind."""
    known = models.progress(day, at_least)
    body = authority(models.authority)
    scope = Scope(known.facts, Quarter.containing(day), day, body.codes, body.calendar)
    return progress.progress(scope, known.position, policy_book(models.authority), filters)


def document(counted: Counted) -> Mapping[str, Any]:
    """A report as plain JSON."""
    scope = counted.scope
    if counted.report == "statutory":
        return statutory.document(scope, counted.position)
    found = {
        **documents.named(scope.year),
        "as_at": scope.as_at.isoformat(),
        "position": counted.position,
        "calendar": scope.calendar.version,
        "code_lists": scope.codes.version,
        "tables": documents.tables_out(counted.tables, counted.report, scope),
    }
    return found if counted.report == "quarterly" else {**found, "service_improvements": improvements.listed(scope)}


TITLES = {
    "annual": "Annual report on complaints and compliments",
    "statutory": "Statutory return on complaints",
    "quarterly": "Quarterly report on complaints and compliments",
}


def paper(counted: Counted, authority_name: str) -> Paper:
    """A report as something to hand out."""
    scope = counted.scope
    return Paper(
        kind=counted.report,
        title=TITLES[counted.report],
        authority=authority_name,
        period=scope.year.label,
        as_at=scope.as_at,
        filename=f"{counted.report}-{scope.year.label.replace(' ', '-')}",
        document=document(counted),
        tables=counted.tables,
    )


def traced(counted: Counted, table: str, row: str, column: str) -> Mapping[str, Any]:
    """The cases of one figure. Raises `NotFound` where the report has none of that name."""
    return {
        "report": counted.report,
        **documents.named(counted.scope.year),
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
