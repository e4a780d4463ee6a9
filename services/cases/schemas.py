"""What the cases service answers. Bodies that come in are the commands themselves."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.cases.case import Case
from shared import deadlines
from shared.authority import authority
from shared.calendar import Calendar
from shared.citations import Citations
from shared.deadlines import Clock, RagColour
from shared.log import Recorded
from shared.policy import Policy, policy_book


class DeadlineOut(BaseModel):
    """How a deadline stands; `days_late` in working days for a rule in working days, else in calendar days."""

    name: str
    due_on: date
    told_on: date | None
    state: Literal["due", "met", "missed"]
    days_late: int
    provisional: bool


class AnchorOut(BaseModel):
    """The fact that started the clock."""

    event: str
    on: date


class RuleOut(BaseModel):
    """The rule that set the date; `value` and `unit` are null where the date is stated for each case."""

    id: str
    value: int | None
    unit: str | None
    source: str | None
    kind: str | None
    policy_version: str


class SkippedOut(BaseModel):
    """A day that does not count, and why."""

    date: date
    reason: str


class ExtensionOut(BaseModel):
    """One moving of the date."""

    extended_on: date
    before: date
    after: date
    reason: str
    agreed_with_complainant: bool


class PauseOut(BaseModel):
    """A time during which the clock stood still."""

    paused_on: date
    resumed_on: date | None
    reason: str


class ReviewOut(BaseModel):
    """One counting anew in a newer calendar."""

    reviewed_on: date
    before: date
    after: date
    calendar: str


class RagOut(BaseModel):
    """The colour of a deadline that the council still has to keep, and the rule that gives it."""

    colour: RagColour
    amber_working_days: int
    source: str


class ExplainedDeadlineOut(DeadlineOut):
    """A deadline with how it came about.

    The days after its anchor, less those skipped, lead to the date as set, or as last reviewed; extensions and pauses
    move it from there. `calendar_version` is the calendar that it was counted in.
    """

    anchor: AnchorOut
    rule: RuleOut
    skipped: list[SkippedOut]
    extensions: list[ExtensionOut]
    pauses: list[PauseOut]
    reviews: list[ReviewOut]
    ended_by: str | None
    rag: RagOut | None
    calendar_version: str


class ConcernOut(BaseModel):
    """A concern with its finding at the last decided stage."""

    number: int
    category: str
    subcategory: str | None
    outcome: str | None


class StageOut(BaseModel):
    """How far a stage has come."""

    stage: str
    started_on: date
    decided_on: date | None
    outcome: str | None
    decided_by: str | None
    responded_on: date | None
    signed_by: str | None


class RemedyOut(BaseModel):
    """A remedy."""

    number: int
    type: str
    agreed_on: date
    amount_pence: int | None
    due_on: date | None
    completed_on: date | None
    evidence: str | None


class LearningOut(BaseModel):
    """A line of the Investigation Outcome form: what was found, the lesson, and its action."""

    number: int
    found: str | None
    lesson: str
    action: str | None
    type: str | None
    owner: str | None
    due_on: date | None
    recorded_on: date
    completed_on: date | None


class BreachOut(BaseModel):
    """A rule that was not kept."""

    rule: str
    source: str


class CaseOut(BaseModel):
    """A case without its personal data."""

    reference: str
    version: int
    kind: str
    status: str
    pathway: str | None
    stage: str | None
    outcome: str | None
    rag: RagColour | None
    received_at: datetime
    received_on: date
    channel: str
    service_area: str
    provider: str | None
    made_orally: bool
    matter_occurred_on: date | None
    known_on: date | None
    concerns: list[ConcernOut]
    officer: str | None
    roles: dict[str, str]
    acknowledged_on: date | None
    stages: list[StageOut]
    deadlines: list[ExplainedDeadlineOut]
    remedies: list[RemedyOut]
    learning: list[LearningOut]
    links: list[str]
    ended_on: date | None
    closed_on: date | None
    breaches: list[BreachOut]


class RepresentationOut(BaseModel):
    """A compliment or a comment."""

    reference: str
    kind: str
    received_on: date
    channel: str
    service_area: str


class CaseListItem(BaseModel):
    """A line of the case list."""

    reference: str
    version: int
    status: str
    pathway: str | None
    stage: str | None
    channel: str
    service_area: str
    officer: str | None
    received_on: date
    next_deadline: str | None
    next_due_on: date | None
    rag: RagColour | None


class CasePage(BaseModel):
    """A page of the case list."""

    items: list[CaseListItem]
    next: str | None


class RepresentationPage(BaseModel):
    """A page of compliments or comments."""

    items: list[RepresentationOut]
    next: str | None


class DeadlinesOut(BaseModel):
    """The deadlines of a case, each explained."""

    items: list[ExplainedDeadlineOut]


class EventOut(BaseModel):
    """An event of the history as it is recorded."""

    position: int
    event_id: str
    version: int
    type: str
    occurred: str
    recorded_at: datetime
    known_at_source: datetime | None
    actor: str
    data: dict[str, Any]


class EventPage(BaseModel):
    """A page of a case's history."""

    items: list[EventOut]
    next: str | None


