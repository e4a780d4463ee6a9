"""A case's life, pure: `decide` says which facts follow from a command, `evolve` what is true after a fact.

What cannot be is raised as `Rejected`; what is unwelcome but happened is recorded, with the rule that it breaks.
Nothing reads a clock, a file or a database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TypeVar, assert_never

from services.cases import commands as do
from shared import deadlines, events
from shared.authority import Authority
from shared.calendar import Calendar, OutsideCalendar
from shared.clock import LONDON, london_date
from shared.deadlines import Clock, Extension
from shared.errors import Rejected, bad_value
from shared.events import Breach, CaseEvent, Commitment, Concern, Deadline, Finding, Kind, Outcome, Stage
from shared.policy import Policy, PolicyBook


@dataclass(frozen=True, slots=True)
class Rules:
    """What a decision goes by: the authority's codes and calendar, and its policies."""

    authority: Authority
    policies: PolicyBook

    @property
    def calendar(self) -> Calendar:
        """The working days of the authority."""
        return self.authority.calendar


@dataclass(frozen=True, slots=True)
class StageState:
    """How far a stage has come; dates are None until it happened."""

    started_on: date
    decided_on: date | None = None
    outcome: Outcome | None = None
    decided_by: str | None = None
    findings: tuple[Finding, ...] = ()
    responded_on: date | None = None
    signed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something to be put right, numbered from 1."""

    number: int
    type: str
    agreed_on: date
    amount_pence: int | None
    due_on: date | None
    completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """A lesson and its action, numbered from 1."""

    number: int
    lesson: str
    action: str | None
    owner: str | None
    due_on: date | None
    recorded_on: date
    completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """When a case ended without an answer, and how: `withdrawn`, `refused`, `resolved_informally` or `transferred`."""

    how: str
    on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is true of a representation after its events so far."""

    kind: Kind
    received_at: datetime
    received_on: date
    channel: str
    service_area: str
    provider: str | None
    made_orally: bool
    matter_occurred_on: date | None
    known_on: date | None
    concerns: tuple[Concern, ...]
    represented: bool
    commitments: tuple[Commitment, ...]
    pathway: str | None = None
    stage: Stage | None = None
    stages: Mapping[Stage, StageState] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    acknowledged_on: date | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    learning: tuple[Learning, ...] = ()
    links: tuple[str, ...] = ()
    lateness_notified_on: date | None = None
    ending: Ending | None = None
    closed_on: date | None = None
    reopened_on: date | None = None
    breaches: tuple[Breach, ...] = ()
    version: int = 0

    @property
    def status(self) -> str:
        """One word for where the case stands."""
        if self.closed_on:
            return "closed"
        if self.ending:
            return self.ending.how
        stage = self.current
        if stage and stage.responded_on:
            return "responded"
        if stage and stage.decided_on:
            return "decided"
        if self.reopened_on:
            return "reopened"
        if self.stage not in (None, "stage_1"):
            return "escalated"
        return "acknowledged" if self.acknowledged_on else "received"

    @property
    def current(self) -> StageState | None:
        """The stage that the case is at, once it has a route."""
        return self.stages.get(self.stage) if self.stage else None

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the last stage that was decided."""
        decided = [state for state in self.stages.values() if state.outcome]
        return decided[-1].outcome if decided else None

    @property
    def officer(self) -> str | None:
        """Who investigates."""
        return self.roles.get("investigating_officer") or next(iter(self.roles.values()), None)


Item = TypeVar("Item", Remedy, Learning)
OPEN_STATUSES = ("received", "acknowledged", "reopened", "escalated", "decided")


# --- decide ---------------------------------------------------------------------------------------------------------


def receive(command: do.Receive, commitments: tuple[Commitment, ...], rules: Rules, now: datetime) -> list[CaseEvent]:
    """What the arrival of a representation records: its receipt, and for a complaint with a pathway its route."""
    received_at, received_on = _instant(command.received_at or now, rules, "received_at")
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
            _not_after(getattr(complaint, name), received_on, name, "the complaint was received")
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
    )
    if complaint is None:
        return [received]
    area = codes.edition("service_areas", received_on).get(command.service_area)
    pathway = complaint.pathway or (area.pathway if area else None)
    if pathway is None:
        return [received]
    reason = "as_received" if complaint.pathway else "service_area"
    return [received, *_route(evolve(None, received), pathway, reason, london_date(now), rules)]


def decide(case: Case, command: do.CaseCommand, rules: Rules, today: date) -> list[CaseEvent]:  # noqa: C901 - one line a command
    """The facts that follow from a command.

    Raises:
        Rejected: the command is impossible; nothing is recorded.
    """
    if case.kind != "complaint":
        raise Rejected("not_a_complaint", f"a {case.kind} takes no further steps")
    match command:
        case do.RouteCase():
            return route(case, command, rules, today)
        case do.RefuseCase():
            return refuse(case, command, rules, today)
        case do.ResolveInformally():
            return resolve_informally(case, command, rules, today)
        case do.AcknowledgeComplaint():
            return acknowledge(case, command, rules, today)
        case do.SetResponsePeriod():
            return set_response_period(case, command, rules, today)
        case do.AssignCase():
            return assign(case, command, rules, today)
        case do.ExtendDeadline():
            return extend_deadline(case, command, rules, today)
        case do.EscalateCase():
            return escalate(case, command, rules, today)
        case do.DecideStage():
            return decide_stage(case, command, rules, today)
        case do.SendResponse():
            return send_response(case, command, rules, today)
        case do.TellProgress():
            return tell_progress(case, command, rules, today)
        case do.NotifyLateness():
            return notify_lateness(case, command, rules, today)
        case do.AgreeRemedy():
            return agree_remedy(case, command, rules, today)
        case do.CompleteRemedy():
            return complete_remedy(case, command, today)
        case do.RecordLearning():
            return record_learning(case, command, today)
        case do.CompleteLearning():
            return complete_learning(case, command, today)
        case do.ContactProvider():
            return contact_provider(case, command, today)
        case do.LinkCase():
            return link(case, command, today)
        case do.RecordCharacteristics():
            return record_characteristics(case, command, rules, today)
        case do.WithdrawCase():
            return withdraw(case, command, rules, today)
        case do.TransferCase():
            return transfer(case, command, today)
        case do.CloseCase():
            return close(case, command, today)
        case do.ReopenCase():
            return reopen(case, command, rules, today)
        case do.CorrectCase():
            return correct(case, command, rules, today)
        case _:
            assert_never(command)


def route(case: Case, command: do.RouteCase, rules: Rules, today: date) -> list[CaseEvent]:
    """A case may be routed again until a stage is decided; the received date stays, its clocks are set anew from it."""
    _still_open(case)
    if case.pathway == command.pathway:
        raise Rejected("already_on_pathway", f"the case follows {case.pathway} already", "pathway")
    if any(stage.decided_on for stage in case.stages.values()):
        raise Rejected("stage_already_decided", "a decided case stays on its pathway")
    routed_on = _when(command.routed_on, case, today, "routed_on")
    rules.authority.codes.check("routing_reasons", command.reason, routed_on, "reason")
    return _route(case, command.pathway, command.reason, routed_on, rules)


def _route(case: Case, pathway: str, reason: str | None, routed_on: date, rules: Rules) -> list[CaseEvent]:
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


def refuse(case: Case, command: do.RefuseCase, rules: Rules, today: date) -> list[CaseEvent]:
    """The complainant must be told the decision and its reason in writing (SI 2009/309 reg 8(2))."""
    _still_open(case)
    _not_decided(case)
    refused_on = _when(command.refused_on, case, today, "refused_on")
    rules.authority.codes.check("refusal_grounds", command.ground, refused_on, "ground")
    _not_after(command.notified_on, today, "notified_on", "today")
    _not_before(command.notified_on, refused_on, "notified_on", "the refusal")
    breaches = () if command.notified_on or not case.pathway else _policy(case, rules).duty("refusal_notified")
    return [
        events.CaseRefused(
            refused_on=refused_on, ground=command.ground, notified_on=command.notified_on, breaches=breaches
        )
    ]


def resolve_informally(case: Case, command: do.ResolveInformally, rules: Rules, today: date) -> list[CaseEvent]:
    """Made orally, to the complainant's satisfaction, by the end of the next working day: all three take it out of the
    statutory count, and nothing less does (SI 2009/309 reg 8(1)(c)).
    """  # noqa: D205 - one sentence
    _still_open(case)
    _not_decided(case)
    resolved_on = _when(command.resolved_on, case, today, "resolved_on")
    calendar = deadlines.statutory(rules.calendar)
    latest_on = calendar.next(case.received_on)
    return [
        events.ResolvedInformally(
            resolved_on=resolved_on,
            made_orally=case.made_orally,
            satisfied=command.satisfied,
            latest_on=latest_on,
            outside_statutory_count=case.made_orally and command.satisfied and resolved_on <= latest_on,
            calendar=calendar.version,
        )
    ]


def acknowledge(case: Case, command: do.AcknowledgeComplaint, rules: Rules, today: date) -> list[CaseEvent]:
    """A late acknowledgement is still made, and its lateness is a fact (SI 2009/309 reg 13(3)-(4))."""
    _still_open(case)
    policy = _policy(case, rules)
    if case.acknowledged_on:
        raise Rejected("already_acknowledged", f"the complaint was acknowledged on {case.acknowledged_on}")
    acknowledged_on = _when(command.acknowledged_on, case, today, "acknowledged_on")
    rules.authority.codes.check("methods", command.method, acknowledged_on, "method")
    late = deadlines.missed(_running(case, "complaint_acknowledged", None), acknowledged_on, policy)
    not_offered = () if command.discussion_offered else policy.duty("offer_to_discuss")
    return [
        events.ComplaintAcknowledged(
            acknowledged_on=acknowledged_on,
            method=command.method,
            discussion_offered=command.discussion_offered,
            deadlines=deadlines.start(
                policy, "complaint_acknowledged", policy.stages[0], acknowledged_on, rules.calendar
            ),
            breaches=late + not_offered,
        )
    ]


def set_response_period(case: Case, command: do.SetResponsePeriod, rules: Rules, today: date) -> list[CaseEvent]:
    """Agreed with the complainant, or determined and notified in writing (SI 2009/309 reg 13(4)-(5))."""
    stage = _unanswered(case)
    policy = _policy(case, rules)
    set_on = _when(command.set_on, case, today, "set_on")
    _not_before(command.due_on, set_on, "due_on", "the day on which it was set")
    _covered(command.due_on, rules, "due_on")
    _not_after(command.notified_on, today, "notified_on", "today")
    _not_before(command.notified_on, case.received_on, "notified_on", "the complaint was received")
    clocks = tuple(
        deadlines.set_deadline(policy, rule, set_on, rules.calendar, command.due_on)
        for rule in policy.anchored_on("response_period_set", stage)
    )
    if not clocks:
        raise Rejected("no_response_period", f"{case.pathway} knows no response period set for each case")
    return [
        events.ResponsePeriodSet(
            set_on=set_on,
            agreed=command.agreed,
            notified_on=command.notified_on,
            deadlines=clocks,
            breaches=() if command.agreed or command.notified_on else policy.duty("response_period_notified"),
        )
    ]


def assign(case: Case, command: do.AssignCase, rules: Rules, today: date) -> list[CaseEvent]:
    """Each role has one holder at a time; the history keeps the earlier ones."""
    _still_open(case)
    assigned_on = _when(command.assigned_on, case, today, "assigned_on")
    rules.authority.codes.check("roles", command.role, assigned_on, "role")
    return [events.CaseAssigned(assigned_on=assigned_on, officer=command.officer, role=command.role)]


def extend_deadline(case: Case, command: do.ExtendDeadline, rules: Rules, today: date) -> list[CaseEvent]:
    """Every response clock that the policy lets move is moved; what binds without agreement stays, and is a breach.

    The six months may become longer only if both agree before they end (SI 2009/309 reg 14(3)).
    """
    stage = _unanswered(case)
    policy = _policy(case, rules)
    extended_on = _when(command.extended_on, case, today, "extended_on")
    rules.authority.codes.check("delay_reasons", command.reason, extended_on, "reason")
    _not_before(command.new_due_on, extended_on, "new_due_on", "the day of the extension")
    _covered(command.new_due_on, rules, "new_due_on")
    running = {clock.deadline.rule: clock for clock in _running(case, "response_sent", stage)}
    moved: list[Deadline] = []
    breaches: tuple[Breach, ...] = ()
    for rule in policy.rules:
        if rule.stage != stage or rule.met_by != "response_sent":
            continue
        clock = running.get(rule.id)
        if rule.extension == "any" and clock:
            _later(command.new_due_on, clock.deadline.due_on)
            moved.append(_moved(clock.deadline, command.new_due_on))
        elif rule.extension == "any" and rule.counting == "as_stated":
            moved.append(deadlines.set_deadline(policy, rule, extended_on, rules.calendar, command.new_due_on))
        elif rule.extension == "agreed_before_it_ends" and clock and command.new_due_on > clock.deadline.due_on:
            if command.agreed_with_complainant and extended_on <= clock.deadline.due_on:
                moved.append(_moved(clock.deadline, command.new_due_on))
            else:
                breaches += policy.duty("extension_agreed_in_time")
    if not moved:
        raise Rejected("no_extension", f"{case.pathway} has no clock at {stage} that may be extended")
    return [
        events.DeadlineExtended(
            extended_on=extended_on,
            reason=command.reason,
            agreed_with_complainant=command.agreed_with_complainant,
            ombudsman_details_given=command.ombudsman_details_given,
            deadlines=tuple(moved),
            breaches=breaches,
        )
    ]


def _moved(deadline: Deadline, due_on: date) -> Deadline:
    """A stated date hangs on no calendar, so none is provisional."""
    return replace(deadline, due_on=due_on, told_on=due_on, provisional=False)


def escalate(case: Case, command: do.EscalateCase, rules: Rules, today: date) -> list[CaseEvent]:
    """The next stage may be asked for once the stage before is answered, or its answer is overdue."""
    policy = _policy(case, rules)
    current = case.current
    if case.ending or case.stage is None or current is None:
        raise Rejected("case_ended", f"the case is {case.status}")
    following = policy.stages[policy.stages.index(case.stage) + 1 :]
    if not following or command.stage not in (None, following[0]):
        raise Rejected(
            "no_such_stage", f"after {case.stage}, {case.pathway} has: {', '.join(following[:1]) or 'nothing'}"
        )
    requested_on = _when(command.requested_on, case, today, "requested_on")
    overdue = any(c.deadline.due_on < requested_on for c in _running(case, "response_sent", case.stage))
    if current.responded_on is None and not overdue:
        raise Rejected("stage_not_answered", f"{case.stage} has not been answered, and its answer is not overdue")
    _not_before(requested_on, current.responded_on, "requested_on", f"the response of {case.stage}")
    clocks = deadlines.start(policy, "case_escalated", following[0], requested_on, rules.calendar)
    return [events.CaseEscalated(requested_on=requested_on, stage=following[0], deadlines=clocks)]


def decide_stage(case: Case, command: do.DecideStage, rules: Rules, today: date) -> list[CaseEvent]:
    """A finding for each concern, and an outcome that they add up to."""
    stage = _unanswered(case)
    _not_decided(case)
    decided_on = _when(command.decided_on, case, today, "decided_on")
    if current := case.current:
        _not_before(decided_on, current.started_on, "decided_on", f"{stage} began")
    _findings_fit(case, command)
    before = [state.decided_by for name, state in case.stages.items() if name != stage]
    breaches = _policy(case, rules).duty("separate_decider") if command.decided_by in before else ()
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
    stage = _unanswered(case)
    policy = _policy(case, rules)
    current = case.stages[stage]
    if current.decided_on is None:
        raise Rejected("stage_not_decided", f"{stage} has not been decided")
    sent_on = _when(command.sent_on, case, today, "sent_on")
    _not_before(sent_on, current.decided_on, "sent_on", "the decision")
    running = _running(case, "response_sent", stage)
    breaches = deadlines.missed(running, sent_on, policy)
    if not command.ombudsman_right_given:
        breaches += policy.duty("ombudsman_right")
    limit = next((clock.deadline for clock in running if clock.deadline.name == "statutory_limit"), None)
    if limit and sent_on > limit.due_on and case.lateness_notified_on is None:
        breaches += policy.duty("lateness_notified")
    return [
        events.ResponseSent(
            sent_on=sent_on,
            stage=stage,
            signed_by=command.signed_by,
            ombudsman_right_given=command.ombudsman_right_given,
            breaches=breaches,
        )
    ]


def tell_progress(case: Case, command: do.TellProgress, rules: Rules, today: date) -> list[CaseEvent]:
    """Progress is told while the answer is awaited (SI 2009/309 reg 14(1)(b))."""
    _unanswered(case)
    told_on = _when(command.told_on, case, today, "told_on")
    rules.authority.codes.check("methods", command.method, told_on, "method")
    return [events.ProgressTold(told_on=told_on, method=command.method)]


def notify_lateness(case: Case, command: do.NotifyLateness, rules: Rules, today: date) -> list[CaseEvent]:
    """Why the answer is late is told as a code of the delay reasons (SI 2009/309 reg 14(4))."""
    _unanswered(case)
    notified_on = _when(command.notified_on, case, today, "notified_on")
    rules.authority.codes.check("delay_reasons", command.delay_reason, notified_on, "delay_reason")
    return [events.LatenessNotified(notified_on=notified_on, delay_reason=command.delay_reason)]


def agree_remedy(case: Case, command: do.AgreeRemedy, rules: Rules, today: date) -> list[CaseEvent]:
    """A remedy outlives the case's closing; money has an amount, and nothing else has."""
    agreed_on = _when(command.agreed_on, case, today, "agreed_on")
    rules.authority.codes.check("remedies", command.type, agreed_on, "type")
    _not_before(command.due_on, agreed_on, "due_on", "the remedy was agreed")
    money = command.type in ("financial", "charges_refund")
    if money and command.amount_pence is None:
        raise bad_value("amount_needed", "amount_pence", "a payment needs its amount in pence")
    if command.amount_pence is not None and not money:
        raise bad_value("no_payment", "amount_pence", f"{command.type} is no payment and has no amount")
    return [
        events.RemedyAgreed(
            agreed_on=agreed_on,
            remedy=len(case.remedies) + 1,
            type=command.type,
            amount_pence=command.amount_pence,
            due_on=command.due_on,
        )
    ]


