"""The weekly progress list: where every open complaint stands, what fell due since last week, why answers are late."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from services.reporting import documents, standing, timeliness, wording
from services.reporting.facts import CaseFact, ClockFact, Facts
from services.reporting.figures import Table, breakdown, of_quarter
from services.reporting.grid import day as in_words
from services.reporting.loading import WEEK
from services.reporting.paper import Listing, Paper
from services.reporting.rows import Known
from services.reporting.scope import LESS_SETTLED_ORALLY, OPEN, Scope
from services.reporting.wording import COLOUR, NO_CLOCK
from shared.calendar import Calendar
from shared.deadlines import RagColour, amber_from
from shared.policy import Policy, PolicyBook

COLOURS = ("red", "amber", "green", NO_CLOCK)


@dataclass(frozen=True, slots=True)
class Line:
    """An open case with the next of the council's deadlines that run; over it, the working days left are below 0."""

    reference: str
    stage: str | None
    pathway: str | None
    service_area: str
    officer: str | None
    received_on: date
    next_deadline: str | None
    next_due_on: date | None
    rag: RagColour | None
    working_days_left: int | None
    delay_reason: str | None


@dataclass(frozen=True, slots=True)
class FellDue:
    """A deadline that fell due in the seven days before, and how it stands."""

    reference: str
    stage: str
    pathway: str | None
    service_area: str
    officer: str | None
    deadline: str
    due_on: date
    met_on: date | None
    standing: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; None is everything."""

    pathway: str | None = None
    service_area: str | None = None
    officer: str | None = None

    def take(self, case: CaseFact) -> bool:
        """Whether a case is among what is wanted."""
        return all(wanted in (None, getattr(case, name)) for name, wanted in asdict(self).items())


@dataclass(frozen=True)
class Progress:
    """The list of a day, with everything that is counted; `scope` is of the quarter in which the day falls."""

    scope: Scope
    position: int
    lines: Sequence[Line]
    fell_due: Sequence[FellDue]
    tables: Sequence[Table]

    @property
    def references(self) -> frozenset[str]:
        """The cases that are listed."""
        return frozenset((*(line.reference for line in self.lines), *(row.reference for row in self.fell_due)))


def progress(scope: Scope, position: int, book: PolicyBook, filters: Filters) -> Progress:
    """The list of a day, of the cases that are wanted."""
    cases = {case.reference: case for case in scope.facts.cases if filters.take(case)}
    wanted = _of(scope.facts, cases)
    running: defaultdict[str, dict[str, ClockFact]] = defaultdict(dict)
    for clock in wanted.clocks:
        running[clock.reference][clock.name] = clock
    near = _nearness(book, scope.calendar)
    lines = [
        _line(case, running[case.reference].values(), scope, near) for case in cases.values() if case.closed_on is None
    ]
    lines.sort(key=lambda line: (line.next_due_on or date.max, line.reference))
    fell_due = [row for clock in wanted.clocks if (row := _fell_due(clock, cases[clock.reference], scope))]
    fell_due.sort(key=lambda row: (row.due_on, row.reference, row.deadline))
    narrowed = Scope(wanted, scope.year, scope.as_at, scope.codes, scope.calendar)
    return Progress(scope, position, lines, fell_due, (_colours(lines), _week(fell_due), _delays(narrowed)))


def _of(facts: Known, cases: Collection[str]) -> Facts:
    return Facts(
        clocks=tuple(row for row in facts.clocks if row.reference in cases),
        delays=tuple(row for row in facts.delays if row.reference in cases),
    )


Near = Callable[[CaseFact, ClockFact], date]


def _nearness(book: PolicyBook, calendar: Calendar) -> Near:
    """The first day on which a clock of a case is near, by the policy that the case follows; without one, its last."""

    @cache
    def policy(pathway: str, received_on: date) -> Policy:
        return book.in_force(pathway, received_on)

    def near(case: CaseFact, clock: ClockFact) -> date:
        if case.pathway not in book.pathways:
            return clock.due_on
        return amber_from(clock, policy(case.pathway, case.received_on), calendar)

    return near


def _line(case: CaseFact, clocks: Iterable[ClockFact], scope: Scope, near: Near) -> Line:
    running = [clock for clock in clocks if _counts(clock)]
    following = min(running, key=lambda clock: clock.due_on, default=None)
    return Line(
        reference=case.reference,
        stage=case.stage,
        pathway=case.pathway,
        service_area=case.service_area,
        officer=case.officer,
        received_on=case.received_on,
        next_deadline=following.name if following else None,
        next_due_on=following.due_on if following else None,
        rag=_colour(following.due_on, min(near(case, c) for c in running), scope.as_at) if following else None,
        working_days_left=standing.days_left(following, scope.as_at, scope.calendar) if following else None,
        delay_reason=case.delay_reason,
    )


def _counts(clock: ClockFact) -> bool:
    """Whether the council has to act by it: it runs, and is not the complainant's own."""
    return clock.stopped_on is None and clock.paused_on is None and clock.binds == "council"


