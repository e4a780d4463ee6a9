"""How far each generation of an authority's rows has come, and which one reports read."""

import sqlalchemy as sa

from services.reporting.tables import CHECKPOINTS, TABLES

PROJECTION = "reporting"
FIRST = 1


class Overtaken(Exception):
    """Another runner moved the checkpoint: what was folded here is thrown away."""


def served(connection: sa.Connection, authority: str) -> tuple[int, int]:
    """The generation that reports read, and the position of the log that its rows have reached."""
    found = connection.execute(
        sa.select(CHECKPOINTS.c.generation, CHECKPOINTS.c.position).where(_of(authority), CHECKPOINTS.c.serving)
    ).one_or_none()
    return (found.generation, found.position) if found else (FIRST, 0)


def reached(connection: sa.Connection, authority: str, generation: int) -> int:
    """The position that a generation has reached; 0 for one that has not begun."""
    found = connection.execute(
        sa.select(CHECKPOINTS.c.position).where(_of(authority), CHECKPOINTS.c.generation == generation)
    ).scalar()
    return int(found or 0)


def positions(connection: sa.Connection) -> dict[str, int]:
    """The position that what reports read has reached, of every authority."""
    found = sa.select(CHECKPOINTS.c.authority, CHECKPOINTS.c.position)
    rows = connection.execute(found.where(CHECKPOINTS.c.projection == PROJECTION, CHECKPOINTS.c.serving))
    return {row.authority: row.position for row in rows}


def begin(connection: sa.Connection, authority: str, generation: int, *, serving: bool) -> bool:
    """Begin a generation at position 0; False if another runner has."""
    try:
        with connection.begin_nested():
            connection.execute(
                sa.insert(CHECKPOINTS).values(
                    projection=PROJECTION, authority=authority, generation=generation, position=0, serving=serving
                )
            )
    except sa.exc.IntegrityError:
        return False
    return True


def move(connection: sa.Connection, authority: str, generation: int, before: int, after: int) -> None:
    """Move the checkpoint if it still stands where it was read; whoever comes second waits here, and then loses.

    Raises:
        Overtaken: it stands elsewhere.
    """
    if (generation, before) == (FIRST, 0):
        begin(connection, authority, FIRST, serving=True)
    moved = connection.execute(
        sa.update(CHECKPOINTS)
        .where(_of(authority), CHECKPOINTS.c.generation == generation, CHECKPOINTS.c.position == before)
        .values(position=after)
    )
    if moved.rowcount != 1:
        raise Overtaken


def begin_anew(connection: sa.Connection, authority: str) -> tuple[int, int]:
    """Begin a generation beside the served one; both. What an interrupted rebuild left behind is removed.

    It has a number that no other rebuild had, so that one which goes on after all finds its own gone.
    """
    serving, position = served(connection, authority)
    if position == 0:
        begin(connection, authority, serving, serving=True)
    unserved = sa.select(CHECKPOINTS.c.generation).where(_of(authority), sa.not_(CHECKPOINTS.c.serving))
    stale = connection.execute(unserved).scalars().all()
    for generation in stale:
        _forget(connection, authority, generation)
    new = max([serving, *stale]) + 1
    begin(connection, authority, new, serving=False)
    return serving, new


def switch(connection: sa.Connection, authority: str, old: int, new: int) -> bool:
    """Serve the new generation, and forget the old, once it has come as far; False while it has not."""
    if reached(connection, authority, new) < reached(connection, authority, old):
        return False
    connection.execute(sa.update(CHECKPOINTS).where(_of(authority)).values(serving=CHECKPOINTS.c.generation == new))
    _forget(connection, authority, old)
    return True


def _of(authority: str) -> sa.ColumnElement[bool]:
    return sa.and_(CHECKPOINTS.c.projection == PROJECTION, CHECKPOINTS.c.authority == authority)


def _forget(connection: sa.Connection, authority: str, generation: int) -> None:
    """The checkpoint first: whoever writes rows holds it, and they are there once it is let go."""
    for table in (CHECKPOINTS, *TABLES.values()):
        connection.execute(sa.delete(table).where(table.c.authority == authority, table.c.generation == generation))
