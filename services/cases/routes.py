"""The HTTP routes of the cases service: a command or a query each. HTTP comes in, a command goes out."""

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from services.cases import case_list, commands, handler, schemas
from services.cases.case import Case
from services.cases.case_list import Filters
from services.cases.commands import CaseCommand
from services.cases.reference_data import code_lists_out, pathways_out
from shared import calendar, handling
from shared.access import Principal
from shared.authority import authority
from shared.calendar import Division
from shared.clock import end_of_day, london_date, stamp
from shared.deadlines import RagColour
from shared.errors import NotFound, bad_value
from shared.events import Kind, Stage
from shared.log.record import uuid7
from shared.personal_data import personal_data_reads
from shared.register import Register
from shared.web import Cursor, Desk, Limit, Service, TheRegister, allowed, at_desk, etag, make_cursor, read_cursor

router = APIRouter(prefix="/v1")

Reference = Annotated[str, Path(max_length=60, description="Such as COV-2026-000123.", examples=["COV-2026-000123"])]
Number = Annotated[int, Path(ge=1, le=10_000, description="Its number in the case, from 1.")]
On = Annotated[date | None, Query(description="As it stood at the end of that day, in Europe/London.")]
Reader = Annotated[Principal, allowed("cases:read")]
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


class CaseDesk(Desk):
    """One request to the cases service."""

    async def receive(self, command: commands.Receive) -> handling.Recorded[Case]:
        """Record a representation."""
        async with self.request() as request:
            return await handler.handle_receipt(self.register, request, command)

    async def act(self, reference: str, command: CaseCommand) -> schemas.CaseOut:
        """Record what follows from a command on a case, and answer with the case."""
        async with self.request() as request:
            recorded = await handler.handle(self.register, request, reference, command)
        return await self.answer(recorded)

    async def answer(self, recorded: handling.Recorded[Case]) -> schemas.CaseOut:
        """The case as the command left it, on the day on which it was recorded, with that command's breaches."""
        appended = recorded.appended
        self.mark(appended, f"/v1/cases/{appended.reference}")
        out = await self.shown(appended.reference, recorded.state, london_date(appended.recorded_at))
        breaches = [schemas.BreachOut(rule=b.rule, source=b.source) for b in recorded.breaches]
        return out.model_copy(update={"breaches": breaches})

    async def shown(self, reference: str, case: Case, on: date) -> schemas.CaseOut:
        """The case as it stands on a day."""
        return await asyncio.to_thread(
            schemas.case_out, self.who.authority, reference, case, on, self.register.citations
        )


Intake = Annotated[CaseDesk, at_desk(CaseDesk, "complaints:write")]
Handling = Annotated[CaseDesk, at_desk(CaseDesk, "cases:write")]
Reading = Annotated[CaseDesk, at_desk(CaseDesk, "cases:read")]


# --- intake -----------------------------------------------------------------------------------------------------------


@router.post("/complaints", status_code=201)
async def receive_complaint(body: commands.ReceiveComplaint, desk: Intake) -> schemas.CaseOut:
    """Take in a complaint: its case opens, its clocks start, and each of its deadlines explains itself."""
    return await desk.answer(await desk.receive(body))


@router.post("/compliments", status_code=201)
async def receive_compliment(body: commands.ReceiveCompliment, desk: Intake) -> schemas.RepresentationOut:
    """Take in a compliment."""
    return _representation(await desk.receive(body))


@router.post("/comments", status_code=201)
async def receive_comment(body: commands.ReceiveComment, desk: Intake) -> schemas.RepresentationOut:
    """Take in a comment."""
    return _representation(await desk.receive(body))


def _representation(recorded: handling.Recorded[Case]) -> schemas.RepresentationOut:
    state = recorded.state
    return schemas.RepresentationOut(
        reference=recorded.appended.reference,
        kind=state.kind,
        received_on=state.received_on,
        channel=state.channel,
        service_area=state.service_area,
    )


# --- reading ----------------------------------------------------------------------------------------------------------