def complete_remedy(case: Case, command: do.CompleteRemedy, today: date) -> list[CaseEvent]:
    """A remedy is carried out once, and not before it was agreed."""
    remedy = _numbered(case.remedies, command.number, "remedy")
    if remedy.completed_on:
        raise Rejected("already_completed", f"remedy {command.number} was completed on {remedy.completed_on}")
    completed_on = _when(command.completed_on, case, today, "completed_on")
    _not_before(completed_on, remedy.agreed_on, "completed_on", "the remedy was agreed")
    return [events.RemedyCompleted(completed_on=completed_on, remedy=command.number)]


def record_learning(case: Case, command: do.RecordLearning, today: date) -> list[CaseEvent]:
    """Lessons may be recorded at any time after receipt, also when the case is closed."""
    return [
        events.LearningRecorded(
            recorded_on=_when(command.recorded_on, case, today, "recorded_on"),
            learning=len(case.learning) + 1,
            lesson=command.lesson,
            action=command.action,
            owner=command.owner,
            due_on=command.due_on,
        )
    ]


def complete_learning(case: Case, command: do.CompleteLearning, today: date) -> list[CaseEvent]:
    """An action is done once."""
    learning = _numbered(case.learning, command.number, "learning")
    if learning.completed_on:
        raise Rejected("already_completed", f"learning {command.number} was completed on {learning.completed_on}")
    completed_on = _when(command.completed_on, case, today, "completed_on")
    return [events.LearningCompleted(completed_on=completed_on, learning=command.number)]


