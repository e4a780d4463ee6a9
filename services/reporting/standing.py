"""How a clock stands on a day: in time, in extended time, or late; as `shared.deadlines` judges it."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from services.reporting.facts import ClockFact
from services.reporting.rows import Rows
from shared.calendar import Calendar
from shared.deadlines import counted_in, shifted

WITHIN, EXTENDED, LATE = "within time", "within extended time", "late"
NOT_CALLED_FOR = "not called for"
IN_TIME, OVERDUE = "running, in time", "running, overdue"
STANDINGS = (WITHIN, EXTENDED, LATE, NOT_CALLED_FOR, IN_TIME, OVERDUE)


class _Clock(NamedTuple):
    """What of a clock says how it stands."""

    kind: str
    due_on: date
    unextended_due_on: date | None
    extended_late: bool
    paused_on: date | None
    met_on: date | None
    ended_on: date | None


def due_on(clock: ClockFact | _Clock, on: date, calendar: Calendar) -> date:
    """The last day in time as it stands on a day: of a clock that stands still, as far off as when it stopped."""
    return _as_it_stands(clock, clock.due_on, on, calendar)


def first_due_on(clock: ClockFact | _Clock, on: date, calendar: Calendar) -> date:
    """The last day in time that it would have, as it stands on a day, had it never been put off."""
    return _as_it_stands(clock, clock.unextended_due_on or clock.due_on, on, calendar)


def _as_it_stands(clock: ClockFact | _Clock, last: date, on: date, calendar: Calendar) -> date:
    if clock.paused_on is None or clock.paused_on > on:
        return last
    until = min(on, clock.met_on or clock.ended_on or on)
    return shifted(last, clock.paused_on, until, counted_in(clock, calendar))


def standing(clock: ClockFact | _Clock, on: date, calendar: Calendar) -> str:
    """One of `STANDINGS`.

    Late is: it stopped after its last day, or was put off only when that had passed. What ended otherwise in time,
    because the complaint was withdrawn or taken to the next stage, was not called for.
    """
    last = due_on(clock, on, calendar)
    first = first_due_on(clock, on, calendar) if clock.unextended_due_on else last
    return _judged(last, first, clock.extended_late, clock.met_on, clock.ended_on, on)


def _judged(
    last: date,
    first: date,
    late: bool,  # noqa: FBT001
    met_on: date | None,
    ended_on: date | None,
    on: date,
) -> str:
    if late:
        return LATE
    stopped = met_on or ended_on
    if stopped is None or stopped > on:
        return IN_TIME if on <= last else OVERDUE
    if stopped > last:
        return LATE
    if met_on is None:
        return NOT_CALLED_FOR
    return WITHIN if stopped <= first else EXTENDED


def due_days(clocks: Rows[ClockFact], on: date, calendar: Calendar) -> Sequence[date]:
    """`due_on` of each of many."""
    found = list(clocks.column("due_on"))
    for place, clock in _stood_still(clocks):
        found[place] = due_on(clock, on, calendar)
    return found


def standings(clocks: Rows[ClockFact], on: date, calendar: Calendar) -> Sequence[str]:
    """`standing` of each of many."""
    each = clocks.each("due_on", "unextended_due_on", "extended_late", "met_on", "ended_on")
    found = [_judged(last, first or last, late, met_on, ended_on, on) for last, first, late, met_on, ended_on in each]
    for place, clock in _stood_still(clocks):
        found[place] = standing(clock, on, calendar)
    return found


def _stood_still(clocks: Rows[ClockFact]) -> Iterator[tuple[int, _Clock]]:
    """The few that have stood still, or do, and their places among the others."""
    for place, paused_on in enumerate(clocks.column("paused_on")):
        if paused_on is not None:
            yield place, _Clock(*(clocks.column(name)[place] for name in _Clock._fields))


def days_left(clock: ClockFact, on: date, calendar: Calendar) -> int:
    """The working days from a day to the last in time, 0 on that itself; over it they are below 0, at least 1 day."""
    calendar = counted_in(clock, calendar)
    if on <= clock.due_on:
        return calendar.between(on, clock.due_on)
    return -max(1, calendar.between(clock.due_on, on))
