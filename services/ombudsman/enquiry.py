"""What is true of the Ombudsman's side of a complaint: its state, and `evolve`, which says what is true after a fact.

The Ombudsman's reference names the enquiry. It may stand alone or be linked to a case of the register. `evolve` has no
rules and never fails for a stored event: whether a fact may come about is decided in `decide.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from shared import events
from shared.codec import type_name
from shared.deadlines import Clock
from shared.events import Breach, Compliance, Deadline, Document, EnquiryEvent, OmbudsmanCategory


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
class Response:
    """The council's statement to the Ombudsman."""

    submitted_on: date
    author: str
    author_role: str
    signed_off_by: str | None
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft decision, and what the council said to it."""

    received_on: date
    category: OmbudsmanCategory | None
    commented_on: date | None = None
    agreed: bool | None = None


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What is true of an enquiry after its events so far. `category` is set by its end, whichever it is."""

    received_on: date
    case: str | None = None
    respond_by: date | None = None
    answered_on: date | None = None
    investigated_on: date | None = None
    response: Response | None = None
    drafts: tuple[Draft, ...] = ()
    category: OmbudsmanCategory | None = None
    decided_on: date | None = None
    reason: str | None = None
    public_report: bool = False
    publicised_on: date | None = None
    report_answered_on: date | None = None
    seen_by_monitoring_officer_on: date | None = None
    exhausted_on: date | None = None
    remedies: tuple[Remedy, ...] = ()
    compliance: Compliance | None = None
    compliance_confirmed_on: date | None = None
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    breaches: tuple[Breach, ...] = ()
    version: int = 0

    @property
    def status(self) -> str:
        """One word for where the enquiry stands."""
        if self.category:
            return "decided"
        if self.investigated_on is None:
            return "answered" if self.answered_on else "received"
        return "draft_received" if self.drafts else "under_investigation"

    @property
    def for_monitoring_officer(self) -> bool:
        """Whether it is on the monitoring officer's list: an upheld decision or a public report, until it is seen."""
        grave = self.category == "upheld" or self.public_report
        return grave and self.seen_by_monitoring_officer_on is None

    @property
    def premature(self) -> bool:
        """Whether the Ombudsman sent it back for the council's own procedure."""
        return self.category == "referred_back"


def fold(history: Sequence[EnquiryEvent]) -> Enquiry | None:
    """The enquiry after all of its events; None for none."""
    enquiry: Enquiry | None = None
    for event in history:
        enquiry = evolve(enquiry, event)
    return enquiry


def evolve(enquiry: Enquiry | None, event: EnquiryEvent) -> Enquiry:
    """What is true after a fact. No rules, and never an error for a stored event."""
    if isinstance(event, events.EnquiryReceived):
        clocks = _with({}, event.deadlines)
        return Enquiry(event.received_on, event.case, event.respond_by, clocks=clocks, version=1)
    assert enquiry is not None, "an enquiry begins with its receipt"  # noqa: S101 - the log's version check guarantees it
    clocks = _met(enquiry.clocks, type_name(event), getattr(event, event.OCCURRED))
    enquiry = replace(
        enquiry,
        clocks=_with(clocks, getattr(event, "deadlines", ())),
        breaches=enquiry.breaches + getattr(event, "breaches", ()),
        version=enquiry.version + 1,
    )
    return _evolved(enquiry, event)


def _evolved(enquiry: Enquiry, event: EnquiryEvent) -> Enquiry:  # noqa: C901 - one branch an event
    match event:
        case events.EnquiryLinked():
            return replace(enquiry, case=event.case)
        case events.EnquiryAnswered():
            return replace(enquiry, answered_on=event.answered_on)
        case events.ReturnedAsPremature():
            return _ended(enquiry, "referred_back", event.returned_on, "premature")
        case events.ClosedAfterEnquiries():
            return _ended(enquiry, "closed_after_initial_enquiries", event.closed_on, event.reason)
        case events.InvestigationOpened():
            return replace(enquiry, investigated_on=event.opened_on)
        case events.ResponseSubmitted():
            response = Response(
                event.submitted_on, event.author, event.author_role, event.signed_off_by, event.documents
            )
            return replace(enquiry, response=response)
        case events.DraftDecisionReceived():
            return replace(enquiry, drafts=(*enquiry.drafts, Draft(event.received_on, event.category)))
        case events.DraftCommented():
            *earlier, last = enquiry.drafts
            commented = replace(last, commented_on=event.commented_on, agreed=event.agreed)
            return replace(enquiry, drafts=(*earlier, commented))
        case events.OmbudsmanDecided():
            ended = _ended(enquiry, event.category, event.decided_on, event.reason)
            clocks = _with(ended.clocks, event.deadlines)
            return replace(ended, public_report=event.public_report, clocks=clocks)
        case events.PublicReportPublicised():
            return replace(enquiry, publicised_on=event.publicised_on)
        case events.PublicReportAnswered():
            return replace(enquiry, report_answered_on=event.answered_on)
        case events.MonitoringOfficerInformed():
            return replace(enquiry, seen_by_monitoring_officer_on=event.seen_on)
        case events.ProcedureExhausted():
            return replace(enquiry, exhausted_on=event.exhausted_on)
        case events.RemedyRequired():
            remedy = Remedy(event.remedy, event.type, event.required_on, event.amount_pence, event.due_on)
            return replace(enquiry, remedies=(*enquiry.remedies, remedy))
        case events.RemedyCompleted():
            done = (_completed(remedy, event) for remedy in enquiry.remedies)
            return replace(enquiry, remedies=tuple(done))
        case events.ComplianceConfirmed():
            return replace(enquiry, compliance=event.compliance, compliance_confirmed_on=event.confirmed_on)
        case events.EnquiryReceived():
            return enquiry
        case _:
            assert_never(event)


def _completed(remedy: Remedy, event: events.RemedyCompleted) -> Remedy:
    if remedy.number != event.remedy:
        return remedy
    return replace(remedy, completed_on=event.completed_on, evidence=event.evidence)


def _ended(enquiry: Enquiry, category: OmbudsmanCategory, on: date, reason: str | None) -> Enquiry:
    """An end, whichever it is, stops what was awaited of the council until then."""
    clocks = {
        name: clock if clock.stopped_on else replace(clock, ended_on=on, ended_by=category)
        for name, clock in enquiry.clocks.items()
    }
    return replace(enquiry, category=category, decided_on=on, reason=reason, clocks=clocks)


def _with(clocks: Mapping[str, Clock], new: Sequence[Deadline]) -> dict[str, Clock]:
    return {**clocks, **{deadline.name: Clock(deadline, deadline) for deadline in new}}


def _met(clocks: Mapping[str, Clock], met_by: str, on: date) -> dict[str, Clock]:
    return {
        name: replace(clock, met_on=on) if clock.stopped_on is None and clock.deadline.met_by == met_by else clock
        for name, clock in clocks.items()
    }
