"""Append to an authority's log, one semantics on SQLite and PostgreSQL.

An append is a batch inside one serialised section of its authority: lock, read the tail, tell duplicates and conflicts
apart, number, hash, insert, commit. Positions are given under the lock, so commit order is position order and a reader
that goes by position can miss nothing.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.clock import instant, now, stamp
from shared.database import inserting, inserting_missing, upsert, upserting, write, writer
from shared.errors import KeyReused, Unavailable, WrongMasterKey
from shared.log.items import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Appended,
    Duplicate,
    Expectation,
    Key,
    OutOfOrder,
    Prepared,
    Removal,
    Result,
    Series,
    VersionConflict,
)
from shared.log.reading import LogReader, head_of
from shared.log.record import Head, chain_hash
from shared.log.tables import events, idempotency_keys, series

logger = logging.getLogger(__name__)

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


class Log(LogReader):
    """The log of every authority in one database: read, and appended to."""

    def __init__(self, engine: sa.Engine, clock: Clock = now) -> None:
        super().__init__(engine)
        self._writer = writer(engine)
        self._clock = clock

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
            head=head_of(authority, tail),
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


_LOCK = sa.text("SELECT current_setting('transaction_isolation'), pg_advisory_xact_lock(hashtextextended(:name, 0))")
_AWAIT_STANDBY = sa.text("SELECT pg_logical_emit_message(true, 'redress', '')")
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