def contact_provider(case: Case, command: do.ContactProvider, today: date) -> list[CaseEvent]:
    """Details go to a provider with the complainant's consent (SI 2009/309 reg 11); its answer is recorded alike."""
    _still_open(case)
    if command.responded_on:
        responded_on = _when(command.responded_on, case, today, "responded_on")
        return [events.ProviderResponded(responded_on=responded_on, provider=command.provider)]
    contacted_on = _when(command.contacted_on, case, today, "contacted_on")
    return [events.ProviderContacted(contacted_on=contacted_on, provider=command.provider, consent=command.consent)]


def link(case: Case, command: do.LinkCase, today: date) -> list[CaseEvent]:
    """Each case is linked once."""
    if command.reference in case.links:
        raise Rejected("already_linked", f"the case is linked to {command.reference} already", "reference")
    linked_on = _when(command.linked_on, case, today, "linked_on")
    return [
        events.CaseLinked(
            linked_on=linked_on, reference=command.reference, relation=command.relation, lead=command.lead
        )
    ]


def record_characteristics(case: Case, command: do.RecordCharacteristics, rules: Rules, today: date) -> list[CaseEvent]:
    """Recorded whenever they are known; the newest record of a person stands."""
    recorded_on = _when(command.recorded_on, case, today, "recorded_on")
    codes = rules.authority.codes
    codes.check("sexes", command.sex, recorded_on, "sex")
    codes.check("ethnic_groups", command.ethnic_group, recorded_on, "ethnic_group")
    codes.check("disabilities", command.disability, recorded_on, "disability")
    codes.check("age_bands", command.age_band, recorded_on, "age_band")
    return [
        events.CharacteristicsRecorded(
            recorded_on=recorded_on,
            whose=command.whose,
            sex=command.sex,
            ethnic_group=command.ethnic_group,
            disability=command.disability,
            age_band=command.age_band,
        )
    ]


