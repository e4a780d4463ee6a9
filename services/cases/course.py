"""The course of the procedure: route, acknowledgement, response period, extension, escalation, decision, response.

Each function is what one command decides; a late or incomplete step is still a fact, recorded with its breach.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from services.cases import commands as do
from services.cases.case import Case, moved
from services.cases.checks import (
    Rules,
    covered,
    not_after,
    not_before,
    not_decided,
    policy_of,
    running,
    still_open,
    unanswered,
    when,
)
from shared import deadlines, events
from shared.deadlines import Clock
from shared.errors import Rejected, bad_value
from shared.events import Breach, CaseEvent, Deadline, Finding, Outcome, Stage
from shared.policy import Rule


def route(case: Case, command: do.RouteCase, rules: Rules, today: date) -> list[CaseEvent]:
    """A case may be routed again until a stage is decided; the received date stays, its clocks are set anew from it."""
    still_open(case)
    if case.pathway == command.pathway:
        raise Rejected("already_on_pathway", f"the case follows {case.pathway} already", "pathway")
    if any(stage.decided_on for stage in case.stages.values()):
        raise Rejected("stage_already_decided", "a decided case stays on its pathway")
    routed_on = when(command.routed_on, case, today, "routed_on")
    rules.authority.codes.check("routing_reasons", command.reason, routed_on, "reason")
    return route_to(case, command.pathway, command.reason, routed_on, rules)


def route_to(case: Case, pathway: str, reason: str | None, routed_on: date, rules: Rules) -> list[CaseEvent]:
    """Set the clocks of a pathway from what has happened already."""
    policy = rules.policies.in_force(pathway, case.received_on)
    first = policy.stages[0]
    clocks = deadlines.start(policy, "representation_received", first, case.received_on, rules.calendar)
    if case.acknowledged_on:
        clocks += deadlines.start(policy, "complaint_acknowledged", first, case.acknowledged_on, rules.calendar)
    return [
        events.CaseRouted(
            routed_on=routed_on,
            pathway=pathway,
            reason=reason,
            policy=policy.version,
            calendar=rules.calendar.version,
            deadlines=clocks,
        )
    ]


def acknowledge(case: Case, command: do.AcknowledgeComplaint, rules: Rules, today: date) -> list[CaseEvent]:
    """A late acknowledgement is still made, and its lateness is a fact (SI 2009/309 reg 13(3)-(4); the Code 6.2, 6.11).

    A later stage is acknowledged only where the procedure asks for it.
    """
    still_open(case)
    policy = policy_of(case, rules)
    stage = case.stage or policy.stages[0]
    asked = any(rule.met_by == "complaint_acknowledged" and rule.stage == stage for rule in policy.rules)
    before = case.current.acknowledged_on if case.current and stage != policy.stages[0] else case.acknowledged_on
    if before or (case.acknowledged_on and not asked):
        on = before or case.acknowledged_on
        raise Rejected("already_acknowledged", f"the complaint was acknowledged on {on}")
    acknowledged_on = when(command.acknowledged_on, case, today, "acknowledged_on")
    if case.current and stage != policy.stages[0]:
        not_before(acknowledged_on, case.current.started_on if asked else None, "acknowledged_on", f"{stage} began")
    rules.authority.codes.check("methods", command.method, acknowledged_on, "method")
    answered = case.current is not None and case.current.responded_on is not None
    clocks = deadlines.start(policy, "complaint_acknowledged", stage, acknowledged_on, rules.calendar)
    awaited = running(case, "complaint_acknowledged", None)
    late = deadlines.missed(awaited, acknowledged_on, policy, rules.calendar)
    not_offered = () if command.discussion_offered else policy.duty("offer_to_discuss")
    return [
        events.ComplaintAcknowledged(
            acknowledged_on=acknowledged_on,
            method=command.method,
            discussion_offered=command.discussion_offered,
            stage=stage,
            deadlines=() if answered else clocks,
            breaches=late + not_offered,
        )
    ]


def set_response_period(case: Case, command: do.SetResponsePeriod, rules: Rules, today: date) -> list[CaseEvent]:
    """Agreed with the complainant, or determined and notified in writing (SI 2009/309 reg 13(4)-(5)).

    One that amends a period which is over already leaves its lateness on record (reg 17(c)).
    """
    stage = unanswered(case)
    policy = policy_of(case, rules)
    set_on = when(command.set_on, case, today, "set_on")
    not_before(command.due_on, set_on, "due_on", "the day on which it was set")
    covered(command.due_on, rules, "due_on")
    not_after(command.notified_on, today, "notified_on", "today")
    not_before(command.notified_on, case.received_on, "notified_on", "the complaint was received")
    clocks = tuple(
        deadlines.set_deadline(policy, rule, set_on, rules.calendar, command.due_on)
        for rule in policy.anchored_on("response_period_set", stage)
    )
    if not clocks:
        raise Rejected("no_response_period", f"{case.pathway} knows no response period set for each case")
    names = {deadline.name for deadline in clocks}
    amended = [clock for clock in running(case, "response_sent", stage) if clock.deadline.name in names]
    not_notified = () if command.agreed or command.notified_on else policy.duty("response_period_notified")
    return [
        events.ResponsePeriodSet(
            set_on=set_on,
            agreed=command.agreed,
            notified_on=command.notified_on,
            deadlines=clocks,
            breaches=deadlines.missed(amended, set_on, policy, rules.calendar) + not_notified,
        )
    ]


def extend_deadline(case: Case, command: do.ExtendDeadline, rules: Rules, today: date) -> list[CaseEvent]:
    """Every response clock that the policy lets move is moved; beyond its cap, or without its duties, that is a breach.

    The six months may become longer only if both agree before they end (SI 2009/309 reg 14(3)). An extension made when
    the answer was late already moves the date, and the lateness stays on record.
    """
    stage = unanswered(case)
    policy = policy_of(case, rules)
    extended_on = when(command.extended_on, case, today, "extended_on")
    rules.authority.codes.check("delay_reasons", command.reason, extended_on, "reason")
    not_before(command.new_due_on, extended_on, "new_due_on", "the day of the extension")
    covered(command.new_due_on, rules, "new_due_on")
    awaited = {clock.deadline.rule: clock for clock in running(case, "response_sent", stage)}
    extendable = policy.extendable(stage)
    moves: list[Deadline] = []
    late: list[Clock] = []
    breaches: tuple[Breach, ...] = ()
    for rule in extendable:
        clock = awaited.get(rule.id)
        if clock is None and rule.counting == "as_stated":
            moves.append(deadlines.set_deadline(policy, rule, extended_on, rules.calendar, command.new_due_on))
        elif clock is None or command.new_due_on <= clock.deadline.due_on:
            continue
        elif not may_move(rule, clock, extended_on, agreed=command.agreed_with_complainant):
            breaches += policy.duty("extension_agreed_in_time")
        else:
            moves.append(moved(clock.deadline, command.new_due_on))
            late.append(clock)
            breaches += _beyond_cap(rule, clock, command.new_due_on, rules)
    if not moves:
        _say_why_nothing_moved(case, command, stage, awaited, extendable)
    breaches += deadlines.missed(late, extended_on, policy, rules.calendar)
    if not command.ombudsman_details_given:
        breaches += policy.duty("ombudsman_details_when_extending")
    return [
        events.DeadlineExtended(
            extended_on=extended_on,
            reason=command.reason,
            agreed_with_complainant=command.agreed_with_complainant,
            ombudsman_details_given=command.ombudsman_details_given,
            deadlines=tuple(moves),
            breaches=breaches,
        )
    ]


def may_move(rule: Rule, clock: Clock, extended_on: date, *, agreed: bool) -> bool:
    """Whether an extension moves the clock: some move only if both agreed before it ended."""
    return rule.extension == "any" or (agreed and extended_on <= clock.deadline.due_on)


def _beyond_cap(rule: Rule, clock: Clock, new_due_on: date, rules: Rules) -> tuple[Breach, ...]:
    cap = deadlines.cap(rule, clock, rules.calendar)
    return (Breach(f"{rule.id}.cap", rule.source),) if cap and new_due_on > cap else ()


def _say_why_nothing_moved(
    case: Case, command: do.ExtendDeadline, stage: Stage, awaited: Mapping[str, Clock], extendable: Sequence[Rule]
) -> None:
    latest = max((awaited[rule.id].deadline.due_on for rule in extendable if rule.id in awaited), default=None)
    if latest is None:
        raise Rejected("no_extension", f"{case.pathway} has no clock at {stage} that may be extended")
    day = command.new_due_on
    raise bad_value("not_later", "new_due_on", f"new_due_on is {day}; an extension ends after {latest}")


def pause(case: Case, command: do.PauseClock, rules: Rules, today: date) -> list[CaseEvent]:
    """Only the clocks that the policy lets stand still do (children, stage 1: until an advocate is appointed)."""
    stage = unanswered(case)
    policy = policy_of(case, rules)
    paused_on = when(command.paused_on, case, today, "paused_on")
    rules.authority.codes.check("pause_reasons", command.reason, paused_on, "reason")
    pausable = {rule.id for rule in policy.rules if rule.pausable}
    names = tuple(c.deadline.name for c in running(case, "response_sent", stage) if c.deadline.rule in pausable)
    if not names:
        raise Rejected("no_pause", f"{case.pathway} has no clock at {stage} that may be paused")
    if any(case.clocks[name].paused_on for name in names):
        raise Rejected("already_paused", "the clock stands still already")
    ended = [pause.resumed_on for name in names for pause in case.clocks[name].pauses if pause.resumed_on]
    not_before(paused_on, max(ended, default=None), "paused_on", "the clock was resumed")
    return [events.ClockPaused(paused_on=paused_on, reason=command.reason, clocks=names)]


def resume(case: Case, command: do.ResumeClock, rules: Rules, today: date) -> list[CaseEvent]:
    """The due dates move by the working days that the clocks stood still; a pause of no length changes nothing."""
    stage = unanswered(case)
    stilled = [clock for clock in running(case, "response_sent", stage) if clock.paused_on]
    if not stilled:
        raise Rejected("not_paused", "no clock stands still")
    resumed_on = when(command.resumed_on, case, today, "resumed_on")
    not_before(resumed_on, max(clock.paused_on for clock in stilled if clock.paused_on), "resumed_on", "the pause")
    moved_on = tuple(deadlines.resumed(clock, resumed_on, rules.calendar) for clock in stilled)
    return [events.ClockResumed(resumed_on=resumed_on, deadlines=moved_on)]


def review_deadlines(case: Case, rules: Rules, today: date) -> list[CaseEvent]:
    """Running clocks are counted anew in the calendar now in force; what people were told stays beside the new date."""
    moving = moving_deadlines(case, rules)
    if not moving:
        raise Rejected("nothing_moves", "no running deadline falls on another day in the calendar now in force")
    return [events.DeadlinesReviewed(reviewed_on=today, calendar=rules.calendar.version, deadlines=moving)]


def moving_deadlines(case: Case, rules: Rules) -> tuple[Deadline, ...]:
    """The deadlines of running clocks that the calendar now in force puts on another day, as it has them."""
    if case.closed_on or case.ending or case.pathway is None:
        return ()
    policy = policy_of(case, rules)
    counted = [
        deadlines.counted_anew(clock, rule, rules.calendar)
        for clock in case.clocks.values()
        if (rule := policy.rule(clock.deadline.rule))
    ]
    return tuple(deadline for deadline in counted if deadline)


def agree_statement(case: Case, command: do.AgreeStatement, rules: Rules, today: date) -> list[CaseEvent]:
    """Stage 2 is counted from the agreed statement, with the clock from the request kept beside it."""
    agreed_on, clocks = _milestone(case, "statement_agreed", command.agreed_on, "agreed_on", rules, today)
    return [events.StatementAgreed(agreed_on=agreed_on, deadlines=clocks)]


def hold_panel(case: Case, command: do.HoldPanel, rules: Rules, today: date) -> list[CaseEvent]:
    """The panel meets within 30 working days of the request; a late meeting is a meeting."""
    held_on, clocks = _milestone(case, "panel_held", command.held_on, "held_on", rules, today)
    return [events.PanelHeld(held_on=held_on, deadlines=clocks, breaches=_late(case, "panel_held", held_on, rules))]


def report_panel(case: Case, command: do.ReportPanel, rules: Rules, today: date) -> list[CaseEvent]:
    """The panel's report starts the authority's own time to answer."""
    reported_on, clocks = _milestone(case, "panel_reported", command.reported_on, "reported_on", rules, today)
    held = next((clock.set.anchor_on for clock in case.clocks.values() if clock.set.anchor == "panel_held"), None)
    if held is None:
        raise Rejected("panel_not_held", "a panel reports once it has met")
    not_before(reported_on, held, "reported_on", "the panel met")
    late = _late(case, "panel_reported", reported_on, rules)
    return [events.PanelReported(reported_on=reported_on, deadlines=clocks, breaches=late)]


def _milestone(
    case: Case, event: str, day: date | None, name: str, rules: Rules, today: date
) -> tuple[date, tuple[Deadline, ...]]:
    """A step that starts clocks at the stage that has it, once."""
    stage = unanswered(case)
    policy = policy_of(case, rules)
    if not policy.anchored_on(event, stage):
        raise Rejected("no_such_step", f"{case.pathway} has no {event.replace('_', ' ')} at {stage}")
    if any(clock.set.anchor == event for clock in case.clocks.values()):
        raise Rejected("done_already", f"{event.replace('_', ' ')} is on record")
    on = when(day, case, today, name)
    not_before(on, case.stages[stage].started_on, name, f"{stage} began")
    return on, deadlines.start(policy, event, stage, on, rules.calendar)


def _late(case: Case, met_by: str, on: date, rules: Rules) -> tuple[Breach, ...]:
    return deadlines.missed(running(case, met_by, None), on, policy_of(case, rules), rules.calendar)


def escalate(case: Case, command: do.EscalateCase, rules: Rules, today: date) -> list[CaseEvent]:
    """The next stage may be asked for once the stage before is answered, or its answer is overdue."""
    policy = policy_of(case, rules)
    current = case.current
    if case.ending or case.stage is None or current is None:
        raise Rejected("case_ended", f"the case is {case.status}")
    following = policy.stages[policy.stages.index(case.stage) + 1 :]
    if not following or command.stage not in (None, following[0]):
        raise Rejected(
            "no_such_stage", f"after {case.stage}, {case.pathway} has: {', '.join(following[:1]) or 'nothing'}"
        )
    requested_on = when(command.requested_on, case, today, "requested_on")
    awaited = running(case, "response_sent", case.stage)
    overdue = any(deadlines.standing(c, requested_on, rules.calendar).state == "missed" for c in awaited)
    if current.responded_on is None and not overdue:
        raise Rejected("stage_not_answered", f"{case.stage} has not been answered, and its answer is not overdue")
    not_before(requested_on, current.responded_on, "requested_on", f"the response of {case.stage}")
    late = deadlines.missed(running(case, "case_escalated", case.stage), requested_on, policy, rules.calendar)
    clocks = deadlines.start(policy, "case_escalated", following[0], requested_on, rules.calendar)
    return [events.CaseEscalated(requested_on=requested_on, stage=following[0], deadlines=clocks, breaches=late)]


def decide_stage(case: Case, command: do.DecideStage, rules: Rules, today: date) -> list[CaseEvent]:
    """A finding for each concern, and an outcome that they add up to."""
    stage = unanswered(case)
    not_decided(case)
    decided_on = when(command.decided_on, case, today, "decided_on")
    if current := case.current:
        not_before(decided_on, current.started_on, "decided_on", f"{stage} began")
    _findings_fit(case, command)
    before = [state.decided_by for name, state in case.stages.items() if name != stage]
    breaches = policy_of(case, rules).duty("separate_decider") if command.decided_by in before else ()
    return [
        events.StageDecided(
            decided_on=decided_on,
            stage=stage,
            outcome=command.outcome,
            decided_by=command.decided_by,
            findings=command.findings,
            breaches=breaches,
        )
    ]


def outcome_of(findings: Sequence[Finding]) -> Outcome:
    """All upheld is upheld, none even in part is not upheld, anything between is partially upheld."""
    outcomes = {finding.outcome for finding in findings}
    if len(outcomes) == 1:
        return outcomes.pop()
    return "partially_upheld"


def _findings_fit(case: Case, command: do.DecideStage) -> None:
    numbers = sorted(finding.concern for finding in command.findings)
    if numbers != list(range(1, len(case.concerns) + 1)):
        raise bad_value("a_finding_for_each_concern", "findings", f"concerns 1 to {len(case.concerns)} need one each")
    if command.outcome != (expected := outcome_of(command.findings)):
        raise bad_value("outcome_contradicts_findings", "outcome", f"the findings add up to {expected}")


def send_response(case: Case, command: do.SendResponse, rules: Rules, today: date) -> list[CaseEvent]:
    """The response, not the decision, meets the deadlines; one that is late or lacks something is still sent."""
    stage = unanswered(case)
    policy = policy_of(case, rules)
    current = case.stages[stage]
    if current.decided_on is None:
        raise Rejected("stage_not_decided", f"{stage} has not been decided")
    sent_on = when(command.sent_on, case, today, "sent_on")
    not_before(sent_on, current.decided_on, "sent_on", "the decision")
    awaited = running(case, "response_sent", stage)
    breaches = deadlines.missed(awaited, sent_on, policy, rules.calendar)
    if not command.ombudsman_right_given:
        breaches += policy.duty("ombudsman_right")
    limit = next((clock.deadline for clock in awaited if clock.deadline.name == "statutory_limit"), None)
    if limit and sent_on > limit.due_on and case.lateness_notified_on is None:
        breaches += policy.duty("lateness_notified")
    return [
        events.ResponseSent(
            sent_on=sent_on,
            stage=stage,
            signed_by=command.signed_by,
            ombudsman_right_given=command.ombudsman_right_given,
            deadlines=deadlines.start(policy, "response_sent", stage, sent_on, rules.calendar),
            breaches=breaches,
        )
    ]


def tell_progress(case: Case, command: do.TellProgress, rules: Rules, today: date) -> list[CaseEvent]:
    """Progress is told while the answer is awaited (SI 2009/309 reg 14(1)(b)), due dates as long as any runs."""
    if command.due_dates_told:
        still_open(case)
    else:
        unanswered(case)
    told_on = when(command.told_on, case, today, "told_on")
    rules.authority.codes.check("methods", command.method, told_on, "method")
    return [events.ProgressTold(told_on=told_on, method=command.method, due_dates_told=command.due_dates_told)]


def notify_lateness(case: Case, command: do.NotifyLateness, rules: Rules, today: date) -> list[CaseEvent]:
    """Why the answer is late is told as a code of the delay reasons (SI 2009/309 reg 14(4))."""
    unanswered(case)
    notified_on = when(command.notified_on, case, today, "notified_on")
    rules.authority.codes.check("delay_reasons", command.delay_reason, notified_on, "delay_reason")
    return [events.LatenessNotified(notified_on=notified_on, delay_reason=command.delay_reason)]
