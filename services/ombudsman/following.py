"""What the ombudsman service does about cases: a returned complaint is linked, and known to be free to come back."""

import asyncio
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from services.ombudsman import handler
from services.ombudsman.commands import LinkEnquiry
from services.ombudsman.decide import exhaust, link
from services.ombudsman.enquiry import Enquiry
from shared import events, handling
from shared.database import metadata, upsert, writer
from shared.errors import Rejected
from shared.events import EnquiryEvent, Event, Stage
from shared.following import Reactions, once
from shared.handling import Request
from shared.log import Recorded
from shared.policy import policy_book
from shared.register import Register

named_enquiries = sa.Table(
    "named_enquiries",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("enquiry", sa.Text, nullable=False),
    sa.Column("case_reference", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("authority", "enquiry", name="named_enquiries_enquiry"),
)
"""The case that came in with the reference of an enquiry, which may be recorded later."""


async def link_named(register: Register, request: Request, recorded: Recorded) -> None:
    """A complaint that came in with the Ombudsman's reference is what that enquiry is about, if it is about none yet.

    Whoever posts complaints may name any reference: an enquiry that has its case keeps it.
    """
    event = recorded.event
    if isinstance(event, events.RepresentationReceived) and event.enquiry:
        await asyncio.to_thread(_remember, register, recorded.authority, event.enquiry, recorded.reference)
        await _link(register, request, event.enquiry, recorded.reference)


async def link_known(register: Register, request: Request, recorded: Recorded) -> None:
    """An enquiry about nobody known is linked to the complaint that named it before."""
    event = recorded.event
    if isinstance(event, events.EnquiryReceived) and event.case is None:
        case = await asyncio.to_thread(_remembered, register, recorded.authority, recorded.reference)
        if case:
            await _link(register, request, recorded.reference, case)


async def _link(register: Register, request: Request, enquiry: str, case: str) -> None:
    today = register.today()

    def decide(state: Enquiry) -> list[EnquiryEvent]:
        if state.case:
            raise Rejected("already_linked", f"the enquiry is linked to {state.case} already")
        return link(state, LinkEnquiry(case=case), today)

    await handling.cite(register, request.authority)
    await handling.change(register, handler.ENQUIRY, once(register, request, enquiry), enquiry, decide)


def _remember(register: Register, authority: str, enquiry: str, case: str) -> None:
    row = {"authority": authority, "enquiry": enquiry, "case_reference": case}
    with writer(register.engine).begin() as connection:
        upsert(connection, named_enquiries, [row])


def _remembered(register: Register, authority: str, enquiry: str) -> str | None:
    named = sa.select(named_enquiries.c.case_reference).filter_by(authority=authority, enquiry=enquiry)
    with register.engine.connect() as connection:
        return connection.execute(named).scalar()


async def tell_exhausted(register: Register, request: Request, recorded: Recorded) -> None:
    """Once the last stage of its procedure is answered, a complaint that was returned as premature may come back."""
    history = await asyncio.to_thread(register.log.stream, recorded.authority, recorded.stream)
    case = [earlier.event for earlier in history if earlier.type in _TELLING]
    routed = [event for event in case if isinstance(event, events.CaseRouted)]
    if not routed:
        return
    last = policy_book(recorded.authority).pathways[routed[-1].pathway].stages[-1]
    for place, event in enumerate(case):
        if isinstance(event, events.BackFromOmbudsman) and event.category == "referred_back":
            answer = _answer_to(event, case[:place], case[place:], last)
            if answer:
                await _tell(register, request, event.enquiry, recorded.reference, answer)


def _answer_to(
    back: events.BackFromOmbudsman, before: Sequence[Event], after: Sequence[Event], last: Stage
) -> date | None:
    """The day of the last stage's answer to a complaint that came back, which may have been recorded late."""

    def answers(told: Sequence[Event]) -> list[date]:
        return [event.sent_on for event in told if isinstance(event, events.ResponseSent) and event.stage == last]

    found = answers(after) + [sent_on for sent_on in answers(before) if sent_on > back.back_on]
    return max(found, default=None)


_TELLING = ("case_routed", "back_from_ombudsman", "response_sent")


async def _tell(register: Register, request: Request, enquiry: str, case: str, on: date) -> None:
    def decide(state: Enquiry) -> list[EnquiryEvent]:
        return exhaust(state, case, on)

    await handling.change(register, handler.ENQUIRY, once(register, request, enquiry), enquiry, decide)


REACTIONS = Reactions(
    "ombudsman",
    {
        "representation_received": link_named,
        "enquiry_received": link_known,
        "back_from_ombudsman": tell_exhausted,
        "response_sent": tell_exhausted,
    },
)