def withdraw(case: Case, command: do.WithdrawCase, rules: Rules, today: date) -> list[CaseEvent]:
    """A complaint can be withdrawn until it is answered."""
    _still_open(case)
    if case.current and case.current.responded_on:
        raise Rejected("already_answered", f"{case.stage} was answered on {case.current.responded_on}")
    withdrawn_on = _when(command.withdrawn_on, case, today, "withdrawn_on")
    rules.authority.codes.check("withdrawal_reasons", command.reason, withdrawn_on, "reason")
    return [events.CaseWithdrawn(withdrawn_on=withdrawn_on, reason=command.reason)]


def transfer(case: Case, command: do.TransferCase, today: date) -> list[CaseEvent]:
    """A complaint sent to another body is deemed made to it (SI 2009/309 reg 6(5))."""
    _still_open(case)
    _not_decided(case)
    return [
        events.CaseTransferred(
            transferred_on=_when(command.transferred_on, case, today, "transferred_on"), to=command.to
        )
    ]


def close(case: Case, command: do.CloseCase, today: date) -> list[CaseEvent]:
    """A case is closed once it is answered or has ended otherwise; its remedies may still be open."""
    if case.closed_on:
        raise Rejected("already_closed", f"the case was closed on {case.closed_on}")
    answered = case.current.responded_on if case.current else None
    if not case.ending and not answered:
        raise Rejected("not_answered", "the case has not been answered, withdrawn, refused, resolved or transferred")
    closed_on = _when(command.closed_on, case, today, "closed_on")
    _not_before(closed_on, answered or (case.ending.on if case.ending else None), "closed_on", "the case's end")
    return [events.CaseClosed(closed_on=closed_on)]


