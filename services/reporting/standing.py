"""How a clock stands on a day: in time, in extended time, or late; as `shared.deadlines` judges it."""

from datetime import date

from services.reporting.facts import ClockFact
from shared.calendar import Calendar
from shared.deadlines import counted_in, shifted

WITHIN, EXTENDED, LATE = "within time", "within extended time", "late"
NOT_CALLED_FOR = "not called for"
IN_TIME, OVERDUE = "running, in time", "running, overdue"
STANDINGS = (WITHIN, EXTENDED, LATE, NOT_CALLED_FOR, IN_TIME, OVERDUE)


def due_on(clock: ClockFact, on: date, calendar: Calendar) -> date:
    """The last day in time as it stands on a day: of a clock that stands still, as far off as when it stopped."""
    return _as_it_stands(clock, clock.due_on, on, calendar)


def first_due_on(clock: ClockFact, on: date, calendar: Calendar) -> date:
    """The last day in time that it would have, as it stands on a day, had it never been put off."""
    return _as_it_stands(clock, clock.unextended_due_on or clock.due_on, on, calendar)


def _as_it_stands(clock: ClockFact, last: date, on: date, calendar: Calendar) -> date:
    if clock.paused_on is None or clock.paused_on > on:
        return last
    return shifted(last, clock.paused_on, min(on, clock.stopped_on or on), counted_in(clock, calendar))


def standing(clock: ClockFact, on: date, calendar: Calendar) -> str:
    """One of `STANDINGS`.

    Late is: it stopped after its last day, or was put off only when that had passed. What ended otherwise in time,
    because the complaint was withdrawn or taken to the next stage, was not called for.
    """
    last = due_on(clock, on, calendar)
    if clock.extended_late:
        return LATE
    stopped = clock.stopped_on if clock.stopped_on and clock.stopped_on <= on else None
    if stopped is None:
        return IN_TIME if on <= last else OVERDUE
    if stopped > last:
        return LATE
    if clock.met_on is None:
        return NOT_CALLED_FOR
    return WITHIN if stopped <= first_due_on(clock, on, calendar) else EXTENDED


def days_left(clock: ClockFact, on: date, calendar: Calendar) -> int:
    """The working days from a day to the last in time, 0 on that itself; over it they are below 0, at least 1 day."""
    calendar = counted_in(clock, calendar)
    if on <= clock.due_on:
        return calendar.between(on, clock.due_on)
    return -max(1, calendar.between(clock.due_on, on))
