"""A register of many cases, made set-wise: the events that the rules decide once, hashed and copied for each case.

Whatever reads the log finds it whole, chained and listed. There is no personal data in it: no measured route reads any.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter
from random import Random
from typing import Any

import sqlalchemy as sa

from services.cases import case_list, commands
from services.cases.decide import receive
from services.cases.handler import deciding, kind_of, rules
from shared.citations import Citations
from shared.clock import stamp
from shared.database import connect, load, upsert, writer
from shared.events import CaseAssigned, Event, ProgressTold
from shared.handling import Request, prepare
from shared.log import ANY, Append, Log
from shared.log.items import Prepared
from shared.log.record import chain_hash, genesis
from shared.log.tables import events, series

AUTHORITY = "COV"
YEAR = 2025
AREAS = ("older_people", "mental_health", "finance", "telecare")
OFFICERS = tuple(f"officer-{number:02}" for number in range(40))
_LONG_AGO, _RECENTLY = date(2012, 4, 1), date(2022, 4, 1)
_VARIANTS = 8
_AT = ("authority", "reference", "version")

Row = tuple[str | int | None, ...]


@dataclass(frozen=True)
class Size:
    """How many cases, how many events each, and how many in a hundred are open.

    They are of one year; with `recent`, so many are of the years since April 2022 and the others, all of them over,
    of the ten years before, so that what a year asks for stays the same whatever lies behind it.
    """

    cases: int
    events: int
    open: int
    recent: int | None = None

    @property
    def variants(self) -> int:
        """How many different cases there are of a day."""
        return _VARIANTS if self.recent is None else 2

    @property
    def days(self) -> Iterator[date]:
        """The day of receipt of each case, in order."""
        if self.recent is None:
            yield from _spread(self.cases, date(YEAR, 1, 1), date(YEAR + 1, 1, 1))
        else:
            yield from _spread(self.cases - self.recent, _LONG_AGO, _RECENTLY)
            yield from _spread(self.recent, _RECENTLY, date(YEAR + 1, 1, 1))

    @property
    def references(self) -> Iterator[str]:
        """The reference of each case, each as long as the others; the newest come first."""
        return reversed(list(_references(self.days)))


def _spread(cases: int, first: date, end: date) -> Iterator[date]:
    days = (end - first).days
    return (first + timedelta(days=n * days // cases) for n in range(cases))


def _references(days: Iterable[date]) -> Iterator[str]:
    for year, of_year in groupby(days, attrgetter("year")):
        for number, _ in enumerate(of_year, 1):
            yield f"{AUTHORITY}-{year}-{number:06d}"


@dataclass(frozen=True)
class _Shape:
    """What cases of the same day have in common: their events as they are stored, and their line of the list."""

    prepared: tuple[Prepared, ...]
    listed: Mapping[str, Any]


def fill(url: str, size: Size) -> None:
    """Give a database without any a register of a size, and the statistics that a database has of tables in use."""
    engine = connect(url)
    Citations(engine).keep(AUTHORITY)
    names = sorted(next(_cases(size)).shape.listed)
    lines = (
        (AUTHORITY, case.reference, size.events, *(case.shape.listed[name] for name in names)) for case in _cases(size)
    )
    with writer(engine).begin() as connection:
        connection.execute(_PATIENTLY)
        load(connection, events, events.c.keys(), _events(size))
        load(connection, case_list.case_list, [*_AT, *names], lines)
        connection.execute(_KEYS)
        counted = Counter(case.reference[:8] for case in _cases(size))
        upsert(connection, series, [{"authority": AUTHORITY, "name": n, "last": last} for n, last in counted.items()])
    settle(engine)
    engine.dispose()


def reassign(engine: sa.Engine, references: Sequence[str]) -> None:
    """Record of each of these cases that another officer has it: one event a case, after the end of the log."""
    event = CaseAssigned(assigned_on=date(YEAR, 1, 1), officer=OFFICERS[0], role="investigating_officer")
    [prepared] = Append(AUTHORITY, "", ANY, (event,), "bench").ready().prepared
    streams = [f"case:{reference}" for reference in references]
    with writer(engine).begin() as connection:
        head = Log(engine).head(connection, AUTHORITY)
        found = sa.select(events.c.stream, sa.func.max(events.c.version)).where(events.c.authority == AUTHORITY)
        last = dict(map(tuple, connection.execute(found.where(events.c.stream.in_(streams)).group_by(events.c.stream))))
        assert head.recorded_at
        told = ((stream, last[stream] + 1, prepared, head.recorded_at) for stream in streams)
        load(connection, events, events.c.keys(), _chained(told, head.position, head.hash))


def settle(engine: sa.Engine) -> None:
    """Leave tables as they are in use: swept, and with their statistics."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_PATIENTLY)
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.invalidate()  # nobody else gets one that waits so long


