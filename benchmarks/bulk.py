"""A register of many cases, made set-wise: the events that the rules decide once, hashed and copied for each case.

Whatever reads the log finds it whole, chained and listed. There is no personal data in it: no measured route reads any.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import sqlalchemy as sa

from services.cases import case_list, commands
from services.cases.decide import receive
from services.cases.handler import deciding, kind_of, rules
from shared.clock import stamp
from shared.database import connect, upsert, writer
from shared.events import CaseAssigned, Event, ProgressTold
from shared.handling import Request, prepare
from shared.log import ANY, Append
from shared.log.record import chain_hash, genesis
from shared.log.store import Prepared
from shared.log.tables import events, series

AUTHORITY = "COV"
YEAR = 2025
AREAS = ("older_people", "mental_health", "finance", "telecare")
OFFICERS = tuple(f"officer-{number:02}" for number in range(40))
_FIRST, _DAYS = date(YEAR, 1, 1), 365
_VARIANTS = 8
_AT = ("authority", "reference", "version")


@dataclass(frozen=True)
class Size:
    """How many cases, how many events each, and how many in a hundred are open."""

    cases: int
    events: int
    open: int

    @property
    def references(self) -> Iterator[str]:
        """The reference of each case, each as long as the others; the newest come first."""
        return (f"{AUTHORITY}-{YEAR}-{number:06d}" for number in range(self.cases, 0, -1))


@dataclass(frozen=True)
class _Shape:
    """What cases of the same day have in common: their events as they are stored, and their line of the list."""

    prepared: tuple[Prepared, ...]
    listed: Mapping[str, Any]


def fill(url: str, size: Size) -> None:
    """Give a database without any a register of a size, and the statistics that a database has of tables in use."""
    engine = connect(url)
    shapes = [_shape(day, number, size) for day in range(_DAYS) for number in range(_VARIANTS)]
    chosen = [shapes[n * _DAYS // size.cases * _VARIANTS + n % _VARIANTS] for n in range(size.cases)]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY events ({', '.join(c.name for c in events.c)}) FROM STDIN".encode()) as copy:
            for row in _events(chosen):
                copy.write_row(row)
        names = sorted(shapes[0].listed)
        with cursor.copy(f"COPY case_list ({', '.join((*_AT, *names))}) FROM STDIN".encode()) as copy:
            for number, shape in enumerate(chosen, 1):
                at = (AUTHORITY, f"{AUTHORITY}-{YEAR}-{number:06d}", size.events)
                copy.write_row((*at, *(shape.listed[name] for name in names)))
    with writer(engine).begin() as connection:
        upsert(connection, series, [{"authority": AUTHORITY, "name": f"{AUTHORITY}-{YEAR}", "last": size.cases}])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    engine.dispose()


def _shape(day: int, number: int, size: Size) -> _Shape:
    """A case of a day: received and routed by its service area, assigned, and told of progress or withdrawn."""
    chance = Random(day * _VARIANTS + number)
    on = _FIRST + timedelta(days=day)
    at = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
    received = commands.ReceiveComplaint(
        channel="web_form",
        received_at=at,
        service_area=chance.choice(AREAS),
        concerns=(commands.ConcernIn(category="communication"),),
        complainant=commands.Person(name="A. Resident"),
    )
    end = commands.WithdrawCase(withdrawn_on=on) if chance.randrange(100) >= size.open else None
    recorded: list[Event] = list(receive(received, (), rules(AUTHORITY), at))
    recorded.append(CaseAssigned(assigned_on=on, officer=chance.choice(OFFICERS), role="investigating_officer"))
    told = ProgressTold(told_on=on, method="phone", due_dates_told=False)
    recorded += [told] * (size.events - len(recorded) - bool(end))
    kind = kind_of(AUTHORITY, "complaint")
    if end:
        recorded += prepare(kind, Request(AUTHORITY, "bench"), "", recorded, deciding(AUTHORITY, end, on)).item.events
    case = kind.fold(recorded)
    assert case
    item = Append(AUTHORITY, "", ANY, tuple(recorded), "bench").ready()
    return _Shape(item.prepared, case_list.rows(AUTHORITY, case)[0].rows[0])


def _events(chosen: Sequence[_Shape]) -> Iterator[tuple[str | int | None, ...]]:
    """The rows of the log."""
    position, previous, began = 0, genesis(AUTHORITY), datetime(YEAR, 1, 1, tzinfo=UTC)
    for number, shape in enumerate(chosen, 1):
        stream = f"case:{AUTHORITY}-{YEAR}-{number:06d}"
        for version, event in enumerate(shape.prepared, 1):
            position += 1
            at = stamp(began + timedelta(days=365 * number / len(chosen), microseconds=position))
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
