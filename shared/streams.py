"""Streams as they are read to be folded: of each, what it needs of its events, many streams with one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from shared import codec
from shared.batched import Batched
from shared.events import Event


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events of a stream, as they are for one actor: none, if the case is kept from them; None is kept out of none.

    `reference` is that of the case whose restriction counts.
    """

    authority: str
    stream: str
    reference: str
    actor: str | None

    @property
    def named(self) -> str | None:
        """The actor as `case_restrictions` lists one."""
        return f"\n{self.actor}\n" if self.actor is not None else None


class Stored(NamedTuple):
    """An event as it is stored, without where it stands in the log."""

    type: str
    schema_version: int
    payload: str

    @property
    def event(self) -> Event:
        """The decoded event, lifted to today's schema. Raises `codec.UnknownEvent`."""
        return codec.decode(self.type, self.schema_version, self.payload)


Streams = Batched[Wanted, Sequence[Stored]]


def streams(engine: sa.Engine) -> Streams:
    """Whoever asks for streams of a database, asks here."""
    return Batched(engine, _on_postgresql if engine.dialect.name == "postgresql" else _on_sqlite)


# A stream that is restricted is to all but those named as if it were not there; nobody is missing from a NULL.
_EVENTS = """SELECT e.version, e.type, e.schema_version, e.payload FROM events AS e
    WHERE e.authority = {authority} AND e.stream = {stream} AND NOT EXISTS (
        SELECT 1 FROM case_restrictions AS r
        WHERE r.authority = {authority} AND r.reference = {reference}
            AND r.staff <> '' AND replace(r.staff, {named}, '') = r.staff
    ) ORDER BY e.version"""

_ONE = _EVENTS.format(authority=":authority", stream=":stream", reference=":reference", named=":named")

# LATERAL with OFFSET: each stream by the index, also where the planner thinks that all of a small log is read sooner.
_MANY = f"""SELECT w.number, found.type, found.schema_version, found.payload
    FROM json_to_recordset(%s::json) AS w(number int, authority text, stream text, reference text, named text)
    CROSS JOIN LATERAL (
        {_EVENTS.format(authority="w.authority", stream="w.stream", reference="w.reference", named="w.named")} OFFSET 0
    ) AS found
    ORDER BY w.number, found.version"""  # noqa: S608 - our own text


def _on_postgresql(connection: Any, wanted: Sequence[Wanted]) -> list[list[Stored]]:
    asked = orjson.dumps([{"number": number, **_parameters(each)} for number, each in enumerate(wanted)])
    found: list[list[Stored]] = [[] for _ in wanted]
    with connection.cursor() as cursor:
        for number, *stored in cursor.execute(_MANY, (asked.decode(),)):
            found[number].append(Stored(*stored))
    return found


def _on_sqlite(connection: Any, wanted: Sequence[Wanted]) -> list[list[Stored]]:
    """One by one: there is no round trip to save."""
    return [[Stored(*stored) for _, *stored in connection.execute(_ONE, _parameters(each))] for each in wanted]


def _parameters(wanted: Wanted) -> dict[str, str | None]:
    return {
        "authority": wanted.authority,
        "stream": wanted.stream,
        "reference": wanted.reference,
        "named": wanted.named,
    }