@router.get("/cases")
def list_cases(
    register: TheRegister,
    who: Reader,
    status: Status | None = None,
    pathway: str | None = None,
    stage: Stage | None = None,
    rag: RagColour | None = None,
    due_before: date | None = None,
    service_area: str | None = None,
    channel: str | None = None,
    officer: str | None = None,
    received_from: date | None = None,
    received_to: date | None = None,
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
    case, version = await _case(desk, reference, on)
    desk.response.headers["ETag"] = etag(version)
    return await desk.shown(reference, case, on or desk.register.today())


@router.get("/cases/{reference}/deadlines")
async def list_deadlines(reference: Reference, desk: Reading, on: On = None) -> schemas.DeadlinesOut:
    """Every deadline of a case, each with how it came about."""
    case, _ = await _case(desk, reference, on)
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


async def _case(desk: CaseDesk, reference: str, on: date | None) -> tuple[Case, int]:
    history = await asyncio.to_thread(desk.register.log.stream, desk.who.authority, f"case:{reference}")
    if on and on < desk.register.today():
        history = [recorded for recorded in history if recorded.known_at < end_of_day(on)]
    case = handler.kind_of(desk.who.authority, "complaint").fold([recorded.event for recorded in history])
    if case is None:
        raise NotFound("case")
    return case, case.version


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


# --- commands on a case -----------------------------------------------------------------------------------------------


@router.post("/cases/{reference}/routing", status_code=201)
async def route_case(reference: Reference, body: commands.RouteCase, desk: Handling) -> schemas.CaseOut:
    """Decide the procedure that the case follows; the received date stays."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/refusal", status_code=201)
async def refuse_case(reference: Reference, body: commands.RefuseCase, desk: Handling) -> schemas.CaseOut:
    """Decline to deal with the complaint, on a stated ground (SI 2009/309 reg 8, reg 12)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/informal-resolution", status_code=201)
async def resolve_informally(reference: Reference, body: commands.ResolveInformally, desk: Handling) -> schemas.CaseOut:
    """Settle the matter without an investigation, with the test of SI 2009/309 reg 8(1)(c)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/acknowledgement", status_code=201)
async def acknowledge(reference: Reference, body: commands.AcknowledgeComplaint, desk: Handling) -> schemas.CaseOut:
    """Record that the complaint was acknowledged, and how (SI 2009/309 reg 13(3))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/response-period", status_code=201)
async def set_response_period(
    reference: Reference, body: commands.SetResponsePeriod, desk: Handling
) -> schemas.CaseOut:
    """Set the response period, agreed or determined (SI 2009/309 reg 13(4)-(5)); again, it is an amendment."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/assignment", status_code=201)
async def assign_case(reference: Reference, body: commands.AssignCase, desk: Handling) -> schemas.CaseOut:
    """Give someone of the staff a role in the case."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/extension", status_code=201)
async def extend_deadline(reference: Reference, body: commands.ExtendDeadline, desk: Handling) -> schemas.CaseOut:
    """Put the response off, as far as the policy lets it move."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/escalation", status_code=201)
async def escalate_case(reference: Reference, body: commands.EscalateCase, desk: Handling) -> schemas.CaseOut:
    """Take the case to its next stage."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/statement", status_code=201)
async def agree_statement(reference: Reference, body: commands.AgreeStatement, desk: Handling) -> schemas.CaseOut:
    """Record that the statement of complaint was agreed: stage 2 is counted from it (SI 2006/1738 reg 17)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/panel", status_code=201)
async def hold_panel(reference: Reference, body: commands.HoldPanel, desk: Handling) -> schemas.CaseOut:
    """Record that the review panel met (SI 2006/1738 reg 19)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/panel-report", status_code=201)
async def report_panel(reference: Reference, body: commands.ReportPanel, desk: Handling) -> schemas.CaseOut:
    """Record that the panel's recommendations arrived (SI 2006/1738 reg 20)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/pause", status_code=201)
async def pause_clock(reference: Reference, body: commands.PauseClock, desk: Handling) -> schemas.CaseOut:
    """Let the clocks stand still, where the policy allows it."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/resumption", status_code=201)
async def resume_clock(reference: Reference, body: commands.ResumeClock, desk: Handling) -> schemas.CaseOut:
    """Let the clocks run again: the due dates move by the working days that they stood still."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/decision", status_code=201)
async def decide_stage(reference: Reference, body: commands.DecideStage, desk: Handling) -> schemas.CaseOut:
    """Decide the stage, with a finding for each concern."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/response", status_code=201)
async def send_response(reference: Reference, body: commands.SendResponse, desk: Handling) -> schemas.CaseOut:
    """Record that the response was sent: this is what meets a deadline (SI 2009/309 reg 14(2))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/progress", status_code=201)
async def tell_progress(reference: Reference, body: commands.TellProgress, desk: Handling) -> schemas.CaseOut:
    """Record that the complainant was told how it stands (SI 2009/309 reg 14(1)(b))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/lateness-notice", status_code=201)
