"""The facts of a report out of the read models: one query a kind of fact, as they were true at one position."""

from collections import defaultdict
from collections.abc import Collection
from itertools import starmap
from typing import Any, TypeVar

import sqlalchemy as sa

from services.reporting.facts import (
    OUTSTANDING,
    BreachFact,
    CaseFact,
    ConcernFact,
    EnquiryFact,
    Fact,
    Facts,
    FigureFact,
    LessonFact,
    RemedyFact,
    RepresentationFact,
    SpellFact,
)
from services.reporting.restatement import Learned
from services.reporting.tables import TABLES
from shared import database
from shared.year import Year

Kind = TypeVar(
    "Kind",
    CaseFact,
    ConcernFact,
    SpellFact,
    RemedyFact,
    LessonFact,
    BreachFact,
    EnquiryFact,
    RepresentationFact,
    FigureFact,
)
Condition = sa.ColumnElement[bool]

_CAME_IN: dict[type[Fact], str] = {
    CaseFact: "received_on",
    RepresentationFact: "received_on",
    EnquiryFact: "informed_on",
}


class Reader:
    """Reads one generation of an authority's rows as they were true at a position of its log."""

    def __init__(self, connection: sa.Connection, authority: str, generation: int, position: int) -> None:
        self._connection = connection
        self._authority = authority
        self._generation = generation
        self._position = position

    def facts(self, year: Year) -> Facts:
        """What the reports of a year are counted from.

        Beside the cohort received in the year, the cases that its remedies, lessons, breaches and enquiries are about.
        """
        case, spell = (TABLES[kind].c for kind in (CaseFact, SpellFact))
        received = _within(case.received_on, year)
        cohort = self._read(CaseFact, received)
        remedies = self._read(RemedyFact, _within(TABLES[RemedyFact].c.agreed_on, year))
        lessons = self._read(LessonFact, _within(TABLES[LessonFact].c.recorded_on, year))
        breaches = self._read(BreachFact, _within(TABLES[BreachFact].c.happened_on, year))
        required = {row.reference for row in remedies if row.by == "ombudsman"}
        enquiries = Facts.of(
            (
                *self._read(EnquiryFact, _of_year(year)),
                *self._cited(EnquiryFact, required),
            )
        ).enquiries
        about = {row.reference for rows in (remedies, lessons, breaches) for row in rows}
        about |= {row.case_reference for row in enquiries if row.case_reference}
        others = self._cited(CaseFact, about - {row.reference for row in cohort})
        query = sa.select(case.reference).where(self._true(CaseFact), received)
        in_hand = sa.or_(spell.left_on.is_(None), spell.left_on >= year.first)
        return Facts(
            cases=(*cohort, *others),
            concerns=self._read(ConcernFact, TABLES[ConcernFact].c.reference.in_(query)),
            spells=self._read(SpellFact, sa.and_(spell.entered_on <= year.last, in_hand)),
            remedies=remedies,
            lessons=lessons,
            breaches=breaches,
            enquiries=tuple(dict.fromkeys(enquiries)),
            representations=self._read(RepresentationFact, _within(TABLES[RepresentationFact].c.received_on, year)),
            figures=self.figures(year),
        )

    def knows_of(self, year: Year) -> bool:
        """Whether anything is known that came in by the end of the year: then what it lacks is a zero."""
        came_in = (
            sa.select(sa.literal(1)).where(self._true(kind), TABLES[kind].c[day] <= year.last).limit(1)
            for kind, day in _CAME_IN.items()
        )
        return any(self._connection.execute(query).scalar() for query in came_in)

    def figures(self, year: Year | None) -> tuple[FigureFact, ...]:
        """The reference figures in force, of a year or of all."""
        of_year = TABLES[FigureFact].c.year == year.label if year else sa.true()
        return self._read(FigureFact, of_year)

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
            table.known_from <= self._position,
        )

    def _read(self, kind: type[Kind], condition: Condition) -> tuple[Kind, ...]:
        table = TABLES[kind]
        query = sa.select(*(table.c[name] for name in kind.__slots__)).where(self._true(kind), condition)
        rows = self._connection.execute(query.order_by(*(table.c[name] for name in kind.KEY))).all()
        return tuple(starmap(kind, rows))

    def _cited(self, kind: type[Kind], references: Collection[str]) -> tuple[Kind, ...]:
        return self._read(kind, database.any_of(self._connection, TABLES[kind].c.reference, references))

    def _true(self, kind: type[Fact]) -> Condition:
        """Of this authority and generation, and true at the position."""
        table = TABLES[kind].c
        return sa.and_(
            table.authority == self._authority,
            table.generation == self._generation,
            table.known_from <= self._position,
            sa.or_(table.known_to.is_(None), table.known_to > self._position),
        )


def _of_year(year: Year) -> Condition:
    """The enquiries with a step of theirs in the year, and what was still owed at its end."""
    row = TABLES[EnquiryFact].c
    steps = (row.informed_on, row.answered_on, row.responded_on, row.decided_on, row.compliance_confirmed_on)
    undecided = sa.and_(row.decided_on.is_(None), row.informed_on <= year.last)
    outstanding = sa.and_(row.compliance == OUTSTANDING, row.decided_on <= year.last)
    return sa.or_(*(_within(step, year) for step in steps), undecided, outstanding)


def _within(day: sa.ColumnElement[object], year: Year) -> Condition:
    return day.between(year.first, year.last)
