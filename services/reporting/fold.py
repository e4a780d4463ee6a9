"""Events into facts, one stream at a time: deterministic, and never raising for a stored event.

What a report counts is here and nowhere else: the case, enquiry, compliment or reference figure that an event is
about, or the narrative.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, assert_never, cast, get_args

from services.reporting import case_fold, clock_fold
from services.reporting.facts import (
    OUTSTANDING,
    BreachFact,
    EnquiryFact,
    Facts,
    FigureFact,
    NarrativeFact,
    RemedyFact,
    RepresentationFact,
)
from shared import events as e
from shared.calendar import Calendar
from shared.clock import london_date
from shared.frozen import amended


def fold(known: Facts, reference: str, event: e.Event, calendar: Calendar) -> Facts:
    """What is true of a stream after one more event of it; `known` itself where that says nothing that is counted."""
    if type(event) in _UNCOUNTED:
        return known
    if isinstance(event, e.RepresentationReceived) and event.kind != "complaint":
        return _received(known, reference, event)
    after = _after(known, reference, event, calendar)
    if breaches := getattr(event, "breaches", ()):
        after = _breached(after, reference, event, breaches)
    if after.clocks is known.clocks and after.spells is known.spells and after.cases is known.cases:
        return after
    return case_fold.counted(after, calendar)


def _after(known: Facts, reference: str, event: e.Event, calendar: Calendar) -> Facts:
    match event:
        case e.RepresentationReceived():
            return case_fold.received(known, reference, event)
        case e.ReferenceFigureRecorded():
            return _figure(known, reference, event)
        case e.NarrativeRecorded():
            return _narrative(known, reference, event)
        case e.EnquiryReceived():
            return amended(known, enquiries=(_informed(reference, event),))
        case e.RemedyCompleted():
            return _completed(known, event)
        case _ if type(event) in _OF_ENQUIRIES:
            return _enquiry(known, reference, cast("e.EnquiryEvent", event))
        case _ if known.cases:
            of_case = cast("e.CaseEvent", event)
            return case_fold.changed(clock_fold.changed(known, of_case, calendar), of_case)
        case _:
            return known


_UNCOUNTED = frozenset(
    {
        e.HistoryImported,
        e.WentLive,
        e.PracticeLearningAlertIssued,
        *get_args(e.PublicationEvent),
        e.ProgressTold,
        e.ProviderContacted,
        e.ProviderResponded,
        e.CaseLinked,
        e.WithOmbudsman,
        e.BackFromOmbudsman,
        e.CaseRestricted,
        e.FlagsRecorded,
        e.LegalHoldPlaced,
        e.LegalHoldLifted,
        e.PersonalDataErased,
    }
)
"""The events that no fact is made of, told apart at once: a case has more of them than of others."""

_OF_ENQUIRIES = frozenset(get_args(e.EnquiryEvent)) - frozenset(get_args(e.CaseEvent))
"""The events that only enquiries have; a case and an enquiry may bear the same reference."""


def _received(known: Facts, reference: str, event: e.RepresentationReceived) -> Facts:
    row = RepresentationFact(
        reference=reference,
        kind=event.kind,
        received_on=event.received_on,
        channel=event.channel,
        service_area=event.service_area,
    )
    return amended(known, representations=(row,))


def _informed(reference: str, event: e.EnquiryReceived) -> EnquiryFact:
    return EnquiryFact(
        reference=reference,
        informed_on=event.received_on,
        case_reference=event.case,
        answer_due_on=_due(event.deadlines, "enquiry_answered", event.respond_by),
    )


def _due(deadlines: tuple[e.Deadline, ...], met_by: str, letter: date | None) -> date | None:
    """The Ombudsman's day is the last of those that a step meets: any other is the council's own, and before it."""
    return max((deadline.due_on for deadline in deadlines if deadline.met_by == met_by), default=letter)


def _enquiry(known: Facts, reference: str, event: e.EnquiryEvent) -> Facts:  # noqa: C901 - one arm an event
    """Each way in which the Ombudsman ends an enquiry is a category of its published decisions."""
    changes: dict[str, Any]
    match event:
        case e.RemedyRequired():
            return _required(known, reference, event)
        case e.EnquiryLinked():
            changes = {"case_reference": event.case}
        case e.EnquiryAnswered():
            changes = {"answered_on": event.answered_on}
        case e.InvestigationOpened():
            due_on = _due(event.deadlines, "response_submitted", event.respond_by)
            changes = {"investigated_on": event.opened_on, "response_due_on": due_on}
        case e.ResponseSubmitted():
            changes = {"responded_on": event.submitted_on}
        case e.ReturnedAsPremature():
            changes = {"decided_on": event.returned_on, "category": "referred_back", "reason": "premature"}
        case e.ClosedAfterEnquiries():
            category = "closed_after_initial_enquiries"
            changes = {"decided_on": event.closed_on, "category": category, "reason": event.reason}
        case e.OmbudsmanDecided():
            changes = {name: getattr(event, name) for name in ("decided_on", "category", "reason", "public_report")}
        case e.ComplianceConfirmed():
            changes = {"compliance": event.compliance, "compliance_confirmed_on": event.confirmed_on}
        case (
            e.EnquiryReceived()
            | e.DraftDecisionReceived()
            | e.DraftCommented()
            | e.PublicReportPublicised()
            | e.PublicReportAnswered()
            | e.MonitoringOfficerInformed()
            | e.ProcedureExhausted()
            | e.RemedyCompleted()
        ):
            return known
        case _:
            assert_never(event)
    return amended(known, enquiries=tuple(amended(row, **changes) for row in known.enquiries))


def _required(known: Facts, reference: str, event: e.RemedyRequired) -> Facts:
    remedy = RemedyFact(
        reference=reference,
        number=event.remedy,
        by="ombudsman",
        type=event.type,
        agreed_on=event.required_on,
        amount_pence=event.amount_pence,
        due_on=event.due_on,
    )
    enquiries = (amended(row, compliance=row.compliance or OUTSTANDING) for row in known.enquiries)
    return amended(known, enquiries=tuple(enquiries), remedies=(*known.remedies, remedy))


def _completed(known: Facts, event: e.RemedyCompleted) -> Facts:
    """Cases and enquiries share this event: where a case bears the reference, it is the council's remedy."""
    by = "council" if known.cases else "ombudsman"
    remedies = (
        amended(row, completed_on=event.completed_on) if (row.by, row.number) == (by, event.remedy) else row
        for row in known.remedies
    )
    return amended(known, remedies=tuple(remedies))