def reopen(case: Case, command: do.ReopenCase, rules: Rules, today: date) -> list[CaseEvent]:
    """An answered or ended case is taken up again at its last stage, to be decided anew."""
    answered = case.current.responded_on if case.current else None
    ended_on = case.closed_on or (case.ending.on if case.ending else answered)
    if ended_on is None:
        raise Rejected("still_open", f"the case is {case.status}")
    reopened_on = _when(command.reopened_on, case, today, "reopened_on")
    _not_before(reopened_on, ended_on, "reopened_on", "the case's end")
    rules.authority.codes.check("reopening_reasons", command.reason, reopened_on, "reason")
    return [events.CaseReopened(reopened_on=reopened_on, reason=command.reason)]


def correct(case: Case, command: do.CorrectCase, rules: Rules, today: date) -> list[CaseEvent]:
    """What was recorded wrongly is put right by a fact of its own; clocks move only with the fact they hang on."""
    corrected_on = _when(command.corrected_on, case, today, "corrected_on")
    rules.authority.codes.check("correction_reasons", command.reason, corrected_on, "reason")
    after: str = command.value
    clocks: tuple[Deadline, ...] = ()
    lists = {"channel": "channels", "service_area": "service_areas"}
    if command.field in lists:
        rules.authority.codes.check(lists[command.field], command.value, case.received_on, "value")
    if command.field == "made_orally" and command.value not in ("true", "false"):
        raise bad_value("not_a_boolean", "value", "made_orally is true or false")
    if command.field == "received_at":
        after, clocks = _corrected_receipt(case, command.value, rules, today)
    before = _plain(getattr(case, command.field))
    if after == before:
        raise Rejected("nothing_to_correct", f"{command.field} is so already", "value")
    return [
        events.CaseCorrected(
            corrected_on=corrected_on,
            field=command.field,
            before=before,
            after=after,
            reason=command.reason,
            deadlines=clocks,
        )
    ]


