"""Appends, holders of the lock and tampering, for the tests of the log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from shared.database import writer
from shared.events import CaseClosed, Event
from shared.log import ANY, Append, Appended, Key, Log

Connecting = Callable[[str], sa.Engine]

AUTHORITY = "COV"
CASE = "case:COV-2026-000001"


def closed(day: int = 1) -> CaseClosed:
    """A small event; the day tells one from another."""
    return CaseClosed(closed_on=date(2026, 1, day))


def an_append(stream: Any = CASE, expected: Any = ANY, *events: Event, **more: Any) -> Append:
    """An append of one small event unless told otherwise; `key` may be given as text."""
    if isinstance(more.get("key"), str):
        more["key"] = Key(more["key"], "the fingerprint of a request")
    return Append(more.pop("authority", AUTHORITY), stream, expected, events or (closed(),), "officer:7", **more)


def filled(engine: sa.Engine, count: int = 10) -> Log:
    """A log with one authority's events, three streams in turn."""
    log = Log(engine)
    items = [an_append(f"case:COV-2026-00000{n % 3}", ANY, closed(n + 1)) for n in range(count)]
    assert all(isinstance(result, Appended) for result in log.append_batch(items))
    return log


def positions(engine: sa.Engine, authority: str = AUTHORITY) -> list[int]:
    """Every position that the table holds."""
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT position FROM events WHERE authority = :authority ORDER BY position"),
            {"authority": authority},
        )
        return list(found.scalars())


@contextmanager
def holding_the_lock(engine: sa.Engine, authority: str = AUTHORITY) -> Iterator[None]:
    """Another writer inside the serialised section, who has written and will roll back."""
    with writer(engine).connect() as connection:
        Log(engine).append_within(connection, [an_append("case:never", authority=authority).ready()])
        yield
        connection.rollback()


def eventually(question: Callable[[], Any], seconds: float = 30) -> Any:
    """The first true answer; fails if there is none for long."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)
    return answer


def impatient(engine: sa.Engine) -> sa.Engine:
    """The same engine, whose new sessions wait a moment for a lock and not for seconds."""

    def hurry(connection: Any, _record: object) -> None:
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout=50").close()
        else:
            connection.execute("SET lock_timeout = '50ms'")
            connection.commit()

    sa.event.listen(engine, "connect", hurry)
    return engine


def unguarded(engine: sa.Engine) -> sa.Engine:
    """The same engine without the triggers that refuse a change, as whoever owns the database can make it."""
    with writer(engine).begin() as connection:
        if connection.dialect.name == "sqlite":
            names = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("ALTER TABLE events DISABLE TRIGGER USER"))
    return engine


def tamper(engine: sa.Engine, *statements: str, **values: Any) -> None:
    """Run statements on the database behind the log's back."""
    with writer(engine).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)


def at(hour: int, minute: int = 0, *, day: int = 1) -> datetime:
    """An instant of January 2026."""
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)
