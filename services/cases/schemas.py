"""What the cases service answers. Bodies that come in are the commands themselves."""

from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.cases.case import Case
from shared import deadlines
from shared.authority import authority
from shared.citations import Citations
from shared.deadlines import RagColour
from shared.explained import ExplainedDeadlineOut, explained_deadlines
from shared.log import Recorded
from shared.policy import policy_book


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


class AtOmbudsmanOut(BaseModel):
    """An enquiry of the Ombudsman about the case; `back_on` once it is over, with its category."""

    enquiry: str
    since: date
    back_on: date | None
    category: str | None


class LegalHoldOut(BaseModel):
    """The hold that keeps everything of the case."""

    placed_on: date
    reason: str


class ErasureOut(BaseModel):
    """A party whose personal data was erased."""

    party: str
    erased_on: date
    ground: str


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
    with_ombudsman: bool
    enquiries: list[AtOmbudsmanOut]
    restricted_to: list[str]
    flags: list[str]
    ended_on: date | None
    closed_on: date | None
    legal_hold: LegalHoldOut | None
    erasures: list[ErasureOut]
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
    flags: list[str]


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


class FoundParty(BaseModel):
    """A party of a representation that was looked for."""

    reference: str
    party: str


class PeoplePage(BaseModel):
    """A page of what a look-up found."""

    items: list[FoundParty]
    next: str | None


class PersonalDataRead(BaseModel):
    """One reading of personal data: opened, or looked up; `reference` is null where a look-up found nobody."""

    read_at: datetime
    actor: str
    reason: str
    how: Literal["opened", "looked_up"]
    reference: str | None
    fields: list[str]


class PersonalDataReadPage(BaseModel):
    """A page of what was read, newest first."""

    items: list[PersonalDataRead]
    next: str | None


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
    explained = explained_deadlines(authority_code, case.clocks, on, citations)
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
        with_ombudsman=case.with_ombudsman,
        enquiries=[AtOmbudsmanOut(**_fields(enquiry, AtOmbudsmanOut)) for enquiry in case.enquiries.values()],
        restricted_to=list(case.restricted_to or ()),
        flags=list(case.flags),
        ended_on=case.ending.on if case.ending else None,
        closed_on=case.closed_on,
        legal_hold=LegalHoldOut(**_fields(case.legal_hold, LegalHoldOut)) if case.legal_hold else None,
        erasures=[ErasureOut(**_fields(erasure, ErasureOut)) for erasure in case.erasures],
        breaches=[BreachOut(rule=b.rule, source=b.source) for b in case.breaches],
    )


def representation_out(reference: str, state: Case) -> RepresentationOut:
    """A compliment or a comment."""
    return RepresentationOut(
        reference=reference,
        kind=state.kind,
        received_on=state.received_on,
        channel=state.channel,
        service_area=state.service_area,
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


def event_out(recorded: Recorded, kept: Container[str] = ()) -> EventOut:
    """An event as its history shows it; a link to one of the cases `kept` from whoever asks says no reference."""
    data = recorded.data
    if recorded.type == "case_linked" and data["reference"] in kept:
        data["reference"] = None
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
        data=data,
    )


def _fields(source: object, target: type[BaseModel]) -> dict[str, Any]:
    names: Sequence[str] = [name for name in target.model_fields if hasattr(source, name)]
    return {name: getattr(source, name) for name in names}
