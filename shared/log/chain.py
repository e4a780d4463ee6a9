"""Verification: walk a log from any kept head, and say where it broke."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.log.record import chain_hash, genesis
from shared.log.tables import events

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Break:
    """The first position at which a log is not what was written, and in what way."""

    authority: str
    position: int
    what: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head as it was kept elsewhere."""

    position: int
    hash: str


def verify(
    engine: sa.Engine,
    authority: str,
    since: Anchor | None = None,
    against: Anchor | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Anchor | Break:
    """Check every link after `since` (the whole log without it), and that the log still holds `since` and `against`.

    Answers where the log ends if it is whole, else the first break. Memory does not grow with the log; `progress` is
    told the size of each page.
    """
    reached = _Link(since.position, since.hash) if since else _Link(0, genesis(authority))
    for kept in (since, against):
        if kept and kept.position <= reached.position and (lost := _lost(engine, authority, kept)):
            return lost
    try:
        for page in _pages(engine, authority, reached.position):
            for row in page:
                if fault := _fault(row, reached):
                    return Break(authority, reached.position + 1, fault)
                reached = _Link(row.position, row.hash, row.recorded_at, row.known_at)
                if against and against.position == row.position and against.hash != row.hash:
                    return Break(authority, row.position, _NOT_KEPT)
            progress(len(page))
    except _Unreadable:
        return Break(authority, reached.position + 1, _UNREADABLE)
    if against and reached.position < against.position:
        return _cut_off(authority, reached.position, against)
    return Anchor(reached.position, reached.hash)


_NOT_KEPT = "is not the head that was kept"
_UNREADABLE = "cannot be read: the database holds what it never took in"


def _cut_off(authority: str, end: int, kept: Anchor) -> Break:
    return Break(authority, end + 1, f"cut off: the head that was kept is {kept.position}")


@dataclass(frozen=True, slots=True)
class _Link:
    """The last event that was found whole; the texts compare as the instants that they stamp."""

    position: int
    hash: str
    recorded_at: str = ""
    known_at: str = ""


def _fault(row: sa.Row[Any], before: _Link) -> str | None:
    if row.position != before.position + 1:
        return f"missing: the next event is {row.position}"
    if row.previous_hash != before.hash:
        return "does not follow the event before it"
    if chain_hash(tuple(row)[:-1]) != row.hash:
        return "was changed: its hash does not fit its content"
    if row.recorded_at < before.recorded_at or row.known_at < before.known_at:
        return "was recorded before the event before it"
    return None


class _Unreadable(Exception):
    """The next row is there, but the database or its driver cannot make it out."""


def _pages(engine: sa.Engine, authority: str, after: int) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows after a position; up to the first that cannot be read, then `_Unreadable`."""
    size = _PAGE
    while True:
        try:
            page = _page(engine, authority, after, size)
        except sa.exc.DBAPIError as error:
            if not _is_unreadable(error):
                raise
            if size == 1:
                raise _Unreadable from None
            size = 1
            continue
        if not page:
            return
        yield page
        after = page[-1].position


def _page(engine: sa.Engine, authority: str, after: int, size: int) -> Sequence[sa.Row[Any]]:
    with engine.connect() as connection:
        return connection.execute(
            sa.select(events)
            .where(events.c.authority == authority, events.c.position > after)
            .order_by(events.c.position)
            .limit(size)
        ).all()


def _is_unreadable(error: sa.exc.DBAPIError) -> bool:
    """Whether the stored bytes are at fault, rather than the way to the database."""
    if isinstance(error, sa.exc.OperationalError):
        return "Could not decode to UTF-8" in str(error.orig)
    return type(error) in (sa.exc.DatabaseError, sa.exc.DataError, sa.exc.InternalError)


def _lost(engine: sa.Engine, authority: str, kept: Anchor) -> Break | None:
    """What became of a head that was kept, if the log does not hold it any more."""
    if kept.position == 0:
        return None if kept.hash == genesis(authority) else Break(authority, 0, _NOT_KEPT)
    log = events.c.authority == authority
    with engine.connect() as connection:
        try:
            found = connection.execute(sa.select(events.c.hash).where(log, events.c.position == kept.position)).scalar()
        except sa.exc.DBAPIError as error:
            if not _is_unreadable(error):
                raise
            return Break(authority, kept.position, _UNREADABLE)
        end = connection.execute(sa.select(sa.func.max(events.c.position)).where(log)).scalar() or 0
    if end < kept.position:
        return _cut_off(authority, end, kept)
    return None if found == kept.hash else Break(authority, kept.position, _NOT_KEPT)
