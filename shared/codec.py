"""Between events and the bytes that the log keeps: stable type names, schema versions, upcasters.

The bytes are canonical JSON (sorted keys, no white space, UTF-8), and exactly what is hashed. A stored payload is never
rewritten: an older version is lifted step by step when it is read.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, cast, get_args

import orjson
from pydantic import TypeAdapter

from shared import events
from shared.clock import stamp
from shared.events import Event

Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]


class UnknownEvent(Exception):
    """A type or a version that this code does not know: whoever reads must stop, never skip."""


def type_name(event: type[Event] | Event) -> str:
    """The stable name of an event's type: `ComplaintAcknowledged` is `complaint_acknowledged`."""
    return _name(cast("Hashable", event if isinstance(event, type) else type(event)))


@cache
def _name(cls: Hashable) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", getattr(cls, "__name__", "")).lower()


TYPES: Mapping[str, type[Event]] = {
    _name(cls): cls
    for kinds in (events.CaseEvent, events.EnquiryEvent, events.AuthorityEvent, events.PublicationEvent)
    for cls in get_args(kinds)
}

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""(type, n) -> the function that lifts a decoded payload from version n to n + 1."""


@cache
def schema_version(name: str) -> int:
    """The version in which events of a type are written now: one more than the last that can be lifted."""
    return 1 + max((version for kind, version in UPCASTERS if kind == name), default=0)


@cache
def _adapter(name: str) -> TypeAdapter[Event]:
    return TypeAdapter(TYPES[name])


@cache
def _reads(name: str) -> Callable[[bytes | str], Event]:
    """What reads the events of a type: the adapter's own validator, since a rebuild reads millions."""
    return _adapter(name).validator.validate_json


def encode(event: Event) -> bytes:
    """The canonical bytes of an event's payload."""
    return canonical(event)


def canonical(content: object) -> bytes:
    """Canonical JSON of a dataclass or of plain data: sorted keys at every depth, no white space, UTF-8."""
    return orjson.dumps(orjson.loads(orjson.dumps(content)), option=orjson.OPT_SORT_KEYS)


def decode(name: str, version: int, payload: bytes | str) -> Event:
    """The event that these stored bytes are today.

    Raises:
        UnknownEvent: the type is not known, its version is newer than this code or was never one, or what is stored is
            not what an event of that type holds.
    """
    if name not in TYPES:
        raise UnknownEvent(f"unknown event type {name!r}")
    current = schema_version(name)
    if version > current:
        raise UnknownEvent(f"{name} version {version} is newer than this code, which knows {current}")
    try:
        return _lifted(name, version, current, payload)
    except (ValueError, TypeError, KeyError) as error:
        raise UnknownEvent(f"{name} version {version} does not hold what such an event holds") from error


def _lifted(name: str, version: int, current: int, payload: bytes | str) -> Event:
    if version == current:
        return _reads(name)(payload)
    lifted: Payload = orjson.loads(payload)
    for step in range(version, current):
        if (name, step) not in UPCASTERS:
            raise UnknownEvent(f"{name} version {version} cannot be lifted: there is no step from {step}")
        lifted = UPCASTERS[name, step](lifted)
    return _adapter(name).validate_python(lifted, strict=False)


def occurred(event: Event) -> str:
    """When it happened in the world: an ISO date in Europe/London, or an instant in UTC as the log stamps it."""
    value: date | datetime = getattr(event, event.OCCURRED)
    return stamp(value) if isinstance(value, datetime) else value.isoformat()
