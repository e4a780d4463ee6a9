"""Append and read, one semantics on SQLite and PostgreSQL.

An append is a batch inside one serialised section of its authority: lock, read the tail, tell duplicates and conflicts
apart, number, hash, insert, commit. Positions are given under the lock, so commit order is position order and a reader
that goes by position can miss nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import codec
from shared.clock import instant, now, stamp
from shared.database import inserting, inserting_missing, reader, upsert, upserting, write, writer
from shared.errors import KeyReused, RedressError, Unavailable, WrongMasterKey
from shared.events import Event
from shared.log.by_reference import Referred, by_reference
from shared.log.record import Head, Recorded, chain_hash, from_row, genesis, uuid7
from shared.log.tables import ERASED, events, idempotency_keys, series

logger = logging.getLogger(__name__)

Expectation = Literal["any", "no_stream", "stream_exists"]
ANY: Expectation = "any"
NO_STREAM: Expectation = "no_stream"
STREAM_EXISTS: Expectation = "stream_exists"

_MAX_PAGE = 5000
_SPAN = 100_000
_MAX_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Series:
    """A new stream that takes the next number of a series: `case` in `COV-2026` becomes `case:COV-2026-000123`."""

    category: str
    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key, and the keyed fingerprint of the request that it stands for."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Write:
    """Rows that commit with the events. The log fills in `authority`, `reference`, `version` and `position`.

    A row whose key is there is changed, or left as it is where `once` says that rows of the table never change.
    """

    table: sa.Table
    rows: tuple[Mapping[str, Any], ...]
    once: bool = False

    def filled(self, known: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows with what the log knows of their stream, as far as the table has columns for it."""
        columns = _columns(self.table)
        own = {name: value for name, value in known.items() if name in columns}
        return [{**row, **own} for row in self.rows]


@cache
def _columns(table: sa.Table) -> frozenset[str]:
    return frozenset(column.name for column in table.c)


Removal = sa.Delete | sa.Update
"""A statement that takes away what is not to be kept, in the transaction of the event that says so."""


@dataclass(frozen=True, slots=True)
class Append:
    """What one caller wants recorded: events of one stream, all or none, with the rows that go with them."""

    authority: str
    stream: str | Series
    expected: int | Expectation
    events: tuple[Event, ...]
    actor: str
    key: Key | None = None
    correlation: str | None = None
    causation: str | None = None
    known_at: datetime | None = None
    writes: tuple[Write, ...] = ()
    removes: tuple[Removal, ...] = ()
    prepared: tuple["Prepared", ...] = ()

    def ready(self) -> "Append":
        """The same, encoded and with an id for each event, so that an uncertain commit can be looked up.

        Done before the lock is taken: a payload that cannot be encoded is its caller's error and nobody else's.
        """
        return self if self.prepared else replace(self, prepared=tuple(map(_prepare, self.events)))


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event in the form that is hashed and stored."""

    event_id: str
    type: str
    schema_version: int
    occurred: str
    payload: str


def _prepare(event: Event) -> Prepared:
    name = codec.type_name(event)
    return Prepared(
        uuid7(), name, codec.schema_version(name), codec.occurred(event), codec.encode(event).decode("utf-8")
    )


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the events went: versions `first` to `version`; `replayed` when the key had been answered before."""

    stream: str
    first: int
    version: int
    position: int
    recorded_at: datetime
    replayed: bool = False

    @property
    def reference(self) -> str:
        """The reference of the stream."""
        return self.stream.partition(":")[2]


@dataclass
class VersionConflict(RedressError):
    """The stream is not where the caller expected it; `actual` is 0 where there is none."""

    stream: str
    expected: int | Expectation
    actual: int


@dataclass
class Duplicate(RedressError):
    """An event of that id is in the log already."""

    stream: str


@dataclass
class OutOfOrder(RedressError):
    """Imported history that was known earlier than what the log holds already."""

    last: datetime


@dataclass
class Hole(RedressError):
    """A position is missing: the log was damaged, and nobody may read past it."""

    authority: str
    expected: int
    found: int


Result = Appended | Exception
Clock = Callable[[], datetime]


