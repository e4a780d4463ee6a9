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
from functools import cache, lru_cache
from typing import Literal, Protocol

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
class Pause:
    """A time during which a clock stood still: the working days after `paused_on`, to and with `resumed_on`.

    `after` is the due date once the clock ran again.
    """

    paused_on: date
    reason: str
    resumed_on: date | None = None
    after: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the clock stands still on a day; it runs again on the day on which it is resumed."""
        return self.paused_on <= on and (self.resumed_on is None or on < self.resumed_on)


@dataclass(frozen=True, slots=True)
class Review:
    """A counting anew of a due date in a newer calendar, named by its hash."""

    reviewed_on: date
    before: date
    after: date
    calendar: str


Move = Extension | Pause | Review


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline of a case as it stands: as set, as moved, and the day on which it was met or ended otherwise.

    `moves` are in the order in which they moved the due date; a pause moves it when it ends.
    """

    set: Deadline
    deadline: Deadline
    moves: tuple[Move, ...] = ()
    met_on: date | None = None
    ended_on: date | None = None
    ended_by: str | None = None

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """Each time that the due date was put off."""
        return tuple(move for move in self.moves if isinstance(move, Extension))

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """Each time that the clock stood still."""
        return tuple(move for move in self.moves if isinstance(move, Pause))

    @property
    def reviews(self) -> tuple[Review, ...]:
        """Each time that the due date was counted anew."""
        return tuple(move for move in self.moves if isinstance(move, Review))

    @property
    def paused_on(self) -> date | None:
        """Since when the clock stands still, if it does."""
        return next((pause.paused_on for pause in self.pauses if pause.resumed_on is None), None)

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
    """How a due date came about: counting the days after `anchor_on` without those skipped gives the date as counted.

    That is the date as first set, or as counted anew in the newest calendar that the deadline was reviewed in; then
    extensions and pauses move it. `calendar` is the one it was counted in.
    """

    anchor: str
    anchor_on: date
    rule: Rule | None
    rule_id: str
    skipped: tuple[Skipped, ...]
    extensions: tuple[Extension, ...]
    pauses: tuple[Pause, ...]
    reviews: tuple[Review, ...]
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
    calendar = counted_in(rule, calendar)
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
        binds=rule.binds,
        kind=rule.kind,
    )


@lru_cache(1024)  # the complaints of a day start the same clocks
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
    return replace(clock, deadline=deadline, moves=(*clock.moves, extension))


def paused(clock: Clock, on: date, reason: str) -> Clock:
    """The clock, standing still from a day."""
    return replace(clock, moves=(*clock.moves, Pause(on, reason)))


def ran_again(clock: Clock, on: date, deadline: Deadline) -> Clock:
    """The clock after it stood still: the pause moves the due date now, after any other move made meanwhile."""
    before = tuple(move for move in clock.moves if not isinstance(move, Pause) or move.resumed_on)
    ended = tuple(replace(p, resumed_on=on, after=deadline.due_on) for p in clock.pauses if p.resumed_on is None)
    return replace(clock, deadline=deadline, moves=before + ended)


def counted_anew(clock: Clock, rule: Rule, calendar: Calendar) -> Deadline | None:
    """The deadline of a running clock as a newer calendar has it; None where it stays as it is.

    A date that was stated, by an extension or for the case, hangs on no calendar and stays.
    """
    if clock.stopped_on or rule.value is None:
        return None
    calendar = counted_in(rule, calendar)
    due, stated = due_on(rule, clock.set.anchor_on, calendar), False
    for move in clock.moves:
        if isinstance(move, Extension):
            due, stated = move.after, True
        elif isinstance(move, Pause) and move.resumed_on:
            later = shifted(due, move.paused_on, move.resumed_on, calendar)
            due, stated = later, stated and later == due
    now, provisional = clock.deadline, not stated and calendar.provisional(due)
    if (due, provisional) == (now.due_on, now.provisional):
        return None
    told_on = now.told_on or (now.due_on if due != now.due_on else None)
    return replace(now, due_on=due, provisional=provisional, told_on=told_on, calendar=calendar.version)


