"""From a command to the facts that follow from it: a pure function of the enquiry, the rules and the day.

What cannot be is raised as `Rejected`; what is unwelcome but happened is recorded, with the rule that it breaks. A date
that the Ombudsman's letter sets beats the formula of the pathway `ombudsman`.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.ombudsman import commands as do
from services.ombudsman.enquiry import Enquiry, Remedy
from shared import deadlines, events
from shared.authority import Authority
from shared.calendar import Calendar
from shared.errors import Rejected, bad_value
from shared.events import Breach, Deadline, EnquiryEvent
from shared.payments import check_amount
from shared.policy import OMBUDSMAN, Pathway, Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """What a decision goes by: the authority's codes and calendar, and what the Ombudsman asks."""

    authority: Authority
    pathway: Pathway

    @property
    def calendar(self) -> Calendar:
        """The working days of the authority."""
        return self.authority.calendar

    def policy(self, on: date) -> Policy:
        """What the Ombudsman asks of an enquiry received on a day."""
        return self.pathway.in_force(on)


def receive(command: do.ReceiveEnquiry, rules: Rules, today: date) -> list[EnquiryEvent]:
    """The letter sets the date by which it wants an answer; where it sets none, the usual one holds."""
    _not_after(command.received_on, today, "received_on")
    _covered(command.received_on, rules, "received_on")
    _not_before(command.respond_by, command.received_on, "respond_by", "received_on")
    clocks = _started(rules, "enquiry_received", command.received_on, command.received_on, command.respond_by)
    return [
        events.EnquiryReceived(
            received_on=command.received_on, case=command.case, respond_by=command.respond_by, deadlines=clocks
        )
    ]


def decide(enquiry: Enquiry, command: do.EnquiryCommand, rules: Rules, today: date) -> list[EnquiryEvent]:  # noqa: C901 - one line a command
    """The facts that follow from a command.

    Raises:
        Rejected: the command is impossible; nothing is recorded.
    """
    match command:
        case do.LinkEnquiry():
            return link(enquiry, command, today)
        case do.AnswerEnquiry():
            return answer(enquiry, command, rules, today)
        case do.ReturnAsPremature():
            return [events.ReturnedAsPremature(returned_on=_end(command.returned_on, enquiry, today, "returned_on"))]
        case do.CloseAfterEnquiries():
            closed_on = _end(command.closed_on, enquiry, today, "closed_on")
            rules.authority.codes.check("ombudsman_reasons", command.reason, closed_on, "reason")
            return [events.ClosedAfterEnquiries(closed_on=closed_on, reason=command.reason)]
        case do.OpenInvestigation():
            return open_investigation(enquiry, command, rules, today)
        case do.SubmitResponse():
            return submit_response(enquiry, command, rules, today)
        case do.ReceiveDraftDecision():
            return receive_draft(enquiry, command, rules, today)
        case do.CommentOnDraft():
            return comment_on_draft(enquiry, command, rules, today)
        case do.DecideEnquiry():
            return decide_enquiry(enquiry, command, rules, today)
        case do.PublicisePublicReport():
            return publicise_report(enquiry, command, rules, today)
        case do.AnswerPublicReport():
            return answer_report(enquiry, command, rules, today)
        case do.InformMonitoringOfficer():
            return inform_monitoring_officer(enquiry, command, today)
        case do.RequireRemedy():
            return require_remedy(enquiry, command, rules, today)
        case do.CompleteRemedy():
            return complete_remedy(enquiry, command, rules, today)
        case do.ConfirmCompliance():
            return confirm_compliance(enquiry, command, today)
        case _:
            assert_never(command)


def link(enquiry: Enquiry, command: do.LinkEnquiry, today: date) -> list[EnquiryEvent]:
    """An enquiry is about one case."""
    if enquiry.case == command.case:
        raise Rejected("already_linked", f"the enquiry is linked to {command.case} already", "case")
    return [events.EnquiryLinked(linked_on=_when(command.linked_on, enquiry, today, "linked_on"), case=command.case)]