def _figure(known: Facts, reference: str, event: e.ReferenceFigureRecorded) -> Facts:
    """The newest of a name, subject and year is in force."""
    figure = FigureFact(
        reference=reference,
        name=event.name,
        subject=event.subject,
        year=event.year,
        value=event.value,
        unit=event.unit,
        source=event.source,
    )
    others = (
        row for row in known.figures if (row.name, row.subject, row.year) != (figure.name, figure.subject, figure.year)
    )
    return amended(known, figures=(*others, figure))


def _narrative(known: Facts, reference: str, event: e.NarrativeRecorded) -> Facts:
    """The newest of a year is in force."""
    narrative = NarrativeFact(
        reference=reference,
        year=event.year,
        introduction=event.introduction,
        subject_matter=event.subject_matter,
        matters_of_general_importance=event.matters_of_general_importance,
        action_taken=event.action_taken,
        self_assessment=event.self_assessment,
        governance_response=event.governance_response,
    )
    others = (row for row in known.narratives if row.year != narrative.year)
    return amended(known, narratives=(*others, narrative))


def _breached(known: Facts, reference: str, event: e.Event, breaches: Sequence[e.Breach]) -> Facts:
    """The rules that this event says were not kept, on the day that it happened."""
    happened = getattr(event, event.OCCURRED)
    rows = (
        BreachFact(
            reference=reference,
            number=number,
            happened_on=london_date(happened) if isinstance(happened, datetime) else happened,
            rule=breach.rule,
            source=breach.source,
        )
        for number, breach in enumerate(breaches, len(known.breaches) + 1)
    )
    return amended(known, breaches=(*known.breaches, *rows))
