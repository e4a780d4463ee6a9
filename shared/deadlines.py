"""From an anchor and a rule to a due date, how a deadline stands on a day, and how it came about. Pure.

The three ways in which the texts count are kept apart (`policy.Counting`):
- "not later than N working days after the day": the day itself is day 0;
- "beginning with the day": the day itself is day 1, so months end the day before the same date N months on;
- "not later than N months after the date": the corresponding date itself is still in time.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from shared.calendar import Calendar, Skipped
from shared.events import Breach, Deadline, DeadlineExtended, Stage
from shared.policy import Policy, Rule

State = Literal["due", "met", "missed"]
RagColour = Literal["green", "amber", "red"]
_WORST_FIRST: tuple[RagColour, ...] = ("red", "amber", "green")


@dataclass(frozen=True, slots=True)
class Extension:
    """One moving of a due date."""

    extended_on: date
    before: date
    after: date
    reason: str
    agreed_with_complainant: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline of a case as it stands: as set, as extended, and the day on which it was met or ended otherwise."""

    set: Deadline
    deadline: Deadline
    extensions: tuple[Extension, ...] = ()
    met_on: date | None = None
    ended_on: date | None = None
    ended_by: str | None = None

    @property
    def stopped_on(self) -> date | None:
        """The day on which the clock stopped, for whatever reason."""
        return self.met_on or self.ended_on


@dataclass(frozen=True, slots=True)
class Standing:
    """How a deadline stands on a day; `days_late` in its own unit (working days, or calendar days where months)."""

    name: str
    due_on: date
    told_on: date | None
    state: State
    days_late: int
    provisional: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due date came about: counting the days after `anchor_on` without those skipped gives the date as set."""

    anchor: str
    anchor_on: date
    rule: Rule | None
    rule_id: str
    skipped: tuple[Skipped, ...]
    extensions: tuple[Extension, ...]
    calendar: str
    policy: str
    ended_by: str | None


def add_months(start: date, months: int) -> date:
    """The same day so many months on, or the month's last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def due_on(rule: Rule, anchor_on: date, calendar: Calendar) -> date:
    """The last day in time under a rule whose clock starts on `anchor_on`. The rule must have a value."""
    if rule.value is None:
        raise ValueError(f"{rule.id} has no value of its own: its date is stated case by case")
    before = timedelta(days=1 if rule.counting == "beginning_with_the_day" else 0)
    if rule.unit == "working_days":
        return calendar.add(anchor_on - before, rule.value)
    last = add_months(anchor_on, rule.value) if rule.unit == "months" else anchor_on + timedelta(days=rule.value)
    return last - before


@cache
def statutory(calendar: Calendar) -> Calendar:
    """The calendar that a limit set by law counts in: the days on which the authority chose to close are working days.

    The law excepts weekends, Christmas Day, Good Friday and bank holidays only (SI 2006/1681 reg 2).
    """
    return calendar.with_closures({}) if calendar.closures else calendar


def set_deadline(
    policy: Policy, rule: Rule, anchor_on: date, calendar: Calendar, stated: date | None = None
) -> Deadline:
    """A deadline as an event keeps it: computed from the rule, or `stated` where the rule leaves it to the case."""
    calendar = statutory(calendar) if rule.kind == "law" else calendar
    due = stated or due_on(rule, anchor_on, calendar)
    return Deadline(
        name=rule.name,
        due_on=due,
        rule=rule.id,
        unit=rule.unit,
        anchor=rule.anchor,
        anchor_on=anchor_on,
        met_by=rule.met_by,
        stage=rule.stage,
        policy=policy.version,
        calendar=calendar.version,
        provisional=stated is None and calendar.provisional(due),
        told_on=stated,
    )


def start(policy: Policy, event: str, stage: Stage, on: date, calendar: Calendar) -> tuple[Deadline, ...]:
    """The deadlines of the clocks that an event starts at a stage."""
    return tuple(
        set_deadline(policy, rule, on, calendar) for rule in policy.anchored_on(event, stage) if rule.value is not None
    )


def extended(clock: Clock, event: DeadlineExtended, deadline: Deadline) -> Clock:
    """The clock after an extension: the first date is kept beside the new one."""
    extension = Extension(
        event.extended_on, clock.deadline.due_on, deadline.due_on, event.reason, event.agreed_with_complainant
    )
    return Clock(clock.set, deadline, (*clock.extensions, extension), clock.met_on, clock.ended_on, clock.ended_by)


def standing(clock: Clock, on: date, calendar: Calendar) -> Standing:
    """How the deadline stands on a day, knowing nothing of later days."""
    stopped = clock.stopped_on if clock.stopped_on and clock.stopped_on <= on else None
    due = _stood(clock, on)
    late = days_late(due, stopped or on, calendar)
    state: State = "missed" if late else "met" if stopped else "due"
    return Standing(due.name, due.due_on, due.told_on, state, late, due.provisional)


def _stood(clock: Clock, on: date) -> Deadline:
    """The deadline without the extensions of later days."""
    known = [extension for extension in clock.extensions if extension.extended_on <= on]
    if len(known) == len(clock.extensions):
        return clock.deadline
    if not known:
        return clock.set
    return replace(clock.deadline, due_on=known[-1].after, told_on=known[-1].after)


def days_late(deadline: Deadline, on: date, calendar: Calendar) -> int:
    """How far past its due date a day is: in working days for a working-day rule, else in calendar days; at least 0.

    A day after the due date is late even where no working day lies between.
    """
    if on <= deadline.due_on:
        return 0
    if deadline.unit == "working_days":
        return max(1, calendar.between(deadline.due_on, on))
    return (on - deadline.due_on).days


def explain(clock: Clock, policy: Policy | None, calendar: Calendar) -> Explanation:
    """How the deadline came about, under the policy and the calendar that it cites."""
    first = clock.set
    rule = policy.rule(first.rule) if policy else None
    counted = first.unit == "working_days" and rule is not None and rule.value is not None
    return Explanation(
        anchor=first.anchor,
        anchor_on=first.anchor_on,
        rule=rule,
        rule_id=first.rule,
        skipped=calendar.skipped(first.anchor_on, first.due_on) if counted else (),
        extensions=clock.extensions,
        calendar=first.calendar,
        policy=first.policy,
        ended_by=clock.ended_by,
    )


def rag(clocks: Sequence[Clock], on: date, policy: Policy, calendar: Calendar) -> RagColour | None:
    """The worst colour of the clocks that still run: red late, amber near the end (the policy says how near), green."""
    colours = [
        _colour(clock, on, policy, calendar) for clock in clocks if not (clock.stopped_on and clock.stopped_on <= on)
    ]
    return next((colour for colour in _WORST_FIRST if colour in colours), None)


def _colour(clock: Clock, on: date, policy: Policy, calendar: Calendar) -> RagColour:
    due_on = _stood(clock, on).due_on
    if on > due_on:
        return "red"
    return "amber" if calendar.between(on, due_on) < policy.rag.amber_working_days else "green"


def missed(clocks: Sequence[Clock], on: date, policy: Policy) -> tuple[Breach, ...]:
    """A breach for each of the clocks that stopped only after its due date."""
    return tuple(b for clock in clocks if on > clock.deadline.due_on for b in policy.breach(clock.deadline.rule))