def answer(enquiry: Enquiry, command: do.AnswerEnquiry, rules: Rules, today: date) -> list[EnquiryEvent]:
    """The council answers an enquiry once; a late answer is still one."""
    _undecided(enquiry)
    if enquiry.answered_on:
        raise Rejected("already_answered", f"the enquiry was answered on {enquiry.answered_on}")
    answered_on = _when(command.answered_on, enquiry, today, "answered_on")
    return [
        events.EnquiryAnswered(answered_on=answered_on, breaches=_late(enquiry, "enquiry_answered", answered_on, rules))
    ]


def open_investigation(
    enquiry: Enquiry, command: do.OpenInvestigation, rules: Rules, today: date
) -> list[EnquiryEvent]:
    """A detailed investigation begins once. The service's own date leaves as many days before the Ombudsman's."""
    _undecided(enquiry)
    if enquiry.investigated_on:
        raise Rejected("already_under_investigation", f"the investigation began on {enquiry.investigated_on}")
    opened_on = _when(command.opened_on, enquiry, today, "opened_on")
    _not_before(command.respond_by, opened_on, "respond_by", "the investigation began")
    clocks = _started(rules, "investigation_opened", enquiry.received_on, opened_on, command.respond_by)
    return [events.InvestigationOpened(opened_on=opened_on, respond_by=command.respond_by, deadlines=clocks)]


def submit_response(enquiry: Enquiry, command: do.SubmitResponse, rules: Rules, today: date) -> list[EnquiryEvent]:
    """The statement names its author and is signed off by the director; one that is not is still sent, and says so."""
    _undecided(enquiry)
    investigated_on = _investigated(enquiry)
    if enquiry.response:
        raise Rejected("already_submitted", f"the response was submitted on {enquiry.response.submitted_on}")
    submitted_on = _when(command.submitted_on, enquiry, today, "submitted_on")
    _not_before(submitted_on, investigated_on, "submitted_on", "the investigation began")
    breaches = _late(enquiry, "response_submitted", submitted_on, rules)
    if command.signed_off_by is None:
        breaches += rules.policy(enquiry.received_on).duty("director_sign_off")
    return [
        events.ResponseSubmitted(
            submitted_on=submitted_on,
            author=command.author,
            author_role=command.author_role,
            signed_off_by=command.signed_off_by,
            documents=command.documents,
            breaches=breaches,
        )
    ]


def receive_draft(enquiry: Enquiry, command: do.ReceiveDraftDecision, rules: Rules, today: date) -> list[EnquiryEvent]:
    """A draft may be followed by another, once the council has commented on it."""
    _undecided(enquiry)
    investigated_on = _investigated(enquiry)
    if enquiry.drafts and enquiry.drafts[-1].commented_on is None:
        raise Rejected("draft_awaits_comments", f"the draft of {enquiry.drafts[-1].received_on} awaits comments")
    received_on = _when(command.received_on, enquiry, today, "received_on")
    _not_before(received_on, investigated_on, "received_on", "the investigation began")
    _not_before(command.respond_by, received_on, "respond_by", "the draft was received")
    clocks = _started(rules, "draft_decision_received", enquiry.received_on, received_on, command.respond_by)
    return [
        events.DraftDecisionReceived(
            received_on=received_on, category=command.category, respond_by=command.respond_by, deadlines=clocks
        )
    ]


def comment_on_draft(enquiry: Enquiry, command: do.CommentOnDraft, rules: Rules, today: date) -> list[EnquiryEvent]:
    """Comments are made on a draft, once."""
    _undecided(enquiry)
    if not enquiry.drafts or enquiry.drafts[-1].commented_on:
        raise Rejected("no_draft", "no draft decision awaits comments")
    commented_on = _when(command.commented_on, enquiry, today, "commented_on")
    _not_before(commented_on, enquiry.drafts[-1].received_on, "commented_on", "the draft was received")
    breaches = _late(enquiry, "draft_commented", commented_on, rules)
    return [events.DraftCommented(commented_on=commented_on, agreed=command.agreed, breaches=breaches)]


def decide_enquiry(enquiry: Enquiry, command: do.DecideEnquiry, rules: Rules, today: date) -> list[EnquiryEvent]:
    """A detailed decision without an investigation on record is recorded, with that breach."""
    decided_on = _end(command.decided_on, enquiry, today, "decided_on")
    rules.authority.codes.check("ombudsman_reasons", command.reason, decided_on, "reason")
    policy = rules.policy(enquiry.received_on)
    detailed = command.category in ("upheld", "not_upheld")
    report = _started(rules, "ombudsman_decided", enquiry.received_on, decided_on) if command.public_report else ()
    return [
        events.OmbudsmanDecided(
            decided_on=decided_on,
            category=command.category,
            reason=command.reason,
            public_report=command.public_report,
            deadlines=report,
            breaches=policy.duty("investigation_on_record") if detailed and not enquiry.investigated_on else (),
        )
    ]


