"""Learning shared: practice learning alerts, the quarter's list for the quality meeting, a provider's complaints."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel

from services.cases import alerts, quality
from services.cases.alerts import Alert
from services.cases.case import Case
from services.cases.commands import IssuePracticeLearningAlert
from services.cases.quality import Quarter
from services.cases.routes.desk import Handling, Reader
from services.cases.routes.ledgers import LearningLineOut
from services.cases.schemas import ConcernOut, concerns_out
from shared.access import Principal
from shared.authority import authority
from shared.register import Register
from shared.web import Cursor, Limit, ListQuery, TheRegister, api_router, make_cursor, queried, read_cursor

router = api_router("cases")


class AlertOut(BaseModel):
    """A practice learning alert; without service areas it is for all of them."""

    number: int
    issued_on: date
    title: str
    text: str
    service_areas: list[str]
    cases: list[str]


class AlertPage(BaseModel):
    """A page of practice learning alerts."""

    items: list[AlertOut]
    next: str | None


class AreaReceivedOut(BaseModel):
    """What came in about a service area."""

    service_area: str
    label: str
    complaints: int
    compliments: int


class QuarterOut(BaseModel):
    """A quarter for the quality meeting. Open and overdue are judged `on` its last day, or today while it runs."""

    year: str
    quarter: int
    begins_on: date
    ends_on: date
    on: date
    recorded: list[LearningLineOut]
    completed: list[LearningLineOut]
    open: list[LearningLineOut]
    overdue: list[LearningLineOut]
    missing: list[LearningLineOut]
    alerts: list[AlertOut]
    received: list[AreaReceivedOut]


class ConcernSumOut(BaseModel):
    """The concerns of one category, and how they were found; `awaited` are those without a finding yet."""

    category: str
    label: str
    concerns: int
    upheld: int
    partially_upheld: int
    not_upheld: int
    awaited: int


class ProviderComplaintOut(BaseModel):
    """A complaint about a provider."""

    reference: str
    received_on: date
    service_area: str
    status: str
    outcome: str | None
    concerns: list[ConcernOut]


class ProviderComplaintsOut(BaseModel):
    """A provider's complaints of the six months that end with a day, and their concerns by category."""

    provider: str
    received_from: date
    received_to: date
    complaints: int
    categories: list[ConcernSumOut]
    items: list[ProviderComplaintOut]


@router.post("/practice-learning-alerts", status_code=201)
async def issue_practice_learning_alert(body: IssuePracticeLearningAlert, desk: Handling) -> AlertOut:
    """Issue a practice learning alert: publishable text of the authority, without personal data."""
    async with desk.request() as request:
        alert = await alerts.issue(desk.register, request, body)
        [out] = await asyncio.to_thread(_alerts_out, desk.register, desk.who, [alert])
        return out


class AlertQuery(ListQuery):
    """What the list of alerts may be asked."""

    service_area: Annotated[str | None, Query(max_length=60, description="For it, or for all of them.")] = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/practice-learning-alerts")
def list_practice_learning_alerts(
    register: TheRegister, who: Reader, query: Annotated[AlertQuery, queried(AlertQuery)]
) -> AlertPage:
    """Practice learning alerts, the last that was issued first."""
    limit = query.limit
    (before,) = read_cursor(query.cursor, int) if query.cursor else (None,)
    found = [
        alert
        for alert in reversed(alerts.issued(register, who.authority))
        if (before is None or alert.number < before) and _is_for(alert, query.service_area)
    ]
    following = make_cursor(found[limit - 1].number) if len(found) > limit else None
    return AlertPage(items=_alerts_out(register, who, found[:limit]), next=following)


def _is_for(alert: Alert, service_area: str | None) -> bool:
    areas = alert.issued.service_areas
    return service_area is None or not areas or service_area in areas


def _alerts_out(register: Register, who: Principal, found: Sequence[Alert]) -> list[AlertOut]:
    """Alerts as someone may see them: of their cases, those that are not kept from them."""
    kept = quality.kept(register, who, (case for alert in found for case in alert.issued.cases))
    return [
        AlertOut.model_validate(
            {
                "number": alert.number,
                **{name: getattr(alert.issued, name) for name in alert.issued.__slots__},
                "cases": [case for case in alert.issued.cases if case not in kept],
            }
        )
        for alert in found
    ]


@router.get("/learning/quarters/{year}/{quarter}")
async def show_quarter(
    year: Annotated[str, Path(max_length=7, examples=["2026-27"], description="The twelve months to 31 March.")],
    quarter: Annotated[int, Path(ge=1, le=4, description="The first begins on 1 April.")],
    register: TheRegister,
    who: Reader,
) -> QuarterOut:
    """Everything that the quarterly quality meeting looks at, in one answer."""
    return await asyncio.to_thread(_quarter_out, register, who, Quarter.begun(year, quarter, register.today()))


def _quarter_out(register: Register, who: Principal, quarter: Quarter) -> QuarterOut:
    learned = quality.learned(register, who, quarter)
    issued = [
        alert
        for alert in alerts.issued(register, who.authority)
        if quarter.begins_on <= alert.issued.issued_on <= quarter.ends_on
    ]
    return QuarterOut.model_validate(
        {
            "year": quarter.year.label,
            "quarter": quarter.number,
            **{name: getattr(quarter, name) for name in ("begins_on", "ends_on", "on")},
            **{name: getattr(learned, name) for name in learned.__slots__},
            "alerts": _alerts_out(register, who, issued),
            "received": quality.received(register, who.authority, quarter),
        },
        from_attributes=True,
    )


@router.get("/providers/{name:path}/complaints")
async def list_provider_complaints(
    name: Annotated[str, Path(max_length=300, description="Neither capitals nor spacing matter.")],
    register: TheRegister,
    who: Reader,
    on: Annotated[date | None, Query(description="The last day of the six months; today otherwise.")] = None,
) -> ProviderComplaintsOut:
    """A commissioned provider's complaints of the last six months, for a quality visit.

    A case that is kept from whoever asks is counted, and not named.
    """
    return await asyncio.to_thread(_provider_out, register, who, name, on or register.today())


def _provider_out(register: Register, who: Principal, provider: str, on: date) -> ProviderComplaintsOut:
    found = quality.of_provider(register, who.authority, provider, on)
    sums = quality.concerns([case for _, case in found], authority(who.authority).codes, on)
    kept = quality.kept(register, who, (reference for reference, _ in found))
    return ProviderComplaintsOut(
        provider=provider,
        received_from=quality.before_visit(on),
        received_to=on,
        complaints=len(found),
        categories=[ConcernSumOut.model_validate(row, from_attributes=True) for row in sums],
        items=[_complaint_out(reference, case) for reference, case in found if reference not in kept],
    )


def _complaint_out(reference: str, case: Case) -> ProviderComplaintOut:
    return ProviderComplaintOut(
        reference=reference,
        received_on=case.received_on,
        service_area=case.service_area,
        status=case.status,
        outcome=case.outcome,
        concerns=concerns_out(case),
    )
