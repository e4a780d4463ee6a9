"""The HTTP routes of the ombudsman service: what the link officer records and asks."""

import asyncio
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Path, Query

from services.ombudsman import cohort, commands, enquiry_list, handler
from services.ombudsman.commands import EnquiryCommand
from services.ombudsman.enquiry import Enquiry
from services.ombudsman.enquiry_list import Filters
from services.ombudsman.following import REACTIONS
from services.ombudsman.published import ReconcileDecisions
from services.ombudsman.reconciliation import Reconciliation
from services.ombudsman.schemas import EnquiryBreachOut, EnquiryListItem, EnquiryOut, EnquiryPage, enquiry_out
from shared import handling, restrictions
from shared.access import Principal
from shared.clock import london_date
from shared.errors import bad_value
from shared.events import OmbudsmanCategory
from shared.register import Register
from shared.web import (
    Cursor,
    Desk,
    Limit,
    ListQuery,
    Service,
    TheRegister,
    allowed,
    api_router,
    at_desk,
    etag,
    make_cursor,
    queried,
    read_cursor,
)

router = api_router("ombudsman", "/v1/ombudsman")

Reference = Annotated[str, Path(max_length=60, description="The Ombudsman's own reference.", examples=["26 004 117"])]
Number = Annotated[int, Path(ge=1, le=10_000, description="Its number in the enquiry, from 1.")]
Status = Literal["received", "answered", "under_investigation", "draft_received", "decided"]


class EnquiryDesk(Desk):
    """One request to the ombudsman service."""

    async def receive(self, command: commands.ReceiveEnquiry) -> EnquiryOut:
        """Record an enquiry."""
        await self.known_case(command.case)
        async with self.request() as request:
            return await self.answer(await handler.handle_receipt(self.register, request, command))

    async def act(self, reference: str, command: EnquiryCommand) -> EnquiryOut:
        """Record what follows from a command on an enquiry."""
        async with self.request() as request:
            return await self.answer(await handler.handle(self.register, request, reference, command))

    async def answer(self, recorded: handling.Recorded[Enquiry]) -> EnquiryOut:
        """The enquiry as the command left it, on the day on which it was recorded, with that command's breaches."""
        appended = recorded.appended
        self.mark(appended, f"/v1/ombudsman/enquiries/{quote(appended.reference)}")
        breaches = [EnquiryBreachOut(rule=b.rule, source=b.source) for b in recorded.breaches]
        out = await self.shown(appended.reference, recorded.state, london_date(appended.recorded_at))
        return out.model_copy(update={"breaches": breaches})

    async def shown(self, reference: str, enquiry: Enquiry, on: date) -> EnquiryOut:
        """The enquiry as it stands on a day; of its case, nothing where that is kept from whoever asks."""
        out = await asyncio.to_thread(enquiry_out, self.who.authority, reference, enquiry, on, self.register.citations)
        return await shown_to(self.who, self.register, out)

    async def known_case(self, reference: str | None) -> None:
        """Refuse a case that this authority's log does not hold, or that is kept from whoever asks."""
        kept = await asyncio.to_thread(_kept, self.register, self.who, reference)
        stream = f"case:{'' if kept else reference}"
        if reference and not await asyncio.to_thread(self.register.log.stream, self.who.authority, stream, 1):
            raise bad_value("unknown_case", "case", "the register holds no case of that reference")


async def shown_to(who: Principal, register: Register, enquiry: EnquiryOut) -> EnquiryOut:
    """An enquiry as someone may see it: without its case, if that is kept from them."""
    kept = await asyncio.to_thread(_kept, register, who, enquiry.case)
    return enquiry.model_copy(update={"case": None}) if kept else enquiry


def _kept(register: Register, who: Principal, *cases: str | None) -> set[str]:
    with register.engine.connect() as connection:
        return restrictions.hidden(connection, who.actor, who.authority, filter(None, cases))


LinkOfficer = Annotated[EnquiryDesk, at_desk(EnquiryDesk, "ombudsman:write")]
Reading = Annotated[EnquiryDesk, at_desk(EnquiryDesk, "ombudsman:read")]
Reader = Annotated[Principal, allowed("ombudsman:read")]