def publicise_report(
    enquiry: Enquiry, command: do.PublicisePublicReport, rules: Rules, today: date
) -> list[EnquiryEvent]:
    """Public notice is given of a report once."""
    publicised_on = _of_report(enquiry, command.publicised_on, enquiry.publicised_on, today, "publicised_on")
    breaches = _late(enquiry, "public_report_publicised", publicised_on, rules)
    return [events.PublicReportPublicised(publicised_on=publicised_on, breaches=breaches)]


def answer_report(enquiry: Enquiry, command: do.AnswerPublicReport, rules: Rules, today: date) -> list[EnquiryEvent]:
    """The Ombudsman is told once what will be done about a report."""
    answered_on = _of_report(enquiry, command.answered_on, enquiry.report_answered_on, today, "answered_on")
    breaches = _late(enquiry, "public_report_answered", answered_on, rules)
    return [
        events.PublicReportAnswered(answered_on=answered_on, considered_by=command.considered_by, breaches=breaches)
    ]


def inform_monitoring_officer(enquiry: Enquiry, command: do.InformMonitoringOfficer, today: date) -> list[EnquiryEvent]:
    """Only what is on the monitoring officer's list is seen, and then it is off it."""
    if not enquiry.for_monitoring_officer:
        raise Rejected("not_for_monitoring_officer", "the enquiry is not on the monitoring officer's list")
    seen_on = _when(command.seen_on, enquiry, today, "seen_on")
    _not_before(seen_on, enquiry.decided_on, "seen_on", "the decision")
    return [events.MonitoringOfficerInformed(seen_on=seen_on)]


def require_remedy(enquiry: Enquiry, command: do.RequireRemedy, rules: Rules, today: date) -> list[EnquiryEvent]:
    """A remedy follows a decision, or is agreed with the Ombudsman before it."""
    required_on = _when(command.required_on, enquiry, today, "required_on")
    rules.authority.codes.check("remedies", command.type, required_on, "type")
    check_amount(command.type, command.amount_pence)
    _not_before(command.due_on, required_on, "due_on", "required_on")
    return [
        events.RemedyRequired(
            required_on=required_on,
            remedy=len(enquiry.remedies) + 1,
            type=command.type,
            amount_pence=command.amount_pence,
            due_on=command.due_on,
        )
    ]


def complete_remedy(enquiry: Enquiry, command: do.CompleteRemedy, rules: Rules, today: date) -> list[EnquiryEvent]:
    """One carried out before the final decision, or after its day, is a breach, and is recorded."""
    remedy = next((remedy for remedy in enquiry.remedies if remedy.number == command.number), None)
    if remedy is None:
        raise bad_value("unknown_number", "number", f"the enquiry has no remedy {command.number}")
    if remedy.completed_on:
        raise Rejected("already_completed", f"remedy {command.number} was completed on {remedy.completed_on}")
    completed_on = _when(command.completed_on, enquiry, today, "completed_on")
    return [
        events.RemedyCompleted(
            completed_on=completed_on,
            remedy=command.number,
            evidence=command.evidence,
            breaches=_of_remedy(enquiry, remedy, completed_on, rules),
        )
    ]


def _of_remedy(enquiry: Enquiry, remedy: Remedy, completed_on: date, rules: Rules) -> tuple[Breach, ...]:
    policy = rules.policy(enquiry.received_on)
    early = enquiry.decided_on is None or completed_on < enquiry.decided_on
    late = remedy.due_on is not None and completed_on > remedy.due_on
    return (policy.duty("remedy_after_decision") if early else ()) + (policy.duty("remedy_in_time") if late else ())


