"""`redress authorities move`: an authority's whole register goes from one cluster to another, or nothing of it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.reporting.app import follower
from services.reporting.tables import CHECKPOINTS, TABLES
from shared.access import AUTHORITY, api_keys
from shared.citations import cited
from shared.clock import stamp
from shared.database import insert, insert_missing, writer
from shared.errors import RedressError
from shared.log import Anchor, Break, Head, verify
from shared.personal_data import PERSONAL_TABLES
from shared.register import Register

_PAGE = 1000
_COUNTED_ANEW = frozenset(table.name for table in (CHECKPOINTS, *TABLES.values()))


class CannotMove(RedressError):
    """The authority stays where it is; nothing was changed there."""


@dataclass(frozen=True)
class Moved:
    """Where the log ends that arrived, and how many rows came with its events."""

    head: Anchor
    rows: int


def move(source: Register, target: Register, code: str, progress: Callable[[int], None] = lambda _: None) -> Moved:
    """Copy everything of an authority, see that it arrived whole, and close the source to it.

    Nobody appends to its log meanwhile; its services are stopped, because not every table is written under the log's
    lock. The read models are counted anew from the log that arrived. What stays on the source is the log, which takes
    nothing more: its keys are revoked and its personal data is deleted there. Cut short, it is to be run again.

    Raises:
        CannotMove: the two are of different deployments, the authority has left either of them before, the source's log
            is broken or empty, or the target has something of the authority that is not this.
    """
    if not AUTHORITY.fullmatch(code):
        raise CannotMove("an authority's code is written in capitals, such as COV")
    if not source.keyring.same_as(target.keyring):
        raise CannotMove("the clusters have different keys: what is encrypted on one could not be read on the other")
    with source.log.locked(code) as leaving:
        if leaving.dialect.name == "postgresql":  # it waits while chains are walked on other connections
            leaving.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        _see_that_neither_was_left(source, target, code)
        head = _whole(source, source.log.head(leaving, code), code)
        if there := _anything(target.engine, code):
            _see_that_it_arrived(target, code, head)
        with writer(target.engine).begin() as arriving:
            if there:  # cut short before: its events never change, but the rest may have since
                _take_away_the_rest(arriving, code)
            rows = _copy(leaving, arriving, code, progress, with_events=not there)
        _see_that_it_arrived(target, code, head)
        _close(leaving, code, stamp(source.clock()))
    follower(target).catch_up(code)
    return Moved(head, rows)


def _see_that_neither_was_left(source: Register, target: Register, code: str) -> None:
    """What stays behind where an authority was has its events and nothing else: it is no copy of it.

    Closed for good, it takes nothing back either.
    """
    for own in (source, target):
        with own.engine.connect() as connection:
            if connection.execute(_LEFT[connection.dialect.name], {"name": _trigger(code)}).first():
                raise CannotMove(
                    f"{code} has moved away from {own.cluster}, which is closed to it: "
                    "say in the placement where it is, or move it to a database that never had it"
                )


def _trigger(code: str) -> str:
    return f"events_{code.lower()}_has_moved"


def _whole(source: Register, head: Head, code: str) -> Anchor:
    if not head.position:
        raise CannotMove(f"{source.cluster} has no log of {code}")
    kept = Anchor(head.position, head.hash)
    found = verify(source.engine, code, against=kept)
    if isinstance(found, Break):
        raise CannotMove(f"the log of {code} is broken at {found.position}: {found.what}")
    return kept


def tables(connection: sa.Connection) -> list[sa.Table]:
    """Every table of the database with rows of authorities, whichever service's, but the read models."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if "authority" in table.c and table.name not in _COUNTED_ANEW]


def _anything(engine: sa.Engine, code: str) -> bool:
    with engine.connect() as connection:
        return any(
            connection.execute(sa.select(sa.literal(1)).select_from(table).filter_by(authority=code).limit(1)).first()
            for table in tables(connection)
        )


def _take_away_the_rest(arriving: sa.Connection, code: str) -> None:
    """Every row of the authority but its events."""
    for table in reversed(tables(arriving)):
        if table.name != "events":
            arriving.execute(sa.delete(table).where(table.c.authority == code))


def _copy(
    leaving: sa.Connection, arriving: sa.Connection, code: str, progress: Callable[[int], None], *, with_events: bool
) -> int:
    """Every row of the authority, the events in order, and whatever events may cite; how many beside the events."""
    insert_missing(arriving, cited, _plain(leaving.execute(sa.select(cited)).mappings()))
    total = 0
    for table in tables(leaving):
        if table.name == "events" and not with_events:
            continue
        every = sa.select(table).where(table.c.authority == code).order_by(*table.primary_key)
        for page in leaving.execute(every.execution_options(yield_per=_PAGE)).mappings().partitions():
            insert(arriving, table, _plain(page))
            progress(len(page))
            total += len(page) if table.name != "events" else 0
    return total


def _plain(rows: Iterable[sa.RowMapping]) -> list[dict[str, Any]]:
    """Rows with plain names: the driver's JSON knows no others."""
    return [{str(name): value for name, value in row.items()} for row in rows]


def _see_that_it_arrived(target: Register, code: str, head: Anchor) -> None:
    found = verify(target.engine, code)
    if found != head:
        raise CannotMove(f"{target.cluster} has something of {code} already, and not what was to come")


def _close(leaving: sa.Connection, code: str, now: str) -> None:
    """Let the source take nothing more of it, whatever placement a process there still goes by."""
    for statement in _CLOSING[leaving.dialect.name]:
        leaving.exec_driver_sql(statement.format(code=code, name=_trigger(code)))
    leaving.execute(api_keys.update().filter_by(authority=code, revoked_at=None).values(revoked_at=now))
    for table in PERSONAL_TABLES:
        leaving.execute(sa.delete(table).where(table.c.authority == code))


_CLOSING = {
    "sqlite": (
        """CREATE TRIGGER IF NOT EXISTS {name} BEFORE INSERT ON events WHEN NEW.authority = '{code}'
        BEGIN SELECT RAISE(ABORT, 'the authority has moved'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION authority_has_moved() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the authority has moved' USING ERRCODE = 'read_only_sql_transaction'; END $$""",
        """CREATE OR REPLACE TRIGGER {name} BEFORE INSERT ON events
        FOR EACH ROW WHEN (NEW.authority = '{code}') EXECUTE FUNCTION authority_has_moved()""",
    ),
}
_LEFT = {
    "sqlite": sa.text("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = :name"),
    "postgresql": sa.text("SELECT 1 FROM pg_trigger WHERE tgrelid = 'events'::regclass AND tgname = :name"),
}
