"""The facts of a report out of the read models: one query a kind of fact, as they were true at one position."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from services.reporting.facts import (
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
from services.reporting.year import Year

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

_REFERENCES_A_QUERY = 500


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
        case, remedy, enquiry, spell = (TABLES[kind].c for kind in (CaseFact, RemedyFact, EnquiryFact, SpellFact))
        lesson, breach, figure = (TABLES[kind].c for kind in (LessonFact, BreachFact, FigureFact))
        received = _within(case.received_on, year)
        agreed = _within(remedy.agreed_on, year)
        remedied = self._only(RemedyFact, remedy.reference, agreed)
        asked = sa.or_(
            _within(enquiry.informed_on, year), _within(enquiry.decided_on, year), enquiry.reference.in_(remedied)
        )
        about = (
            remedied,
            self._only(LessonFact, lesson.reference, _within(lesson.recorded_on, year)),
            self._only(BreachFact, breach.reference, _within(breach.happened_on, year)),
            self._only(EnquiryFact, enquiry.case_reference, sa.and_(asked, enquiry.case_reference.is_not(None))),
        )
        concern = TABLES[ConcernFact].c
        cohort = self._only(CaseFact, case.reference, received)
        return Facts(
            cases=self._read(CaseFact, sa.or_(received, *(case.reference.in_(cited) for cited in about))),
            concerns=self._read(ConcernFact, concern.reference.in_(cohort)),
            spells=self._read(
                SpellFact,
                sa.and_(spell.entered_on <= year.last, sa.or_(spell.left_on.is_(None), spell.left_on >= year.first)),
            ),
            remedies=self._read(RemedyFact, agreed),
            lessons=self._read(LessonFact, _within(lesson.recorded_on, year)),
            breaches=self._read(BreachFact, _within(breach.happened_on, year)),
            enquiries=self._read(EnquiryFact, asked),
            representations=self._read(RepresentationFact, _within(TABLES[RepresentationFact].c.received_on, year)),
            figures=self._read(FigureFact, figure.year == year.label),
        )

    def learned(self, references: Collection[str], since: int) -> dict[str, list[Learned]]:
        """The events after `since`, up to the reader's position, that changed what is known of some references."""
        found: defaultdict[str, set[Learned]] = defaultdict(set)
        ordered = sorted(references)
        for start in range(0, len(ordered), _REFERENCES_A_QUERY):
            some = ordered[start : start + _REFERENCES_A_QUERY]
            for row in self._connection.execute(sa.union(*(self._changes(kind, some, since) for kind in TABLES))):
                found[row.reference].add(Learned(row.known_from, row.known_at, row.because))
        return {reference: sorted(events) for reference, events in found.items()}

    def _changes(self, kind: type[Fact], references: Sequence[str], since: int) -> sa.Select[Any]:
        table = TABLES[kind].c
        return sa.select(table.reference, table.known_from, table.known_at, table.because).where(
            table.authority == self._authority,
            table.generation == self._generation,
            table.reference.in_(references),
            table.known_from > since,
            table.known_from <= self._position,
        )

    def _read(self, kind: type[Kind], condition: Condition) -> tuple[Kind, ...]:
        table = TABLES[kind]
        query = sa.select(*(table.c[name] for name in kind.__slots__)).where(self._true(kind), condition)
        rows = self._connection.execute(query.order_by(*(table.c[name] for name in kind.KEY)))
        return tuple(kind(*row) for row in rows)

    def _only(self, kind: type[Fact], column: sa.ColumnElement[str], condition: Condition) -> sa.Select[Any]:
        return sa.select(column).where(self._true(kind), condition)

    def _true(self, kind: type[Fact]) -> Condition:
        """Of this authority and generation, and true at the position."""
        table = TABLES[kind].c
        return sa.and_(
            table.authority == self._authority,
            table.generation == self._generation,
            table.known_from <= self._position,
            sa.or_(table.known_to.is_(None), table.known_to > self._position),
        )


def _within(day: sa.ColumnElement[object], year: Year) -> Condition:
    return day.between(year.first, year.last)
