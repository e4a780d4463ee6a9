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
        if kept and kept.position <= reached.position and _hash_at(engine, authority, kept.position) != kept.hash:
            return Break(authority, kept.position, "is not the head that was kept")
    for page in _pages(engine, authority, reached.position):
        for row in page:
            if fault := _fault(row, reached):
                return Break(authority, reached.position + 1, fault)
            reached = _Link(row.position, row.hash, row.recorded_at, row.known_at)
            if against and against.position == row.position and against.hash != row.hash:
                return Break(authority, row.position, "is not the head that was kept")
        progress(len(page))
    if against and reached.position < against.position:
        return Break(authority, reached.position + 1, f"cut off: the head that was kept is {against.position}")
    return Anchor(reached.position, reached.hash)


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


def _pages(engine: sa.Engine, authority: str, after: int) -> Iterator[Sequence[sa.Row[Any]]]:
    while True:
        with engine.connect() as connection:
            page = connection.execute(
                sa.select(events)
                .where(events.c.authority == authority, events.c.position > after)
                .order_by(events.c.position)
                .limit(_PAGE)
            ).all()
        if not page:
            return
        yield page
        after = page[-1].position


def _hash_at(engine: sa.Engine, authority: str, position: int) -> str | None:
    if position == 0:
        return genesis(authority)
    with engine.connect() as connection:
        wanted = sa.select(events.c.hash).where(events.c.authority == authority, events.c.position == position)
        return connection.execute(wanted).scalar_one_or_none()
