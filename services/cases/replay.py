"""What if another policy had been in force? A case's own history, read again under it. Pure; nothing is recorded.

Each fact stays as it happened, and starts, moves and meets the clocks that the other policy has. An extension counts as
far as that policy's cap lets it. Days are counted in the calendar now in force, for both sides alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.cases.case import Case, evolve, moved
from services.cases.checks import running
from services.cases.course import may_move
from services.cases.particulars import past_pauses
from shared import deadlines, events
from shared.calendar import Calendar
from shared.codec import type_name
from shared.deadlines import Standing
from shared.events import CaseEvent, Deadline, Stage
from shared.policy import Policy


def read_again(history: Sequence[CaseEvent], policy: Policy, calendar: Calendar) -> Case | None:
    """The case as its history leaves it under another policy of its pathway; None for no history."""
    case: Case | None = None
    for event in history:
        case = evolve(case, _read(case, event, policy, calendar) if case else event)
    return case


def _read(case: Case, event: CaseEvent, policy: Policy, calendar: Calendar) -> CaseEvent:
    """The same fact, with the clocks of the other policy."""
    if isinstance(event, events.CaseRouted):
        return replace(event, deadlines=_routed(case, event, policy, calendar))
    if case.pathway != policy.pathway or case.stage is None:
        return event
    stage = case.stage
    match event:
        case (
            events.ComplaintAcknowledged()
            | events.CaseEscalated()
            | events.StatementAgreed()
            | events.PanelHeld()
            | events.PanelReported()
            | events.ResponseSent()
        ):
            return replace(event, deadlines=_started(case, event, policy, stage, calendar))
        case events.ResponsePeriodSet():
            return replace(event, deadlines=_period(event, policy, stage, calendar))
        case events.DeadlineExtended():
            return replace(event, deadlines=_extended(case, event, policy, stage, calendar))
        case events.ClockPaused():
            return replace(event, clocks=_paused(case, policy, stage))
        case events.ClockResumed():
            stilled = [clock for clock in case.clocks.values() if clock.paused_on]
            return replace(
                event, deadlines=tuple(deadlines.resumed(clock, event.resumed_on, calendar) for clock in stilled)
            )
        case events.DeadlinesReviewed():
            return replace(event, deadlines=())
        case events.CaseCorrected() if event.deadlines:
            return _corrected(case, event, policy, calendar)
        case _:
            return event


_Starting = (
    events.ComplaintAcknowledged
    | events.CaseEscalated
    | events.StatementAgreed
    | events.PanelHeld
    | events.PanelReported
    | events.ResponseSent
)


def _started(case: Case, event: _Starting, policy: Policy, stage: Stage, calendar: Calendar) -> tuple[Deadline, ...]:
    """The clocks that a fact starts; an acknowledgement after the answer starts none."""
    if isinstance(event, events.ComplaintAcknowledged) and case.current and case.current.responded_on:
        return ()
    at: Stage = getattr(event, "stage", stage)
    clocks = deadlines.start(policy, type_name(event), at, getattr(event, event.OCCURRED), calendar)
    if isinstance(event, events.CaseEscalated) and not any(map(_acknowledged, event.deadlines)):
        return tuple(clock for clock in clocks if not _acknowledged(clock))
    return clocks


def _acknowledged(deadline: Deadline) -> bool:
    """Whether it asks for an acknowledgement; what the procedure never asked for at a stage was not left undone."""
    return deadline.met_by == "complaint_acknowledged"


def _paused(case: Case, policy: Policy, stage: Stage) -> tuple[str, ...]:
    pausable = {rule.id for rule in policy.rules if rule.pausable}
    awaited = running(case, "response_sent", stage)
    return tuple(clock.deadline.name for clock in awaited if clock.deadline.rule in pausable)


def _routed(case: Case, event: events.CaseRouted, policy: Policy, calendar: Calendar) -> tuple[Deadline, ...]:
    if event.pathway != policy.pathway:
        return event.deadlines
    first = policy.stages[0]
    clocks = deadlines.start(policy, "representation_received", first, case.received_on, calendar)
    if case.acknowledged_on:
        clocks += deadlines.start(policy, "complaint_acknowledged", first, case.acknowledged_on, calendar)
    return clocks


def _period(event: events.ResponsePeriodSet, policy: Policy, stage: Stage, calendar: Calendar) -> tuple[Deadline, ...]:
    stated = event.deadlines[0].due_on
    rules = policy.anchored_on("response_period_set", stage)
    return tuple(deadlines.set_deadline(policy, rule, event.set_on, calendar, stated) for rule in rules)


def _extended(
    case: Case, event: events.DeadlineExtended, policy: Policy, stage: Stage, calendar: Calendar
) -> tuple[Deadline, ...]:
    new_due_on = max(deadline.due_on for deadline in event.deadlines)
    awaited = {clock.deadline.rule: clock for clock in running(case, "response_sent", stage)}
    found = []
    for rule in policy.extendable(stage):
        clock = awaited.get(rule.id)
        if clock is None and rule.counting == "as_stated":
            found.append(deadlines.set_deadline(policy, rule, event.extended_on, calendar, new_due_on))
        elif clock and may_move(rule, clock, event.extended_on, agreed=event.agreed_with_complainant):
            until = min(filter(None, (new_due_on, deadlines.cap(rule, clock, calendar))))
            if until > clock.deadline.due_on:
                found.append(moved(clock.deadline, until))
    return tuple(found)


def _corrected(case: Case, event: events.CaseCorrected, policy: Policy, calendar: Calendar) -> CaseEvent:
    received_on = event.deadlines[0].anchor_on
    clocks = deadlines.start(policy, "representation_received", policy.stages[0], received_on, calendar)
    return replace(event, deadlines=clocks, resumed=past_pauses(case, clocks, calendar))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many clocks of a name were met in time, were late, and still run in time."""

    in_time: int = 0
    late: int = 0
    running: int = 0

    def add(self, stands: Standing) -> "Tally":
        """With one more."""
        return Tally(
            self.in_time + (stands.state == "met"),
            self.late + (stands.state == "missed"),
            self.running + (stands.state == "due"),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a stage: when it was sent, and the clocks that it met or missed."""

    stage: Stage
    sent_on: date
    clocks: tuple[Standing, ...]

    @property
    def in_time(self) -> bool:
        """Whether no clock of the stage was missed."""
        return all(stands.state != "missed" for stands in self.clocks)


def answers(case: Case, calendar: Calendar) -> dict[Stage, Answer]:
    """Each stage that was answered."""
    return {
        name: Answer(name, stage.responded_on, tuple(_standings(case, name, stage.responded_on, calendar)))
        for name, stage in case.stages.items()
        if stage.responded_on
    }


def _standings(case: Case, stage: Stage, on: date, calendar: Calendar) -> Iterable[Standing]:
    for clock in case.clocks.values():
        if (clock.deadline.met_by, clock.deadline.stage) == ("response_sent", stage):
            yield deadlines.judged(clock, on, calendar)


def tallies(cases: Iterable[Case], on: date, calendar: Calendar) -> Mapping[str, Tally]:
    """How the council's clocks stand on a day, by name; those that ended before they were due are left out."""
    found: dict[str, Tally] = {}
    for case in cases:
        for name, clock in case.clocks.items():
            stands = deadlines.judged(clock, on, calendar)
            if clock.deadline.binds == "council" and (stands.state == "missed" or not clock.ended_by):
                found[name] = found.get(name, Tally()).add(stands)
    return found
