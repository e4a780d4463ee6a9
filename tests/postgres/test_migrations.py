"""The schema comes into being once, whoever starts first, and is the one that the code declares."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
import services.together  # noqa: F401 # declares every table
from services.reporting import checkpoints
from services.reporting.facts import EnquiryFact
from services.reporting.tables import CHECKPOINTS, TABLES
from shared.database import metadata, writer
from shared.log import Log
from tests.postgres.appends import Connecting, an_append, eventually
from tests.postgres.processes import complete, running
from tests.postgres.server import Server


def test_eight_processes_that_start_on_an_empty_database_all_find_it_migrated(
    request: pytest.FixtureRequest, tmp_path: Path, connecting: Connecting, dialect: str
) -> None:
    """Unguarded, all but one die of tables that exist already, or of `tuple concurrently updated`."""
    url = f"sqlite:///{tmp_path}/empty.db"
    if dialect == "postgresql":
        postgres: Server = request.getfixturevalue("postgres")
        postgres.execute("CREATE DATABASE empty")
        request.addfinalizer(lambda: postgres.execute("DROP DATABASE empty WITH (FORCE)"))
        url = postgres.url("empty")
    with running(tmp_path, "migrate", url, processes=8, count=0) as starting:
        complete(starting)
    engine = connecting(url)
    request.addfinalizer(engine.dispose)
    assert migrations.current(engine) == migrations.head()
    assert Log(engine).append(an_append()).position == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_new_sqlite_file_that_another_writes_to_is_waited_for(tmp_path: Path, connecting: Connecting) -> None:
    """The change to WAL heeds no busy timeout: of several that open a new file at once, some were told it is locked."""
    engine = connecting(f"sqlite:///{tmp_path}/new.db")
    statements: list[str] = []

    def listen(connection: Any, _record: object) -> None:
        connection.set_trace_callback(statements.append)

    sa.event.listen(engine, "connect", listen, insert=True)
    with ThreadPoolExecutor() as pool, closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = pool.submit(lambda: engine.connect().close())
        eventually(lambda: opening.done() or sum("WAL" in statement for statement in statements) > 1)
        other.execute("COMMIT")
        opening.result(30)


def test_the_migrations_make_the_tables_that_the_code_declares(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_reports_follow_the_log_anew_when_their_facts_have_new_columns(tmp_path: Path, connecting: Connecting) -> None:
    """Rows of before lack what the new columns hold: a report that counted them would be wrong, and nobody told."""
    engine = connecting(f"sqlite:///{tmp_path}/older.db")
    config = migrations._config()
    before = str(ScriptDirectory.from_config(config).get_revision("0008").down_revision)
    row = {"authority": "COV", "generation": 1, "reference": "23 000 001", "known_from": 1, "known_at": "then"}
    row |= {"because": "enquiry_received", "informed_on": "2023-04-25"}
    with writer(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, before)
        connection.execute(sa.insert(sa.table("enquiry_facts", *map(sa.column, row))).values(row))
        connection.execute(
            sa.insert(CHECKPOINTS).values(
                projection="reporting", authority="COV", generation=1, position=1, serving=True
            )
        )
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert checkpoints.served(connection, "COV") == (1, 0)
        assert connection.execute(sa.select(TABLES[EnquiryFact])).all() == []


def test_a_migrated_database_is_left_as_it_is(engine: sa.Engine) -> None:
    Log(engine).append(an_append())
    migrations.upgrade(engine)
    assert Log(engine).append(an_append()).position == 2