@router.post("/enquiries", status_code=201)
async def receive_enquiry(body: commands.ReceiveEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """Record that the Ombudsman wrote, about a case of the register or about nobody known yet."""
    return await desk.receive(body)


class EnquiryQuery(ListQuery):
    """What the list of enquiries may be asked."""

    status: Status | None = None
    category: OmbudsmanCategory | None = None
    case: Annotated[str | None, Query(max_length=60)] = None
    linked: bool | None = None
    due_before: date | None = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/enquiries")
def list_enquiries(
    register: TheRegister, who: Reader, query: Annotated[EnquiryQuery, queried(EnquiryQuery)]
) -> EnquiryPage:
    """Enquiries, newest first. `linked=false` are those about nobody of the register yet."""
    filters = Filters(query.status, query.category, query.case, query.linked, query.due_before)
    return _page(register, who, filters, query.limit, query.cursor)


@router.get("/monitoring-officer")
def list_for_monitoring_officer(
    register: TheRegister, who: Reader, limit: Limit = 50, cursor: Cursor = None
) -> EnquiryPage:
    """What the monitoring officer has yet to see: upheld decisions and public reports (LGHA 1989 s.5)."""
    return _page(register, who, Filters(for_monitoring_officer=True), limit, cursor)


def _page(register: Register, who: Principal, filters: Filters, limit: int, cursor: str | None) -> EnquiryPage:
    place = read_cursor(cursor, date, str) if cursor else None
    with register.engine.connect() as connection:
        rows = enquiry_list.page(connection, who, filters, limit + 1, place)
    last = rows[limit - 1] if len(rows) > limit else None
    following = make_cursor(last["received_on"], last["reference"]) if last else None
    return EnquiryPage(items=[EnquiryListItem(**row) for row in rows[:limit]], next=following)


@router.get("/enquiries/{reference}")
async def show_enquiry(reference: Reference, desk: Reading) -> EnquiryOut:
    """An enquiry as it stands."""
    found = await handling.held(desk.register, handler.ENQUIRY, desk.who, reference)
    desk.response.headers["ETag"] = etag(found.version)
    return await desk.shown(reference, found.state, desk.register.today())


@router.post("/reconciliations")
def reconcile_decisions(body: ReconcileDecisions, register: TheRegister, who: Reader) -> Reconciliation:
    """Compare the Ombudsman's list of a year's decisions, and the counts of its letter, with the register.

    Nothing is recorded or changed. A file of the list, as CSV, is compared by `redress ombudsman reconcile`.
    """
    return cohort.reconciled(register, who.authority, body)


@router.post("/enquiries/{reference}/link", status_code=201)
async def link_enquiry(reference: Reference, body: commands.LinkEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """Say which case of the register the enquiry is about."""
    await desk.known_case(body.case)
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/answer", status_code=201)
async def answer_enquiry(reference: Reference, body: commands.AnswerEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """The council answered the enquiry."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/premature-return", status_code=201)
async def return_as_premature(reference: Reference, body: commands.ReturnAsPremature, desk: LinkOfficer) -> EnquiryOut:
    """The Ombudsman sent it back for the council's own procedure."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/closure", status_code=201)
async def close_after_enquiries(
    reference: Reference, body: commands.CloseAfterEnquiries, desk: LinkOfficer
) -> EnquiryOut:
    """The Ombudsman closed it after initial enquiries."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/investigation", status_code=201)
async def open_investigation(reference: Reference, body: commands.OpenInvestigation, desk: LinkOfficer) -> EnquiryOut:
    """The Ombudsman investigates in detail."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/response", status_code=201)
async def submit_response(reference: Reference, body: commands.SubmitResponse, desk: LinkOfficer) -> EnquiryOut:
    """The council's statement went to the Ombudsman, signed off, with what may not be shared marked."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/draft-decision", status_code=201)
async def receive_draft_decision(
    reference: Reference, body: commands.ReceiveDraftDecision, desk: LinkOfficer
) -> EnquiryOut:
    """The Ombudsman sent a draft decision for comment."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/draft-comments", status_code=201)
async def comment_on_draft(reference: Reference, body: commands.CommentOnDraft, desk: LinkOfficer) -> EnquiryOut:
    """The council commented on the draft."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/decision", status_code=201)
async def decide_enquiry(reference: Reference, body: commands.DecideEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """The Ombudsman's final decision, in a category of its published data."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/public-report-notice", status_code=201)
async def publicise_public_report(
    reference: Reference, body: commands.PublicisePublicReport, desk: LinkOfficer
) -> EnquiryOut:
    """Public notice of a report was given (LGA 1974 s.30(5))."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/public-report-answer", status_code=201)
async def answer_public_report(
    reference: Reference, body: commands.AnswerPublicReport, desk: LinkOfficer
) -> EnquiryOut:
    """The Ombudsman was told what will be done about a report (LGA 1974 s.31(2))."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/monitoring-officer", status_code=201)
async def inform_monitoring_officer(
    reference: Reference, body: commands.InformMonitoringOfficer, desk: LinkOfficer
) -> EnquiryOut:
    """The monitoring officer has seen the decision: it is off the list."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/remedies", status_code=201)
async def require_remedy(reference: Reference, body: commands.RequireRemedy, desk: LinkOfficer) -> EnquiryOut:
    """The decision asks for a remedy."""
    return await desk.act(reference, body)


@router.post("/enquiries/{reference}/remedies/{number}/completion", status_code=201)
async def complete_remedy(
    reference: Reference, number: Number, body: commands.RemedyCompletion, desk: LinkOfficer
) -> EnquiryOut:
    """A remedy was carried out."""
    command = commands.CompleteRemedy(number=number, **body.model_dump())
    return await desk.act(reference, command)


@router.post("/enquiries/{reference}/compliance", status_code=201)
async def confirm_compliance(reference: Reference, body: commands.ConfirmCompliance, desk: LinkOfficer) -> EnquiryOut:
    """The Ombudsman said whether the remedies were carried out."""
    return await desk.act(reference, body)


SERVICE = Service("ombudsman", "Redress: ombudsman", (router,), REACTIONS.run)
