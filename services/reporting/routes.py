"""The HTTP routes of the reporting service: reports as at a day, traces, restatements; what is recorded beside."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Response
from starlette.requests import Request as HttpRequest

from services.reporting import handler, narratives, progress, regional, reports, schemas
from services.reporting.commands import RecordNarrative, RecordReferenceFigure
from services.reporting.paper import Format, Paper
from services.reporting.progress import Filters
from services.reporting.reading import ReadModels, known_day
from services.reporting.rendering import KINDS, accepted, render
from services.reporting.reports import Counted, Report
from services.reporting.scope import Scope
from services.reporting.side_by_side import SUFFIX
from services.reporting.worker import Worker
from shared import restrictions
from shared.access import Principal
from shared.authority import authority
from shared.errors import bad_value
from shared.register import Register
from shared.web import Desk, TheRegister, allowed, api_router, at_desk
from shared.year import Period, Quarter, Year

router = api_router("reporting")

YearLabel = Annotated[str, Path(description="The twelve months to 31 March.", examples=["2023-24"])]
AsAt = Annotated[date | None, Query(description="Knowing only what had been recorded by the end of that day.")]
Position = Annotated[
    int | None, Query(ge=0, description="Answer as soon as reports have reached this position of the log.")
]
PathwayName = Literal["adult_social_care", "children", "corporate", "public_health"]
Pathway = Annotated[PathwayName, Query()]
AskedFormat = Annotated[
    Format | None, Query(alias="format", description="Otherwise by Accept, and JSON where that names none of these.")
]
_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string"}} for kind in KINDS if kind != "application/json"}}
}


@dataclass(frozen=True)
class Reading:
    """One request for the reports of an authority."""

    http: HttpRequest
    register: Register
    models: ReadModels
    who: Principal

    def day(self, day: date | None, name: str = "as_at") -> date:
        """The day asked for, by default today. Raises `Rejected` as `known_day` does."""
        return known_day(day, self.register.today(), name)

    def year(self, label: str) -> Year:
        """The year asked for. Raises `Rejected` for one that is malformed or has not begun."""
        return Year.begun(label, self.register.today())

    def unnamed(self, cases: Iterable[schemas.ContributionOut | schemas.CauseOut]) -> None:
        """Take the references of cases that are kept from whoever asks out of an answer; what they count stays."""
        named = list(cases)
        kept = self.kept(case.reference for case in named if case.reference)
        for case in named:
            case.reference = None if case.reference in kept else case.reference

    def kept(self, references: Iterable[str]) -> set[str]:
        """Which of these cases are kept from whoever asks."""
        with self.register.engine.connect() as connection:
            return restrictions.hidden(connection, self.who.actor, self.who.authority, set(references))

    def period(self, report: Report, label: str, quarter: int | None) -> Period:
        """What a report is of: the quarterly of a quarter, any other of a year. Raises `Rejected`."""
        if (report == "quarterly") != (quarter is not None):
            raise bad_value("quarter_mismatch", "quarter", "the quarterly report is of a quarter, any other of none")
        return self.year(label) if quarter is None else self.quarter(label, quarter)

    def quarter(self, label: str, number: int) -> Quarter:
        """The quarter asked for. Raises `Rejected` for one that is malformed or has not begun."""
        return Quarter.begun(label, number, self.register.today())

    def answer(self, asked: Format | None, counted: Counted) -> Response:
        """A report in the format that was asked for."""
        return _rendered(self.http, asked, reports.paper(counted, authority(self.who.authority).name))


def _rendered(http: HttpRequest, asked: Format | None, paper: Paper) -> Response:
    made = render(paper, asked or accepted(http.headers.get("accept", "")))
    headers = {
        "Vary": "Accept",
        **({"Content-Disposition": f'attachment; filename="{made.filename}"'} if made.filename else {}),
        **({"Content-Security-Policy": made.policy} if made.policy else {}),
    }
    return Response(made.content, media_type=made.media_type, headers=headers)


def _worker(http: HttpRequest, register: Register) -> Worker | None:
    """The worker that writes the read models of a register, where it runs in this process."""
    running = (beside for own, beside in http.app.state.standings if own is register)
    return next((beside for beside in running if isinstance(beside, Worker)), None)


def reading_models(http: HttpRequest, register: Register, who: Principal) -> ReadModels:
    """The read models of whoever asks."""
    return ReadModels(register.engine, register.log, _worker(http, register), who.authority)


def _reading(*scopes: str) -> Any:
    def reading(http: HttpRequest, register: TheRegister, who: Annotated[Principal, allowed(*scopes)]) -> Reading:
        return Reading(http, register, reading_models(http, register, who), who)

    return Depends(reading)


Reader = Annotated[Reading, _reading("reports:read")]
Tracer = Annotated[Reading, _reading("reports:read", "cases:read")]


# --- reports ----------------------------------------------------------------------------------------------------------


@router.get("/reports/statutory/{year}", response_model=schemas.StatutoryOut, responses=_FORMATS)
def statutory_return(
    year: YearLabel,
    reader: Reader,
    pathway: Pathway = "adult_social_care",
    as_at: AsAt = None,
    at_least: Position = None,
    format_: AskedFormat = None,
) -> Response:
    """The return of a year that SI 2009/309 reg 18 asks for, on one pathway, as known at the end of a day."""
    day = reader.day(as_at)
    return reader.answer(format_, reports.count(reader.models, "statutory", reader.year(year), day, pathway, at_least))


@router.get("/reports/annual/{year}", response_model=schemas.AnnualOut, responses=_FORMATS)
def annual_report(
    year: YearLabel, reader: Reader, as_at: AsAt = None, at_least: Position = None, format_: AskedFormat = None
) -> Response:
    """Every table of the annual report on adult social care complaints, as known at the end of a day."""
    day = reader.day(as_at)
    return reader.answer(format_, reports.count(reader.models, "annual", reader.year(year), day, at_least=at_least))


@router.get("/reports/quarterly/{year}/{quarter}", response_model=schemas.QuarterlyOut, responses=_FORMATS)
def quarterly_report(
    year: YearLabel,
    quarter: Annotated[int, Path(ge=1, le=4, description="1 begins on 1 April.")],
    reader: Reader,
    as_at: AsAt = None,
    at_least: Position = None,
    format_: AskedFormat = None,
) -> Response:
    """A quarter's complaints, compliments and kept times beside those of the four before, as known on one day."""
    found, day = reader.quarter(year, quarter), reader.day(as_at)
    return reader.answer(format_, reports.count(reader.models, "quarterly", found, day, at_least=at_least))


