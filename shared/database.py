"""One door to SQLite and PostgreSQL: engines set up so that the log's guarantees hold on either.

SQLite runs in WAL with `synchronous=FULL` (an acknowledged commit survives power loss) and writers begin IMMEDIATE (a
read that turns into a write would fail at once, whatever the busy timeout). PostgreSQL sessions carry timeouts, so that
a stuck neighbour delays nobody for long.
"""

import select
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Literal

import orjson
import sqlalchemy as sa

Row = Mapping[str, Any]
_There = Literal["", "leave", "replace"]  # what to do about a row whose key is there; without a word, fail

metadata = sa.MetaData()
"""Every table of every service; each is declared in the module that owns it."""

_BUSY_SECONDS = 10
_TIMEOUTS = (
    "-c lock_timeout=5s -c statement_timeout=120s -c idle_in_transaction_session_timeout=60s -c timezone=UTC "
    "-c synchronous_commit=on"
)

# A machine that answers nothing at all is given up: seconds to connect, and for what was sent on a connection that is
# there (milliseconds) or while only an answer is waited for.
_GONE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def connect(url: str) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql://…`, ready for the log."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = sa.create_engine(address, pool_size=8, max_overflow=32, hide_parameters=True)
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=8,
        max_overflow=32,
        hide_parameters=True,
        connect_args={"options": _TIMEOUTS, "application_name": "redress", **_GONE},
    )
    sa.event.listen(engine, "checkout", _see_alive)
    return engine


def _see_alive(connection: Any, _record: object, _proxy: object) -> None:
    """Give no connection out whose server has gone: it left word, which is there to be read.

    To ask it would take as long as the query that follows.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise sa.exc.InvalidatePoolError


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's events say when a transaction begins, not the driver
    pragmas = (f"busy_timeout={_BUSY_SECONDS * 1000}", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()
    _turn_to_wal(connection)


def _turn_to_wal(connection: Any) -> None:
    """Done once in a file's life; SQLite's busy timeout does not hold for it, and others may open the new file too."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def expunge(engine: sa.Engine) -> bool:
    """See that what was deleted is in no SQLite file: deleted bytes are zeros, once the write-ahead log is in the file.

    False if a reader was in the way for as long as one waits; the next call does it. PostgreSQL keeps dead rows until
    VACUUM, and its own log for as long as the operator archives it: nothing is done there.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    finally:
        connection.close()
    return not busy


def reader(engine: sa.Engine) -> sa.Engine:
    """The same engine for single statements that only read: on PostgreSQL, without the round trips of a transaction."""
    return engine.execution_options(isolation_level="AUTOCOMMIT") if engine.dialect.name == "postgresql" else engine


def writer(engine: sa.Engine) -> sa.Engine:
    """The same engine, whose transactions announce that they will write.

    On PostgreSQL they are READ COMMITTED whatever the engine is set to: a snapshot that is older than the log's lock
    shows an old tail, and without a transaction the lock is gone at once.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(writes=True, isolation_level="READ COMMITTED")
    return engine.execution_options(writes=True)


class Query:
    """A query that is asked often, with named parameters: put together once, and answered by the driver itself."""

    def __init__(self, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        self._query = query
        self._made: tuple[str, Row] | None = None

    def read(self, connection: sa.Connection, given: Row, size: int = 500) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Its rows, so many at a time: whoever is done with them by then has them in the processor's cache."""
        if connection.dialect.name == "postgresql":  # whose driver makes every type that our columns have
            text, own = self._made = self._made or _compiled(self._query, connection.dialect)
            found: Any = connection.exec_driver_sql(text, {**own, **given}).cursor
        else:
            found = connection.execute(self._query, given)
        while rows := found.fetchmany(size):
            yield rows
        found.close()

    def rows(self, connection: sa.Connection, given: Row) -> list[tuple[Any, ...]]:
        """All of its rows."""
        return list(chain.from_iterable(self.read(connection, given)))


def _compiled(query: sa.Select[Any] | sa.CompoundSelect[Any], dialect: sa.Dialect) -> tuple[str, Row]:
    made = query.compile(dialect=dialect)
    return str(made), made.params


def load(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert many rows, by PostgreSQL's COPY. One whose key is there is an `IntegrityError`."""
    names = ", ".join(columns)
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" for _ in columns)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - our own tables
        connection.exec_driver_sql(statement, [tuple(map(_plain, row)) for row in rows])
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_postgres_type(table.c[name].type) for name in columns])
        for row in rows:
            copy.write_row(row)


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows in one round trip. A row whose key is there already is an `IntegrityError`."""
    write(connection, inserting(table, rows))


def insert_missing(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows in one round trip, and leave those alone whose primary key is there."""
    write(connection, inserting_missing(table, rows))


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows in one round trip, or replace the columns named of those whose primary key is there, in turn."""
    write(connection, upserting(table, rows))


@dataclass(frozen=True, slots=True)
class Writing:
    """Rows of one table that have the same columns, and what to do about one whose key is there."""

    table: sa.Table
    columns: tuple[str, ...]
    rows: Sequence[Row]
    there: _There


def inserting(table: sa.Table, rows: Sequence[Row]) -> list[Writing]:
    """Rows to insert. One whose key is there already is an `IntegrityError`."""
    return _alike(table, rows, "")


def inserting_missing(table: sa.Table, rows: Sequence[Row]) -> list[Writing]:
    """Rows to insert, and to leave alone where their primary key is there."""
    return _alike(table, rows, "leave")


def upserting(table: sa.Table, rows: Sequence[Row]) -> list[Writing]:
    """Rows to insert, or where their primary key is there, to replace the columns named, in turn."""
    key = itemgetter(*(column.name for column in table.primary_key))
    merged: dict[object, Row] = {}
    for row in rows:
        at = key(row)
        merged[at] = {**merged[at], **row} if at in merged else row
    return _alike(table, list(merged.values()), "replace")


def update(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], key: Sequence[str], null: str) -> None:
    """Set the other columns of `rows` in the rows of the table with the same `key` whose column `null` is NULL."""
    columns = tuple(rows[0])
    changed = [name for name in columns if name not in key]
    condition = f"{table.name}.{null} IS NULL"
    if connection.dialect.name == "postgresql":
        assigned = ", ".join(f"{name} = changed.{name}" for name in changed)
        alike = " AND ".join(f"{table.name}.{name} = changed.{name}" for name in key)
        source = _as_rows(table, columns, "changed")
        statement = f"UPDATE {table.name} SET {assigned} FROM {source} WHERE {alike} AND {condition}"  # noqa: S608 - our own tables
        connection.exec_driver_sql(statement, (_as_json(rows),))
    else:
        assigned = ", ".join(f"{name} = ?" for name in changed)
        alike = " AND ".join(f"{name} = ?" for name in key)
        statement = f"UPDATE {table.name} SET {assigned} WHERE {alike} AND {condition}"  # noqa: S608 - our own tables
        values = [tuple(_plain(row[name]) for name in (*changed, *key)) for row in rows]
        connection.exec_driver_sql(statement, values)


def any_of(connection: sa.Connection, column: sa.ColumnElement[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a text column is among some values, however many: they travel as one, so the statement stays the same."""
    listed = orjson.dumps(sorted(values)).decode()
    if connection.dialect.name == "postgresql":
        return column.in_(sa.select(sa.func.json_array_elements_text(sa.cast(sa.literal(listed, sa.Text), sa.JSON))))
    return column.in_(sa.select(sa.func.json_each(listed).table_valued("value").c.value))


