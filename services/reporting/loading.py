"""The facts of a report out of the read models: one query a kind of fact, as they were true at one position."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import starmap
from operator import itemgetter
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
from services.reporting.rows import Read, Rows
from services.reporting.tables import TABLES
from shared import database
from shared.database import Query
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
Many = TypeVar("Many", ConcernFact, SpellFact, ClockFact, RemedyFact, RepresentationFact)
Page = Sequence[Sequence[Any]]
Condition = sa.ColumnElement[bool]

ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)

COMPARED: Mapping[type[Fact], tuple[str, ...]] = {
    CaseFact: (
        "reference",
        "received_on",
        "channel",
        "service_area",
        "pathway",
        "local_standard_due_on",
        "outside_statutory_count",
        "outcome",
        "first_closed_on",
        "closed_on",
        "days_open",
    ),
    ConcernFact: ("reference", "number", "category", "subcategory"),
    RepresentationFact: ("reference", "kind", "received_on"),
    RemedyFact: RemedyFact.__slots__,
}
"""The columns of what there are thousands of in a year, of which the tables that stand beside a later year are made."""

COUNTED: Mapping[type[Fact], tuple[str, ...]] = {
    CaseFact: (*COMPARED[CaseFact], "refused_ground", "sex", "ethnic_group", "disability", "age_band"),
    ConcernFact: (*COMPARED[ConcernFact], "finding"),
    RepresentationFact: (*COMPARED[RepresentationFact], "service_area"),
    SpellFact: (
        "reference",
        "number",
        "pathway",
        "entered_on",
        "entered_by",
        "left_on",
        "left_by",
        "outside",
    ),
    ClockFact: (
        "reference",
        "number",
        "name",
        "pathway",
        "stage",
        "kind",
        "binds",
        "due_on",
        "unextended_due_on",
        "extended",
        "extended_late",
        "paused_on",
        "met_on",
        "ended_on",
        "outside",
    ),
}
"""The same of the tables of a year."""

_AUTHORITY = sa.bindparam("authority", type_=sa.Text)
_GENERATION, _POSITION = (sa.bindparam(name, type_=sa.BigInteger) for name in ("generation", "position"))
_FIRST, _LAST = sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)


def _true(kind: type[Fact]) -> Condition:
    """Of an authority and generation, and true at a position."""
    table = TABLES[kind].c
    return sa.and_(
        table.authority == _AUTHORITY,
        table.generation == _GENERATION,
        table.known_from <= _POSITION,
        sa.or_(table.known_to.is_(None), table.known_to > _POSITION),
    )


def _select(kind: type[Fact], names: Iterable[str], condition: Condition) -> sa.Select[Any]:
    table = TABLES[kind]
    return sa.select(*(table.c[name] for name in names)).where(_true(kind), condition)


def _in_period(kind: type[Fact], day: str) -> Condition:
    return TABLES[kind].c[day].between(_FIRST, _LAST)


_COHORT = (
    sa.select(TABLES[CaseFact].c.reference)
    .where(_true(CaseFact), _in_period(CaseFact, "received_on"))
    .cte("cohort")
    .c.reference
)


def _brought_forward(*, still_in_hand: bool) -> Condition:
    """The spells entered before the first day and not left before it: left since, or still in hand."""
    spell = TABLES[SpellFact].c
    return sa.and_(spell.entered_on < _FIRST, spell.left_on.is_(None) if still_in_hand else spell.left_on >= _FIRST)


def _with_a_step() -> Condition:
    """The enquiries with a step of theirs between two days, and what was still owed at the end."""
    row = TABLES[EnquiryFact].c
    steps = (row.informed_on, row.answered_on, row.responded_on, row.decided_on, row.compliance_confirmed_on)
    undecided = sa.and_(row.decided_on.is_(None), row.informed_on <= _LAST)
    outstanding = sa.and_(row.compliance == OUTSTANDING, row.decided_on <= _LAST)
    return sa.or_(*(step.between(_FIRST, _LAST) for step in steps), undecided, outstanding)


def _falls_due() -> Condition:
    """The clocks that may fall due between two days: one that stands still, or was met so, is later than its row."""
    clock = TABLES[ClockFact].c
    return sa.or_(clock.due_on.between(_FIRST, _LAST), _stood_still())


def _stood_still() -> Condition:
    clock = TABLES[ClockFact].c
    return sa.and_(clock.paused_on.is_not(None), clock.due_on < _FIRST)


def _told() -> Condition:
    """The response periods of the cohort, beside the clocks that may fall due.

    Between the least and the greatest of its references, where their index finds them.
    """
    clock = TABLES[ClockFact].c
    least, greatest = (sa.select(of(_COHORT)).scalar_subquery() for of in (sa.func.min, sa.func.max))
    return sa.and_(
        clock.name == sa.literal_column(f"'{RESPONSE_PERIOD}'"),
        sa.not_(_falls_due()),
        clock.reference.between(least, greatest),
        clock.reference.in_(sa.select(_COHORT)),
    )


_OF_A_PERIOD: Mapping[type[Fact], tuple[Condition, ...]] = {
    CaseFact: (_in_period(CaseFact, "received_on"),),
    ConcernFact: (_in_period(ConcernFact, "received_on"),),
    SpellFact: (
        _in_period(SpellFact, "entered_on"),
        _brought_forward(still_in_hand=False),
        _brought_forward(still_in_hand=True),
    ),
    ClockFact: (_in_period(ClockFact, "due_on"), _stood_still(), _told()),
    DelayFact: (_in_period(DelayFact, "given_on"),),
    RemedyFact: (_in_period(RemedyFact, "agreed_on"),),
    LessonFact: (_in_period(LessonFact, "recorded_on"),),
    BreachFact: (_in_period(BreachFact, "happened_on"),),
    EnquiryFact: (_with_a_step(),),
    RepresentationFact: (_in_period(RepresentationFact, "received_on"),),
}
"""Which facts the reports of a period are counted from; where one of several conditions will do, never two hold."""


def _of_a_period(kind: type[Fact], names: Sequence[str]) -> Query:
    """Some columns of them: each condition by an index of its own."""
    first, *others = (_select(kind, names, condition) for condition in _OF_A_PERIOD[kind])
    return Query(first.union_all(*others) if others else first)


_Queries = Mapping[type[Fact], tuple[tuple[str, ...], Query]]
"""The columns that are read of each kind of fact, and the query that does it."""

_WHOLE: _Queries = {kind: (kind.__slots__, _of_a_period(kind, kind.__slots__)) for kind in _OF_A_PERIOD}
_OF_A_YEAR: Mapping[type[Fact], Query] = {
    kind: Query(_select(kind, kind.__slots__, TABLES[kind].c.year == sa.bindparam("year")))
    for kind in (FigureFact, NarrativeFact)
}
_COUNTED = {kind: (names, _of_a_period(kind, names)) for kind, names in COUNTED.items()}
_COMPARED = {kind: (names, _of_a_period(kind, names)) for kind, names in COMPARED.items()}


def _came_in(kind: type[Fact], day: str) -> Query:
    """Whether anything of a kind is known that came in by a day."""
    return Query(sa.select(sa.literal(1)).where(_true(kind), TABLES[kind].c[day] <= _LAST).limit(1))


_KNOWS_OF = [
    _came_in(kind, day)
    for kind, day in ((CaseFact, "received_on"), (RepresentationFact, "received_on"), (EnquiryFact, "informed_on"))
]


class Reader:
    """Reads one generation of an authority's rows as they were true at a position of its log."""

    def __init__(self, connection: sa.Connection, authority: str, generation: int, position: int) -> None:
        self._connection = connection
        self._true: dict[str, Any] = {"authority": authority, "generation": generation, "position": position}
        self.position = position

    def facts(self, period: Period, since: date | None = None) -> Read:
        """What the reports of a period are counted from; from an earlier day on, where others stand beside it.

        Beside the cohort received in the period, the cases that its remedies, lessons, breaches and enquiries are
        about; and the response periods of the cohort beside the clocks that fall due.
        """
        first, last = since or period.first, period.last
        remedies = self._columns(_COMPARED, RemedyFact, first, last)
        lessons, breaches = self._all(LessonFact, first, last), self._all(BreachFact, first, last)
        enquiries = self._enquiries(first, last, remedies)
        about = {*remedies.references, *(row.reference for rows in (lessons, breaches) for row in rows)}
        return Read(
            cases=self._cases(_COUNTED, first, last, about | _linked(enquiries)),
            concerns=self._columns(_COUNTED, ConcernFact, first, last),
            spells=self._columns(_COUNTED, SpellFact, first, last),
            clocks=self._columns(_COUNTED, ClockFact, first, last),
            delays=self._all(DelayFact, first, last),
            remedies=remedies,
            lessons=lessons,
            breaches=breaches,
            enquiries=enquiries,
            representations=self._columns(_COUNTED, RepresentationFact, first, last),
            figures=self.figures(Year.containing(last)),
            narratives=self.narratives(Year.containing(last)),
        )

    def compared(self, year: Year) -> Read:
        """What of a year's facts the tables are counted from that stand beside those of a later year."""
        first, last = year.first, year.last
        remedies = self._columns(_COMPARED, RemedyFact, first, last)
        enquiries = self._enquiries(first, last, remedies)
        about = {*remedies.references, *_linked(enquiries)}
        return Read(
            cases=self._cases(_COMPARED, first, last, about),
            concerns=self._columns(_COMPARED, ConcernFact, first, last),
            remedies=remedies,
            enquiries=enquiries,
            representations=self._columns(_COMPARED, RepresentationFact, first, last),
            figures=self.figures(year),
        )

    def _enquiries(self, first: date, last: date, remedies: Rows[RemedyFact]) -> tuple[EnquiryFact, ...]:
        """Those with a step between two days, and those that remedies were required in."""
        found = self._all(EnquiryFact, first, last)
        required = {reference for reference, by in remedies.each("reference", "by") if by == "ombudsman"}
        required -= {row.reference for row in found}
        cited = starmap(EnquiryFact, self._cited(EnquiryFact, EnquiryFact.__slots__, required))
        return tuple(sorted((*found, *cited), key=identity))

    def _cases(self, queries: _Queries, first: date, last: date, about: set[str]) -> Rows[CaseFact]:
        """The cohort received between two days, and after it the other cases that something is about."""
        names, query = queries[CaseFact]

        def pages() -> Iterator[Page]:
            others = set(about)
            for page in query.read(self._connection, self._true | {"first": first, "last": last}):
                others.difference_update(map(itemgetter(0), page))
                yield page
            if others:
                yield self._cited(CaseFact, names, others)

        return Rows.read(CaseFact, names, pages())

    def _columns(self, queries: _Queries, kind: type[Many], first: date, last: date) -> Rows[Many]:
        names, query = queries[kind]
        return Rows.read(kind, names, query.read(self._connection, self._true | {"first": first, "last": last}))

    def _all(self, kind: type[Kind], first: date, last: date) -> tuple[Kind, ...]:
        _, query = _WHOLE[kind]
        rows = query.rows(self._connection, self._true | {"first": first, "last": last})
        return tuple(sorted(starmap(kind, rows), key=identity))

    def knows_of(self, period: Period) -> bool:
        """Whether anything is known that came in by the end of a year or quarter: then what it lacks is a zero."""
        return any(query.rows(self._connection, self._true | {"last": period.last}) for query in _KNOWS_OF)

    def progress(self, day: date) -> Facts:
        """What the progress list of a day is made of.

        The open cases with their clocks; what fell due in the seven days before; the delays of the quarter, and the
        cases of both.
        """
        case, clock, delay = (TABLES[kind].c for kind in (CaseFact, ClockFact, DelayFact))
        is_open, given = case.closed_on.is_(None), delay.given_on.between(_FIRST, _LAST)
        open_cases = sa.select(case.reference).where(_true(CaseFact), is_open)
        fell_due = sa.select(clock.reference).where(_true(ClockFact), _falls_due())
        delayed = sa.select(delay.reference).where(_true(DelayFact), given)
        week, quarter = (day - WEEK, day - ONE_DAY), (Quarter.containing(day).first, day)
        return Facts.of(
            {
                *self._read(CaseFact, is_open),
                *self._read(CaseFact, case.reference.in_(fell_due), *week),
                *self._read(CaseFact, case.reference.in_(delayed), *quarter),
                *self._read(ClockFact, clock.reference.in_(open_cases)),
                *self._read(ClockFact, _falls_due(), *week),
                *self._read(DelayFact, given, *quarter),
            }
        )

    def figures(self, year: Year | None) -> tuple[FigureFact, ...]:
        """The reference figures in force, of a year or of all."""
        return self._of_year(FigureFact, year) if year else self._read(FigureFact, sa.true())

    def narratives(self, year: Year) -> tuple[NarrativeFact, ...]:
        """The narrative in force of a year, if there is one."""
        return self._of_year(NarrativeFact, year)

    def _of_year(self, kind: type[Kind], year: Year) -> tuple[Kind, ...]:
        rows = _OF_A_YEAR[kind].rows(self._connection, self._true | {"year": year.label})
        return tuple(sorted(starmap(kind, rows), key=identity))

    def learned(self, references: Collection[str], since: int) -> dict[str, list[Learned]]:
        """The events after `since`, up to the reader's position, that changed what is known of some references."""
        found: defaultdict[str, set[Learned]] = defaultdict(set)
        for row in self._connection.execute(sa.union(*(self._changes(kind, references, since) for kind in TABLES))):
            found[row.reference].add(Learned(row.known_from, row.known_at, row.because))
        return {reference: sorted(events) for reference, events in found.items()}

    def _changes(self, kind: type[Fact], references: Collection[str], since: int) -> sa.Select[Any]:
        table = TABLES[kind].c
        return sa.select(table.reference, table.known_from, table.known_at, table.because).where(
            table.authority == self._true["authority"],
            table.generation == self._true["generation"],
            database.any_of(self._connection, table.reference, references),
            table.known_from > since,
            table.known_from <= self.position,
        )

    def _read(
        self, kind: type[Kind], condition: Condition, first: date | None = None, last: date | None = None
    ) -> tuple[Kind, ...]:
        query = _select(kind, kind.__slots__, condition)
        rows = self._connection.execute(query, self._true | ({"first": first, "last": last} if first else {}))
        return tuple(sorted(starmap(kind, rows), key=identity))

    def _cited(self, kind: type[Fact], names: Iterable[str], references: Collection[str]) -> Page:
        if not references:
            return []
        about = database.any_of(self._connection, TABLES[kind].c.reference, references)
        return self._connection.execute(_select(kind, names, about), self._true).all()


def _linked(enquiries: Iterable[EnquiryFact]) -> set[str]:
    return {row.case_reference for row in enquiries if row.case_reference}
