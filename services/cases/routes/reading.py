"""What is known: lists, cases, their deadlines and history, and their personal data."""

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.cases import case_list, schemas
from services.cases.case_list import Filters
from services.cases.routes.desk import On, Reader, Reading, Reference, case_on
from shared.access import Principal
from shared.clock import stamp
from shared.commands import Day
from shared.deadlines import RagColour
from shared.errors import NotFound
from shared.events import Kind, Stage
from shared.log.record import uuid7
from shared.personal_data import personal_data_reads
from shared.register import Register
from shared.web import Cursor, Limit, TheRegister, allowed, etag, make_cursor, read_cursor

router = APIRouter(prefix="/v1")

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


@router.get("/cases")
def list_cases(
    register: TheRegister,
    who: Reader,
    status: Status | None = None,
    pathway: str | None = None,
    stage: Stage | None = None,
    rag: RagColour | None = None,
    due_before: Day | None = None,
    service_area: str | None = None,
    channel: str | None = None,
    officer: str | None = None,
    received_from: Day | None = None,
    received_to: Day | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> schemas.CasePage:
    """Complaints, newest first. `status=open` is every status that awaits an answer."""
    filters = Filters(
        "complaint",
        status,
        pathway,
        stage,
        rag,
        due_before,
        service_area,
        channel,
        officer,
        received_from,
        received_to,
    )
    rows, following = _page(register, who, filters, limit, cursor)
    return schemas.CasePage(items=[schemas.CaseListItem(**row) for row in rows], next=following)


@router.get("/compliments")
def list_compliments(
    register: TheRegister, who: Reader, limit: Limit = 50, cursor: Cursor = None
) -> schemas.RepresentationPage:
    """Compliments, newest first."""
    return _representations(register, who, "compliment", limit, cursor)


@router.get("/comments")
def list_comments(
    register: TheRegister, who: Reader, limit: Limit = 50, cursor: Cursor = None
) -> schemas.RepresentationPage:
    """Comments, newest first."""
    return _representations(register, who, "comment", limit, cursor)


def _representations(
    register: Register, who: Principal, kind: Kind, limit: int, after: str | None
) -> schemas.RepresentationPage:
    rows, following = _page(register, who, Filters(kind), limit, after)
    return schemas.RepresentationPage(items=[schemas.RepresentationOut(**row) for row in rows], next=following)


def _page(
    register: Register, who: Principal, filters: Filters, limit: int, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    place = read_cursor(after, date, str) if after else None
    with register.engine.connect() as connection:
        rows = case_list.page(connection, who.authority, filters, register.today(), limit + 1, place)
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], make_cursor(last["received_on"], last["reference"]) if last else None


@router.get("/cases/{reference}")
async def show_case(reference: Reference, desk: Reading, on: On = None) -> schemas.CaseOut:
    """A case without its personal data, now or as it stood on a day."""
    case, version = await case_on(desk, reference, on)
    desk.response.headers["ETag"] = etag(version)
    return await desk.shown(reference, case, on or desk.register.today())


@router.get("/cases/{reference}/deadlines")
async def list_deadlines(reference: Reference, desk: Reading, on: On = None) -> schemas.DeadlinesOut:
    """Every deadline of a case, each with how it came about."""
    case, _ = await case_on(desk, reference, on)
    items = await asyncio.to_thread(
        schemas.deadlines_out, desk.who.authority, case, on or desk.register.today(), desk.register.citations
    )
    return schemas.DeadlinesOut(items=items)


@router.get("/cases/{reference}/events")
def list_events(
    reference: Reference, register: TheRegister, who: Reader, limit: Limit = 50, cursor: Cursor = None
) -> schemas.EventPage:
    """The history of a case, oldest first: codes, dates and commitments, no personal data."""
    (after,) = read_cursor(cursor, int) if cursor else (0,)
    history = register.log.stream(who.authority, f"case:{reference}")
    if not history:
        raise NotFound("case")
    rest = [recorded for recorded in history if recorded.version > after]
    following = make_cursor(rest[limit - 1].version) if len(rest) > limit else None
    return schemas.EventPage(items=[schemas.event_out(recorded) for recorded in rest[:limit]], next=following)


@router.get("/cases/{reference}/personal-data")
def read_personal_data(
    reference: Reference,
    register: TheRegister,
    who: Annotated[Principal, allowed("personal:read")],
    reason: Annotated[str, Query(min_length=3, max_length=200, description="Why it is read; kept with who and when.")],
) -> dict[str, dict[str, str]]:
    """The personal data of a case, by party. Each reading is recorded, with who, when and why."""
    if not register.log.stream(who.authority, f"case:{reference}"):
        raise NotFound("case")
    read = {
        "authority": who.authority,
        "read_id": uuid7(),
        "reference": reference,
        "read_at": stamp(register.clock()),
        "actor": who.actor,
        "reason": reason,
    }
    with register.engine.execution_options(writes=True).begin() as connection:
        connection.execute(personal_data_reads.insert().values(read))
        return register.vault.open(connection, who.authority, reference)
