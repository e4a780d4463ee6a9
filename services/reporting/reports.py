"""The reports of an authority, counted from its read models: for the API, the command line, and publication alike."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from services.reporting import documents, improvements, narratives, progress, quarterly, restatement, statutory, trace
from services.reporting.annual import annual, compared
from services.reporting.figures import Table
from services.reporting.matters import matters
from services.reporting.paper import Listing, Paper
from services.reporting.progress import Filters, Progress
from services.reporting.reading import AsAt, ReadModels
from services.reporting.scope import ADULT_SOCIAL_CARE, UNROUTED, Scope
from services.reporting.side_by_side import side_by_side
from shared.authority import Authority, authority
from shared.policy import policy_book
from shared.recent import Recent
from shared.year import Period, Quarter, Year

Report = Literal["annual", "statutory", "quarterly"]


YEARS_BEFORE = 2
"""How many earlier years stand beside the year of an annual report."""

REPORTS = 4
"""How many reports a process keeps of a database: one of 5,000 cases a year takes about 18 MB."""

_KEPT: WeakKeyDictionary[sa.Engine, Recent[Hashable, "Counted"]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Counted:
    """A report as known at a position of the log: its tables, and what they were counted from.

    `own` are the tables of its year; `earlier` those of the years before that stand beside them, oldest first, without
    any where nothing is known of a year.
    """

    report: Report
    scope: Scope
    position: int
    own: Sequence[Table]
    earlier: Sequence[tuple[Period, Sequence[Table]]] = ()

    @property
    def years(self) -> Mapping[str, Sequence[Table]]:
        """Each year's own tables, by its label."""
        return {**{year.label: tables for year, tables in self.earlier}, self.scope.year.label: self.own}

    def printing(self, years: Mapping[str, Sequence[Table]]) -> "Counted":
        """The same report with other tables of each year in their place."""
        earlier = tuple((year, years[year.label]) for year, _ in self.earlier)
        return replace(self, own=years[self.scope.year.label], earlier=earlier)

    @cached_property
    def tables(self) -> Sequence[Table]:
        """Every table that the report prints."""
        return (*self.own, *side_by_side((*self.earlier, (self.scope.year, self.own))))


def count(
    models: ReadModels,
    report: Report,
    period: Period,
    day: date,
    pathway: str = ADULT_SOCIAL_CARE,
    at_least: int | None = None,
    *,
    beside: bool = True,
) -> Counted:
    """A report as known at the end of a day: the quarterly of a quarter, every other of a year.

    An annual one has the years before beside it, unless `beside` is False. Those counted last are kept: whoever reads a
    report asks for its figures' cases next, or for another format, and rows that are the same give the same report.

    Raises:
        Unavailable: the read models are behind.
    """
    position = models.position(day, at_least)
    kept = _KEPT.setdefault(models.engine, Recent(REPORTS))
    asked = (models.authority, position, *models.history(position), report, period, day, pathway)
    found = kept.get((*asked, True)) or kept.get((*asked, beside))
    if found is None:
        found = _counted_at(models, report, period, day, position, pathway, beside=beside)
        kept.put((*asked, beside), found)
    return found


def _counted_at(
    models: ReadModels, report: Report, period: Period, day: date, position: int, pathway: str, *, beside: bool
) -> Counted:
    before = years_before(report, period) if beside else ()
    shown = quarterly.quarters(period) if isinstance(period, Quarter) else ()
    known = models.at(period, position, shown, before)
    return counted(authority(models.authority), report, known, period, day, before, pathway)


def count_at(models: ReadModels, report: Report, year: Year, day: date, position: int) -> Counted:
    """The tables of a report's own year as known at a position of the log. Raises `Unavailable`."""
    return counted(authority(models.authority), report, models.at(year, position), year, day)


def years_before(report: Report, period: Period) -> Sequence[Year]:
    """The years that stand beside a report's own, oldest first."""
    if report != "annual" or not isinstance(period, Year):
        return ()
    return [Year(period.starts - back) for back in range(YEARS_BEFORE, 0, -1)]


def counted(
    body: Authority,
    report: Report,
    known: AsAt,
    period: Period,
    day: date,
    before: Sequence[Year] = (),
    pathway: str = ADULT_SOCIAL_CARE,
) -> Counted:
    """A report from facts; `before` are the years of those that are beside."""
    scope = Scope(known.facts, period, day, body.codes, body.calendar, pathway, name=body.name)
    earlier = tuple(
        (other, compared(replace(scope, facts=facts, year=other, printed_as=period)) if facts is not None else ())
        for other, facts in zip(before, known.beside, strict=True)
    )
    return Counted(report, scope, known.position, _tables(report, scope, body.region, known.unknown), earlier)


def _tables(report: Report, scope: Scope, region: str | None, unknown: Sequence[Quarter]) -> Sequence[Table]:
    if isinstance(scope.year, Quarter):
        return quarterly.quarterly(scope, scope.year, unknown)
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
        return {**statutory.document(scope, counted.position), "narrative": narratives.of(scope)}
    found = {
        **documents.named(scope.year),
        "as_at": scope.as_at.isoformat(),
        "position": counted.position,
        "calendar": scope.calendar.version,
        "code_lists": scope.codes.version,
        "tables": documents.tables_out(counted.tables, counted.report, scope),
    }
    if counted.report == "quarterly":
        return found
    return {
        **found,
        "matters_of_general_importance": matters(scope),
        "service_improvements": improvements.listed(scope),
        "narrative": narratives.of(scope),
    }


TITLES = {
    "annual": "Annual report on complaints and compliments",
    "statutory": "Statutory return on complaints",
    "quarterly": "Quarterly report on complaints and compliments",
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
        period=scope.year.words,
        as_at=scope.as_at,
        filename=f"{counted.report}-{scope.year.label.replace(' ', '-')}",
        document=told,
        tables=counted.tables,
        narrative=narratives.printed(scope),
        listings=listings(told, LISTS),
    )


def _title(counted: Counted) -> str:
    """A return is of one pathway, and says of which."""
    pathway = f": {(counted.scope.pathway or UNROUTED).replace('_', ' ')}" if counted.report == "statutory" else ""
    return f"{TITLES[counted.report]}{pathway}"


def listings(told: Mapping[str, Any], lists: Mapping[str, Sequence[str]]) -> tuple[Listing, ...]:
    """The lists of a report's document, by name, with some of the columns of each."""
    return tuple(_listing(name, lists[name], told[name]) for name in lists if name in told)


def _listing(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Listing:
    """A list of a report's document, under its own name and columns."""
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
