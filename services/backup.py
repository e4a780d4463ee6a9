"""`redress backup`: a whole copy of the embedded database while it is served. PostgreSQL has its own tools."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from shared.database import connect
from shared.errors import RedressError
from shared.log import Log
from shared.log.record import Head

_PAGES_A_STEP = 500


class NoBackup(RedressError):
    """The database cannot be copied, or not to there; nothing was left behind."""


def pages(database: Path) -> int:
    """The size of a SQLite database in its pages. Raises `NoBackup` if it is not there."""
    with closing(_opened(database)) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def copy(database: Path, target: Path, progress: Callable[[int], None] = lambda _: None) -> None:
    """Copy a SQLite database that others may be writing to, as it stands at one moment after this was called.

    The copy is one file of mode 600, and on the disk when this returns; until then it is not there. `progress` is told
    the pages of each step.

    Raises:
        NoBackup: there is no such database, the target is there already, or the copy failed.
    """
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    if target.exists():
        raise NoBackup(f"{target} is there already, and a backup never replaces another")
    with closing(_opened(database)) as source:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _fill(source, partial, progress)
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)
        except sqlite3.Error as error:
            raise NoBackup(f"the copy failed: {error}") from error
        finally:
            for beside in ("", "-journal", "-wal", "-shm"):
                partial.with_name(partial.name + beside).unlink(missing_ok=True)


def _opened(database: Path) -> sqlite3.Connection:
    if not database.is_file():
        raise NoBackup(f"there is no database at {database}")
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


def _fill(source: sqlite3.Connection, partial: Path, progress: Callable[[int], None]) -> None:
    done = 0

    def stepped(_status: int, left: int, whole: int) -> None:
        nonlocal done
        progress(whole - left - done)
        done = whole - left

    with closing(sqlite3.connect(partial)) as target:
        # Within one reading transaction every step sees the same moment; else a write between two begins it anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(target, pages=_PAGES_A_STEP, progress=stepped)
        [found] = target.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise NoBackup(f"the copy is damaged: {found}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def heads(database: Path) -> dict[str, Head]:
    """Where each authority's log ends in a database file."""
    engine = connect(f"sqlite:///{database.absolute()}")
    try:
        log = Log(engine)
        with engine.connect() as connection:
            return {authority: log.head(connection, authority) for authority in log.authorities()}
    finally:
        engine.dispose()