def _colour(due_on: date, near_from: date, on: date) -> RagColour:
    if on > due_on:
        return "red"
    return "amber" if on >= near_from else "green"


def _fell_due(clock: ClockFact, case: CaseFact, scope: Scope) -> FellDue | None:
    """What the council had to do by a day of the week before: not what was not called for, nor what stands still."""
    last = standing.due_on(clock, scope.as_at, scope.calendar)
    how = standing.standing(clock, scope.as_at, scope.calendar)
    if clock.binds != "council" or how == standing.NOT_CALLED_FOR or not scope.as_at - WEEK <= last < scope.as_at:
        return None
    if clock.outside and clock.pathway in LESS_SETTLED_ORALLY:
        return None
    return FellDue(
        reference=clock.reference,
        stage=clock.stage,
        pathway=clock.pathway,
        service_area=case.service_area,
        officer=case.officer,
        deadline=clock.name,
        due_on=last,
        met_on=clock.met_on,
        standing=how,
    )


def _colours(lines: Iterable[Line]) -> Table:
    pairs = ((line.rag or NO_CLOCK, line.reference) for line in lines)
    layout = "By the nearest of the council's deadlines that run: red is past it, amber near it, as the policy says."
    return breakdown("open complaints by colour", pairs, COLOURS, "complaints", OPEN, layout)


def _week(fell_due: Iterable[FellDue]) -> Table:
    rows = tuple(how for how in standing.STANDINGS if how not in (standing.NOT_CALLED_FOR, standing.IN_TIME))
    pairs = ((row.standing, row.reference) for row in fell_due)
    return breakdown("fell due since last week", pairs, rows, "deadlines", "due in the seven days before the as-at day")


def _delays(scope: Scope) -> Table:
    return of_quarter(timeliness.delay_reasons(scope))


def document(found: Progress, hidden: Collection[str]) -> Mapping[str, Any]:
    """The list as the API answers it, without the cases that are kept from whoever asks; what they count stays."""
    return {
        "as_at": found.scope.as_at.isoformat(),
        "position": found.position,
        "tables": documents.plain_tables_out(found.tables),
        "cases": [asdict(line) for line in found.lines if line.reference not in hidden],
        "fell_due": [asdict(row) for row in found.fell_due if row.reference not in hidden],
    }


def paper(found: Progress, authority_name: str, hidden: Collection[str] = ()) -> Paper:
    """The list as something to hand out."""
    day = found.scope.as_at
    lines = [line for line in found.lines if line.reference not in hidden]
    fell_due = [row for row in found.fell_due if row.reference not in hidden]
    return Paper(
        kind="progress",
        title="Progress of open complaints",
        authority=authority_name,
        period=f"week to {in_words(day)}",
        as_at=day,
        filename=f"progress-{day.isoformat()}",
        document=document(found, hidden),
        tables=found.tables,
        listings=(
            _listing("open complaints", Line, lines, [_line_in_words(line, found.scope) for line in lines]),
            _listing("fell due since last week", FellDue, fell_due, [_due_in_words(r, found.scope) for r in fell_due]),
        ),
        notes=("Cases that are kept from the reader are counted, and not listed.",),
    )


InWords = Mapping[str, str | date | None]


def _listing(
    name: str, kind: type[Line | FellDue], rows: Sequence[Line | FellDue], in_words: Sequence[InWords]
) -> Listing:
    columns = tuple(field.name for field in fields(kind))
    headings = tuple(in_words[0]) if in_words else columns
    read = Listing(name=name, columns=headings, rows=tuple(tuple(row.values()) for row in in_words))
    return Listing(name=name, columns=columns, rows=tuple(astuple(row) for row in rows), in_words=read)


def _line_in_words(line: Line, scope: Scope) -> InWords:
    """What is most urgent to know stands first."""
    return {
        "Reference": line.reference,
        COLOUR: wording.colour(line.rag),
        "Working days": wording.days_left(line.working_days_left),
        "Next deadline": wording.deadline(line.next_deadline),
        "Due": line.next_due_on,
        "Officer": line.officer,
        "Pathway": wording.words(line.pathway),
        "Stage": wording.words(line.stage),
        "Service area": wording.label(scope.codes, "service_areas", line.service_area, scope.as_at),
        "Received": line.received_on,
        "Reason for delay": wording.label(scope.codes, "delay_reasons", line.delay_reason, scope.as_at),
    }


def _due_in_words(row: FellDue, scope: Scope) -> InWords:
    return {
        "Reference": row.reference,
        "Deadline": wording.deadline(row.deadline),
        "Due": row.due_on,
        "Met": row.met_on,
        "How it stands": wording.words(row.standing),
        "Officer": row.officer,
        "Pathway": wording.words(row.pathway),
        "Stage": wording.words(row.stage),
        "Service area": wording.label(scope.codes, "service_areas", row.service_area, scope.as_at),
    }
