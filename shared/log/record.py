"""An event as the log holds it, and the hash that chains it to the one before."""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

import orjson

from shared import codec
from shared.clock import instant
from shared.events import Event


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row of `events`. `known_at` is `recorded_at`, or for imported history when the earlier system knew it."""

    authority: str
    position: int
    event_id: str
    stream: str
    version: int
    type: str
    schema_version: int
    occurred: str
    recorded_at: datetime
    known_at: datetime
    actor: str
    correlation: str | None
    causation: str | None
    payload: str
    previous_hash: str
    hash: str

    @property
    def event(self) -> Event:
        """The decoded event, lifted to today's schema. Raises `codec.UnknownEvent`."""
        return codec.decode(self.type, self.schema_version, self.payload)

    @property
    def data(self) -> dict[str, Any]:
        """The payload as it is stored, decoded."""
        return cast("dict[str, Any]", orjson.loads(self.payload))

    @property
    def category(self) -> str:
        """What kind of stream it belongs to: `case`, `compliment`, `comment`, `enquiry`, `authority`."""
        return self.stream.partition(":")[0]

    @property
    def reference(self) -> str:
        """The reference of the case or enquiry that it belongs to."""
        return self.stream.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Head:
    """Where an authority's log ends; position 0 before its first event."""

    position: int
    hash: str
    recorded_at: datetime | None
    known_at: datetime | None


def genesis(authority: str) -> str:
    """The previous hash of an authority's first event, made of its code so that no two logs can be swapped."""
    return sha256(b"redress:" + authority.encode()).hexdigest()


def chain_hash(row: tuple[str | int | None, ...]) -> str:
    """SHA-256 over an event's columns but its hash, in table order, each length-prefixed; NULL differs from ''."""
    parts: list[bytes] = []
    add = parts.append
    for value in row:
        if value is None:
            add(b"\xff\xff\xff\xff")
        else:
            data = (value if value.__class__ is str else str(value)).encode()
            length = len(data)
            add(_LENGTHS[length] if length < _MANY else length.to_bytes(4, "big"))
            add(data)
    return sha256(b"".join(parts)).hexdigest()


_MANY = 4096
_LENGTHS = [length.to_bytes(4, "big") for length in range(_MANY)]
"""The prefixes of most values, made once: every event of a log goes through here, to be written and to be verified."""


def uuid7() -> str:
    """A time-ordered UUID (RFC 9562 5.7): neighbours in time are neighbours in the index."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def from_row(row: tuple[object, ...]) -> Recorded:
    """A `Recorded` from a row of `events` in table order."""
    fields = list(row)
    fields[8], fields[9] = instant(str(row[8])), instant(str(row[9]))
    return Recorded(*fields)  # type: ignore[arg-type] # the columns of the table are the fields of the class