def reviewed(clock: Clock, on: date, deadline: Deadline) -> Clock:
    """The clock after it was counted anew: the date before is kept."""
    review = Review(on, clock.deadline.due_on, deadline.due_on, deadline.calendar)
    return replace(clock, deadline=deadline, moves=(*clock.moves, review))


def cap(rule: Rule, clock: Clock, calendar: Calendar) -> date | None:
    """The latest day to which the rule lets its deadline be extended; None where it sets no cap.

    The days on which the clock stood still do not count, so that a pause uses up nothing of an extension.
    """
    if rule.extension_to is None:
        return None
    calendar = counted_in(rule, calendar)
    last = due_on(replace(rule, value=rule.extension_to), clock.deadline.anchor_on, calendar)
    return past_pauses(last, clock, calendar)


def past_pauses(due: date, clock: Clock, calendar: Calendar) -> date:
    """A due date later by the working days of the pauses that are over."""
    for pause in clock.pauses:
        if pause.resumed_on:
            due = shifted(due, pause.paused_on, pause.resumed_on, calendar)
    return due


def shifted(due: date, paused_on: date, until: date, calendar: Calendar) -> date:
    """A due date later by the working days after `paused_on` up to `until`; one that had passed before stays past."""
    stood_still = calendar.between(paused_on, until) if paused_on <= due else 0
    return calendar.add(due, stood_still) if stood_still > 0 else due


def resumed(clock: Clock, on: date, calendar: Calendar) -> Deadline:
    """The deadline of a clock that runs again from a day."""
    if clock.paused_on is None:
        return clock.deadline
    return _shifted(clock.deadline, clock.paused_on, on, counted_in(clock.deadline, calendar))


class Kinded(Protocol):
    """What says whose rule it is: a rule, a deadline, or what a report knows of one."""

    @property
    def kind(self) -> str:
        """A `SourceKind`."""
        ...


class Due(Kinded, Protocol):
    """Such a thing that falls due on a day."""

    @property
    def due_on(self) -> date:
        """The last day in time."""
        ...


def counted_in(what: Kinded, calendar: Calendar) -> Calendar:
    """The calendar that a rule's days are counted in: the authority's own, or for a limit set by law the law's."""
    return statutory(calendar) if what.kind == "law" else calendar


def _shifted(deadline: Deadline, paused_on: date, until: date, calendar: Calendar) -> Deadline:
    due = shifted(deadline.due_on, paused_on, until, calendar)
    return deadline if due == deadline.due_on else replace(deadline, due_on=due, provisional=calendar.provisional(due))


def standing(clock: Clock, on: date, calendar: Calendar) -> Standing:
    """How the deadline stands on a day, knowing nothing of later days."""
    stopped = clock.stopped_on if clock.stopped_on and clock.stopped_on <= on else None
    due = _stood(clock, on, calendar)
    late = days_late(due, stopped or on, counted_in(due, calendar))
    state: State = "missed" if late else "met" if stopped else "due"
    return Standing(due.name, due.due_on, due.told_on, state, late, due.provisional)


def judged(clock: Clock, on: date, calendar: Calendar) -> Standing:
    """How a deadline stands; one that was put off only when it was late already was missed, wherever it ends now."""
    stands = standing(clock, on, calendar)
    return replace(stands, state="missed") if extended_late(clock, on, calendar) else stands


def extended_late(clock: Clock, on: date, calendar: Calendar) -> bool:
    """Whether an extension made up to a day came only when the last day, as it then stood, had passed."""
    calendar = counted_in(clock.deadline, calendar)
    return any(
        _stood_still(clock, index, move, calendar) < move.extended_on <= on
        for index, move in enumerate(clock.moves)
        if isinstance(move, Extension)
    )


def _stood_still(clock: Clock, index: int, move: Extension, calendar: Calendar) -> date:
    """The date that an extension moved, as far off as the pause in which it was made had left it."""
    during = (
        pause
        for later, pause in enumerate(clock.moves)
        if isinstance(pause, Pause) and (pause.resumed_on is None or later > index)
    )
    pause = next((pause for pause in during if pause.paused_on <= move.extended_on), None)
    return shifted(move.before, pause.paused_on, move.extended_on, calendar) if pause else move.before


