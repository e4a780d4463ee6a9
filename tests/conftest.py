"""What the tests share: a database with the register's schema, on SQLite and on a PostgreSQL that they start."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

import migrations
from shared.database import connect
from tests.postgres.server import Server, postgres_server

_numbers = count(1)


def fresh(engine: sa.Engine) -> sa.Engine:
    """An empty database, brought to the schema of this code."""
    migrations.upgrade(engine)
    return engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for the whole run; it starts when a test first asks for it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> str:
    """A database with the schema, to be copied: cheaper than to migrate once a test."""
    postgres.execute("CREATE DATABASE template_redress")
    fresh(connect(postgres.url("template_redress"))).dispose()
    return "template_redress"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    fresh(connect(f"sqlite:///{path}")).dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database with the schema."""
    shutil.copy(sqlite_template, tmp_path / "redress.db")
    return f"sqlite:///{tmp_path}/redress.db"


@pytest.fixture
def postgres_url(postgres: Server, postgres_template: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with the schema."""
    database = f"test_{next(_numbers)}"
    postgres.execute(f"CREATE DATABASE {database} TEMPLATE {postgres_template}")
    yield postgres.url(database)
    postgres.execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database; the test runs once on either."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def connecting() -> Iterator[Callable[[str], sa.Engine]]:
    """Engines for as many addresses as a test likes, disposed of after it."""
    with ExitStack() as stack:

        def connected(url: str) -> sa.Engine:
            engine = connect(url)
            stack.callback(engine.dispose)
            return engine

        yield connected


@pytest.fixture
def engine(url: str, connecting: Callable[[str], sa.Engine]) -> sa.Engine:
    """An engine on a fresh database; the test runs once on SQLite and once on PostgreSQL."""
    return connecting(url)
