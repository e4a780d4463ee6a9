"""The HTTP routes of the ombudsman service: what the link officer records and asks."""

import asyncio
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from services.ombudsman import commands, enquiry_list, handler
from services.ombudsman.commands import EnquiryCommand
from services.ombudsman.enquiry import Enquiry
from shared import handling, restrictions
from shared.access import Principal
from shared.errors import bad_value
from shared.register import Register
from shared.web import Cursor, Desk, Limit, Service, TheRegister, allowed, at_desk, etag, make_cursor, read_cursor

router = APIRouter(prefix="/v1/ombudsman")

Reference = Annotated[str, Path(max_length=60, description="The Ombudsman's own reference.", examples=["26 004 117"])]
Number = Annotated[int, Path(ge=1, le=10_000, description="Its number in the enquiry, from 1.")]
Status = Literal["received", "under_investigation", "decided"]


class RequiredRemedyOut(BaseModel):
    """A remedy that the Ombudsman's decision asks for."""

    number: int
    type: str
    required_on: date
    amount_pence: int | None
    due_on: date | None
    completed_on: date | None


class EnquiryBreachOut(BaseModel):
    """A rule that was not kept."""

    rule: str
    source: str


class EnquiryOut(BaseModel):
    """An enquiry of the Ombudsman."""

    reference: str
    ombudsman_reference: str
    version: int
    status: str
    received_on: date
    respond_by: date | None
    case: str | None
    investigated_on: date | None
    category: str | None
    decided_on: date | None
    reason: str | None
    public_report: bool
    remedies: list[RequiredRemedyOut]
    breaches: list[EnquiryBreachOut]


class EnquiryListItem(BaseModel):
    """A line of the list of enquiries."""

    reference: str
    version: int
    status: str
    category: str | None
    case: str | None
    received_on: date
    respond_by: date | None
    decided_on: date | None


class EnquiryPage(BaseModel):
    """A page of the list of enquiries."""

    items: list[EnquiryListItem]
    next: str | None


def enquiry_out(reference: str, enquiry: Enquiry) -> EnquiryOut:
    """The enquiry as it is answered."""
    return EnquiryOut(
        reference=reference,
        ombudsman_reference=reference,
        version=enquiry.version,
        status=enquiry.status,
        received_on=enquiry.received_on,
        respond_by=enquiry.respond_by,
        case=enquiry.case,
        investigated_on=enquiry.investigated_on,
        category=enquiry.category,
        decided_on=enquiry.decided_on,
        reason=enquiry.reason,
        public_report=enquiry.public_report,
        remedies=[
            RequiredRemedyOut(**{name: getattr(remedy, name) for name in RequiredRemedyOut.model_fields})
            for remedy in enquiry.remedies
        ],
        breaches=[EnquiryBreachOut(rule=breach.rule, source=breach.source) for breach in enquiry.breaches],
    )


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
        """The enquiry as the command left it, with that command's breaches."""
        reference = recorded.appended.reference
        self.mark(recorded.appended, f"/v1/ombudsman/enquiries/{quote(reference)}")
        breaches = [EnquiryBreachOut(rule=b.rule, source=b.source) for b in recorded.breaches]
        shown = await shown_to(self.who, self.register, enquiry_out(reference, recorded.state))
        return shown.model_copy(update={"breaches": breaches})

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
Reader = Annotated[Principal, allowed("ombudsman:read")]


@router.post("/enquiries", status_code=201)
async def receive_enquiry(body: commands.ReceiveEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """Record that the Ombudsman wrote, about a case of the register or about nobody known yet."""
    return await desk.receive(body)


@router.get("/enquiries")
def list_enquiries(
    register: TheRegister, who: Reader, status: Status | None = None, limit: Limit = 50, cursor: Cursor = None
) -> EnquiryPage:
    """Enquiries, newest first."""
    place = read_cursor(cursor, date, str) if cursor else None
    with register.engine.connect() as connection:
        rows = enquiry_list.page(connection, who.authority, status, limit + 1, place)
    last = rows[limit - 1] if len(rows) > limit else None
    following = make_cursor(last["received_on"], last["reference"]) if last else None
    kept = _kept(register, who, *(row["case_reference"] for row in rows))
    items = [
        EnquiryListItem(**{**row, "case": None if row["case_reference"] in kept else row["case_reference"]})
        for row in rows[:limit]
    ]
    return EnquiryPage(items=items, next=following)


@router.get("/enquiries/{reference}")
async def show_enquiry(reference: Reference, register: TheRegister, who: Reader, response: Response) -> EnquiryOut:
    """An enquiry as it stands."""
    enquiry, version = await handling.load(register, handler.ENQUIRY, who, reference)
    response.headers["ETag"] = etag(version)
    return await shown_to(who, register, enquiry_out(reference, enquiry))


@router.post("/enquiries/{reference}/link", status_code=201)
async def link_enquiry(reference: Reference, body: commands.LinkEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """Say which case of the register the enquiry is about."""
    await desk.known_case(body.case)
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


@router.post("/enquiries/{reference}/decision", status_code=201)
async def decide_enquiry(reference: Reference, body: commands.DecideEnquiry, desk: LinkOfficer) -> EnquiryOut:
    """The Ombudsman's final decision, in a category of its published data."""
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


SERVICE = Service("ombudsman", "Redress: ombudsman", router)