def _alike(table: sa.Table, rows: Sequence[Row], there: _There) -> list[Writing]:
    return [Writing(table, columns, list(alike), there) for columns, alike in groupby(rows, key=tuple)]


def write(connection: sa.Connection, writings: Sequence[Writing]) -> None:
    """Write rows by the driver's own means, because the log's section is entered for each batch and must be short.

    SQLAlchemy would bind value by value. PostgreSQL takes them in one round trip, the rows of a table as one JSON
    value, which is several times quicker to make than arrays; SQLite has no round trip to save.
    """
    if connection.dialect.name == "postgresql" and writings:
        statement = _together(tuple((each.table, each.columns, each.there) for each in writings))
        as_json = tuple(_as_json(each.rows) for each in writings)
        connection.exec_driver_sql(statement, as_json)
        return
    for each in writings:
        values = [tuple(_plain(row[name]) for name in each.columns) for row in each.rows]
        connection.exec_driver_sql(_statement(each.table, "sqlite", each.columns, each.there), values)


@cache
def _together(shapes: tuple[tuple[sa.Table, tuple[str, ...], _There], ...]) -> str:
    *others, last = (_statement(table, "postgresql", columns, there) for table, columns, there in shapes)
    named = ", ".join(f"written_{number} AS ({statement})" for number, statement in enumerate(others))
    return f"WITH {named} {last}" if others else last


@cache
def _statement(table: sa.Table, dialect: str, columns: tuple[str, ...], there: _There) -> str:
    names = ", ".join(columns)
    if dialect == "postgresql":
        source = f"SELECT {names} FROM {_as_rows(table, columns, 'added')}"  # noqa: S608 - our own tables
    else:
        source = f"VALUES ({', '.join('?' for _ in columns)})"
    statement = f"INSERT INTO {table.name} ({names}) {source}"
    if not there:
        return statement
    key = [column.name for column in table.primary_key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key and there == "replace")
    return f"{statement} ON CONFLICT ({', '.join(key)}) DO " + (f"UPDATE SET {changed}" if changed else "NOTHING")


def _as_rows(table: sa.Table, columns: Sequence[str], name: str) -> str:
    """SQL: the rows of a JSON parameter, typed as the table's columns are."""
    typed = ", ".join(f"{column} {_postgres_type(table.c[column].type)}" for column in columns)
    return f"json_to_recordset(%s::json) AS {name}({typed})"


def _as_json(rows: Sequence[Row]) -> str:
    return orjson.dumps(rows, default=_as_bytea).decode()


def _postgres_type(kind: sa.types.TypeEngine[Any]) -> str:
    return next(name for known, name in _POSTGRES_TYPES.items() if isinstance(kind, known))


_POSTGRES_TYPES: Mapping[type[sa.types.TypeEngine[Any]], str] = {
    sa.BigInteger: "bigint",
    sa.Integer: "integer",
    sa.Text: "text",
    sa.Date: "date",
    sa.Boolean: "boolean",
    sa.LargeBinary: "bytea",
}


def _as_bytea(value: object) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"no column takes {type(value).__name__}")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