def case_out(authority_code: str, reference: str, case: Case, on: date, citations: Citations) -> CaseOut:
    """The case as it stands on a day."""
    explained = deadlines_out(authority_code, case, on, citations)
    calendar = authority(authority_code).calendar
    colour = None
    if case.pathway:
        policy = policy_book(authority_code).in_force(case.pathway, case.received_on)
        colour = deadlines.rag(tuple(case.clocks.values()), on, policy, calendar)
    return CaseOut(
        reference=reference,
        version=case.version,
        kind=case.kind,
        status=case.status,
        pathway=case.pathway,
        stage=case.stage,
        outcome=case.outcome,
        rag=colour,
        received_at=case.received_at,
        received_on=case.received_on,
        channel=case.channel,
        service_area=case.service_area,
        provider=case.provider,
        made_orally=case.made_orally,
        matter_occurred_on=case.matter_occurred_on,
        known_on=case.known_on,
        concerns=concerns_out(case),
        officer=case.officer,
        roles=dict(case.roles),
        acknowledged_on=case.acknowledged_on,
        stages=[StageOut(stage=name, **_fields(state, StageOut)) for name, state in case.stages.items()],
        deadlines=explained,
        remedies=[RemedyOut(**_fields(remedy, RemedyOut)) for remedy in case.remedies],
        learning=[LearningOut(**_fields(learning, LearningOut)) for learning in case.learning],
        links=list(case.links),
        ended_on=case.ending.on if case.ending else None,
        closed_on=case.closed_on,
        breaches=[BreachOut(rule=b.rule, source=b.source) for b in case.breaches],
    )


def concerns_out(case: Case) -> list[ConcernOut]:
    """The concerns of a case, each with its finding at the last decided stage."""
    findings = case.findings
    return [
        ConcernOut(
            number=number, category=concern.category, subcategory=concern.subcategory, outcome=findings.get(number)
        )
        for number, concern in enumerate(case.concerns, 1)
    ]


def deadlines_out(authority_code: str, case: Case, on: date, citations: Citations) -> list[ExplainedDeadlineOut]:
    """Every deadline of a case as it stands on a day, with how it came about."""
    in_force = authority(authority_code).calendar
    answers = []
    for clock in case.clocks.values():
        calendar = citations.calendar(clock.deadline.calendar, in_force)
        standing = deadlines.standing(clock, on, calendar)
        policy = citations.policy(clock.set.policy)
        why = deadlines.explain(clock, policy, calendar)
        answers.append(
            ExplainedDeadlineOut(
                **_fields(standing, DeadlineOut),
                anchor=AnchorOut(event=why.anchor, on=why.anchor_on),
                rule=RuleOut(
                    id=why.rule_id,
                    value=why.rule.value if why.rule else None,
                    unit=why.rule.unit if why.rule and why.rule.value is not None else None,
                    source=why.rule.source if why.rule else None,
                    kind=why.rule.kind if why.rule else None,
                    policy_version=why.policy,
                ),
                skipped=[SkippedOut(date=skip.date, reason=skip.reason) for skip in why.skipped],
                extensions=[ExtensionOut(**_fields(extension, ExtensionOut)) for extension in why.extensions],
                pauses=[PauseOut(**_fields(pause, PauseOut)) for pause in why.pauses],
                reviews=[ReviewOut(**_fields(review, ReviewOut)) for review in why.reviews],
                ended_by=why.ended_by,
                rag=_rag_out(clock, on, policy, in_force),
                calendar_version=why.calendar,
            )
        )
    return answers


def _rag_out(clock: Clock, on: date, policy: Policy | None, calendar: Calendar) -> RagOut | None:
    colour = deadlines.rag((clock,), on, policy, calendar) if policy else None
    if policy is None or colour is None:
        return None
    return RagOut(colour=colour, amber_working_days=policy.rag.amber_working_days, source=policy.rag.source)


def event_out(recorded: Recorded) -> EventOut:
    """An event as its history shows it."""
    imported = recorded.known_at != recorded.recorded_at
    return EventOut(
        position=recorded.position,
        event_id=recorded.event_id,
        version=recorded.version,
        type=recorded.type,
        occurred=recorded.occurred,
        recorded_at=recorded.recorded_at,
        known_at_source=recorded.known_at if imported else None,
        actor=recorded.actor,
        data=recorded.data,
    )


def _fields(source: object, target: type[BaseModel]) -> dict[str, Any]:
    names: Sequence[str] = [name for name in target.model_fields if hasattr(source, name)]
    return {name: getattr(source, name) for name in names}
