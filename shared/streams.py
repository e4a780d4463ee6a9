"""Streams as they are read to be folded: of each, what it needs of its events, many streams with one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
import sqlalchemy as sa

from shared import codec, restrictions
from shared.batched import Batched
from shared.events import Event
from shared.recent import Recent

State = TypeVar("State")

_HELD = 2_000  # some ten kilobytes each


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events of a stream from a version on, as they are for one actor: none, if the case is kept from them.

    `reference` is that of the case whose restriction counts; an actor of None is kept out of none.
    """

    authority: str
    stream: str
    since: int
    reference: str
    actor: str | None

    @property
    def named(self) -> str | None:
        """The actor as `case_restrictions` lists one."""
        return restrictions.named(self.actor) if self.actor is not None else None


class Stored(NamedTuple):
    """An event as it is stored, without where it stands in the log."""

    type: str
    schema_version: int
    payload: str
    hash: str

    @property
    def event(self) -> Event:
        """The decoded event, lifted to today's schema. Raises `codec.UnknownEvent`."""
        return codec.decode(self.type, self.schema_version, self.payload)


@dataclass(slots=True)
class Held(Generic[State]):
    """What is true of a stream at a version, and the hash of the event that made it so.

    The hash is chained, so that while the stream has that event, it has all that are before it. `answer` is what was
    last made of the state: of which day, and its bytes.
    """

    state: State
    version: int
    hash: str
    answer: tuple[date, bytes] | None = None


class Streams:
    """Where whoever wants streams of a database asks for them; the states that were made of them last are held."""

    def __init__(self, engine: sa.Engine) -> None:
        self._asking = Batched(engine, _on_postgresql if engine.dialect.name == "postgresql" else _on_sqlite)
        self.held: Recent[tuple[str, str], Held[Any]] = Recent(_HELD)

    async def ask(self, wanted: Wanted) -> Sequence[Stored]:
        """The events, in order. Raises what `Batched.ask` raises."""
        return await self._asking.ask(wanted)

    def close(self) -> None:
        """Let the database go."""
        self._asking.close()


# A stream that is restricted is to all but those named as if it were not there; nobody is missing from a NULL.
_EVENTS = """SELECT e.version, e.type, e.schema_version, e.payload, e.hash FROM events AS e
    WHERE e.authority = {authority} AND e.stream = {stream} AND e.version >= {since} AND NOT EXISTS (
        SELECT 1 FROM case_restrictions AS r
        WHERE r.authority = {authority} AND r.reference = {reference}
            AND r.staff <> '' AND replace(r.staff, {named}, '') = r.staff
    ) ORDER BY e.version"""

_NAMES = ("authority", "stream", "since", "reference", "named")
_ONE = _EVENTS.format_map({name: f":{name}" for name in _NAMES})

# LATERAL with OFFSET: each stream by the index, also where the planner thinks that all of a small log is read sooner.
_MANY = f"""SELECT w.number, found.type, found.schema_version, found.payload, found.hash
    FROM json_to_recordset(%s::json)
        AS w(number int, authority text, stream text, since int, reference text, named text)
    CROSS JOIN LATERAL (
        {_EVENTS.format_map({name: f"w.{name}" for name in _NAMES})} OFFSET 0
    ) AS found
    ORDER BY w.number, found.version"""  # noqa: S608 - our own text


def _on_postgresql(connection: sa.Connection, wanted: Sequence[Wanted]) -> list[list[Stored]]:
    asked = orjson.dumps([{"number": number, **_parameters(each)} for number, each in enumerate(wanted)])
    found: list[list[Stored]] = [[] for _ in wanted]
    for number, *stored in connection.exec_driver_sql(_MANY, (asked.decode(),)).cursor.fetchall():
        found[number].append(Stored(*stored))
    return found


def _on_sqlite(connection: sa.Connection, wanted: Sequence[Wanted]) -> list[list[Stored]]:
    """One by one: there is no round trip to save."""
    each_of = (connection.exec_driver_sql(_ONE, _parameters(each)) for each in wanted)
    return [[Stored(*stored) for _, *stored in rows.cursor.fetchall()] for rows in each_of]


def _parameters(wanted: Wanted) -> dict[str, Any]:
    return {
        "authority": wanted.authority,
        "stream": wanted.stream,
        "since": wanted.since,
        "reference": wanted.reference,
        "named": wanted.named,
    }