async def notify_lateness(reference: Reference, body: commands.NotifyLateness, desk: Handling) -> schemas.CaseOut:
    """Record that the complainant was told that the answer is late, and why (SI 2009/309 reg 14(4))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/remedies", status_code=201)
async def agree_remedy(reference: Reference, body: commands.AgreeRemedy, desk: Handling) -> schemas.CaseOut:
    """Agree to put something right."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/remedies/{number}/completion", status_code=201)
async def complete_remedy(
    reference: Reference, number: Number, body: commands.Completion, desk: Handling
) -> schemas.CaseOut:
    """Record that a remedy was carried out."""
    return await desk.act(reference, commands.CompleteRemedy(number=number, completed_on=body.completed_on))


@router.post("/cases/{reference}/learning", status_code=201)
async def record_learning(reference: Reference, body: commands.RecordLearning, desk: Handling) -> schemas.CaseOut:
    """Record a lesson and its action: publishable text, without personal data."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/learning/{number}/completion", status_code=201)
async def complete_learning(
    reference: Reference, number: Number, body: commands.Completion, desk: Handling
) -> schemas.CaseOut:
    """Record that the action of a lesson was done."""
    return await desk.act(reference, commands.CompleteLearning(number=number, completed_on=body.completed_on))


@router.post("/cases/{reference}/provider-contact", status_code=201)
async def contact_provider(reference: Reference, body: commands.ContactProvider, desk: Handling) -> schemas.CaseOut:
    """Record that a provider was sent the complaint, or answered (SI 2009/309 reg 11)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/links", status_code=201)
async def link_case(reference: Reference, body: commands.LinkCase, desk: Handling) -> schemas.CaseOut:
    """Link another case of this authority."""
    await _case(desk, body.reference, None)
    if body.reference == reference:
        raise bad_value("links_itself", "reference", "a case is not linked to itself")
    return await desk.act(reference, body)


@router.post("/cases/{reference}/characteristics", status_code=201)
async def record_characteristics(
    reference: Reference, body: commands.RecordCharacteristics, desk: Handling
) -> schemas.CaseOut:
    """Record coded characteristics of a person of the case."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/withdrawal", status_code=201)
async def withdraw_case(reference: Reference, body: commands.WithdrawCase, desk: Handling) -> schemas.CaseOut:
    """Record that the complainant withdrew."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/transfer", status_code=201)
async def transfer_case(reference: Reference, body: commands.TransferCase, desk: Handling) -> schemas.CaseOut:
    """Send the complaint to the body that it belongs to (SI 2009/309 reg 6(5))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/closure", status_code=201)
async def close_case(reference: Reference, body: commands.CloseCase, desk: Handling) -> schemas.CaseOut:
    """Close the case."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/reopening", status_code=201)
async def reopen_case(reference: Reference, body: commands.ReopenCase, desk: Handling) -> schemas.CaseOut:
    """Take an ended case up again, to be decided anew."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/correction", status_code=201)
async def correct_case(reference: Reference, body: commands.CorrectCase, desk: Handling) -> schemas.CaseOut:
    """Put right what was recorded wrongly; the history keeps both."""
    return await desk.act(reference, body)


# --- reference data ---------------------------------------------------------------------------------------------------


@router.get("/pathways")
def list_pathways(who: Reader) -> dict[str, Any]:
    """Every pathway with its rules, and what changes when."""
    return pathways_out(who.authority)


@router.get("/codes")
def list_codes(who: Reader) -> dict[str, Any]:
    """The code lists of the authority, edition by edition, with the printed row that each code counts in."""
    return code_lists_out(who.authority)


def _days(division: Division | None, who: Principal) -> calendar.Calendar:
    return calendar.load(division) if division else authority(who.authority).calendar


@router.get("/working-days/add")
def add_working_days(
    who: Reader,
    start: date,
    days: Annotated[int, Query(ge=0, le=5000)],
    division: Division | None = None,
) -> dict[str, Any]:
    """The days-th working day after a date, with every day between that does not count."""
    found = _days(division, who)
    end = found.add(start, days)
    return {
        "start": start,
        "days": days,
        "date": end,
        "skipped": [{"date": skip.date, "reason": skip.reason} for skip in found.skipped(start, end)],
        "division": found.division,
        "calendar_version": found.version,
        "provisional": found.provisional(end),
    }


@router.get("/working-days/between")
def count_working_days(who: Reader, start: date, end: date, division: Division | None = None) -> dict[str, Any]:
    """How many working days lie after a date, up to and including another."""
    return {"start": start, "end": end, "working_days": _days(division, who).between(start, end)}


SERVICE = Service("cases", "Redress: cases", router)