@router.get("/reports/progress", response_model=schemas.ProgressOut, responses=_FORMATS)
def progress_list(
    reader: Reader,
    as_at: AsAt = None,
    pathway: PathwayName | None = None,
    service_area: str | None = None,
    officer: str | None = None,
    at_least: Position = None,
    format_: AskedFormat = None,
) -> Response:
    """Where every open complaint stands at the end of a day, what fell due since last week, and why answers are late.

    Cases that are kept from whoever asks are counted, and not listed.
    """
    filters = Filters(pathway, service_area, officer)
    found = reports.followed(reader.models, reader.day(as_at), filters, at_least)
    hidden = reader.kept(found.references)
    return _rendered(reader.http, format_, progress.paper(found, authority(reader.who.authority).name, hidden))


@router.get("/reports/regional/{year}", response_model=schemas.RegionalOut, responses=_FORMATS)
def regional_report(
    year: YearLabel,
    http: HttpRequest,
    register: TheRegister,
    who: Annotated[Principal, allowed("reports:regional")],
    as_at: AsAt = None,
    format_: AskedFormat = None,
) -> Response:
    """The councils of the reader's region side by side: complaints, what went to the Ombudsman, what it upheld.

    Each is counted from its own log; no case of one is shown to another.
    """
    region = who.region or authority(who.authority).region
    if region is None:
        raise bad_value("no_region", "year", "the authority is of no region")
    found = Year.begun(year, register.today())
    day = known_day(as_at, register.today())
    councils = _councils(http, region, found, day)
    return _rendered(http, format_, regional.paper(region, councils, found, day))


