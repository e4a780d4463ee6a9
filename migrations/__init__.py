"""Brings a database to the schema of this code, safely even if several processes try at once."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from migrations import grants
from shared.database import writer
from shared.errors import RedressError

_FOLDER = Path(__file__).parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@cache
def _revisions() -> frozenset[str]:
    """Every revision that this code knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def current(engine: sa.Engine) -> str | None:
    """The revision that the database is at; None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


class NotMigrated(RedressError):
    """The database is not at this code's schema."""


def check(engine: sa.Engine) -> None:
    """Refuse a database that this code cannot use.

    Raises:
        NotMigrated: it is at another revision; the message says what to do.
    """
    found = current(engine)
    if found == head():
        return
    where = f"the database is at revision {found}, this code at {head()}"
    if found is None or found in _revisions():
        raise NotMigrated(f"{where}: run `redress migrate`")
    raise NotMigrated(f"{where}: install the version that migrated it")


def upgrade(engine: sa.Engine) -> list[str]:
    """Migrate to the newest revision and grant the services' roles theirs, in one transaction, one process at a time.

    Answers what must be run, by somebody who may, before every role has its grants (`grants.apply`).
    """
    config = _config()
    with writer(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('redress:migrations', 0))"))
            connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return grants.apply(connection)
