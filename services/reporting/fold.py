"""Events into facts, one stream at a time: deterministic, and never raising for a stored event.

What a report counts is here and nowhere else: the case, enquiry, compliment or reference figure that an event is about.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never, cast, get_args

from services.reporting import case_fold
from services.reporting.facts import BreachFact, EnquiryFact, Facts, FigureFact, RemedyFact, RepresentationFact
from shared import events as e
from shared.calendar import Calendar
from shared.clock import london_date


def fold(known: Facts, reference: str, event: e.Event, calendar: Calendar) -> Facts:
    """What is true of a stream after one more event of it."""
    match event:
        case e.RepresentationReceived(kind="complaint"):
            known = case_fold.received(known, reference, event)
        case e.RepresentationReceived():
            return _received(known, reference, event)
        case e.ReferenceFigureRecorded():
            return _figure(known, reference, event)
        case e.HistoryImported() | e.WentLive() | e.PracticeLearningAlertIssued():
            return known
        case e.EnquiryReceived():
            known = replace(known, enquiries=(_informed(reference, event),))
        case _ if isinstance(event, _OF_ENQUIRIES):
            known = _enquiry(known, reference, cast("e.EnquiryEvent", event))
        case _ if known.cases:
            known = case_fold.changed(known, cast("e.CaseEvent", event))
        case _:
            pass
    return case_fold.counted(_breached(known, reference, event), calendar)


_OF_ENQUIRIES = tuple(set(get_args(e.EnquiryEvent)) - set(get_args(e.CaseEvent)))
"""The events that only enquiries have; a case and an enquiry may bear the same reference."""


def _received(known: Facts, reference: str, event: e.RepresentationReceived) -> Facts:
    row = RepresentationFact(
        reference=reference,
        kind=event.kind,
        received_on=event.received_on,
        channel=event.channel,
        service_area=event.service_area,
    )
    return replace(known, representations=(row,))


def _informed(reference: str, event: e.EnquiryReceived) -> EnquiryFact:
    return EnquiryFact(reference=reference, informed_on=event.received_on, case_reference=event.case)


def _enquiry(known: Facts, reference: str, event: e.EnquiryEvent) -> Facts:
    """Each way in which the Ombudsman ends an enquiry is a category of its published decisions."""
    changes: dict[str, Any]
    match event:
        case e.RemedyRequired():
            return _required(known, reference, event)
        case e.EnquiryLinked():
            changes = {"case_reference": event.case}
        case e.ReturnedAsPremature():
            changes = {"decided_on": event.returned_on, "category": "referred_back"}
        case e.ClosedAfterEnquiries():
            changes = {"decided_on": event.closed_on, "category": "closed_after_initial_enquiries"}
        case e.OmbudsmanDecided():
            changes = {"decided_on": event.decided_on, "category": event.category}
        case (
            e.EnquiryReceived()
            | e.EnquiryAnswered()
            | e.InvestigationOpened()
            | e.ResponseSubmitted()
            | e.DraftDecisionReceived()
            | e.DraftCommented()
            | e.PublicReportPublicised()
            | e.PublicReportAnswered()
            | e.MonitoringOfficerInformed()
            | e.ProcedureExhausted()
            | e.RemedyCompleted()
            | e.ComplianceConfirmed()
        ):
            return known
        case _:
            assert_never(event)
    return replace(known, enquiries=tuple(replace(row, **changes) for row in known.enquiries))


def _required(known: Facts, reference: str, event: e.RemedyRequired) -> Facts:
    remedy = RemedyFact(
        reference=reference,
        number=event.remedy,
        by="ombudsman",
        type=event.type,
        agreed_on=event.required_on,
        amount_pence=event.amount_pence,
    )
    return replace(known, remedies=(*known.remedies, remedy))


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
    return replace(known, figures=(*others, figure))


def _breached(known: Facts, reference: str, event: e.Event) -> Facts:
    """The rules that this event says were not kept, on the day that it happened."""
    happened = getattr(event, event.OCCURRED)
    breaches = tuple(
        BreachFact(
            reference=reference,
            number=number,
            happened_on=london_date(happened) if isinstance(happened, datetime) else happened,
            rule=breach.rule,
            source=breach.source,
        )
        for number, breach in enumerate(getattr(event, "breaches", ()), len(known.breaches) + 1)
    )
    return replace(known, breaches=(*known.breaches, *breaches)) if breaches else known
