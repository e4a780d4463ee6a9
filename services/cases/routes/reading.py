"""What is known: lists, cases, their deadlines and history; no personal data."""

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import Query, Response

from services.cases import case_list, schemas
from services.cases.case_list import Filters
from services.cases.routes.desk import On, Reader, Reading, Reference, case_on
from shared.access import Principal
from shared.deadlines import RagColour
from shared.events import Stage
from shared.explained import explained_deadlines
from shared.register import Register
from shared.web import Cursor, Limit, ListQuery, TheRegister, api_router, etag, make_cursor, queried, read_cursor

router = api_router("cases")

Provider = Annotated[str | None, Query(max_length=300, examples=["Example Home Care"])]

Status = Literal[
    "open",
    "received",
    "acknowledged",
    "decided",
    "responded",
    "escalated",
    "reopened",
    "refused",
    "resolved_informally",
    "withdrawn",
    "transferred",
    "closed",
]


class CaseQuery(ListQuery):
    """What the case list may be asked."""

    status: Status | None = None
    pathway: str | None = None
    stage: Stage | None = None
    rag: RagColour | None = None
    due_before: date | None = None
    service_area: str | None = None
    channel: str | None = None
    officer: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    flag: str | None = None
    provider: Provider = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/cases", response_model=schemas.CasePage)
async def list_cases(desk: Reading, query: Annotated[CaseQuery, queried(CaseQuery)]) -> Response:
    """Complaints, newest first. `status=open` is every status that awaits an answer.

    `provider` is the name that the complaint holds; neither capitals nor spacing matter.
    """
    filters = Filters("complaint", **query.model_dump(exclude={"limit", "cursor"}))
    items, following = await _page(desk.register, desk.who, filters, query.limit, query.cursor)
    return Response(orjson.dumps({"items": items, "next": following}), media_type="application/json")


@router.get("/cases/{reference}", response_model=schemas.CaseOut)
async def show_case(reference: Reference, desk: Reading, on: On = None) -> Response:
    """A case without its personal data, now or as it stood on a day."""
    held = await case_on(desk, reference, on)
    content = await desk.bytes(reference, held, on or desk.register.today())
    return Response(content, media_type="application/json", headers={"ETag": etag(held.version)})


class ComplimentQuery(ListQuery):
    """What the list of compliments may be asked."""

    received_from: date | None = None
    received_to: date | None = None
    service_area: str | None = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/compliments")
async def list_compliments(
    register: TheRegister, who: Reader, query: Annotated[ComplimentQuery, queried(ComplimentQuery)]
) -> schemas.RepresentationPage:
    """Compliments, newest first: a month's, for instance, or a service area's. Nothing in them is personal."""
    filters = Filters("compliment", **query.model_dump(exclude={"limit", "cursor"}))
    return await _representations(register, who, filters, query.limit, query.cursor)


@router.get("/comments")
async def list_comments(
    register: TheRegister, who: Reader, limit: Limit = 50, cursor: Cursor = None
) -> schemas.RepresentationPage:
    """Comments, newest first."""
    return await _representations(register, who, Filters("comment"), limit, cursor)


@router.get("/compliments/{reference}")
async def show_compliment(reference: Reference, desk: Reading) -> schemas.RepresentationOut:
    """A compliment."""
    return await desk.represented("compliment", reference)


@router.get("/comments/{reference}")
async def show_comment(reference: Reference, desk: Reading) -> schemas.RepresentationOut:
    """A comment."""
    return await desk.represented("comment", reference)


async def _representations(
    register: Register, who: Principal, filters: Filters, limit: int, after: str | None
) -> schemas.RepresentationPage:
    rows, following = await _page(register, who, filters, limit, after)
    items = [schemas.RepresentationOut(kind=filters.kind, **row) for row in rows]
    return schemas.RepresentationPage(items=items, next=following)


async def _page(
    register: Register, who: Principal, filters: Filters, limit: int, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    place = read_cursor(after, date, str) if after else None
    today = register.today()
    rows: list[dict[str, Any]] = await register.readings.ask(
        lambda connection: case_list.page(connection, who, filters, today, limit + 1, place)
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], make_cursor(last["received_on"], last["reference"]) if last else None


@router.get("/cases/{reference}/deadlines")
async def list_deadlines(reference: Reference, desk: Reading, on: On = None) -> schemas.DeadlinesOut:
    """Every deadline of a case, each with how it came about."""
    held = await case_on(desk, reference, on)
    items = await asyncio.to_thread(
        explained_deadlines, desk.who.authority, held.state.clocks, on or desk.register.today(), desk.register.citations
    )
    return schemas.DeadlinesOut(items=items)


@router.get("/cases/{reference}/events")
def list_events(reference: Reference, desk: Reading, limit: Limit = 50, cursor: Cursor = None) -> schemas.EventPage:
    """The history of a case, oldest first: codes, dates and commitments, no personal data."""
    (after,) = read_cursor(cursor, int) if cursor else (0,)
    rest = [recorded for recorded in desk.history(reference) if recorded.version > after]
    following = make_cursor(rest[limit - 1].version) if len(rest) > limit else None
    return schemas.EventPage(items=desk.told(rest[:limit]), next=following)