def _plain(value: object) -> str | None:
    """A field as a correction writes it: instants in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _corrected_receipt(case: Case, value: str, rules: Rules, today: date) -> tuple[str, tuple[Deadline, ...]]:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise bad_value("not_an_instant", "value", "received_at is an ISO 8601 instant") from None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=LONDON)
    received_at, received_on = _instant(instant, rules, "value")
    _not_after(received_on, today, "value", "today")
    _not_after(received_on, min(_happened(case), default=None), "value", "what was done on the case")
    for known in (case.matter_occurred_on, case.known_on):
        _not_before(received_on, known, "value", "the matter complained of")
    if case.pathway is None or case.stage is None:
        return received_at.isoformat(), ()
    policy = rules.policies.in_force(case.pathway, received_on)
    first = policy.stages[0]
    return received_at.isoformat(), deadlines.start(
        policy, "representation_received", first, received_on, rules.calendar
    )


def _happened(case: Case) -> list[date]:
    """The days on which something was done about the complaint, none of which can be before its receipt."""
    later = [state.started_on for state in case.stages.values()][1:]
    days = [
        case.acknowledged_on,
        case.lateness_notified_on,
        case.ending.on if case.ending else None,
        case.reopened_on,
        *later,
        *(state.decided_on for state in case.stages.values()),
        *(
            clock.deadline.anchor_on
            for clock in case.clocks.values()
            if clock.deadline.anchor != "representation_received"
        ),
        *(extension.extended_on for clock in case.clocks.values() for extension in clock.extensions),
        *(remedy.agreed_on for remedy in case.remedies),
        *(learning.recorded_on for learning in case.learning),
    ]
    return [day for day in days if day]


# --- what commands have in common -----------------------------------------------------------------------------------


def _policy(case: Case, rules: Rules) -> Policy:
    """The policy in force when the case was received, which it keeps."""
    if case.pathway is None:
        raise Rejected("not_routed", "the case has no pathway yet: route it first")
    return rules.policies.in_force(case.pathway, case.received_on)


def _still_open(case: Case) -> None:
    if case.closed_on or case.ending:
        raise Rejected("case_ended", f"the case is {case.status}")


def _not_decided(case: Case) -> None:
    if case.current and case.current.decided_on:
        raise Rejected("stage_already_decided", f"{case.stage} was decided on {case.current.decided_on}")


def _unanswered(case: Case) -> Stage:
    """The stage whose answer is awaited."""
    _still_open(case)
    if case.stage is None or case.current is None:
        raise Rejected("not_routed", "the case has no pathway yet: route it first")
    if case.current.responded_on:
        raise Rejected("already_answered", f"{case.stage} was answered on {case.current.responded_on}")
    return case.stage


def _running(case: Case, met_by: str, stage: Stage | None) -> tuple[Clock, ...]:
    return tuple(clock for clock in case.clocks.values() if _awaits(clock, met_by, stage))


def _awaits(clock: Clock, met_by: str, stage: Stage | None) -> bool:
    """Whether a clock runs until that event of that stage, or of any stage for None: a case is acknowledged once."""
    return clock.stopped_on is None and clock.deadline.met_by == met_by and stage in (None, clock.deadline.stage)


def _when(day: date | None, case: Case, today: date, name: str) -> date:
    """A day on which something happened to the case: today if none is given, never before receipt or after today."""
    day = day or today
    _not_after(day, today, name, "today")
    _not_before(day, case.received_on, name, "the complaint was received")
    return day


def _instant(instant: datetime, rules: Rules, name: str) -> tuple[datetime, date]:
    """An instant in UTC, with its London date; a year that the calendar does not know is a slip of the pen."""
    first, last = rules.calendar.first, rules.calendar.last
    if not datetime.combine(first, time(), LONDON) <= instant <= datetime.combine(last, time(), LONDON):
        raise bad_value("outside_calendar", name, f"{name} lies outside the calendar, {first} to {last}")
    return instant.astimezone(UTC), london_date(instant)


def _covered(day: date, rules: Rules, name: str) -> None:
    """A due date that no calendar reaches could not be watched."""
    try:
        rules.calendar.next(day)
    except OutsideCalendar as error:
        raise bad_value("outside_calendar", name, f"{name}: {error}") from error


def _not_after(day: date | None, limit: date | None, name: str, what: str) -> None:
    if day and limit and day > limit:
        rule = "in_the_future" if what == "today" else "too_late"
        raise bad_value(rule, name, f"{name} is {day}, later than {what} ({limit})")


def _not_before(day: date | None, limit: date | None, name: str, what: str) -> None:
    if day and limit and day < limit:
        rule = "before_receipt" if what == "the complaint was received" else "too_early"
        raise bad_value(rule, name, f"{name} is {day}, earlier than {what} ({limit})")


def _later(day: date, current: date) -> None:
    if day <= current:
        raise bad_value("not_later", "new_due_on", f"new_due_on is {day}; an extension ends after {current}")


def _numbered(items: tuple[Item, ...], number: int, what: str) -> Item:
    found = next((item for item in items if item.number == number), None)
    if found is None:
        raise bad_value("unknown_number", "number", f"the case has no {what} {number}")
    return found


# --- evolve ---------------------------------------------------------------------------------------------------------


def fold(history: Sequence[CaseEvent]) -> Case | None:
    """The case after all of its events; None for none."""
    case: Case | None = None
    for event in history:
        case = evolve(case, event)
    return case


def evolve(case: Case | None, event: CaseEvent) -> Case:
    """What is true after a fact. No rules, and never an error for a stored event."""
    if isinstance(event, events.RepresentationReceived):
        return Case(
            kind=event.kind,
            received_at=event.received_at,
            received_on=event.received_on,
            channel=event.channel,
            service_area=event.service_area,
            provider=event.provider,
            made_orally=event.made_orally,
            matter_occurred_on=event.matter_occurred_on,
            known_on=event.known_on,
            concerns=event.concerns,
            represented=event.represented,
            commitments=event.commitments,
            version=1,
        )
    assert case is not None, "a case begins with its receipt"  # noqa: S101 - the log's version check guarantees it
    breaches = case.breaches + getattr(event, "breaches", ())
    return replace(_evolved(case, event), version=case.version + 1, breaches=breaches)


def _evolved(case: Case, event: CaseEvent) -> Case:  # noqa: C901 - one branch an event
    match event:
        case events.CaseRouted():
            return _routed(case, event)
        case events.ComplaintAcknowledged():
            met = _met(case.clocks, "complaint_acknowledged", None, event.acknowledged_on)
            return replace(case, acknowledged_on=event.acknowledged_on, clocks=_with(met, event.deadlines))
        case events.ResponsePeriodSet():
            return replace(case, clocks=_amended(case.clocks, event))
        case events.CaseAssigned():
            return replace(case, roles={**case.roles, event.role: event.officer})
        case events.DeadlineExtended():
            return replace(case, clocks=_extended(case.clocks, event))
        case events.CaseEscalated():
            stages = {**case.stages, event.stage: StageState(event.requested_on)}
            clocks = _with(_left_unanswered(case.clocks, event.requested_on), event.deadlines)
            return replace(case, stage=event.stage, stages=stages, clocks=clocks, closed_on=None, reopened_on=None)
        case events.StageDecided():
            state = replace(
                case.stages.get(event.stage, StageState(case.received_on)),
                decided_on=event.decided_on,
                outcome=event.outcome,
                decided_by=event.decided_by,
                findings=event.findings,
            )
            return replace(case, stages={**case.stages, event.stage: state})
        case events.ResponseSent():
            state = replace(case.stages[event.stage], responded_on=event.sent_on, signed_by=event.signed_by)
            clocks = _met(case.clocks, "response_sent", event.stage, event.sent_on)
            return replace(case, stages={**case.stages, event.stage: state}, clocks=clocks)
        case events.LatenessNotified():
            return replace(case, lateness_notified_on=event.notified_on)
        case events.RemedyAgreed():
            remedy = Remedy(event.remedy, event.type, event.agreed_on, event.amount_pence, event.due_on)
            return replace(case, remedies=(*case.remedies, remedy))
        case events.RemedyCompleted():
            return replace(case, remedies=_completed(case.remedies, event.remedy, event.completed_on))
        case events.LearningRecorded():
            learning = Learning(
                event.learning, event.lesson, event.action, event.owner, event.due_on, event.recorded_on
            )
            return replace(case, learning=(*case.learning, learning))
        case events.LearningCompleted():
            return replace(case, learning=_completed(case.learning, event.learning, event.completed_on))
        case events.CaseLinked():
            return replace(case, links=(*case.links, event.reference))
        case events.CaseRefused():
            return _ended(case, Ending("refused", event.refused_on, event.ground))
        case events.ResolvedInformally():
            return _ended(case, Ending("resolved_informally", event.resolved_on)) if event.satisfied else case
        case events.CaseWithdrawn():
            return _ended(case, Ending("withdrawn", event.withdrawn_on, event.reason))
        case events.CaseTransferred():
            return _ended(case, Ending("transferred", event.transferred_on))
        case events.CaseClosed():
            return replace(case, closed_on=event.closed_on, clocks=_stopped(case.clocks, event.closed_on, "closed"))
        case events.CaseReopened():
            return _reopened(case, event)
        case events.CaseCorrected():
            return _corrected(case, event)
        case events.CharacteristicsRecorded() | events.ProgressTold():
            return case
        case events.ProviderContacted() | events.ProviderResponded() | events.RepresentationReceived():
            return case
        case _:
            assert_never(event)


def _routed(case: Case, event: events.CaseRouted) -> Case:
    clocks = _with({}, event.deadlines)
    if case.acknowledged_on:
        clocks = _met(clocks, "complaint_acknowledged", None, case.acknowledged_on)
    first: Stage = "stage_1"
    return replace(
        case, pathway=event.pathway, stage=first, stages={first: StageState(case.received_on)}, clocks=clocks
    )


def _with(clocks: Mapping[str, Clock], new: Sequence[Deadline]) -> dict[str, Clock]:
    return {**clocks, **{deadline.name: Clock(deadline, deadline) for deadline in new}}


def _met(clocks: Mapping[str, Clock], met_by: str, stage: Stage | None, on: date) -> dict[str, Clock]:
    return {
        name: replace(clock, met_on=on) if _awaits(clock, met_by, stage) else clock for name, clock in clocks.items()
    }


def _extended(clocks: Mapping[str, Clock], event: events.DeadlineExtended) -> dict[str, Clock]:
    return {
        **clocks,
        **{
            deadline.name: deadlines.extended(clock, event, deadline)
            if (clock := clocks.get(deadline.name)) and clock.stopped_on is None
            else Clock(deadline, deadline)
            for deadline in event.deadlines
        },
    }


def _amended(clocks: Mapping[str, Clock], event: events.ResponsePeriodSet) -> dict[str, Clock]:
    """A response period set again is an amendment of the first (SI 2009/309 reg 17(c)): both dates are kept."""
    amended = _with(clocks, event.deadlines)
    for deadline in event.deadlines:
        if (clock := clocks.get(deadline.name)) and clock.stopped_on is None:
            amendment = Extension(event.set_on, clock.deadline.due_on, deadline.due_on, "amended", event.agreed)
            amended[deadline.name] = replace(clock, deadline=deadline, extensions=(*clock.extensions, amendment))
    return amended


def _completed(items: tuple[Item, ...], number: int, on: date) -> tuple[Item, ...]:
    return tuple(replace(item, completed_on=on) if item.number == number else item for item in items)


def _stopped(clocks: Mapping[str, Clock], on: date, by: str) -> dict[str, Clock]:
    return {
        name: clock if clock.stopped_on else replace(clock, ended_on=on, ended_by=by) for name, clock in clocks.items()
    }


def _left_unanswered(clocks: Mapping[str, Clock], on: date) -> dict[str, Clock]:
    """An answer that did not come before the next stage was asked for is not awaited any more."""
    awaited = {name: clock for name, clock in clocks.items() if clock.deadline.met_by == "response_sent"}
    return {**clocks, **_stopped(awaited, on, "escalated")}


def _ended(case: Case, ending: Ending) -> Case:
    return replace(case, ending=ending, clocks=_stopped(case.clocks, ending.on, ending.how))


def _reopened(case: Case, event: events.CaseReopened) -> Case:
    """The last stage begins anew; clocks that the ending had stopped run again, those that were met stay met."""
    clocks = {
        name: clock if clock.ended_by == "escalated" else replace(clock, ended_on=None, ended_by=None)
        for name, clock in case.clocks.items()
    }
    stages = {**case.stages, case.stage: StageState(event.reopened_on)} if case.stage else case.stages
    return replace(
        case,
        ending=None,
        closed_on=None,
        reopened_on=event.reopened_on,
        stages=stages,
        clocks=_with(clocks, event.deadlines),
    )


def _corrected(case: Case, event: events.CaseCorrected) -> Case:
    if event.field == "received_at" and event.after:
        received_at = datetime.fromisoformat(event.after)
        reset = {
            deadline.name: replace(clock, set=deadline, deadline=_moved(deadline, clock.deadline.due_on))
            if clock.extensions
            else replace(clock, set=deadline, deadline=deadline)
            for deadline in event.deadlines
            if (clock := case.clocks.get(deadline.name))
        }
        received_on = london_date(received_at)
        begun = {
            name: replace(state, started_on=received_on) if state.started_on == case.received_on else state
            for name, state in list(case.stages.items())[:1]
        }
        return replace(
            case,
            received_at=received_at,
            received_on=received_on,
            stages={**case.stages, **begun},
            clocks={**case.clocks, **reset},
        )
    value = event.after == "true" if event.field == "made_orally" else event.after
    return replace(case, **{event.field: value})  # type: ignore[arg-type] # the field is one that `CorrectCase` names