def _councils(http: HttpRequest, region: str, year: Year, day: date) -> list[regional.Council]:
    """The authorities of a region that have a log on any cluster of the deployment, by name."""
    deployment: Register = http.app.state.register
    found = []
    for register, code in [(own, code) for own in deployment.each() for code in own.authorities()]:
        body = authority(code)
        if body.region == region:
            known = ReadModels(register.engine, register.log, _worker(http, register), code).as_at(year, day)
            scope = Scope(known.facts, year, day, body.codes, body.calendar)
            found.append(regional.Council(code, body.name, known.position, scope))
    return sorted(found, key=lambda council: council.name)


@router.get("/reports/annual/{year}/restatement")
def annual_restatement(
    year: YearLabel,
    reader: Tracer,
    since: Annotated[date, Query(alias="from", description="The day up to which the earlier report knew the facts.")],
    until: Annotated[date | None, Query(alias="to", description="The same of the later one; today otherwise.")] = None,
) -> schemas.RestatementOut:
    """The figures of the annual report that differ between two days, each with the cases that made the difference."""
    earlier, later = reader.day(since, "from"), reader.day(until, "to")
    if earlier > later:
        raise bad_value("too_late", "from", f"from is {earlier}, later than to ({later})")
    found = schemas.RestatementOut.model_validate(reports.restated(reader.models, reader.year(year), earlier, later))
    reader.unnamed(case for change in found.changes for case in change.cases)
    return found


@router.get("/traces")
def trace_figure(
    reader: Tracer,
    year: Annotated[str, Query(examples=["2023-24"])],
    table: str,
    row: str,
    column: str,
    report: Report = "annual",
    pathway: Pathway = "adult_social_care",
    as_at: AsAt = None,
    quarter: Annotated[int | None, Query(ge=1, le=4, description="Of the quarterly report, which needs it.")] = None,
) -> schemas.TraceOut:
    """The cases that one figure of a report is counted from, and what each contributes."""
    period, beside = reader.period(report, year, quarter), table.endswith(SUFFIX)
    counted = reports.count(reader.models, report, period, reader.day(as_at), pathway, beside=beside)
    found = schemas.TraceOut.model_validate(reports.traced(counted, table, row, column))
    reader.unnamed((*found.cases, *found.denominator_cases))
    return found


# --- reference figures ------------------------------------------------------------------------------------------------


@router.put("/reference-figures")
async def record_reference_figure(
    body: RecordReferenceFigure, desk: Annotated[Desk, at_desk(Desk, "reports:write")]
) -> schemas.ReferenceFigureOut:
    """Record a published number that no case holds, with its source.

    Of one name, subject and year the newest is in force; the earlier ones stay known as at their days.
    """
    Year.of(body.year)
    async with desk.request() as request:
        await handler.record_reference_figure(desk.register, request, body)
    return schemas.ReferenceFigureOut(**body.model_dump())


@router.get("/reference-figures")
def list_reference_figures(
    reader: Reader, year: Annotated[str | None, Query(examples=["2023-24"])] = None
) -> schemas.ReferenceFigures:
    """The reference figures in force, of a year or of all."""
    found = reader.models.figures(Year.of(year) if year else None)
    fields = schemas.ReferenceFigureOut.model_fields
    return schemas.ReferenceFigures(
        items=[schemas.ReferenceFigureOut(**{name: asdict(row)[name] for name in fields}) for row in found]
    )


# --- narratives -------------------------------------------------------------------------------------------------------


@router.put("/narratives/{year}")
async def record_narrative(
    year: YearLabel, body: RecordNarrative, desk: Annotated[Desk, at_desk(Desk, "reports:write")]
) -> schemas.NarrativeOut:
    """Record the council's own words on a year, which the annual report and the statutory return print.

    The newest stand, as a whole; the earlier ones stay known as at their days.
    """
    async with desk.request() as request:
        await handler.record_narrative(desk.register, request, year, body)
    return schemas.NarrativeOut(**body.model_dump())


@router.get("/narratives/{year}")
def narrative(year: YearLabel, reader: Reader, as_at: AsAt = None) -> schemas.NarrativeOut:
    """The council's own words on a year, as known at the end of a day."""
    found = reader.models.narrative(reader.year(year), reader.day(as_at))
    return schemas.NarrativeOut(**narratives.document(found))