def confirm_compliance(enquiry: Enquiry, command: do.ConfirmCompliance, today: date) -> list[EnquiryEvent]:
    """The Ombudsman looks at what was done about remedies; it may look again after it was not satisfied."""
    if not enquiry.remedies or enquiry.decided_on is None:
        raise Rejected("no_remedies", "compliance is about the remedies of a decision")
    if enquiry.compliance in ("complied", "complied_late"):
        raise Rejected("already_confirmed", f"compliance was confirmed on {enquiry.compliance_confirmed_on}")
    if command.compliance != "not_complied" and any(remedy.completed_on is None for remedy in enquiry.remedies):
        raise Rejected("remedies_outstanding", "a remedy has not been carried out")
    confirmed_on = _when(command.confirmed_on, enquiry, today, "confirmed_on")
    _not_before(confirmed_on, enquiry.decided_on, "confirmed_on", "the decision")
    return [events.ComplianceConfirmed(confirmed_on=confirmed_on, compliance=command.compliance)]


def exhaust(enquiry: Enquiry, case: str, exhausted_on: date) -> list[EnquiryEvent]:
    """A premature complaint whose procedure is over may come back; told once, of the case that it is linked to."""
    if not enquiry.premature or enquiry.case != case or enquiry.exhausted_on:
        raise Rejected("not_awaited", "no premature complaint awaits the end of this case's procedure")
    return [events.ProcedureExhausted(exhausted_on=exhausted_on, case=case)]


# --- clocks ---------------------------------------------------------------------------------------------------------


def _started(
    rules: Rules, event: str, received_on: date, on: date, respond_by: date | None = None
) -> tuple[Deadline, ...]:
    """The clocks that an event starts; a letter's date takes the place of the longest, and moves the others with it."""
    policy = rules.policy(received_on)
    clocks = deadlines.start(policy, event, OMBUDSMAN, on, rules.calendar)
    if respond_by is None or not clocks:
        return clocks
    _covered(respond_by, rules, "respond_by")
    longest = max(clocks, key=lambda deadline: deadline.due_on)
    return tuple(_moved(deadline, longest, respond_by, rules.calendar) for deadline in clocks)


def _moved(deadline: Deadline, longest: Deadline, respond_by: date, calendar: Calendar) -> Deadline:
    if deadline is longest:
        return replace(deadline, due_on=respond_by, told_on=respond_by, provisional=False)
    ahead = calendar.between(deadline.due_on, longest.due_on)
    return replace(deadline, due_on=max(deadline.anchor_on, calendar.subtract(respond_by, ahead)), provisional=False)


def _late(enquiry: Enquiry, met_by: str, on: date, rules: Rules) -> tuple[Breach, ...]:
    awaited = [c for c in enquiry.clocks.values() if c.stopped_on is None and c.deadline.met_by == met_by]
    return deadlines.missed(awaited, on, rules.policy(enquiry.received_on), rules.calendar)


# --- states and dates that cannot be --------------------------------------------------------------------------------


def _undecided(enquiry: Enquiry) -> None:
    if enquiry.category:
        raise Rejected("already_decided", f"the enquiry ended on {enquiry.decided_on}: {enquiry.category}")


def _investigated(enquiry: Enquiry) -> date:
    if enquiry.investigated_on is None:
        raise Rejected("not_under_investigation", "the Ombudsman has not opened an investigation")
    return enquiry.investigated_on


def _of_report(enquiry: Enquiry, day: date, before: date | None, today: date, name: str) -> date:
    """The day of a step that a public report asks for, once."""
    if not enquiry.public_report:
        raise Rejected("no_public_report", "the decision is no public report")
    if before:
        raise Rejected("done_already", f"this was done on {before}")
    on = _when(day, enquiry, today, name)
    _not_before(on, enquiry.decided_on, name, "the report")
    return on


def _end(day: date, enquiry: Enquiry, today: date, name: str) -> date:
    """The day on which an enquiry ends: once, and not before the investigation that it may have had."""
    _undecided(enquiry)
    _not_before(day, enquiry.investigated_on, name, "the investigation")
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


def _not_before(day: date | None, limit: date | None, name: str, what: str) -> None:
    if day and limit and day < limit:
        raise bad_value("too_early", name, f"{name} is {day}, earlier than {what} ({limit})")


def _covered(day: date, rules: Rules, name: str) -> None:
    calendar = rules.calendar
    if not calendar.first <= day < calendar.last:
        raise bad_value(
            "outside_calendar", name, f"{name} is outside the calendar, {calendar.first} to {calendar.last}"
        )