@dataclass
class _Section:
    """What a batch knows of its authority's log while it holds the lock."""

    head: Head
    answered: dict[str, tuple[str, Appended]]
    versions: dict[str, int]
    numbers: dict[str, int]
    event_rows: list[dict[str, Any]] = field(default_factory=list)
    key_rows: list[dict[str, Any]] = field(default_factory=list)
    write_rows: dict[tuple[sa.Table, bool], list[dict[str, Any]]] = field(default_factory=dict)
    removals: list[Removal] = field(default_factory=list)


class Log:
    """The log of every authority in one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = now) -> None:
        self.engine = engine
        self._writer, self._reader = writer(engine), reader(engine)
        self._clock = clock

    # --- append -----------------------------------------------------------------------------------------------------

    def append(self, item: Append) -> Appended:
        """Append one item in a transaction of its own.

        Raises:
            VersionConflict, KeyReused, Duplicate, OutOfOrder, Unavailable: nothing was written.
        """
        [result] = self.append_batch([item])
        if isinstance(result, Exception):
            raise result
        return result

    def connect(self) -> sa.Connection:
        """A connection for one thread to append with, batch after batch."""
        return self._writer.connect()

    def append_batch(self, batch: Sequence[Append], connection: sa.Connection | None = None) -> list[Result]:
        """Append items of one authority in one commit; each gets its own result, and one at fault harms no other.

        If the database refuses the batch as a whole, its items are tried one by one. If the connection is lost while it
        commits, what was written is looked up before anything is tried again.
        """
        items = [item.ready() for item in batch]
        try:
            return self._commit(items, connection)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                logger.warning("connection lost while appending; looking up what was committed")
                return [self._recover(item) for item in items]
            if len(items) > 1 and not not_now(error):
                return [result for item in items for result in self.append_batch([item], connection)]
            return [explained(error, item) for item in items]

    def _recover(self, item: Append) -> Result:
        """What became of an item whose commit was never answered: its answer, or a second attempt.

        Looked up under the lock: a commit that the lost connection left behind has either finished or will never be.
        """
        try:
            with self.locked(item.authority) as connection:
                if (found := self._found(connection, item)) is None:
                    return self.append_within(connection, [item])[0]
                _await_standby(connection)
                return found
        except Exception as error:
            return explained(error, item)

    def _found(self, connection: sa.Connection, item: Append) -> Appended | None:
        row = connection.execute(
            sa.select(events.c.stream, events.c.version, events.c.position, events.c.recorded_at).where(
                events.c.authority == item.authority, events.c.event_id == item.prepared[-1].event_id
            )
        ).one_or_none()
        if row is None:
            return None
        first = row.version - len(item.prepared) + 1
        return Appended(row.stream, first, row.version, row.position, instant(row.recorded_at))

    def _commit(self, items: Sequence[Append], connection: sa.Connection | None) -> list[Result]:
        if connection is None:
            with self._writer.begin() as connection:
                return self.append_within(connection, items)
        with connection.begin():
            return self.append_within(connection, items)

    def append_within(self, connection: sa.Connection, items: Sequence[Append]) -> list[Result]:
        """Append inside the caller's writing transaction; the caller commits. One authority a call."""
        authority = items[0].authority
        self._lock(connection, authority)
        section = self._enter(connection, authority, items)
        results = [self._place(section, item) for item in items]
        numbers = [{"authority": authority, "name": name, "last": last} for name, last in section.numbers.items()]
        writings = [
            *inserting(events, section.event_rows),
            *inserting(idempotency_keys, section.key_rows),
            *upserting(series, numbers),
        ]
        for (table, once), rows in section.write_rows.items():
            writings += (inserting_missing if once else upserting)(table, rows)
        write(connection, writings)
        for removal in section.removals:
            connection.execute(removal)
        if not section.event_rows and any(isinstance(one, Appended) for one in results):
            _await_standby(connection)
        return results

    def _lock(self, connection: sa.Connection, authority: str) -> None:
        """Enter the serialised section, in a statement of its own: the tail must be read in a later snapshot.

        On SQLite, BEGIN IMMEDIATE holds the only write lock already.
        """
        if connection.dialect.name == "postgresql":
            level = connection.execute(_LOCK, {"name": f"redress:{authority}"}).scalar_one()
            if level != "read committed":
                raise RuntimeError(f"the log is appended to in READ COMMITTED transactions only, not in {level}")

    def _enter(self, connection: sa.Connection, authority: str, items: Sequence[Append]) -> _Section:
        return self._section(
            connection,
            authority,
            keys=[item.key.key for item in items if item.key],
            streams=list({item.stream for item in items if isinstance(item.stream, str)}),
            names=list({item.stream.name for item in items if isinstance(item.stream, Series)}),
        )

    def _section(
        self,
        connection: sa.Connection,
        authority: str,
        keys: Sequence[str] = (),
        streams: Sequence[str] = (),
        names: Sequence[str] = (),
    ) -> _Section:
        """What the log holds of these, in one question: its end, the keys' answers, the versions, the numbers."""
        asked: dict[str, Sequence[str]] = {"keys": list(keys), "streams": list(streams)}
        if names:
            asked["names"] = list(names)
        told: Mapping[str, Any] = asked
        if connection.dialect.name == "sqlite":
            told = {name: orjson.dumps(values).decode() for name, values in asked.items()}
        question = _asking(connection.dialect.name, numbers=bool(names))
        row = connection.execute(question, {"authority": authority, **told}).one()
        tail, answers, versions, numbers = (orjson.loads(value) if value else None for value in row)
        return _Section(
            head=_head(authority, tail),
            answered={
                key: (fingerprint, Appended(stream, first, version, position, instant(recorded_at)))
                for key, fingerprint, stream, first, version, position, recorded_at in answers or ()
            },
            versions=versions or {},
            numbers=numbers or {},
        )

    def _place(self, section: _Section, item: Append) -> Result:
        """Number and hash one item's events after what the section holds already, or say why not."""
        if item.key and item.key.key in section.answered:
            fingerprint, answer = section.answered[item.key.key]
            return replace(answer, replayed=True) if fingerprint == item.key.fingerprint else KeyReused()
        if item.known_at and section.head.known_at and item.known_at < section.head.known_at:
            return OutOfOrder(section.head.known_at)
        stream, number = self._stream(section, item)
        version = section.versions.get(stream, 0)
        if not _as_expected(item.expected, version):
            return VersionConflict(stream, item.expected, version)
        recorded_at = max(self._clock(), section.head.recorded_at) if section.head.recorded_at else self._clock()
        known_at = item.known_at or max(recorded_at, section.head.known_at or recorded_at)
        stamps = stamp(recorded_at), stamp(known_at)
        for event in item.prepared:
            version += 1
            position, digest = self._chain(section, item, stream, version, event, stamps)
            section.head = Head(position, digest, recorded_at, known_at)
        section.versions[stream] = version
        if isinstance(item.stream, Series):
            section.numbers[item.stream.name] = number
        answer = Appended(stream, version - len(item.prepared) + 1, version, section.head.position, recorded_at)
        self._place_rows(section, item, answer)
        return answer

    def _stream(self, section: _Section, item: Append) -> tuple[str, int]:
        """The item's stream, and the number of its series that it takes if it is not refused."""
        if isinstance(item.stream, str):
            return item.stream, 0
        number = section.numbers.get(item.stream.name, 0) + 1
        return f"{item.stream.category}:{item.stream.name}-{number:06d}", number

    def _chain(
        self,
        section: _Section,
        item: Append,
        stream: str,
        version: int,
        event: Prepared,
        stamps: tuple[str, str],
    ) -> tuple[int, str]:
        position = section.head.position + 1
        row: dict[str, Any] = {
            "authority": item.authority,
            "position": position,
            "event_id": event.event_id,
            "stream": stream,
            "version": version,
            "type": event.type,
            "schema_version": event.schema_version,
            "occurred": event.occurred,
            "recorded_at": stamps[0],
            "known_at": stamps[1],
            "actor": item.actor,
            "correlation": item.correlation,
            "causation": item.causation,
            "payload": event.payload,
            "previous_hash": section.head.hash,
        }
        row["hash"] = chain_hash(tuple(row.values()))
        section.event_rows.append(row)
        return position, row["hash"]

    def _place_rows(self, section: _Section, item: Append, answer: Appended) -> None:
        if item.key:
            section.answered[item.key.key] = (item.key.fingerprint, answer)
            section.key_rows.append(
                {
                    "authority": item.authority,
                    "key": item.key.key,
                    "fingerprint": item.key.fingerprint,
                    "stream": answer.stream,
                    "first_version": answer.first,
                    "version": answer.version,
                    "position": answer.position,
                    "recorded_at": stamp(answer.recorded_at),
                }
            )
        known = {
            "authority": item.authority,
            "reference": answer.reference,
            "version": answer.version,
            "position": answer.position,
        }
        for each in item.writes:
            section.write_rows.setdefault((each.table, each.once), []).extend(each.filled(known))
        section.removals.extend(item.removes)

    @contextmanager
    def locked(self, authority: str) -> Iterator[sa.Connection]:
        """A writing transaction during which nobody else appends to the authority's log."""
        with self._writer.begin() as connection:
            self._lock(connection, authority)
            yield connection

    def reserve(self, connection: sa.Connection, authority: str, numbers: Mapping[str, int]) -> None:
        """Let series go on after numbers that were given elsewhere, inside the caller's writing transaction."""
        known = self._section(connection, authority, names=list(numbers)).numbers
        rows = [
            {"authority": authority, "name": name, "last": max(last, known.get(name, 0))}
            for name, last in numbers.items()
        ]
        upsert(connection, series, rows)

    # --- read -------------------------------------------------------------------------------------------------------

    def head(self, connection: sa.Connection, authority: str) -> Head:
        """Where the authority's log ends now."""
        return _head(authority, connection.execute(_TAIL, {"authority": authority}).one_or_none())

    def position_as_at(self, connection: sa.Connection, authority: str, before: datetime) -> int:
        """The last position known before an instant (exclusive); 0 if none was."""
        found = connection.execute(
            sa.select(sa.func.max(events.c.position)).where(
                events.c.authority == authority, events.c.known_at < stamp(before)
            )
        ).scalar_one()
        return int(found or 0)

    def authorities(self) -> list[str]:
        """The codes of every authority that has a log here."""
        with self.engine.connect() as connection:
            return list(connection.execute(_AUTHORITIES).scalars())

    def ends(self, connection: sa.Connection) -> dict[str, int]:
        """The last position of every authority's log, with one query."""
        return {row.code: row.position for row in connection.execute(_ENDS)}

    def streams(self, authority: str, category: str, after: str = "", limit: int = 200) -> list[str]:
        """The next streams of a category in the order of their names, after one of them."""
        first, end = max(f"{category}:", after), f"{category};"
        query = (
            sa.select(events.c.stream)
            .where(events.c.authority == authority, events.c.stream > first, events.c.stream < end)
            .where(events.c.version == 1)
            .order_by(events.c.stream)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def category(self, authority: str, category: str) -> list[Recorded]:
        """Every event of the streams of a category, stream by stream in version order."""
        wanted = (events.c.stream > f"{category}:", events.c.stream < f"{category};")
        query = (
            sa.select(events)
            .where(events.c.authority == authority, *wanted)
            .order_by(events.c.stream, events.c.version)
        )
        with self.engine.connect() as connection:
            return [from_row(tuple(row)) for row in connection.execute(query)]

    def erasures(self, authority: str) -> list[Recorded]:
        """Every erasure of personal data, in order; they have an index of their own."""
        query = sa.select(events).where(events.c.authority == authority, ERASED).order_by(events.c.position)
        with self.engine.connect() as connection:
            return [from_row(tuple(row)) for row in connection.execute(query)]

    def stream(
        self,
        authority: str,
        stream: str,
        upto_version: int | None = None,
        only: sa.ColumnElement[bool] | None = None,
        told: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Recorded]:
        """The events of one stream in version order; empty if there is none.

        `only` is a condition on them, made once for all requests; its parameters, beside `authority`, are `told`.
        """
        known = {"authority": authority, "stream": stream, "upto": upto_version or _MAX_VERSION, **told}
        with self._reader.connect() as connection:
            return [from_row(tuple(row)) for row in connection.execute(_stream(only), known)]

    def histories(self, authority: str, streams: Sequence[str]) -> dict[str, list[Recorded]]:
        """The events of several streams, each in version order, with one query; a stream without any is left out."""
        wanted = sa.select(events).where(events.c.authority == authority, events.c.stream.in_(streams))
        with self.engine.connect() as connection:
            rows = connection.execute(wanted.order_by(events.c.stream, events.c.version)).all()
        return {stream: list(found) for stream, found in groupby(map(from_row, map(tuple, rows)), attrgetter("stream"))}

    def read(self, authority: str, after: int = 0, upto: int | None = None, limit: int = _MAX_PAGE) -> list[Recorded]:
        """The next events after a position, in order.

        Raises:
            Hole: a position is missing between `after` and what was found.
        """
        wanted = [events.c.authority == authority, events.c.position > after]
        if upto is not None:
            wanted.append(events.c.position <= upto)
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(events).where(*wanted).order_by(events.c.position).limit(limit)).all()
        found = [from_row(tuple(row)) for row in rows]
        for expected, recorded in enumerate(found, after + 1):
            if recorded.position != expected:
                raise Hole(authority, expected, recorded.position)
        return found

    def of_types(
        self, authority: str, types: Collection[str], after: int, limit: int = _MAX_PAGE
    ) -> tuple[list[Recorded], int, bool]:
        """The next events of some types after a position, in order; how far there are no others; whether that is all.

        No question is about more than a span of the log, so that none takes longer the more there is to catch up.
        """
        wanted = sa.select(events).where(events.c.authority == authority, events.c.position > after)
        with self.engine.connect() as connection:
            end = self.head(connection, authority).position
            upto = min(end, after + _SPAN)
            wanted = wanted.where(events.c.position <= upto, events.c.type.in_(types))
            rows = connection.execute(wanted.order_by(events.c.position).limit(limit)).all()
        found = [from_row(tuple(row)) for row in rows]
        reached = found[-1].position if len(found) == limit else max(after, upto)
        return found, reached, reached >= end

    def walk(self, authority: str, after: int = 0, upto: int | None = None) -> Iterator[Recorded]:
        """Every event after a position, page by page, with memory that does not grow."""
        while page := self.read(authority, after, upto):
            yield from page
            after = page[-1].position

    def end(self, authority: str) -> int:
        """The last position of an authority's log; 0 before its first event."""
        with self._reader.connect() as connection:
            return self.head(connection, authority).position

    def by_reference(self, authority: str, upto: int) -> Iterator[Referred]:
        """Every event up to a position, by its reference; of one reference in the order of the log."""
        return by_reference(self.engine, authority, upto)

    def answered(self, authority: str, key: Key) -> Appended | None:
        """The answer that an idempotency key was given, if it was.

        Raises:
            KeyReused: the key stands for another request.
        """
        with self.engine.begin() as connection:
            found = self._section(connection, authority, keys=[key.key]).answered
            if key.key in found:
                _await_standby(connection)
        if key.key not in found:
            return None
        fingerprint, answer = found[key.key]
        if fingerprint != key.fingerprint:
            raise KeyReused
        return replace(answer, replayed=True)


