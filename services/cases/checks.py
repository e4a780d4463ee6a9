"""What the decisions have in common: the rules they go by, the states and the dates that cannot be.

Each check raises `Rejected` and answers nothing but what its caller needs.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from services.cases.case import Case, Item, awaits
from shared.authority import Authority
from shared.calendar import Calendar, OutsideCalendar
from shared.clock import LONDON, london_date
from shared.deadlines import Clock
from shared.errors import Rejected, bad_value
from shared.events import Stage
from shared.policy import Policy, PolicyBook
from shared.retention import Schedule, schedule


@dataclass(frozen=True, slots=True)
class Rules:
    """What a decision goes by: the authority's codes and calendar, its policies, and the Ombudsman's enquiries.

    `enquiries_over` has an entry for each enquiry about the case: the day on which it was over, None while it is not.
    Only an erasure asks for them.
    """

    authority: Authority
    policies: PolicyBook
    enquiries_over: tuple[date | None, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """The working days of the authority."""
        return self.authority.calendar

    @property
    def schedule(self) -> Schedule:
        """How long the authority keeps personal data."""
        return schedule(self.authority.code)


def policy_of(case: Case, rules: Rules) -> Policy:
    """The policy in force when the case was received, which it keeps."""
    if case.pathway is None:
        raise Rejected("not_routed", "the case has no pathway yet: route it first")
    return rules.policies.in_force(case.pathway, case.received_on)


def still_open(case: Case) -> None:
    """Nothing more is done on a case that has ended or is closed."""
    if case.closed_on or case.ending:
        raise Rejected("case_ended", f"the case is {case.status}")


def not_decided(case: Case) -> None:
    """A stage is decided once."""
    if case.current and case.current.decided_on:
        raise Rejected("stage_already_decided", f"{case.stage} was decided on {case.current.decided_on}")


def unanswered(case: Case) -> Stage:
    """The stage whose answer is awaited."""
    still_open(case)
    if case.stage is None or case.current is None:
        raise Rejected("not_routed", "the case has no pathway yet: route it first")
    if case.current.responded_on:
        raise Rejected("already_answered", f"{case.stage} was answered on {case.current.responded_on}")
    return case.stage


def running(case: Case, met_by: str, stage: Stage | None) -> tuple[Clock, ...]:
    """The clocks that run until that event of that stage, or of any stage for None."""
    return tuple(clock for clock in case.clocks.values() if awaits(clock, met_by, stage))


def when(day: date | None, case: Case, today: date, name: str) -> date:
    """A day on which something happened to the case: today if none is given, never before receipt or after today."""
    day = day or today
    not_after(day, today, name, "today")
    not_before(day, case.received_on, name, "the complaint was received")
    return day


def covered_instant(instant: datetime, rules: Rules, name: str) -> tuple[datetime, date]:
    """An instant in UTC, with its London date; a year that the calendar does not know is a slip of the pen."""
    first, last = rules.calendar.first, rules.calendar.last
    if not datetime.combine(first, time(), LONDON) <= instant <= datetime.combine(last, time(), LONDON):
        raise bad_value("outside_calendar", name, f"{name} lies outside the calendar, {first} to {last}")
    return instant.astimezone(UTC), london_date(instant)


def covered(day: date, rules: Rules, name: str) -> None:
    """A due date that no calendar reaches could not be watched."""
    try:
        rules.calendar.next(day)
    except OutsideCalendar as error:
        raise bad_value("outside_calendar", name, f"{name}: {error}") from error


def not_after(day: date | None, limit: date | None, name: str, what: str) -> None:
    """A day that is later than it can be is a wrong value."""
    if day and limit and day > limit:
        rule = "in_the_future" if what == "today" else "too_late"
        raise bad_value(rule, name, f"{name} is {day}, later than {what} ({limit})")


def not_before(day: date | None, limit: date | None, name: str, what: str) -> None:
    """A day that is earlier than it can be is a wrong value."""
    if day and limit and day < limit:
        rule = "before_receipt" if what == "the complaint was received" else "too_early"
        raise bad_value(rule, name, f"{name} is {day}, earlier than {what} ({limit})")


def numbered(items: tuple[Item, ...], number: int, what: str) -> Item:
    """The remedy or lesson of a number."""
    found = next((item for item in items if item.number == number), None)
    if found is None:
        raise bad_value("unknown_number", "number", f"the case has no {what} {number}")
    return found


def happened(case: Case) -> list[date]:
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
        *(pause.paused_on for clock in case.clocks.values() for pause in clock.pauses),
        *(remedy.agreed_on for remedy in case.remedies),
        *(learning.recorded_on for learning in case.learning),
    ]
    return [day for day in days if day]
