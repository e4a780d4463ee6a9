"""What is true of a case: its state, and `evolve`, which says what is true after one more fact.

`evolve` has no rules and never fails for a stored event: whether a fact may come about is decided in `decide.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar, assert_never

from shared import deadlines, events
from shared.clock import london_date
from shared.deadlines import Clock, Extension
from shared.events import (
    Breach,
    CaseEvent,
    Commitment,
    Concern,
    Deadline,
    Finding,
    Kind,
    OmbudsmanCategory,
    Outcome,
    Stage,
)
from shared.frozen import replace


@dataclass(frozen=True, slots=True)
class StageState:
    """How far a stage has come; dates are None until it happened."""

    started_on: date
    acknowledged_on: date | None = None
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
    evidence: str | None = None


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
    found: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """When a case ended without an answer, and how: `withdrawn`, `refused`, `resolved_informally` or `transferred`."""

    how: str
    on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AtOmbudsman:
    """An enquiry of the Ombudsman about the case, by the Ombudsman's reference; `back_on` once it is over."""

    enquiry: str
    since: date
    back_on: date | None = None
    category: OmbudsmanCategory | None = None


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Why everything about the case is kept for now, and since when."""

    placed_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """A party whose personal data is gone, since when and on which ground."""

    party: str
    erased_on: date
    ground: str


@dataclass(frozen=True)  # without slots: each event of a history makes a new one, see `shared.frozen`
class Case:
    """What is true of a representation after its events so far.

    `decided_on` is the day of its last decision, also when it was reopened since. `restricted_to` is None until someone
    restricts it, and empty once that is lifted.
    """

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
    restricted_to: tuple[str, ...] | None = None
    flags: tuple[str, ...] = ()
    lateness_notified_on: date | None = None
    decided_on: date | None = None
    ending: Ending | None = None
    closed_on: date | None = None
    reopened_on: date | None = None
    enquiries: Mapping[str, AtOmbudsman] = field(default_factory=dict)
    legal_hold: LegalHold | None = None
    erasures: tuple[Erasure, ...] = ()
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
    def with_ombudsman(self) -> bool:
        """Whether the Ombudsman has the complaint now."""
        return any(enquiry.back_on is None for enquiry in self.enquiries.values())

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
    def parties(self) -> tuple[str, ...]:
        """The parties whose personal data is held."""
        return tuple(dict.fromkeys(commitment.party for commitment in self.commitments))

    @property
    def findings(self) -> Mapping[int, Outcome]:
        """The finding of each concern, by its number, at the last stage that found on it."""
        return {found.concern: found.outcome for state in self.stages.values() for found in state.findings}

    @property
    def officer(self) -> str | None:
        """Who investigates."""
        return self.roles.get("investigating_officer") or next(iter(self.roles.values()), None)


Item = TypeVar("Item", Remedy, Learning)
OPEN_STATUSES = ("received", "acknowledged", "reopened", "escalated", "decided")
"""The statuses of a case whose answer is awaited."""


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
    return replace(case, **_changes(case, event), version=case.version + 1, breaches=breaches)


def _changes(case: Case, event: CaseEvent) -> dict[str, Any]:  # noqa: C901 - one branch an event
    """Which fields of the case an event changes, beside its version and breaches."""
    match event:
        case events.CaseRouted():
            return _routed(case, event)
        case events.ComplaintAcknowledged():
            met = _met(case.clocks, "complaint_acknowledged", None, event.acknowledged_on)
            state = replace(
                case.stages.get(event.stage, StageState(case.received_on)), acknowledged_on=event.acknowledged_on
            )
            return {
                "acknowledged_on": case.acknowledged_on or event.acknowledged_on,
                "stages": {**case.stages, event.stage: state},
                "clocks": _with(met, event.deadlines),
            }
        case events.StatementAgreed():
            return {"clocks": _with(case.clocks, event.deadlines)}
        case events.PanelHeld():
            clocks = _met(case.clocks, "panel_held", None, event.held_on)
            return {"clocks": _with(clocks, event.deadlines)}
        case events.PanelReported():
            clocks = _met(case.clocks, "panel_reported", None, event.reported_on)
            return {"clocks": _with(clocks, event.deadlines)}
        case events.ClockPaused():
            return {"clocks": _paused(case.clocks, event)}
        case events.ClockResumed():
            return {"clocks": _resumed(case.clocks, event)}
        case events.DeadlinesReviewed():
            return {"clocks": _reviewed(case.clocks, event)}
        case events.ResponsePeriodSet():
            return {"clocks": _amended(case.clocks, event)}
        case events.CaseAssigned():
            return {"roles": {**case.roles, event.role: event.officer}}
        case events.DeadlineExtended():
            return {"clocks": _extended(case.clocks, event)}
        case events.CaseEscalated():
            stages = {**case.stages, event.stage: StageState(event.requested_on)}
            asked = _met(case.clocks, "case_escalated", case.stage, event.requested_on)
            clocks = _with(_left_unanswered(asked, event.requested_on), event.deadlines)
            return {"stage": event.stage, "stages": stages, "clocks": clocks, "closed_on": None, "reopened_on": None}
        case events.StageDecided():
            state = replace(
                case.stages.get(event.stage, StageState(case.received_on)),
                decided_on=event.decided_on,
                outcome=event.outcome,
                decided_by=event.decided_by,
                findings=event.findings,
            )
            return {"stages": {**case.stages, event.stage: state}, "decided_on": event.decided_on}
        case events.ResponseSent():
            state = replace(case.stages[event.stage], responded_on=event.sent_on, signed_by=event.signed_by)
            clocks = _met(case.clocks, "response_sent", event.stage, event.sent_on)
            return {"stages": {**case.stages, event.stage: state}, "clocks": _with(clocks, event.deadlines)}
        case events.LatenessNotified():
            return {"lateness_notified_on": event.notified_on}
        case events.RemedyAgreed():
            remedy = Remedy(event.remedy, event.type, event.agreed_on, event.amount_pence, event.due_on)
            return {"remedies": (*case.remedies, remedy)}
        case events.RemedyCompleted():
            done = _completed(case.remedies, event.remedy, event.completed_on)
            kept = tuple(replace(r, evidence=event.evidence) if r.number == event.remedy else r for r in done)
            return {"remedies": kept}
        case events.LearningRecorded():
            learning = Learning(
                number=event.learning,
                lesson=event.lesson,
                action=event.action,
                owner=event.owner,
                due_on=event.due_on,
                recorded_on=event.recorded_on,
                found=event.found,
                type=event.type,
            )
            return {"learning": (*case.learning, learning)}
        case events.LearningCompleted():
            return {"learning": _completed(case.learning, event.learning, event.completed_on)}
        case events.CaseLinked():
            return {"links": (*case.links, event.reference)}
        case events.CaseRestricted():
            return {"restricted_to": event.staff}
        case events.FlagsRecorded():
            return {"flags": event.flags}
        case events.CaseRefused():
            return _ended(case, Ending("refused", event.refused_on, event.ground))
        case events.ResolvedInformally():
            return _ended(case, Ending("resolved_informally", event.resolved_on)) if event.satisfied else {}
        case events.CaseWithdrawn():
            return _ended(case, Ending("withdrawn", event.withdrawn_on, event.reason))
        case events.CaseTransferred():
            return _ended(case, Ending("transferred", event.transferred_on))
        case events.CaseClosed():
            return {"closed_on": event.closed_on, "clocks": _stopped(case.clocks, event.closed_on, "closed")}
        case events.CaseReopened():
            return _reopened(case, event)
        case events.CaseCorrected():
            return _corrected(case, event)
        case events.LegalHoldPlaced():
            return {"legal_hold": LegalHold(event.placed_on, event.reason)}
        case events.LegalHoldLifted():
            return {"legal_hold": None}
        case events.PersonalDataErased():
            return _erased(case, event)
        case events.ProgressTold():
            return {"clocks": _told(case.clocks)} if event.due_dates_told else {}
        case events.CharacteristicsRecorded():
            return {}
        case events.WithOmbudsman():
            return {"enquiries": {**case.enquiries, event.enquiry: AtOmbudsman(event.enquiry, event.since)}}
        case events.BackFromOmbudsman():
            at = case.enquiries.get(event.enquiry, AtOmbudsman(event.enquiry, event.back_on))
            back = replace(at, back_on=event.back_on, category=event.category)
            return {"enquiries": {**case.enquiries, event.enquiry: back}}
        case events.ProviderContacted() | events.ProviderResponded() | events.RepresentationReceived():
            return {}
        case _:
            assert_never(event)


def _routed(case: Case, event: events.CaseRouted) -> dict[str, Any]:
    clocks = _with({}, event.deadlines)
    if case.acknowledged_on:
        clocks = _met(clocks, "complaint_acknowledged", None, case.acknowledged_on)
    first: Stage = "stage_1"
    return {"pathway": event.pathway, "stage": first, "stages": {first: StageState(case.received_on)}, "clocks": clocks}


def awaits(clock: Clock, met_by: str, stage: Stage | None) -> bool:
    """Whether a clock runs until that event of that stage, or of any stage for None."""
    return clock.stopped_on is None and clock.deadline.met_by == met_by and stage in (None, clock.deadline.stage)


def moved(deadline: Deadline, due_on: date) -> Deadline:
    """A deadline on a stated date, which hangs on no calendar, so that it is not provisional."""
    return replace(deadline, due_on=due_on, told_on=due_on, provisional=False)


def _with(clocks: Mapping[str, Clock], new: Sequence[Deadline]) -> dict[str, Clock]:
    return {**clocks, **{deadline.name: Clock(deadline, deadline) for deadline in new}}


def _met(clocks: Mapping[str, Clock], met_by: str, stage: Stage | None, on: date) -> dict[str, Clock]:
    return {
        name: replace(clock, met_on=on) if awaits(clock, met_by, stage) else clock for name, clock in clocks.items()
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
            amended[deadline.name] = replace(clock, deadline=deadline, moves=(*clock.moves, amendment))
    return amended


def _paused(clocks: Mapping[str, Clock], event: events.ClockPaused) -> dict[str, Clock]:
    stilled = {name: clocks[name] for name in event.clocks if name in clocks}
    still = {name: deadlines.paused(clock, event.paused_on, event.reason) for name, clock in stilled.items()}
    return {**clocks, **still}


def _resumed(clocks: Mapping[str, Clock], event: events.ClockResumed) -> dict[str, Clock]:
    again = dict(clocks)
    for deadline in event.deadlines:
        if (clock := clocks.get(deadline.name)) and clock.paused_on:
            again[deadline.name] = deadlines.ran_again(clock, event.resumed_on, deadline)
    return again


def _reviewed(clocks: Mapping[str, Clock], event: events.DeadlinesReviewed) -> dict[str, Clock]:
    anew = {
        deadline.name: deadlines.reviewed(clocks[deadline.name], event.reviewed_on, deadline)
        for deadline in event.deadlines
        if deadline.name in clocks
    }
    return {**clocks, **anew}


def _told(clocks: Mapping[str, Clock]) -> dict[str, Clock]:
    """Whoever was told the due dates as they stand was told those of every clock that runs."""
    return {
        name: clock
        if clock.stopped_on
        else replace(clock, deadline=replace(clock.deadline, told_on=clock.deadline.due_on))
        for name, clock in clocks.items()
    }


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


def _ended(case: Case, ending: Ending) -> dict[str, Any]:
    return {"ending": ending, "clocks": _stopped(case.clocks, ending.on, ending.how)}


def _reopened(case: Case, event: events.CaseReopened) -> dict[str, Any]:
    """The last stage begins anew; clocks that the ending had stopped run again, those that were met stay met."""
    clocks = {
        name: clock if clock.ended_by == "escalated" else replace(clock, ended_on=None, ended_by=None)
        for name, clock in case.clocks.items()
    }
    stages = {**case.stages, case.stage: StageState(event.reopened_on)} if case.stage else case.stages
    return {
        "ending": None,
        "closed_on": None,
        "reopened_on": event.reopened_on,
        "stages": stages,
        "clocks": _with(clocks, event.deadlines),
    }


def _erased(case: Case, event: events.PersonalDataErased) -> dict[str, Any]:
    """What was committed to is gone; the history keeps the commitments, which without it say nothing."""
    return {
        "commitments": tuple(held for held in case.commitments if held.party != event.party),
        "erasures": (*case.erasures, Erasure(event.party, event.erased_on, event.ground)),
    }


def _set_anew(clocks: Mapping[str, Clock], event: events.CaseCorrected) -> dict[str, Clock]:
    """The clocks of another day of receipt. Those that its policy has not are gone; new ones stop as their like did.

    They are counted in the calendar now in force, so that earlier reviews say nothing any more.
    """
    kept = {name: clock for name, clock in clocks.items() if clock.set.anchor != "representation_received"}
    later = {deadline.name: deadline for deadline in event.resumed}
    for deadline in event.deadlines:
        clock = clocks.get(deadline.name)
        if clock and clock.extensions:
            kept[deadline.name] = replace(clock, set=deadline, deadline=moved(deadline, clock.deadline.due_on))
        elif clock:
            kept[deadline.name] = replace(
                clock, set=deadline, deadline=later.get(deadline.name, deadline), moves=clock.pauses
            )
        else:
            like = [c for c in clocks.values() if (c.set.met_by, c.set.stage) == (deadline.met_by, deadline.stage)]
            kept[deadline.name] = replace(
                next(iter(like), Clock(deadline, deadline)), set=deadline, deadline=deadline, moves=()
            )
    return kept


def _corrected(case: Case, event: events.CaseCorrected) -> dict[str, Any]:
    if event.field == "received_at" and event.after:
        received_at = datetime.fromisoformat(event.after)
        received_on = london_date(received_at)
        begun = {
            name: replace(state, started_on=received_on) if state.started_on == case.received_on else state
            for name, state in list(case.stages.items())[:1]
        }
        return {
            "received_at": received_at,
            "received_on": received_on,
            "stages": {**case.stages, **begun},
            "clocks": _set_anew(case.clocks, event),
        }
    party, personal, name = event.field.partition(".")
    if personal:
        others = tuple(held for held in case.commitments if (held.party, held.field) != (party, name))
        return {"commitments": (*others, Commitment(party, name, event.after or ""))}
    value = event.after == "true" if event.field == "made_orally" else event.after
    return {event.field: value}  # the field is one that `CorrectCase` names
