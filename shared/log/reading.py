"""Read an authority's log: by position, by stream, by type of event; one semantics on SQLite and PostgreSQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from shared.clock import instant, stamp
from shared.database import reader
from shared.log.by_reference import Referred, by_reference
from shared.log.items import Hole
from shared.log.record import Head, Recorded, from_row, genesis
from shared.log.tables import ERASED, events

_MAX_PAGE = 5000
_SPAN = 100_000
_MAX_VERSION = 2**31 - 1


class LogReader:
    """What every authority's log in one database holds."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._reader = reader(engine)

    def head(self, connection: sa.Connection, authority: str) -> Head:
        """Where the authority's log ends now."""
        return head_of(authority, connection.execute(_TAIL, {"authority": authority}).one_or_none())

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


def head_of(authority: str, tail: Sequence[Any] | None) -> Head:
    """The end of a log by its last row: position, hash, and when that was recorded and known; None without any."""
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
_TAIL = (
    sa.select(events.c.position, events.c.hash, events.c.recorded_at, events.c.known_at)
    .where(events.c.authority == sa.bindparam("authority"))
    .order_by(events.c.position.desc())
    .limit(1)
)


@cache
def _stream(only: sa.ColumnElement[bool] | None) -> sa.Select[Any]:
    wanted = sa.select(events).where(
        events.c.authority == sa.bindparam("authority"),
        events.c.stream == sa.bindparam("stream"),
        events.c.version <= sa.bindparam("upto"),
    )
    return (wanted if only is None else wanted.where(only)).order_by(events.c.version)
