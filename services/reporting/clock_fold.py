"""A complaint's events into its clocks, and into the reasons given for delays: what the cases service makes of them.

Due dates are taken from the events that set or moved them. What is worked out from them, by the calendar, is how a
last day stands that no event states: of a clock put off while it stood still, and what a pause, a newer calendar or
another day of receipt makes of the day that the first extension moved.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from services.reporting import standing
from services.reporting.facts import CaseFact, ClockFact, DelayFact, Facts
from shared import events as e
from shared.calendar import Calendar, OutsideCalendar
from shared.deadlines import counted_in
from shared.frozen import amended

Clocks = tuple[ClockFact, ...]


def changed(known: Facts, event: e.CaseEvent, calendar: Calendar) -> Facts:
    """The clocks and delays of a complaint after one more event; the rest of `known` is as it was before it."""
    case = known.cases[0]
    clocks = _changed(known.clocks, case, event, calendar)
    delays = (*known.delays, *_delay(known, case, event))
    if clocks is known.clocks and len(delays) == len(known.delays):
        return known
    return amended(known, clocks=clocks, delays=delays)


def _changed(  # noqa: C901 - one arm an event
    clocks: Clocks, case: CaseFact, event: e.CaseEvent, calendar: Calendar
) -> Clocks:
    match event:
        case e.CaseRouted():
            clocks = _started((), amended(case, pathway=event.pathway), event.deadlines)
            return _met(clocks, "complaint_acknowledged", case.acknowledged_on) if case.acknowledged_on else clocks
        case e.ComplaintAcknowledged():
            clocks = _met(clocks, "complaint_acknowledged", event.acknowledged_on)
        case e.PanelHeld():
            clocks = _met(clocks, "panel_held", event.held_on)
        case e.PanelReported():
            clocks = _met(clocks, "panel_reported", event.reported_on)
        case e.CaseEscalated():
            clocks = _met(clocks, "case_escalated", event.requested_on, case.stage)
            clocks = _ended(clocks, "escalated", event.requested_on, met_by="response_sent")
        case e.ResponseSent():
            clocks = _met(clocks, "response_sent", event.sent_on, event.stage)
        case e.CaseReopened():
            clocks = _runs_again(clocks)
        case e.StatementAgreed():
            pass
        case e.ClockPaused():
            return _for_each(clocks, lambda c: c.name in event.clocks, lambda c: _with(c, "paused_on", event.paused_on))
        case e.ClockResumed():
            return _resumed(clocks, event, calendar)
        case e.DeadlinesReviewed():
            return _reviewed(clocks, event, calendar)
        case e.ResponsePeriodSet() | e.DeadlineExtended():
            return _put_off(clocks, case, event, calendar)
        case e.CaseRefused():
            return _ended(clocks, "refused", event.refused_on)
        case e.ResolvedInformally(satisfied=True):
            return _ended(clocks, "resolved_informally", event.resolved_on)
        case e.CaseWithdrawn():
            return _ended(clocks, "withdrawn", event.withdrawn_on)
        case e.CaseTransferred():
            return _ended(clocks, "transferred", event.transferred_on)
        case e.CaseClosed():
            return _ended(clocks, "closed", event.closed_on)
        case e.CaseCorrected(field="received_at", after=str()):
            return _set_anew(clocks, case, event, calendar)
        case _:
            return clocks
    return _started(clocks, case, event.deadlines)


def _in_force(clocks: Clocks) -> dict[str, ClockFact]:
    """Of each name the last, in the order in which the names first came up."""
    return {clock.name: clock for clock in clocks}


def _for_each(clocks: Clocks, which: Callable[[ClockFact], bool], change: Callable[[ClockFact], ClockFact]) -> Clocks:
    """The clocks, those in force that are meant changed."""
    return _replaced(clocks, (change(clock) for clock in _in_force(clocks).values() if which(clock)))


def _last(clocks: Clocks) -> int:
    return clocks[-1].number if clocks else 0


def _replaced(clocks: Clocks, by: Iterable[ClockFact]) -> Clocks:
    others = {clock.number: clock for clock in by}
    return tuple(others.get(clock.number, clock) for clock in clocks) if others else clocks


def _with(clock: ClockFact, name: str, first: date) -> ClockFact:
    return clock if getattr(clock, name) else amended(clock, **{name: first})


def _set(deadline: e.Deadline) -> dict[str, Any]:
    """What a clock is by the deadline that set it."""
    return {
        "name": deadline.name,
        "stage": deadline.stage,
        "rule": deadline.rule,
        "kind": deadline.kind,
        "binds": deadline.binds,
        "met_by": deadline.met_by,
        "anchor": deadline.anchor,
        "started_on": deadline.anchor_on,
        "first_due_on": deadline.due_on,
    }


def _started(clocks: Clocks, case: CaseFact, deadlines: Sequence[e.Deadline]) -> Clocks:
    """New clocks; one that still runs begins anew, one that had stopped stays beside its successor."""
    for deadline in deadlines:
        before = _in_force(clocks).get(deadline.name)
        again = before if before and before.stopped_on is None else None
        clock = ClockFact(
            reference=case.reference,
            number=again.number if again else _last(clocks) + 1,
            pathway=case.pathway,
            due_on=deadline.due_on,
            **_set(deadline),
        )
        clocks = _replaced(clocks, (clock,)) if again else (*clocks, clock)
    return clocks


def _met(clocks: Clocks, met_by: str, on: date, stage: str | None = None) -> Clocks:
    """The clocks that awaited this, of a stage or of any, are met."""
    return _for_each(
        clocks,
        lambda clock: clock.stopped_on is None and clock.met_by == met_by and stage in (None, clock.stage),
        lambda clock: amended(clock, met_on=on),
    )


def _ended(clocks: Clocks, by: str, on: date, met_by: str | None = None) -> Clocks:
    """What still ran is not awaited any more: all of it, or what one event would have met."""
    return _for_each(
        clocks,
        lambda clock: clock.stopped_on is None and met_by in (None, clock.met_by),
        lambda clock: amended(clock, ended_on=on, ended_by=by),
    )


def _runs_again(clocks: Clocks) -> Clocks:
    """What the case's ending had stopped; a stage that was left unanswered is not taken up again."""
    return _for_each(
        clocks,
        lambda clock: clock.ended_on is not None and clock.ended_by != "escalated",
        lambda clock: amended(clock, ended_on=None, ended_by=None),
    )


