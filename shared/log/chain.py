"""Verification: walk a log from any kept head, and say where it broke."""

from collections.abc import Callable
from dataclasses import dataclass

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
    told each position reached.
    """
    position, previous = (since.position, since.hash) if since else (0, genesis(authority))
    for kept in (since, against):
        if kept and kept.position <= position and _hash_at(engine, authority, kept.position) != kept.hash:
            return Break(authority, kept.position, "is not the head that was kept")
    recorded = known = ""
    while True:
        with engine.connect() as connection:
            page = connection.execute(
                sa.select(events)
                .where(events.c.authority == authority, events.c.position > position)
                .order_by(events.c.position)
                .limit(_PAGE)
            ).all()
        for row in page:
            expected = position + 1
            if row.position != expected:
                return Break(authority, expected, f"missing: the next event is {row.position}")
            if row.previous_hash != previous:
                return Break(authority, expected, "does not follow the event before it")
            if chain_hash(tuple(row)[:-1]) != row.hash:
                return Break(authority, expected, "was changed: its hash does not fit its content")
            if row.recorded_at < recorded or row.known_at < known:
                return Break(authority, expected, "was recorded before the event before it")
            if against and against.position == expected and against.hash != row.hash:
                return Break(authority, expected, "is not the head that was kept")
            position, previous, recorded, known = expected, row.hash, row.recorded_at, row.known_at
        progress(position)
        if len(page) < _PAGE:
            break
    if against and position < against.position:
        return Break(authority, position + 1, f"cut off: the head that was kept is {against.position}")
    return Anchor(position, previous)


def _hash_at(engine: sa.Engine, authority: str, position: int) -> str | None:
    if position == 0:
        return genesis(authority)
    with engine.connect() as connection:
        wanted = sa.select(events.c.hash).where(events.c.authority == authority, events.c.position == position)
        return connection.execute(wanted).scalar_one_or_none()
