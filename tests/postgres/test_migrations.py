"""The schema comes into being once, whoever starts first, and is the one that the code declares."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import migrations
import services.together  # noqa: F401 # declares every table
from shared.database import metadata
from shared.log import Log
from tests.postgres.appends import Connecting, an_append
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


def test_the_migrations_make_the_tables_that_the_code_declares(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_is_left_as_it_is(engine: sa.Engine) -> None:
    Log(engine).append(an_append())
    migrations.upgrade(engine)
    assert Log(engine).append(an_append()).position == 2
