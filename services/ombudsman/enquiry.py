"""The Ombudsman's side of a complaint, pure: `decide` gives the facts that follow from a command, `evolve` the state.

The Ombudsman's reference names the enquiry. It may stand alone or be linked to a case of the register.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.ombudsman import commands as do
from shared import events
from shared.authority import Authority
from shared.errors import Rejected, bad_value
from shared.events import Breach, EnquiryEvent, OmbudsmanCategory


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a decision asks for, numbered from 1; money in pence."""

    number: int
    type: str
    required_on: date
    amount_pence: int | None
    due_on: date | None
    completed_on: date | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What is true of an enquiry after its events so far. `category` is set by its end, whichever it is."""

    received_on: date
    case: str | None = None
    respond_by: date | None = None
    investigated_on: date | None = None
    category: OmbudsmanCategory | None = None
    decided_on: date | None = None
    reason: str | None = None
    public_report: bool = False
    remedies: tuple[Remedy, ...] = ()
    breaches: tuple[Breach, ...] = ()
    version: int = 0

    @property
    def status(self) -> str:
        """One word for where the enquiry stands."""
        if self.category:
            return "decided"
        return "under_investigation" if self.investigated_on else "received"


NO_INVESTIGATION = Breach(
    "ombudsman.investigation_on_record", "LGA 1974 s.30(1): upheld and not upheld are findings of an investigation"
)
BEFORE_DECISION = Breach(
    "ombudsman.remedy_after_decision", "Complaints policy, LGSCO timescales: remedies follow the final decision"
)


def receive(command: do.ReceiveEnquiry, today: date) -> list[EnquiryEvent]:
    """The letter sets the date by which it wants an answer."""
    _not_after(command.received_on, today, "received_on")
    if command.respond_by and command.respond_by < command.received_on:
        raise bad_value("too_early", "respond_by", f"respond_by is earlier than received_on ({command.received_on})")
    return [events.EnquiryReceived(received_on=command.received_on, case=command.case, respond_by=command.respond_by)]


def decide(enquiry: Enquiry, command: do.EnquiryCommand, authority: Authority, today: date) -> list[EnquiryEvent]:
    """The facts that follow from a command.

    Raises:
        Rejected: the command is impossible; nothing is recorded.
    """
    match command:
        case do.LinkEnquiry():
            return link(enquiry, command, today)
        case do.ReturnAsPremature():
            return [events.ReturnedAsPremature(returned_on=_end(command.returned_on, enquiry, today, "returned_on"))]
        case do.CloseAfterEnquiries():
            closed_on = _end(command.closed_on, enquiry, today, "closed_on")
            authority.codes.check("ombudsman_reasons", command.reason, closed_on, "reason")
            return [events.ClosedAfterEnquiries(closed_on=closed_on, reason=command.reason)]
        case do.OpenInvestigation():
            return open_investigation(enquiry, command, today)
        case do.DecideEnquiry():
            return decide_enquiry(enquiry, command, authority, today)
        case do.RequireRemedy():
            return require_remedy(enquiry, command, authority, today)
        case do.CompleteRemedy():
            return complete_remedy(enquiry, command, today)
        case _:
            assert_never(command)


def link(enquiry: Enquiry, command: do.LinkEnquiry, today: date) -> list[EnquiryEvent]:
    """An enquiry is about one case."""
    if enquiry.case == command.case:
        raise Rejected("already_linked", f"the enquiry is linked to {command.case} already", "case")
    return [events.EnquiryLinked(linked_on=_when(command.linked_on, enquiry, today, "linked_on"), case=command.case)]


def open_investigation(enquiry: Enquiry, command: do.OpenInvestigation, today: date) -> list[EnquiryEvent]:
    """A detailed investigation begins once."""
    _undecided(enquiry)
    if enquiry.investigated_on:
        raise Rejected("already_under_investigation", f"the investigation began on {enquiry.investigated_on}")
    return [events.InvestigationOpened(opened_on=_when(command.opened_on, enquiry, today, "opened_on"))]


def decide_enquiry(
    enquiry: Enquiry, command: do.DecideEnquiry, authority: Authority, today: date
) -> list[EnquiryEvent]:
    """A detailed decision without an investigation on record is recorded, with that breach."""
    decided_on = _end(command.decided_on, enquiry, today, "decided_on")
    authority.codes.check("ombudsman_reasons", command.reason, decided_on, "reason")
    detailed = command.category in ("upheld", "not_upheld")
    return [
        events.OmbudsmanDecided(
            decided_on=decided_on,
            category=command.category,
            reason=command.reason,
            public_report=command.public_report,
            breaches=(NO_INVESTIGATION,) if detailed and not enquiry.investigated_on else (),
        )
    ]


def require_remedy(
    enquiry: Enquiry, command: do.RequireRemedy, authority: Authority, today: date
) -> list[EnquiryEvent]:
    """A remedy follows a decision, or is agreed with the Ombudsman before it."""
    required_on = _when(command.required_on, enquiry, today, "required_on")
    authority.codes.check("remedies", command.type, required_on, "type")
    money = command.type in ("financial", "charges_refund")
    if money and command.amount_pence is None:
        raise bad_value("amount_needed", "amount_pence", "a payment needs its amount in pence")
    if command.amount_pence is not None and not money:
        raise bad_value("no_payment", "amount_pence", f"{command.type} is no payment and has no amount")
    if command.due_on and command.due_on < required_on:
        raise bad_value("too_early", "due_on", f"due_on is {command.due_on}, earlier than required_on ({required_on})")
    return [
        events.RemedyRequired(
            required_on=required_on,
            remedy=len(enquiry.remedies) + 1,
            type=command.type,
            amount_pence=command.amount_pence,
            due_on=command.due_on,
        )
    ]


def complete_remedy(enquiry: Enquiry, command: do.CompleteRemedy, today: date) -> list[EnquiryEvent]:
    """One carried out before the final decision is a breach, and is recorded."""
    remedy = next((r for r in enquiry.remedies if r.number == command.number), None)
    if remedy is None:
        raise bad_value("unknown_number", "number", f"the enquiry has no remedy {command.number}")
    if remedy.completed_on:
        raise Rejected("already_completed", f"remedy {command.number} was completed on {remedy.completed_on}")
    completed_on = _when(command.completed_on, enquiry, today, "completed_on")
    early = enquiry.decided_on is None or completed_on < enquiry.decided_on
    return [
        events.RemedyCompleted(
            completed_on=completed_on,
            remedy=command.number,
            evidence=command.evidence,
            breaches=(BEFORE_DECISION,) if early else (),
        )
    ]


def _undecided(enquiry: Enquiry) -> None:
    if enquiry.category:
        raise Rejected("already_decided", f"the enquiry ended on {enquiry.decided_on}: {enquiry.category}")


def _end(day: date, enquiry: Enquiry, today: date, name: str) -> date:
    """The day on which an enquiry ends: once, and not before the investigation that it may have had."""
    _undecided(enquiry)
    if enquiry.investigated_on and day < enquiry.investigated_on:
        raise bad_value("too_early", name, f"the investigation began on {enquiry.investigated_on}")
    return _when(day, enquiry, today, name)


def _when(day: date | None, enquiry: Enquiry, today: date, name: str) -> date:
    day = day or today
    _not_after(day, today, name)
    if day < enquiry.received_on:
        raise bad_value("before_receipt", name, f"{name} is {day}, earlier than received_on ({enquiry.received_on})")
    return day


def _not_after(day: date, today: date, name: str) -> None:
    if day > today:
        raise bad_value("in_the_future", name, f"{name} is {day}, later than today ({today})")


def fold(history: Sequence[EnquiryEvent]) -> Enquiry | None:
    """The enquiry after all of its events; None for none."""
    enquiry: Enquiry | None = None
    for event in history:
        enquiry = evolve(enquiry, event)
    return enquiry


def evolve(enquiry: Enquiry | None, event: EnquiryEvent) -> Enquiry:
    """What is true after a fact. No rules, and never an error for a stored event."""
    if isinstance(event, events.EnquiryReceived):
        return Enquiry(event.received_on, event.case, event.respond_by, version=1)
    assert enquiry is not None, "an enquiry begins with its receipt"  # noqa: S101 - the log's version check guarantees it
    breaches = enquiry.breaches + getattr(event, "breaches", ())
    return replace(_evolved(enquiry, event), version=enquiry.version + 1, breaches=breaches)


def _evolved(enquiry: Enquiry, event: EnquiryEvent) -> Enquiry:
    match event:
        case events.EnquiryLinked():
            return replace(enquiry, case=event.case)
        case events.ReturnedAsPremature():
            return replace(enquiry, category="referred_back", decided_on=event.returned_on, reason="premature")
        case events.ClosedAfterEnquiries():
            return replace(
                enquiry, category="closed_after_initial_enquiries", decided_on=event.closed_on, reason=event.reason
            )
        case events.InvestigationOpened():
            return replace(enquiry, investigated_on=event.opened_on)
        case events.OmbudsmanDecided():
            return replace(
                enquiry,
                category=event.category,
                decided_on=event.decided_on,
                reason=event.reason,
                public_report=event.public_report,
            )
        case events.RemedyRequired():
            remedy = Remedy(event.remedy, event.type, event.required_on, event.amount_pence, event.due_on)
            return replace(enquiry, remedies=(*enquiry.remedies, remedy))
        case events.RemedyCompleted():
            done = tuple(
                replace(r, completed_on=event.completed_on, evidence=event.evidence) if r.number == event.remedy else r
                for r in enquiry.remedies
            )
            return replace(enquiry, remedies=done)
        case events.EnquiryReceived():
            return enquiry
        case _:
            assert_never(event)
