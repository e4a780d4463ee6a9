"""From a command to the facts that follow from it: a pure function of the case, the rules and the day.

What cannot be is raised as `Rejected`; what is unwelcome but happened is recorded, with the rule that it breaks.
"""

from datetime import date, datetime
from typing import assert_never

from services.cases import commands as do
from services.cases import course, endings, keeping, particulars, putting_right
from services.cases.case import Case, evolve
from services.cases.checks import Rules, covered_instant, not_after
from shared import events
from shared.clock import london_date
from shared.errors import Rejected, bad_value
from shared.events import CaseEvent, Commitment, Concern


def receive(command: do.Receive, commitments: tuple[Commitment, ...], rules: Rules, now: datetime) -> list[CaseEvent]:
    """What the arrival of a representation records: its receipt, and for a complaint with a pathway its route."""
    received_at, received_on = covered_instant(command.received_at or now, rules, "received_at")
    if received_at > now:
        raise bad_value("in_the_future", "received_at", f"received_at is later than now, {now:%Y-%m-%dT%H:%M:%SZ}")
    codes = rules.authority.codes
    codes.check("channels", command.channel, received_on, "channel")
    codes.check("service_areas", command.service_area, received_on, "service_area")
    complaint = command if isinstance(command, do.ReceiveComplaint) else None
    if complaint:
        for index, concern in enumerate(complaint.concerns):
            codes.check("categories", concern.category, received_on, f"concerns.{index}.category")
            codes.check("subcategories", concern.subcategory, received_on, f"concerns.{index}.subcategory")
        for name in ("matter_occurred_on", "known_on"):
            not_after(getattr(complaint, name), received_on, name, "the complaint was received")
    received = events.RepresentationReceived(
        kind=command.kind,
        received_at=received_at,
        received_on=received_on,
        channel=command.channel,
        service_area=command.service_area,
        codes=codes.version,
        provider=command.provider,
        made_orally=complaint is not None and complaint.made_orally,
        matter_occurred_on=complaint.matter_occurred_on if complaint else None,
        known_on=complaint.known_on if complaint else None,
        concerns=tuple(Concern(c.category, c.subcategory) for c in complaint.concerns) if complaint else (),
        represented=complaint is not None and complaint.person_affected is not None,
        commitments=commitments,
        enquiry=complaint.enquiry if complaint else None,
        transferred_from=complaint.transferred_from if complaint else None,
    )
    if complaint is None:
        return [received]
    area = codes.edition("service_areas", received_on).get(command.service_area)
    pathway = complaint.pathway or (area.pathway if area else None)
    if pathway is None:
        return [received]
    reason = "as_received" if complaint.pathway else "service_area"
    return [received, *course.route_to(evolve(None, received), pathway, reason, london_date(now), rules)]


def decide(case: Case, command: do.CaseCommand, rules: Rules, today: date) -> list[CaseEvent]:  # noqa: C901 - one line a command
    """The facts that follow from a command.

    Raises:
        Rejected: the command is impossible; nothing is recorded.
    """
    if case.kind != "complaint" and not isinstance(command, do.SetLegalHold | do.ErasePersonalData):
        raise Rejected("not_a_complaint", f"a {case.kind} takes no further steps")
    match command:
        case do.RouteCase():
            return course.route(case, command, rules, today)
        case do.RefuseCase():
            return endings.refuse(case, command, rules, today)
        case do.ResolveInformally():
            return endings.resolve_informally(case, command, rules, today)
        case do.AcknowledgeComplaint():
            return course.acknowledge(case, command, rules, today)
        case do.SetResponsePeriod():
            return course.set_response_period(case, command, rules, today)
        case do.AssignCase():
            return particulars.assign(case, command, rules, today)
        case do.ExtendDeadline():
            return course.extend_deadline(case, command, rules, today)
        case do.EscalateCase():
            return course.escalate(case, command, rules, today)
        case do.AgreeStatement():
            return course.agree_statement(case, command, rules, today)
        case do.HoldPanel():
            return course.hold_panel(case, command, rules, today)
        case do.ReportPanel():
            return course.report_panel(case, command, rules, today)
        case do.PauseClock():
            return course.pause(case, command, rules, today)
        case do.ResumeClock():
            return course.resume(case, command, rules, today)
        case do.DecideStage():
            return course.decide_stage(case, command, rules, today)
        case do.SendResponse():
            return course.send_response(case, command, rules, today)
        case do.TellProgress():
            return course.tell_progress(case, command, rules, today)
        case do.NotifyLateness():
            return course.notify_lateness(case, command, rules, today)
        case do.AgreeRemedy():
            return putting_right.agree_remedy(case, command, rules, today)
        case do.CompleteRemedy():
            return putting_right.complete_remedy(case, command, today)
        case do.RecordLearning():
            return putting_right.record_learning(case, command, rules, today)
        case do.CompleteLearning():
            return putting_right.complete_learning(case, command, today)
        case do.ContactProvider():
            return particulars.contact_provider(case, command, today)
        case do.LinkCase():
            return particulars.link(case, command, today)
        case do.RecordCharacteristics():
            return particulars.record_characteristics(case, command, rules, today)
        case do.RestrictCase():
            return particulars.restrict(case, command, rules, today)
        case do.RecordFlags():
            return particulars.record_flags(case, command, rules, today)
        case do.WithdrawCase():
            return endings.withdraw(case, command, rules, today)
        case do.TransferCase():
            return endings.transfer(case, command, today)
        case do.CloseCase():
            return endings.close(case, command, today)
        case do.ReopenCase():
            return endings.reopen(case, command, rules, today)
        case do.CorrectCase():
            return particulars.correct(case, command, rules, today)
        case do.CorrectPersonalData():
            return particulars.correct_personal_data(case, command, rules, today)
        case do.SetLegalHold():
            return keeping.set_legal_hold(case, command, rules, today)
        case do.ErasePersonalData():
            return keeping.erase_personal_data(case, command, rules, today)
        case _:
            assert_never(command)