def _stood(clock: Clock, on: date, calendar: Calendar) -> Deadline:
    """The deadline without what moved it on later days; one that stands still is as far off as when it stopped."""
    if not clock.moves:
        return clock.deadline
    done = [(move, _moved_on(move)) for move in clock.moves]
    known = [move for move, day in done if day and day <= on]
    deadline = clock.deadline
    if len(known) < sum(day is not None for _, day in done):
        deadline = _moved_by(known[-1], clock, calendar) if known else clock.set
    still = next((pause for pause in clock.pauses if pause.holds(on)), None)
    if still is None:
        return deadline
    until = min(on, clock.stopped_on or on)
    return _shifted(deadline, still.paused_on, until, counted_in(deadline, calendar))


def _moved_on(move: Move) -> date | None:
    match move:
        case Extension():
            return move.extended_on
        case Pause():
            return move.resumed_on
        case Review():
            return move.reviewed_on


def _moved_by(move: Move, clock: Clock, calendar: Calendar) -> Deadline:
    """The deadline as it was after a move that was not the last."""
    due, told = move.after or clock.set.due_on, clock.set.told_on
    for earlier in clock.moves[: clock.moves.index(move) + 1]:
        if isinstance(earlier, Extension):
            told = earlier.after
        elif isinstance(earlier, Review):
            told = told or earlier.before
    stated = isinstance(move, Extension)
    return replace(clock.deadline, due_on=due, told_on=told, provisional=not stated and calendar.provisional(due))


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
    if first.unit != "working_days" or rule is None or rule.value is None:
        skipped: tuple[Skipped, ...] = ()
    else:
        counted = due_on(rule, first.anchor_on, calendar) if clock.reviews else first.due_on
        skipped = calendar.skipped(first.anchor_on, counted)
    return Explanation(
        anchor=first.anchor,
        anchor_on=first.anchor_on,
        rule=rule,
        rule_id=first.rule,
        skipped=skipped,
        extensions=clock.extensions,
        pauses=clock.pauses,
        reviews=clock.reviews,
        calendar=clock.deadline.calendar,
        policy=first.policy,
        ended_by=clock.ended_by,
    )


def rag(clocks: Sequence[Clock], on: date, policy: Policy, calendar: Calendar) -> RagColour | None:
    """The worst colour of the clocks that still run: red late, amber near the end (the policy says how near), green."""
    colours = [
        _colour(clock, on, policy, calendar)
        for clock in clocks
        if clock.deadline.binds == "council" and not _stands_still(clock, on)
    ]
    return next((colour for colour in _WORST_FIRST if colour in colours), None)


def _stands_still(clock: Clock, on: date) -> bool:
    stopped = clock.stopped_on is not None and clock.stopped_on <= on
    return stopped or any(pause.holds(on) for pause in clock.pauses)


def _colour(clock: Clock, on: date, policy: Policy, calendar: Calendar) -> RagColour:
    stood = _stood(clock, on, calendar)
    if on > stood.due_on:
        return "red"
    return "amber" if on >= amber_from(stood, policy, calendar) else "green"


def amber_from(deadline: Due, policy: Policy, calendar: Calendar) -> date:
    """The first day on which a deadline is near, by the policy's threshold."""
    return _near(deadline.due_on, policy.rag.amber_working_days, counted_in(deadline, calendar))


@lru_cache(4096)
def _near(due_on: date, working_days: int, calendar: Calendar) -> date:
    return calendar.subtract(calendar.next(due_on), working_days)


def missed(clocks: Sequence[Clock], on: date, policy: Policy, calendar: Calendar) -> tuple[Breach, ...]:
    """A breach for each of the clocks that stopped only after its due date."""
    late = [clock for clock in clocks if on > _stood(clock, on, calendar).due_on]
    return tuple(breach for clock in late for breach in policy.breach(clock.deadline.rule))