_PATIENTLY = sa.text("SET statement_timeout = 0")
_KEYS = sa.text(
    """INSERT INTO idempotency_keys
        (authority, key, fingerprint, stream, version, position, recorded_at, first_version)
    SELECT authority, event_id, repeat('0', 64), stream, version, position, recorded_at, version
    FROM events WHERE version <> 2"""  # a complaint is received and routed by one request
)


@dataclass(frozen=True, slots=True)
class _Case:
    reference: str
    received_on: date
    shape: _Shape


def _cases(size: Size) -> Iterator[_Case]:
    """The cases of a register, in the order of their receipt."""
    for n, (on, reference) in enumerate(zip(size.days, _references(size.days), strict=True)):
        is_open = size.open if size.recent is None or on >= _RECENTLY else 0
        yield _Case(reference, on, _shape(on, n % size.variants, size.events, is_open))


@cache
def _shape(on: date, number: int, length: int, is_open: int) -> _Shape:
    """A case of a day: received and routed by its service area, assigned, and told of progress or withdrawn."""
    chance = Random(on.toordinal() * _VARIANTS + number)
    at = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
    received = commands.ReceiveComplaint(
        channel="web_form",
        received_at=at,
        service_area=chance.choice(AREAS),
        concerns=(commands.ConcernIn(category="communication"),),
        complainant=commands.Person(name="A. Resident"),
    )
    end = commands.WithdrawCase(withdrawn_on=on) if chance.randrange(100) >= is_open else None
    recorded: list[Event] = list(receive(received, (), rules(AUTHORITY), at))
    recorded.append(CaseAssigned(assigned_on=on, officer=chance.choice(OFFICERS), role="investigating_officer"))
    told = ProgressTold(told_on=on, method="phone", due_dates_told=False)
    recorded += [told] * (length - len(recorded) - bool(end))
    kind = kind_of(AUTHORITY, "complaint")
    if end:
        recorded += prepare(kind, Request(AUTHORITY, "bench"), "", recorded, deciding(AUTHORITY, end, on)).item.events
    case = kind.fold(recorded)
    assert case
    item = Append(AUTHORITY, "", ANY, tuple(recorded), "bench").ready()
    return _Shape(item.prepared, case_list.rows(AUTHORITY, case)[0].rows[0])


def _events(size: Size) -> Iterator[Row]:
    """The rows of a new log, each known on the day of its case's receipt."""
    told = (
        (f"case:{case.reference}", version, event, datetime.combine(case.received_on, time(10), UTC))
        for case in _cases(size)
        for version, event in enumerate(case.shape.prepared, 1)
    )
    return _chained(told, 0, genesis(AUTHORITY))


def _chained(told: Iterable[tuple[str, int, Prepared, datetime]], position: int, previous: str) -> Iterator[Row]:
    """Rows of the log after a position, of streams, versions, events and instants; later ones are recorded later."""
    for stream, version, event, instant in told:
        position += 1
        at = stamp(instant + timedelta(microseconds=position))
        row = (
            AUTHORITY,
            position,
            f"{position:036x}",
            stream,
            version,
            event.type,
            event.schema_version,
            event.occurred,
            at,
            at,
            "bench",
            None,
            None,
            event.payload,
            previous,
        )
        previous = chain_hash(row)
        yield (*row, previous)
