"""What the cases service does about the Ombudsman's events: the case that an enquiry is about shows it."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.cases import handler
from services.cases.at_ombudsman import note_enquiry
from services.cases.case import Case
from shared import events, handling
from shared.errors import NotFound, Rejected
from shared.events import CaseEvent, Event, OmbudsmanCategory
from shared.following import Reactions, once
from shared.handling import Request
from shared.log import Recorded
from shared.policy import policy_book
from shared.register import Register


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What of an enquiry matters to the cases that it is or was about; None for dates of what has not happened."""

    reference: str
    since: date
    case: str | None = None
    former: tuple[str, ...] = ()
    over_on: date | None = None
    category: OmbudsmanCategory | None = None


def enquiry(reference: str, history: Sequence[Event]) -> Enquiry | None:
    """The enquiry after its events."""
    found: Enquiry | None = None
    for event in history:
        match event:
            case events.EnquiryReceived():
                found = Enquiry(reference, event.received_on, event.case)
            case events.EnquiryLinked() if found:
                former = (*found.former, found.case) if found.case else found.former
                found = replace(found, case=event.case, former=former)
            case events.ReturnedAsPremature() if found:
                found = replace(found, over_on=event.returned_on, category="referred_back")
            case events.ClosedAfterEnquiries() if found:
                found = replace(found, over_on=event.closed_on, category="closed_after_initial_enquiries")
            case events.OmbudsmanDecided() if found:
                found = replace(found, over_on=event.decided_on, category=event.category)
            case _:
                pass
    return found


async def show(register: Register, request: Request, recorded: Recorded) -> None:
    """Bring the case that an enquiry is about, and those that it was taken to be about, to what is known of it."""
    history = await asyncio.to_thread(register.log.stream, recorded.authority, recorded.stream, recorded.version)
    found = enquiry(recorded.reference, [earlier.event for earlier in history])
    if found is None:
        return
    if found.case:
        with contextlib.suppress(Rejected, NotFound):  # it shows the enquiry as it is, or is no case of the register
            await _note(register, request, found.case, found)
    for former in sorted(set(found.former) - {found.case}):
        with contextlib.suppress(Rejected, NotFound):
            await _note(register, request, former, replace(found, over_on=date_of(recorded), category=None))


def date_of(recorded: Recorded) -> date:
    """The day on which an event happened."""
    return date.fromisoformat(recorded.occurred[:10])


async def _note(register: Register, request: Request, case: str, found: Enquiry) -> None:
    book = policy_book(request.authority)

    def decide(state: Case) -> list[CaseEvent]:
        stages = book.pathways[state.pathway].stages if state.pathway else ()
        return note_enquiry(state, found.reference, found.since, found.over_on, found.category, stages)

    kind = handler.kind_of(request.authority, "complaint")
    await handling.change(register, kind, once(register, request, case), case, decide)


REACTIONS = Reactions(
    "cases",
    dict.fromkeys(
        (
            "enquiry_received",
            "enquiry_linked",
            "returned_as_premature",
            "closed_after_enquiries",
            "ombudsman_decided",
        ),
        show,
    ),
)
