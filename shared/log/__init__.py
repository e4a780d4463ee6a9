"""The append-only log: one numbered, hash-chained history per authority, on SQLite and PostgreSQL alike."""

from shared.log.appender import Appender
from shared.log.by_reference import Referred, Told
from shared.log.chain import Anchor, Break, verify
from shared.log.items import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Appended,
    Duplicate,
    Expectation,
    Hole,
    Key,
    OutOfOrder,
    Removal,
    Series,
    VersionConflict,
    Write,
)
from shared.log.record import Head, Recorded
from shared.log.store import Log

__all__ = [
    "ANY",
    "NO_STREAM",
    "STREAM_EXISTS",
    "Anchor",
    "Append",
    "Appended",
    "Appender",
    "Break",
    "Duplicate",
    "Expectation",
    "Head",
    "Hole",
    "Key",
    "Log",
    "OutOfOrder",
    "Recorded",
    "Referred",
    "Removal",
    "Series",
    "Told",
    "VersionConflict",
    "Write",
    "verify",
]