def _head(authority: str, tail: Sequence[Any] | None) -> Head:
    if tail is None:
        return Head(0, genesis(authority), None, None)
    position, digest, recorded_at, known_at = tail
    return Head(position, digest, instant(recorded_at), instant(known_at))


# From one code to the next by the primary key: however long the logs are, and also where a first event is missing.
_CODES = """WITH RECURSIVE codes (code) AS (
        SELECT min(authority) FROM events
        UNION ALL
        SELECT (SELECT min(authority) FROM events WHERE authority > code) FROM codes WHERE code IS NOT NULL
    )"""
_AUTHORITIES = sa.text(f"{_CODES} SELECT code FROM codes WHERE code IS NOT NULL")  # noqa: S608 - our own text
_LAST = "(SELECT max(position) FROM events WHERE authority = code) AS position"
_ENDS = sa.text(f"{_CODES} SELECT code, {_LAST} FROM codes WHERE code IS NOT NULL")  # noqa: S608 - our own text
_LOCK = sa.text("SELECT current_setting('transaction_isolation'), pg_advisory_xact_lock(hashtextextended(:name, 0))")
_AWAIT_STANDBY = sa.text("SELECT pg_logical_emit_message(true, 'redress', '')")
_TAIL = (
    sa.select(events.c.position, events.c.hash, events.c.recorded_at, events.c.known_at)
    .where(events.c.authority == sa.bindparam("authority"))
    .order_by(events.c.position.desc())
    .limit(1)
)
# What a batch asks once it holds the lock. One statement: each question more would be a round trip more to wait for.
_JSON = {
    "postgresql": ("json_build_array", "json_agg", "json_object_agg", "= ANY(:{})"),
    "sqlite": ("json_array", "json_group_array", "json_group_object", "IN (SELECT value FROM json_each(:{}))"),
}