def _resumed(clocks: Clocks, event: e.ClockResumed, calendar: Calendar) -> Clocks:
    due_on = {deadline.name: deadline.due_on for deadline in event.deadlines}

    def ran_again(clock: ClockFact) -> ClockFact:
        first = clock.unextended_due_on
        if first:
            first = _covered(lambda: standing.first_due_on(clock, event.resumed_on, calendar), first)
        return amended(clock, due_on=due_on[clock.name], unextended_due_on=first, paused_on=None)

    return _for_each(clocks, lambda clock: clock.name in due_on and clock.paused_on is not None, ran_again)


def _reviewed(clocks: Clocks, event: e.DeadlinesReviewed, calendar: Calendar) -> Clocks:
    """An extension's own day is stated: where a review moves it, it moves the day before the extension as far."""
    due_on = {deadline.name: deadline.due_on for deadline in event.deadlines}

    def counted_anew(clock: ClockFact) -> ClockFact:
        due, first = due_on[clock.name], clock.unextended_due_on
        moved = first and _as_far(first, clock.due_on, due, counted_in(clock, calendar))
        return amended(clock, due_on=due, unextended_due_on=moved, reviewed=clock.reviewed + 1)

    return _for_each(clocks, lambda clock: clock.name in due_on, counted_anew)


def _as_far(day: date, before: date, after: date, calendar: Calendar) -> date:
    """A day moved by the working days by which another was."""

    def moved() -> date:
        days = calendar.between(before, after)
        return calendar.add(day, days) if days >= 0 else calendar.subtract(day, -days)

    return _covered(moved, day)


def _covered(worked_out: Callable[[], date], otherwise: date) -> date:
    """A day that the calendar gives; another where it does not reach so far, for no stored event may be refused."""
    try:
        return worked_out()
    except OutsideCalendar:
        return otherwise


