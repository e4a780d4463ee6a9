"""What a caller wants recorded, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa

from shared import codec
from shared.errors import RedressError
from shared.events import Event
from shared.log.record import uuid7

Expectation = Literal["any", "no_stream", "stream_exists"]
ANY: Expectation = "any"
NO_STREAM: Expectation = "no_stream"
STREAM_EXISTS: Expectation = "stream_exists"


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