@cache
def _asking(dialect: str, *, numbers: bool) -> sa.TextClause:
    """The end of the log, the answers to keys, the versions of streams; and the numbers, where any are asked for.

    Only the cases service has series: the others may not so much as name the table.
    """
    array, arrays, named, among = _JSON[dialect]
    last = f"""(SELECT CAST({named}(name, last) AS text) FROM series
          WHERE authority = :authority AND name {among.format("names")})"""  # noqa: S608 - our own text
    return sa.text(
        f"""SELECT
        (SELECT CAST({array}(position, hash, recorded_at, known_at) AS text) FROM events
          WHERE authority = :authority ORDER BY position DESC LIMIT 1),
        (SELECT CAST({arrays}({array}(key, fingerprint, stream, first_version, version, position, recorded_at)) AS text)
          FROM idempotency_keys WHERE authority = :authority AND key {among.format("keys")}),
        (SELECT CAST({named}(stream, version) AS text) FROM (
          SELECT stream, max(version) AS version FROM events
          WHERE authority = :authority AND stream {among.format("streams")} GROUP BY stream) AS versions),
        {last if numbers else "NULL"}"""  # noqa: S608 - our own text
    )


@cache
def _stream(only: sa.ColumnElement[bool] | None) -> sa.Select[Any]:
    wanted = sa.select(events).where(
        events.c.authority == sa.bindparam("authority"),
        events.c.stream == sa.bindparam("stream"),
        events.c.version <= sa.bindparam("upto"),
    )
    return (wanted if only is None else wanted.where(only)).order_by(events.c.version)


