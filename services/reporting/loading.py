"""The facts of a report out of the read models: one query a kind of fact, as they were true at one position."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from itertools import starmap
from typing import Any, TypeVar

import sqlalchemy as sa

from services.reporting.facts import (
    OUTSTANDING,
    RESPONSE_PERIOD,
    BreachFact,
    CaseFact,
    ClockFact,
    ConcernFact,
    DelayFact,
    EnquiryFact,
    Fact,
    Facts,
    FigureFact,
    LessonFact,
    NarrativeFact,
    RemedyFact,
    RepresentationFact,
    SpellFact,
    identity,
)
from services.reporting.restatement import Learned
from services.reporting.tables import TABLES
from shared import database
from shared.year import Period, Quarter, Year

Kind = TypeVar(
    "Kind",
    CaseFact,
    ConcernFact,
    SpellFact,
    ClockFact,
    DelayFact,
    RemedyFact,
    LessonFact,
    BreachFact,
    EnquiryFact,
    RepresentationFact,
    FigureFact,
    NarrativeFact,
)
Condition = sa.ColumnElement[bool]

_CAME_IN: dict[type[Fact], str] = {
    CaseFact: "received_on",
    RepresentationFact: "received_on",
    EnquiryFact: "informed_on",
}
ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Reader:
    """Reads one generation of an authority's rows as they were true at a position of its log."""

    def __init__(self, connection: sa.Connection, authority: str, generation: int, position: int) -> None:
        self._connection = connection
        self._authority = authority
        self._generation = generation
        self.position = position

    def facts(self, period: Period, since: date | None = None) -> Facts:
        """What the reports of a period are counted from; from an earlier day on, where others stand beside it.

        Beside the cohort received in the period, the cases that its remedies, lessons, breaches and enquiries are
        about; and the response periods of the cohort beside the clocks that fall due.
        """
        case, spell, clock = (TABLES[kind].c for kind in (CaseFact, SpellFact, ClockFact))
        first, last = since or period.first, period.last
        received = case.received_on.between(first, last)
        cohort = self._read(CaseFact, received)
        remedies = self._read(RemedyFact, TABLES[RemedyFact].c.agreed_on.between(first, last))
        lessons = self._read(LessonFact, TABLES[LessonFact].c.recorded_on.between(first, last))
        breaches = self._read(BreachFact, TABLES[BreachFact].c.happened_on.between(first, last))
        enquiries = self._enquiries(first, last, remedies)
        about = {row.reference for rows in (remedies, lessons, breaches) for row in rows}
        about |= {row.case_reference for row in enquiries if row.case_reference}
        others = self._cited(CaseFact, about - {row.reference for row in cohort})
        query = sa.select(case.reference).where(self._true(CaseFact), received)
        in_hand = sa.or_(spell.left_on.is_(None), spell.left_on >= first)
        told = self._read(ClockFact, sa.and_(clock.name == RESPONSE_PERIOD, clock.reference.in_(query)))
        clocks = (*self._read(ClockFact, _falls_due(first, last)), *told)
        return Facts(
            cases=(*cohort, *others),
            concerns=self._read(ConcernFact, TABLES[ConcernFact].c.reference.in_(query)),
            spells=self._read(SpellFact, sa.and_(spell.entered_on <= last, in_hand)),
            clocks=tuple({identity(row): row for row in clocks}.values()),
            delays=self._read(DelayFact, TABLES[DelayFact].c.given_on.between(first, last)),
            remedies=remedies,
            lessons=lessons,
            breaches=breaches,
            enquiries=enquiries,
            representations=self._read(
                RepresentationFact, TABLES[RepresentationFact].c.received_on.between(first, last)
            ),
            figures=self.figures(Year.containing(last)),
            narratives=self.narratives(Year.containing(last)),
        )

    def compared(self, year: Year) -> Facts:
        """What of a year's facts the tables are counted from that stand beside those of a later year."""
        case = TABLES[CaseFact].c
        received = case.received_on.between(year.first, year.last)
        cohort = self._read(CaseFact, received)
        remedies = self._read(RemedyFact, TABLES[RemedyFact].c.agreed_on.between(year.first, year.last))
        enquiries = self._enquiries(year.first, year.last, remedies)
        about = {row.reference for row in remedies} | {row.case_reference for row in enquiries if row.case_reference}
        query = sa.select(case.reference).where(self._true(CaseFact), received)
        thanks = TABLES[RepresentationFact].c.received_on.between(year.first, year.last)
        return Facts(
            cases=(*cohort, *self._cited(CaseFact, about - {row.reference for row in cohort})),
            concerns=self._read(ConcernFact, TABLES[ConcernFact].c.reference.in_(query)),
            remedies=remedies,
            enquiries=enquiries,
            representations=self._read(RepresentationFact, thanks),
            figures=self.figures(year),
        )

    def _enquiries(self, first: date, last: date, remedies: Iterable[RemedyFact]) -> tuple[EnquiryFact, ...]:
        """Those with a step between two days, and those that remedies were required in."""
        required = {row.reference for row in remedies if row.by == "ombudsman"}
        rows = (*self._read(EnquiryFact, _with_a_step(first, last)), *self._cited(EnquiryFact, required))
        return tuple(dict.fromkeys(Facts.of(rows).enquiries))

    def knows_of(self, period: Period) -> bool:
        """Whether anything is known that came in by the end of a year or quarter: then what it lacks is a zero."""
        came_in = (
            sa.select(sa.literal(1)).where(self._true(kind), TABLES[kind].c[day] <= period.last).limit(1)
            for kind, day in _CAME_IN.items()
        )
        return any(self._connection.execute(query).scalar() for query in came_in)

    def progress(self, day: date) -> Facts:
        """What the progress list of a day is made of.

        The open cases with their clocks; what fell due in the seven days before; the delays of the quarter, and the
        cases of both.
        """
        case, clock, delay = (TABLES[kind].c for kind in (CaseFact, ClockFact, DelayFact))
        is_open = case.closed_on.is_(None)
        fell_due = _falls_due(day - WEEK, day - ONE_DAY)
        delayed = delay.given_on.between(Quarter.containing(day).first, day)
        open_cases = sa.select(case.reference).where(self._true(CaseFact), is_open)
        others = (
            sa.select(clock.reference).where(self._true(ClockFact), fell_due),
            sa.select(delay.reference).where(self._true(DelayFact), delayed),
        )
        cases = (
            *self._read(CaseFact, is_open),
            *(c for q in others for c in self._read(CaseFact, case.reference.in_(q))),
        )
        clocks = (*self._read(ClockFact, clock.reference.in_(open_cases)), *self._read(ClockFact, fell_due))
        return Facts.of({*cases, *clocks, *self._read(DelayFact, delayed)})

    def figures(self, year: Year | None) -> tuple[FigureFact, ...]:
        """The reference figures in force, of a year or of all."""
        of_year = TABLES[FigureFact].c.year == year.label if year else sa.true()
        return self._read(FigureFact, of_year)

    def narratives(self, year: Year) -> tuple[NarrativeFact, ...]:
        """The narrative in force of a year, if there is one."""
        return self._read(NarrativeFact, TABLES[NarrativeFact].c.year == year.label)

    def learned(self, references: Collection[str], since: int) -> dict[str, list[Learned]]:
        """The events after `since`, up to the reader's position, that changed what is known of some references."""
        found: defaultdict[str, set[Learned]] = defaultdict(set)
        for row in self._connection.execute(sa.union(*(self._changes(kind, references, since) for kind in TABLES))):
            found[row.reference].add(Learned(row.known_from, row.known_at, row.because))
        return {reference: sorted(events) for reference, events in found.items()}

    def _changes(self, kind: type[Fact], references: Collection[str], since: int) -> sa.Select[Any]:
        table = TABLES[kind].c
        return sa.select(table.reference, table.known_from, table.known_at, table.because).where(
            table.authority == self._authority,
            table.generation == self._generation,
            database.any_of(self._connection, table.reference, references),
            table.known_from > since,
            table.known_from <= self.position,
        )

    def _read(self, kind: type[Kind], condition: Condition) -> tuple[Kind, ...]:
        table = TABLES[kind]
        query = sa.select(*(table.c[name] for name in kind.__slots__)).where(self._true(kind), condition)
        facts: list[Kind] = list(starmap(kind, self._connection.execute(query).all()))
        facts.sort(key=identity)
        return tuple(facts)

    def _cited(self, kind: type[Kind], references: Collection[str]) -> tuple[Kind, ...]:
        return self._read(kind, database.any_of(self._connection, TABLES[kind].c.reference, references))

    def _true(self, kind: type[Fact]) -> Condition:
        """Of this authority and generation, and true at the position."""
        table = TABLES[kind].c
        return sa.and_(
            table.authority == self._authority,
            table.generation == self._generation,
            table.known_from <= self.position,
            sa.or_(table.known_to.is_(None), table.known_to > self.position),
        )


def _with_a_step(first: date, last: date) -> Condition:
    """The enquiries with a step of theirs between two days, and what was still owed at the end."""
    row = TABLES[EnquiryFact].c
    steps = (row.informed_on, row.answered_on, row.responded_on, row.decided_on, row.compliance_confirmed_on)
    undecided = sa.and_(row.decided_on.is_(None), row.informed_on <= last)
    outstanding = sa.and_(row.compliance == OUTSTANDING, row.decided_on <= last)
    return sa.or_(*(step.between(first, last) for step in steps), undecided, outstanding)


def _falls_due(first: date, last: date) -> Condition:
    """The clocks that may fall due between two days: one that stands still, or was met so, is later than its row."""
    clock = TABLES[ClockFact].c
    return sa.or_(clock.due_on.between(first, last), sa.and_(clock.paused_on.is_not(None), clock.due_on < first))
