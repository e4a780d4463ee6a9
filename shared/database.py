"""One door to SQLite and PostgreSQL: engines set up so that the log's guarantees hold on either.

SQLite runs in WAL with `synchronous=FULL` (an acknowledged commit survives power loss) and writers begin IMMEDIATE (a
read that turns into a write would fail at once, whatever the busy timeout). PostgreSQL sessions carry timeouts, so that
a stuck neighbour delays nobody for long.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

metadata = sa.MetaData()
"""Every table of every service; each is declared in the module that owns it."""

_TIMEOUTS = (
    "-c lock_timeout=5s -c statement_timeout=120s -c idle_in_transaction_session_timeout=60s -c timezone=UTC "
    "-c synchronous_commit=on"
)


def connect(url: str) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql://…`, ready for the log."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = sa.create_engine(address, pool_size=8, max_overflow=32)
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=8,
        max_overflow=32,
        pool_pre_ping=True,
        connect_args={"options": _TIMEOUTS, "application_name": "redress"},
    )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's events say when a transaction begins, not the driver
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def writer(engine: sa.Engine) -> sa.Engine:
    """The same engine, whose transactions announce that they will write."""
    return engine.execution_options(writes=True)


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or replace those whose primary key is there already. Every row must name the same columns."""
    if rows:
        connection.execute(_upsert(table, connection.dialect.name, tuple(sorted(rows[0]))), list(rows))


@cache
def _upsert(table: sa.Table, dialect: str, columns: tuple[str, ...]) -> sa.Insert:
    key = [column.name for column in table.primary_key]
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    changed = {name: insert.excluded[name] for name in columns if name not in key}
    result: sa.Insert = (
        insert.on_conflict_do_update(index_elements=key, set_=changed)
        if changed
        else insert.on_conflict_do_nothing(index_elements=key)
    )
    return result