def _put_off(
    clocks: Clocks, case: CaseFact, event: e.ResponsePeriodSet | e.DeadlineExtended, calendar: Calendar
) -> Clocks:
    """Clocks that run are put off; a period that none runs for begins."""
    on = event.extended_on if isinstance(event, e.DeadlineExtended) else event.set_on
    beyond_cap = _beyond_cap(event) if isinstance(event, e.DeadlineExtended) else frozenset()
    for deadline in event.deadlines:
        clock = _in_force(clocks).get(deadline.name)
        if clock is None or clock.stopped_on:
            clocks = _started(clocks, case, (deadline,))
            continue
        last = _last_day(clock, on, calendar)
        later = amended(
            clock,
            due_on=deadline.due_on,
            unextended_due_on=clock.unextended_due_on or clock.due_on,
            extended=clock.extended + (deadline.due_on != clock.due_on),
            beyond_cap=clock.beyond_cap + (clock.rule in beyond_cap),
            extended_late=clock.extended_late or last < on,
        )
        clocks = _replaced(clocks, (later,))
    return clocks


def _last_day(clock: ClockFact, on: date, calendar: Calendar) -> date:
    return _covered(lambda: standing.due_on(clock, on, calendar), clock.due_on)


def _beyond_cap(event: e.DeadlineExtended) -> frozenset[str]:
    """The rules whose cap the extension exceeded."""
    return frozenset(breach.rule.removesuffix(".cap") for breach in event.breaches if breach.rule.endswith(".cap"))


def _set_anew(clocks: Clocks, case: CaseFact, event: e.CaseCorrected, calendar: Calendar) -> Clocks:
    """The clocks of another day of receipt: extended ones stay where they are, new ones stop as their like did."""
    in_force = _in_force(clocks)
    later = {deadline.name: deadline.due_on for deadline in event.resumed}
    gone = {name for name, clock in in_force.items() if clock.anchor == "representation_received"}
    gone -= {deadline.name for deadline in event.deadlines}
    kept = tuple(clock for clock in clocks if clock.name not in gone)
    for deadline in event.deadlines:
        clock = in_force.get(deadline.name)
        if clock and clock.unextended_due_on:
            first = _first_anew(clock, deadline, calendar)
            kept = _replaced(kept, (amended(clock, unextended_due_on=first, **_set(deadline)),))
        elif clock:
            due_on = later.get(deadline.name, deadline.due_on)
            kept = _replaced(kept, (amended(_unmoved(clock), due_on=due_on, **_set(deadline)),))
        else:
            kept = (*kept, _like(in_force.values(), case, deadline, _last(kept) + 1))
    return kept


def _first_anew(clock: ClockFact, deadline: e.Deadline, calendar: Calendar) -> date:
    """The day that the first extension would have moved: that of the new receipt, as far on as pauses had moved it."""
    before = clock.unextended_due_on or clock.first_due_on
    return _as_far(deadline.due_on, clock.first_due_on, before, counted_in(deadline, calendar))


def _unmoved(clock: ClockFact) -> ClockFact:
    return amended(clock, unextended_due_on=None, extended=0, beyond_cap=0, extended_late=False, reviewed=0)


def _like(clocks: Iterable[ClockFact], case: CaseFact, deadline: e.Deadline, number: int) -> ClockFact:
    """A clock that only the corrected day has, stopped as one that awaited the same."""
    like = next((c for c in clocks if (c.met_by, c.stage) == (deadline.met_by, deadline.stage)), None)
    (clock,) = _started((), case, (deadline,))
    clock = amended(clock, number=number)
    return amended(clock, met_on=like.met_on, ended_on=like.ended_on, ended_by=like.ended_by) if like else clock


def _delay(known: Facts, case: CaseFact, event: e.CaseEvent) -> tuple[DelayFact, ...]:
    """The reason that an event gives for a delay, if it gives one."""
    match event:
        case e.DeadlineExtended():
            given: dict[str, Any] = {
                "given_on": event.extended_on,
                "given_with": "extension",
                "reason": event.reason,
                "agreed": event.agreed_with_complainant,
                "beyond_cap": bool(_beyond_cap(event)),
            }
        case e.LatenessNotified():
            given = {"given_on": event.notified_on, "given_with": "notice", "reason": event.delay_reason}
        case _:
            return ()
    number = len(known.delays) + 1
    return (DelayFact(reference=case.reference, number=number, pathway=case.pathway, stage=case.stage, **given),)