def _await_standby(connection: sa.Connection) -> None:
    """Let the transaction's commit wait until a synchronous standby has all that was read in it.

    It waits only if it wrote something: this is something, which nobody reads.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_AWAIT_STANDBY)


def _as_expected(expected: int | Expectation, actual: int) -> bool:
    if expected == ANY:
        return True
    if expected == NO_STREAM:
        return actual == 0
    if expected == STREAM_EXISTS:
        return actual > 0
    return expected == actual


def explained(error: Exception, item: Append) -> Exception:
    """A refusal of the database in the log's own words, by the name of the constraint."""
    if isinstance(error, IntegrityError) and "events_event_id" in str(error.orig):
        return Duplicate(str(item.stream))
    if isinstance(error, IntegrityError) and "foreign key" in str(error.orig).lower():
        return WrongMasterKey()  # the only rows that refer to others are wrapped keys, to the master key in force
    if _takes_no_writes(error):
        return Unavailable(
            "nothing is written here: the database is a standby, or the authority has moved", retry_after=5
        )
    if not_now(error):
        return Unavailable("the database did not take the append in time")
    return error


def not_now(error: Exception) -> bool:
    """Whether the database could not be had: no connection, no lock in time, no space. Then no item is at fault."""
    if _takes_no_writes(error) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if not isinstance(error, OperationalError):
        return isinstance(error, PoolTimeout)
    code = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", ""))
    return not code.startswith(("54", "SQLITE_ERROR"))  # a limit exceeded, a statement that makes no sense


def _takes_no_writes(error: Exception) -> bool:
    """Whether the database is a standby, or was left by the authority: PostgreSQL tells both alike."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) == "25006" or "the authority has moved" in str(error.orig)
